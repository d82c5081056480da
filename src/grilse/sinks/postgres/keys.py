"""Keys, indexes and rules: made where they are missing, in the order in which they need each other.

Every one has a name, and is made by a statement of its own: what a run that died has left out, the
next one makes. Tables do not wait for each other: the largest is begun with, others go beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from grilse.sinks.postgres.abreast import abreast
from grilse.sinks.postgres.ddl import (
    Key,
    checks,
    foreign_keys,
    identifier,
    indexes,
    primary_key,
    qualified,
)
from grilse.sinks.postgres.timescale import is_hypertable
from grilse.tables.schema import Table

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["drop", "make_missing", "primary_keys_there"]

_STANDING = """
SELECT conname, convalidated FROM pg_constraint WHERE connamespace = to_regnamespace(%s)
UNION ALL
SELECT relname, true FROM pg_class
WHERE relkind IN ('i', 'I') AND relnamespace = to_regnamespace(%s)
"""
_SIZES = """
SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relnamespace = to_regnamespace(%s)
"""
_FOREIGN = "foreign keys"


def make_missing(
    connections: Sequence[Connection], schema: str, tables: Iterable[Table],
    *, is_complete: bool = True, is_timescale: bool = False,
) -> dict[str, float]:  # fmt: skip
    """Make what is missing, and tell the seconds: of primary keys, indexes, checks, foreign keys.

    Checks and foreign keys are declared without looking at the rows, which takes a moment's lock
    alone, and then validated, which lets others read and write. While batches are missing, what
    points at their rows points at nothing: foreign keys wait until the load is complete.
    """
    chosen = _largest_first(connections[0], schema, tables)
    seconds = {}
    for name, keys in _kinds(schema, chosen, is_timescale):
        if name == _FOREIGN and not is_complete:
            continue
        start = time.monotonic()
        _make(connections, keys, _standing(connections[0], schema))
        seconds[name] = time.monotonic() - start
    start = time.monotonic()
    names = [qualified(schema, table.name) for table in chosen]
    abreast(connections, names, lambda connection, name: connection.execute(f"ANALYZE {name}"))
    return {**seconds, "statistics": time.monotonic() - start}


def _largest_first(connection: Connection, schema: str, tables: Iterable[Table]) -> list[Table]:
    sizes: dict[str, int] = dict(connection.execute(_SIZES, [identifier(schema)]).fetchall())
    return sorted(tables, key=lambda table: -sizes.get(table.name, 0))


def _make(
    connections: Sequence[Connection], keys: list[list[Key]], standing: Mapping[str, bool]
) -> None:
    """Make keys, a list a table; those that are declared first wait for each other's locks."""

    def add(connection: Connection, table: list[Key]) -> None:
        for key in table:
            if key.name not in standing:
                connection.execute(key.add)

    def validate(connection: Connection, table: list[Key]) -> None:
        for key in table:
            if key.validate and not standing.get(key.name, False):
                connection.execute(key.validate)

    is_late = any(key.validate for table in keys for key in table)
    abreast(connections[:1] if is_late else connections, keys, add)
    abreast(connections, keys, validate)


def _kinds(
    schema: str, tables: list[Table], is_timescale: bool
) -> Iterator[tuple[str, list[list[Key]]]]:
    """Yield kinds of keys in the order in which they are made: of each, a list a table."""
    primary = []
    for table in tables:
        is_hyper = is_timescale and is_hypertable(table)
        more = (table.event_date,) if is_hyper and table.event_date else ()
        primary.append([primary_key(schema, table, more=more)])
    yield "primary keys", primary
    yield "indexes", _all(indexes, schema, tables)
    yield "checks", _all(checks, schema, tables)
    yield _FOREIGN, [list(foreign_keys(schema, table, tables)) for table in tables]


def _all(
    make: Callable[[str, Table], Iterable[Key]], schema: str, tables: list[Table]
) -> list[list[Key]]:
    return [list(make(schema, table)) for table in tables]


def _standing(connection: Connection, schema: str) -> dict[str, bool]:
    """Return the names of keys and indexes that are there, and whether each is validated."""
    own = identifier(schema)
    return dict(connection.execute(_STANDING, [own, own]).fetchall())


def primary_keys_there(connection: Connection, schema: str, tables: Iterable[Table]) -> bool:
    """Whether any table has its primary key: a load had come to its end before."""
    standing = _standing(connection, schema)
    return any(primary_key(schema, table).name in standing for table in tables)


def drop(connection: Connection, schema: str, tables: Iterable[Table]) -> None:
    """Drop what `make_missing` makes, all of it or nothing, so that many rows load faster."""
    chosen, standing = list(tables), _standing(connection, schema)
    kinds = list(_kinds(schema, chosen, is_timescale=False))
    with connection.transaction():
        for _, keys in reversed(kinds):
            for key in chain.from_iterable(keys):
                if key.name in standing:
                    connection.execute(key.drop)
