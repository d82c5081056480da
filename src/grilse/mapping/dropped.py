"""Foreign keys and indexes that are put away while many rows are brought, and put back after.

What is put away is written down in the ledger in the same transaction: whatever becomes of the run,
the next one puts it back. Primary keys, checks and NOT NULL stay as they are.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from grilse.mapping.ledger import LEDGER_SCHEMA
from grilse.sinks.postgres.ddl import identifier, qualified

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["are_dropped", "drop", "restore"]

_DROPPED = qualified(LEDGER_SCHEMA, "dropped")
_TABLE = f"""
CREATE TABLE IF NOT EXISTS {_DROPPED} (place serial PRIMARY KEY, schema text NOT NULL,
  table_name text NOT NULL, name text NOT NULL, statement text NOT NULL)
"""
_INDEXES = """
SELECT c.relname, i.relname, pg_get_indexdef(x.indexrelid)
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE c.relnamespace = to_regnamespace(%s) AND c.relname = ANY(%s) AND NOT x.indisunique
ORDER BY c.relname, i.relname
"""
_FOREIGN = """
SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = to_regnamespace(%s) AND c.relname = ANY(%s) AND k.contype = 'f'
ORDER BY c.relname, k.conname
"""


def drop(connection: Connection, schema: str, tables: Iterable[str]) -> None:
    """Put away the foreign keys and the plain indexes of tables, all of them or none.

    The role must own the tables. Rules that rows are unique stay.
    """
    own, names = identifier(schema), sorted(set(tables))
    with connection.transaction():
        connection.execute(_TABLE)
        indexes = connection.execute(_INDEXES, [own, names]).fetchall()
        foreign = connection.execute(_FOREIGN, [own, names]).fetchall()
        note = f"INSERT INTO {_DROPPED} (schema, table_name, name, statement) VALUES (%s,%s,%s,%s)"
        for table, name, definition in indexes:
            connection.execute(note, [schema, table, name, definition])
            connection.execute(f"DROP INDEX {qualified(schema, name)}")
        for table, name, definition in foreign:
            alter = f"ALTER TABLE {qualified(schema, table)}"
            add = f"{alter} ADD CONSTRAINT {identifier(name)} {definition}"
            connection.execute(note, [schema, table, name, add])
            connection.execute(f"{alter} DROP CONSTRAINT {identifier(name)}")


def are_dropped(connection: Connection, schema: str) -> bool:
    """Whether anything is put away."""
    found = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [_DROPPED]).fetchone()
    if found != (True,):
        return False
    row = connection.execute(f"SELECT 1 FROM {_DROPPED} WHERE schema = %s LIMIT 1", [schema])
    return row.fetchone() is not None


def restore(connection: Connection, schema: str) -> dict[str, float]:
    """Put back what was put away: indexes first; return the seconds by kind."""
    seconds = {"indexes": 0.0, "foreign keys": 0.0}
    connection.execute("SET maintenance_work_mem = '256MB'")
    waiting = connection.execute(
        f"SELECT place, statement FROM {_DROPPED} WHERE schema = %s ORDER BY place", [schema]
    ).fetchall()
    for place, statement in waiting:
        start = time.monotonic()
        with connection.transaction():
            connection.execute(statement)
            connection.execute(f"DELETE FROM {_DROPPED} WHERE place = %s", [place])
        kind = "foreign keys" if statement.startswith("ALTER") else "indexes"
        seconds[kind] += time.monotonic() - start
    connection.execute(f"DROP TABLE {_DROPPED}")
    return seconds
