"""What stands at the target: its columns, and everything there that a load cannot go with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grilse.ground.errors import Problem
from grilse.mapping.model import HISTORY_FIELDS, Application, Field, History, PgType
from grilse.mapping.wire import KINDS
from grilse.sinks.postgres.ddl import identifier

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["Standing", "filled_columns", "read_standing", "schema_problems"]

_COLUMNS = """
SELECT c.relname, a.attname, t.typname, a.atttypmod,
       a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = '',
       has_table_privilege(c.oid, 'INSERT')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind IN ('r', 'p')
  AND a.attnum > 0 AND NOT a.attisdropped
"""
_WHOLE = {"int2": 2, "int4": 4, "int8": 8}
_TEXTS = ("varchar", "text")
_MODIFIER_HEADER = 4


@dataclass(frozen=True)
class Standing:
    """The tables of a schema.

    Attributes
    ----------
    types
        Of each table's columns.
    needed
        Columns of each table that must be given: NOT NULL without a default.
    closed
        Tables that the role may not insert into.
    """

    types: Mapping[str, Mapping[str, PgType]]
    needed: Mapping[str, frozenset[str]]
    closed: frozenset[str]


def read_standing(connection: Connection, schema: str) -> Standing:
    """Read the columns of all tables of a schema."""
    types: dict[str, dict[str, PgType]] = defaultdict(dict)
    needed: dict[str, set[str]] = defaultdict(set)
    closed = set()
    for row in connection.execute(_COLUMNS, [identifier(schema)]).fetchall():
        table, column, kind, modifier, must, may_insert = row
        types[table][column] = _type(kind, modifier)
        if must:
            needed[table].add(column)
        if not may_insert:
            closed.add(table)
    return Standing(
        types, {table: frozenset(names) for table, names in needed.items()}, frozenset(closed)
    )


def _type(name: str, modifier: int) -> PgType:
    size = modifier - _MODIFIER_HEADER
    if size < 0:
        return PgType(name)
    return PgType(name, size >> 16, size & 0xFFFF) if name == "numeric" else PgType(name, size)


def filled_columns(
    application: Application, standing: Standing, *, with_history: bool
) -> dict[str, tuple[Field, ...]]:
    """Return the columns that a load fills, by table; with the tables of versions if wanted."""
    filled: dict[str, tuple[Field, ...]] = {}
    parts: list[tuple[str, tuple[Field, ...], History | None]]
    parts = [(table.name, table.fields, table.history) for table in application.tables]
    for part in application.masters:
        # Whatever type the key of master data has, the table makes it itself.
        kind = standing.types.get(part.table, {}).get(part.key, PgType("int8"))
        parts.append((part.table, (Field(part.key, kind, ""), *part.fields), part.history))
    for name, fields, history in parts:
        filled[name] = (*filled.get(name, ()), *fields)
        if with_history and history:
            there = standing.types.get(history.table, {})
            kept = tuple(field for field in fields if field.name in there)
            filled[history.table] = (*kept, *HISTORY_FIELDS)
    return filled


def schema_problems(
    application: Application, standing: Standing, *, with_history: bool
) -> Iterator[Problem]:
    """Yield all that is missing or other than the mapping has it."""
    for master in application.masters:
        if master.is_needed:
            wanted = (master.key, *master.match)
            yield from _missing(master.table, wanted, standing)
    filled = filled_columns(application, standing, with_history=with_history)
    for table, fields in filled.items():
        yield from _missing(table, [field.name for field in fields], standing)
        yield from _changed(table, fields, standing)
        yield from _unfilled(table, fields, standing)
        if table in standing.closed:
            yield Problem(
                "M-PRIVILEGE", f"the role may not write into table {table}",
                mend=f"GRANT SELECT, INSERT ON {table} TO it, and USAGE, UPDATE on its sequence",
            )  # fmt: skip


def _missing(table: str, columns: Iterable[str], standing: Standing) -> Iterator[Problem]:
    there = standing.types.get(table)
    if there is None:
        yield Problem("M-TABLE", f"table {table} is not there", mend="Is the schema the right one?")
        return
    for column in columns:
        if column not in there:
            yield Problem("M-COLUMN", f"{table} has no column {column}")


def _changed(table: str, fields: Iterable[Field], standing: Standing) -> Iterator[Problem]:
    there = standing.types.get(table, {})
    for field in fields:
        found = there.get(field.name)
        if found and not _fits(field.type, found):
            yield Problem(
                "M-TYPE", f"{table}.{field.name} is of another type", found=str(found),
                allowed=str(field.type),
            )  # fmt: skip


def _fits(wanted: PgType, found: PgType) -> bool:
    """Whether values of one type can stand in a column of another; rounding is no matter."""
    if found.name not in KINDS:
        return False
    if wanted.name in _WHOLE:
        return _WHOLE.get(found.name, 0) >= _WHOLE[wanted.name]
    if wanted.name in _TEXTS:
        return found.name in _TEXTS and (found.size or 1 << 30) >= (wanted.size or 0)
    if wanted.name == "numeric" == found.name:
        return found.size is None or found.size - found.scale >= (wanted.size or 0) - wanted.scale
    return wanted.name == found.name


def _unfilled(table: str, fields: Iterable[Field], standing: Standing) -> Iterator[Problem]:
    names = {field.name for field in fields}
    for column in sorted(standing.needed.get(table, frozenset()) - names):
        yield Problem(
            "M-NOT-NULL", f"{table}.{column} must be given, and the mapping does not know it",
            mend="The application has changed: the mapping needs an expression for it",
        )  # fmt: skip
