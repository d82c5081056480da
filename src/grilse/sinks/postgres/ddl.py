"""The statements that make, key and remove the tables; from the table objects, and sent by others.

Keys and indexes are made after the rows: with them the load takes 1.8 times as long. Tables are
plain: on PostgreSQL 18, COPY into a partition, frozen or not, cost no less than into a plain table
(0.5 to 0.6 microseconds of the server a reading), and building its keys no less either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from grilse.tables.forms import sql_type
from grilse.tables.schema import Column, Table

__all__ = [
    "Key",
    "checks",
    "create_table",
    "foreign_keys",
    "identifier",
    "indexes",
    "primary_key",
    "qualified",
    "quoted",
]

_LONGEST_NAME = 63


@dataclass(frozen=True, slots=True)
class Key:
    """A key, index or rule of a table, that is made after its rows.

    Attributes
    ----------
    name
        Unique within the schema.
    add, drop
        The statements.
    validate
        What checks the rows that are there, where `add` does not.
    """

    name: str
    add: str
    drop: str
    validate: str | None = None


def identifier(name: str) -> str:
    """Quote a name."""
    return '"' + name.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """Quote a text."""
    return "'" + text.replace("'", "''") + "'"


def qualified(schema: str, name: str) -> str:
    """Return the quoted name of a thing in a schema."""
    return f"{identifier(schema)}.{identifier(name)}"


def create_table(schema: str, table: Table, marks: Mapping[str, str]) -> Iterator[str]:
    """Yield the statements that make a table, without keys, and say what it holds."""
    name = qualified(schema, table.name)
    columns = ", ".join(_definition(column) for column in table.columns)
    yield f"CREATE TABLE {name} ({columns})"
    made = ", ".join(f"{key} {value}" for key, value in marks.items())
    yield (
        f"COMMENT ON TABLE {name} IS "
        + quoted(f"Synthetic data, made by Grilse: {made}. {table.description}")
    )
    for column in table.columns:
        unit = f" [{column.unit}]" if column.unit else ""
        said = quoted(column.description + unit)
        yield f"COMMENT ON COLUMN {name}.{identifier(column.name)} IS {said}"


def _definition(column: Column) -> str:
    missing = "" if column.nullable else " NOT NULL"
    return f"{identifier(column.name)} {sql_type(column)}{missing}"


def primary_key(schema: str, table: Table, *, more: tuple[str, ...] = ()) -> Key:
    """Return a table's primary key; `more` columns belong to it where the table is a hypertable."""
    columns = ", ".join(identifier(name) for name in (*table.primary_key, *more))
    return _constraint(schema, table, "pkey", f"PRIMARY KEY ({columns})")


def indexes(schema: str, table: Table) -> Iterator[Key]:
    """Yield a large table's indexes: block ranges by time and by batch.

    Rows come batch by batch, and within a sensor's series in the order of time: so a range of
    blocks spans little of either, and the index is a ten-thousandth of the table.
    """
    has_batch = any(column.name == "batch_id" for column in table.columns)
    if table.event_date is None or not has_batch:
        return
    for column in (table.event_date, "batch_id"):
        name = _name(table, column, "brin")
        yield Key(
            name,
            f"CREATE INDEX {identifier(name)} ON {qualified(schema, table.name)} "
            f"USING brin ({identifier(column)})",
            f"DROP INDEX {qualified(schema, name)}",
        )


def foreign_keys(schema: str, table: Table, tables: Iterable[Table]) -> Iterator[Key]:
    """Yield a table's foreign keys to those of the tables that are there."""
    there = {table.name for table in tables}
    for column in table.columns:
        parent, _, key = (column.references or "").partition(".")
        if parent in there and f"{table.name}.{column.name}" != column.references:
            rule = (
                f"FOREIGN KEY ({identifier(column.name)}) "
                f"REFERENCES {qualified(schema, parent)} ({identifier(key)})"
            )
            yield _constraint(schema, table, f"{column.name}_fkey", rule, is_late=True)


def checks(schema: str, table: Table) -> Iterator[Key]:
    """Yield the rules that say which words a column takes."""
    for column in table.columns:
        if column.values:
            words = ", ".join(map(quoted, column.values))
            rule = f"CHECK ({identifier(column.name)} IN ({words}))"
            yield _constraint(schema, table, f"{column.name}_check", rule, is_late=True)


def _constraint(schema: str, table: Table, ending: str, rule: str, *, is_late: bool = False) -> Key:
    name = _name(table, ending)
    alter, own = f"ALTER TABLE {qualified(schema, table.name)}", identifier(name)
    return Key(
        name,
        f"{alter} ADD CONSTRAINT {own} {rule}{' NOT VALID' if is_late else ''}",
        f"{alter} DROP CONSTRAINT {own}",
        f"{alter} VALIDATE CONSTRAINT {own}" if is_late else None,
    )


def _name(table: Table, *parts: str) -> str:
    """Name a key; the server would cut a name that is too long, and not find it again."""
    ending = "_".join(parts)
    return f"{table.name[: _LONGEST_NAME - len(ending) - 1]}_{ending}"
