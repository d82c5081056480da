"""The catalogue told in the forms that people and programs read: each from the schema objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from grilse.tables.schema import Column, Kind, Table

__all__ = ["FORMS", "as_json", "as_markdown", "as_mermaid", "as_sql", "as_text", "sql_type"]

_SQL_TYPES: Mapping[Kind, str] = MappingProxyType(
    {
        "int32": "integer",
        "int64": "bigint",
        "date": "date",
        "timestamp": "timestamp with time zone",
        "bool": "boolean",
        "text": "text",
        "category": "text",
    }
)


def sql_type(column: Column) -> str:
    """Return a column's type in standard SQL."""
    if column.kind == "decimal":
        return f"numeric({column.precision},{column.scale})"
    return _SQL_TYPES[column.kind]


def as_text(tables: Iterable[Table]) -> str:
    """Tell tables as plain text: a line a column with its type, unit and meaning."""
    return "\n\n".join("\n".join(_text_lines(table)) for table in tables)


def _text_lines(table: Table) -> Iterable[str]:
    yield f"{table.name}  ({_owned(table)})"
    yield f"  {table.description}"
    wide = max(len(column.name) for column in table.columns)
    types = max(len(sql_type(column)) for column in table.columns)
    for column in table.columns:
        mark = "*" if column.name in table.primary_key else " "
        yield (
            f"  {mark} {column.name:<{wide}}  {sql_type(column):<{types}}  {_meaning(column)}"
        ).rstrip()


def as_json(tables: Iterable[Table]) -> str:
    """Tell tables as JSON: a list of objects, each with its columns."""
    return json.dumps([_table_object(table) for table in tables], indent=2, ensure_ascii=False)


def _table_object(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "description": table.description,
        "owner": table.owner,
        "primary_key": list(table.primary_key),
        "sort": list(table.sort),
        "event_date": table.event_date,
        "future": list(table.future),
        "columns": [_column_object(column) for column in table.columns],
    }


def _column_object(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": sql_type(column),
        "unit": column.unit,
        "nullable": column.nullable,
        "references": column.references,
        "values": list(column.values),
        "description": column.description,
    }


def as_markdown(tables: Iterable[Table]) -> str:
    """Tell tables as a page of Markdown: a section a table."""
    return "# Tables\n\n" + "\n\n".join("\n".join(_section(table)) for table in tables)


def _section(table: Table) -> Iterable[str]:
    yield f"## {table.name}\n"
    yield f"{table.description} {_owned(table).capitalize()}.\n"
    yield "| column | type | unit | meaning |\n|---|---|---|---|"
    for column in table.columns:
        name = f"**{column.name}**" if column.name in table.primary_key else column.name
        meaning = _meaning(column, with_unit=False).replace("|", "\\|")
        yield f"| {name} | {sql_type(column)} | {column.unit or ''} | {meaning} |"


def as_sql(tables: Iterable[Table]) -> str:
    """Tell tables as SQL: CREATE TABLE with keys, allowed words and comments.

    A reference is declared where its target is among the tables and of its type: not every
    database has foreign keys between types.
    """
    chosen = list(tables)
    known = {
        f"{table.name}.{column.name}": sql_type(column)
        for table in chosen
        for column in table.columns
    }
    return "\n\n".join("\n".join(_statements(table, known)) for table in chosen)


def _statements(table: Table, known: Mapping[str, str]) -> Iterable[str]:
    parts = [_definition(column) for column in table.columns]
    parts.append(f"PRIMARY KEY ({', '.join(table.primary_key)})")
    for column in table.columns:
        target, _, key = (column.references or "").partition(".")
        if known.get(column.references or "") == sql_type(column):
            parts.append(f"FOREIGN KEY ({column.name}) REFERENCES {target} ({key})")
    yield f"CREATE TABLE {table.name} (\n    " + ",\n    ".join(parts) + "\n);"
    yield f"COMMENT ON TABLE {table.name} IS {_quoted(table.description)};"
    for column in table.columns:
        said = _meaning(column, with_values=False)
        yield f"COMMENT ON COLUMN {table.name}.{column.name} IS {_quoted(said)};"


def _definition(column: Column) -> str:
    text = f"{column.name} {sql_type(column)}"
    if not column.nullable:
        text += " NOT NULL"
    if column.values:
        text += f" CHECK ({column.name} IN ({', '.join(map(_quoted, column.values))}))"
    return text


def as_mermaid(tables: Iterable[Table]) -> str:
    """Tell tables as a Mermaid entity-relationship diagram."""
    chosen = list(tables)
    names = {table.name for table in chosen}
    lines = ["erDiagram"]
    for table in chosen:
        lines.append(f"    {table.name} {{")
        lines += [f"        {_entity_line(table, column)}" for column in table.columns]
        lines.append("    }")
    for table in chosen:
        for column in table.columns:
            target = (column.references or "").partition(".")[0]
            if target in names and target != table.name:
                many = "|o--o{" if column.nullable else "||--o{"
                lines.append(f"    {target} {many} {table.name} : {column.name}")
    return "\n".join(lines)


def _entity_line(table: Table, column: Column) -> str:
    kind = sql_type(column).replace(" ", "_").replace(",", "_").replace("(", "_").replace(")", "")
    marks = []
    if column.name in table.primary_key:
        marks.append("PK")
    if column.references:
        marks.append("FK")
    return f"{kind} {column.name} {', '.join(marks)}".rstrip()


def _owned(table: Table) -> str:
    dated = f"dated by {table.event_date}" if table.event_date else "remade as a whole"
    return f"rows of a {table.owner}, {dated}"


def _meaning(column: Column, *, with_unit: bool = True, with_values: bool = True) -> str:
    text = column.description
    if with_unit and column.unit:
        text += f" [{column.unit}]"
    if column.references:
        text += f" -> {column.references}"
    if with_values and column.values:
        text += f" One of {', '.join(column.values)}."
    return text + (" May be missing." if column.nullable else "")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


FORMS: Mapping[str, Callable[[Iterable[Table]], str]] = MappingProxyType(
    {
        "text": as_text,
        "json": as_json,
        "markdown": as_markdown,
        "sql": as_sql,
        "mermaid": as_mermaid,
    }
)
"""Each form by its name."""
