"""Keys and indexes that are put away while many rows are brought, and put back after.

Foreign keys and plain indexes of all tables that are filled; of those that take most of the rows
their own keys too, primary and unique: they are of numbers that the load has reserved. Checks and
NOT NULL stay as they are.

What is put away is written down in the ledger in the same transaction, as the statements that put
it back: whatever becomes of the run, the next one puts it back. Indexes are built side by side, and
a foreign key is declared, which takes a moment, before its rows are looked at.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from grilse.mapping.ledger import LEDGER_SCHEMA
from grilse.sinks.postgres.abreast import abreast, builders
from grilse.sinks.postgres.ddl import identifier, qualified
from grilse.sinks.postgres.target import Target

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["drop", "restore"]

_DROPPED = qualified(LEDGER_SCHEMA, "dropped")
_BUILD, _DECLARE, _POINT, _LOOK = 1, 2, 3, 4
_STAGES = {_BUILD: "indexes", _DECLARE: "keys", _POINT: "foreign keys", _LOOK: "foreign keys"}
_SIDE_BY_SIDE = (_BUILD, _LOOK)
_TABLE = f"""
CREATE TABLE IF NOT EXISTS {_DROPPED} (place serial PRIMARY KEY, schema text NOT NULL,
  table_name text NOT NULL, stage integer NOT NULL, statement text NOT NULL)
"""
_INDEXES = """
SELECT c.relname, i.relname, pg_get_indexdef(x.indexrelid)
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE c.relnamespace = to_regnamespace(%s) AND c.relname = ANY(%s) AND NOT x.indisunique
ORDER BY c.relname, i.relname
"""
_FOREIGN = """
SELECT c.relname, k.conname, pg_get_constraintdef(k.oid), c.relkind = 'r' AND NOT c.relhassubclass
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = to_regnamespace(%s) AND c.relname = ANY(%s) AND k.contype = 'f'
ORDER BY c.relname, k.conname
"""
# Keys that others point at stay, and what is more than a table and an index of its own.
_OWN = """
SELECT c.relname, k.conname, pg_get_indexdef(k.conindid),
       CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_class i ON i.oid = k.conindid JOIN pg_am m ON m.oid = i.relam
WHERE c.relnamespace = to_regnamespace(%s) AND c.relname = ANY(%s) AND k.contype IN ('p', 'u')
  AND NOT k.condeferrable AND c.relkind = 'r' AND NOT c.relhassubclass AND m.amname = 'btree'
  AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = k.conindid)
ORDER BY c.relname, k.conname
"""
_WAITING = f"""
SELECT place, table_name, statement FROM {_DROPPED} d
WHERE d.schema = %s AND d.stage = %s
ORDER BY coalesce(pg_relation_size(to_regclass(format('%%I.%%I', d.schema, d.table_name))), 0) DESC,
         d.table_name, d.place
"""

_Step = tuple[int, str]
_Waiting = tuple[int, str, str]


def drop(
    connection: Connection, schema: str, tables: Iterable[str], large: Collection[str]
) -> None:
    """Put away the foreign keys and plain indexes of tables, all of them or none.

    Of the `large` ones among them their own keys are put away too, but those that a table points
    at that is not among them. The role must own the tables.
    """
    own, names = identifier(schema), sorted(set(tables))
    with connection.transaction():
        connection.execute(_TABLE)
        for table, name, definition in connection.execute(_INDEXES, [own, names]).fetchall():
            _note(connection, schema, table, [(_BUILD, definition)])
            connection.execute(f"DROP INDEX {qualified(schema, name)}")
        for table, name, definition, is_plain in connection.execute(
            _FOREIGN, [own, names]
        ).fetchall():
            alter = f"ALTER TABLE {qualified(schema, table)}"
            steps = list(_foreign(alter, name, definition, is_plain=is_plain))
            _note(connection, schema, table, steps)
            connection.execute(f"{alter} DROP CONSTRAINT {identifier(name)}")
        # By now only tables that are not among them can point at these.
        for table, name, definition, kind in connection.execute(
            _OWN, [own, sorted(large)]
        ).fetchall():
            alter = f"ALTER TABLE {qualified(schema, table)}"
            declared = f"{alter} ADD CONSTRAINT {identifier(name)} {kind} USING INDEX "
            steps = [(_BUILD, definition), (_DECLARE, declared + identifier(name))]
            _note(connection, schema, table, steps)
            connection.execute(f"{alter} DROP CONSTRAINT {identifier(name)}")


def _foreign(alter: str, name: str, definition: str, *, is_plain: bool) -> Iterator[_Step]:
    """Yield what puts a foreign key back; of parts of tables it cannot be declared unlooked."""
    own, ending = identifier(name), " NOT VALID"
    is_looked = is_plain and not definition.endswith(ending)
    yield _POINT, f"{alter} ADD CONSTRAINT {own} {definition}{ending if is_looked else ''}"
    if is_looked:
        yield _LOOK, f"{alter} VALIDATE CONSTRAINT {own}"


def _note(connection: Connection, schema: str, table: str, steps: Iterable[_Step]) -> None:
    note = f"INSERT INTO {_DROPPED} (schema, table_name, stage, statement) VALUES (%s, %s, %s, %s)"
    for stage, statement in steps:
        connection.execute(note, [schema, table, stage, statement])


def restore(connection: Connection, target: Target, *, patience_seconds: float) -> dict[str, float]:
    """Put back what is put away, if anything is; return the seconds by kind."""
    if not _are_dropped(connection, target.schema):
        return {}
    seconds = dict.fromkeys(_STAGES.values(), 0.0)
    with builders(connection, target, patience_seconds=patience_seconds) as several:
        for stage, kind in _STAGES.items():
            start = time.monotonic()
            waiting: list[_Waiting] = connection.execute(
                _WAITING, [target.schema, stage]
            ).fetchall()
            jobs = [[each] for each in waiting]
            if stage == _LOOK:
                jobs = [list(own) for _, own in groupby(waiting, key=itemgetter(1))]
            abreast(several if stage in _SIDE_BY_SIDE else several[:1], jobs, _put_back)
            seconds[kind] += time.monotonic() - start
    _tidy(connection)
    return seconds


def _tidy(connection: Connection) -> None:
    """Remove the list, unless another schema's keys are on it."""
    with connection.transaction():
        connection.execute(f"LOCK TABLE {_DROPPED}")
        if connection.execute(f"SELECT 1 FROM {_DROPPED} LIMIT 1").fetchone() is None:
            connection.execute(f"DROP TABLE {_DROPPED}")


def _put_back(connection: Connection, waiting: Iterable[_Waiting]) -> None:
    for place, _, statement in waiting:
        with connection.transaction():
            connection.execute(statement)
            connection.execute(f"DELETE FROM {_DROPPED} WHERE place = %s", [place])


def _are_dropped(connection: Connection, schema: str) -> bool:
    found = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [_DROPPED]).fetchone()
    if found != (True,):
        return False
    row = connection.execute(f"SELECT 1 FROM {_DROPPED} WHERE schema = %s LIMIT 1", [schema])
    return row.fetchone() is not None
