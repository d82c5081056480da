"""What Grilse knows of its own beside an application's tables: loads, batches, master data added.

It is kept in a schema of its own, `LEDGER_SCHEMA`, so that not a column of the application's is
touched. A load reserves a range of keys in each table: from its offset on, as many as its batches
can need. The application's sequences are moved behind it before the first row, so all rows in the
range are the load's, and it can be removed by it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grilse.mapping.masters import Added
from grilse.mapping.model import Application
from grilse.sinks.place import Part
from grilse.sinks.postgres.ddl import identifier, qualified, quoted

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = [
    "LEDGER_SCHEMA",
    "Range",
    "Standing",
    "added_by",
    "begin",
    "claim",
    "done",
    "find_loads",
    "forget",
    "make_tables",
    "mark",
    "move_on",
    "note_added",
    "reserve",
    "rewrite",
    "standing_load",
    "version_table",
]  # fmt: skip

LEDGER_SCHEMA = "grilse_mapped"
"""The schema that the ledger is kept in."""

_LOAD = qualified(LEDGER_SCHEMA, "load")
_PART = qualified(LEDGER_SCHEMA, "part")
_ADDED = qualified(LEDGER_SCHEMA, "added")
_VERSION = qualified(LEDGER_SCHEMA, "version")
_TABLES = f"""
CREATE SCHEMA IF NOT EXISTS {LEDGER_SCHEMA};
CREATE TABLE IF NOT EXISTS {_LOAD} (
  load_id integer PRIMARY KEY, application text NOT NULL, schema text NOT NULL,
  inputs text NOT NULL, marks text NOT NULL, ranges text NOT NULL, state text NOT NULL,
  saved text NOT NULL);
CREATE TABLE IF NOT EXISTS {_PART} (
  load_id integer REFERENCES {_LOAD}, segment text, batch_id integer, rows text NOT NULL,
  PRIMARY KEY (load_id, segment, batch_id));
CREATE TABLE IF NOT EXISTS {_ADDED} (
  load_id integer REFERENCES {_LOAD}, place serial, table_name text, key_column text, key bigint,
  name text NOT NULL, PRIMARY KEY (load_id, place));
CREATE TABLE IF NOT EXISTS {_VERSION} (
  load_id integer REFERENCES {_LOAD}, table_name text, history_id bigint,
  PRIMARY KEY (load_id, table_name, history_id));
COMMENT ON SCHEMA {LEDGER_SCHEMA} IS
  {quoted("Synthetic data, made by Grilse: what it has brought to which tables, to remove it by.")}
"""


@dataclass(frozen=True)
class Range:
    """Keys of a table that belong to a load: above `offset`, up to `last`."""

    table: str
    column: str
    offset: int
    last: int


@dataclass(frozen=True)
class Standing:
    """A load that is there.

    Attributes
    ----------
    load_id
        Its number.
    application, schema
        Whose tables it is in.
    ranges
        Its keys, by the key's name.
    marks
        Version and seed of what was brought, by which user, and whether with versions.
    inputs
        All that its content is a function of.
    saved
        Texts of its schedule, farm and parameters, by file name.
    is_complete
        Whether every batch is there.
    """

    load_id: int
    application: str
    schema: str
    ranges: Mapping[str, Range]
    marks: Mapping[str, str]
    inputs: Mapping[str, str]
    saved: Mapping[str, str]
    is_complete: bool = False


def make_tables(connection: Connection) -> None:
    """Make the ledger where it is missing; that needs CREATE on the database, once."""
    found = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [_VERSION]).fetchone()
    if found != (True,):
        connection.execute(_TABLES)


def find_loads(connection: Connection, application: str, schema: str) -> list[Standing]:
    """Return the loads that are there, oldest first."""
    found = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [_VERSION]).fetchone()
    if found != (True,):
        return []
    rows = connection.execute(
        f"SELECT load_id, application, schema, ranges, marks, inputs, saved, state FROM {_LOAD} "
        "WHERE application = %s AND schema = %s ORDER BY load_id",
        [application, schema],
    ).fetchall()
    return [
        Standing(
            number, name, where, _ranges(ranges), json.loads(marks), json.loads(inputs),
            json.loads(saved), state == "complete",
        )
        for number, name, where, ranges, marks, inputs, saved, state in rows
    ]  # fmt: skip


def _ranges(text: str) -> dict[str, Range]:
    return {name: Range(*values) for name, values in json.loads(text).items()}


def standing_load(
    connection: Connection, application: str, schema: str, inputs: str
) -> Standing | None:
    """Return the load of these inputs, or None where there is none."""
    wanted = json.loads(inputs)
    loads = find_loads(connection, application, schema)
    return next((load for load in loads if load.inputs == wanted), None)


def reserve(
    connection: Connection, schema: str, application: Application, rooms: Mapping[str, int]
) -> dict[str, Range]:
    """Choose a range of keys in each table, and move the sequences behind it.

    Parameters
    ----------
    rooms
        How many owners there can be: of ``batch`` and of ``store``.
    """
    ranges = {}
    for table in application.tables:
        room = rooms[table.owner] << table.key.bits
        offset = _highest(connection, schema, table.name, table.key.column)
        ranges[table.key.name] = Range(table.name, table.key.column, offset, offset + room)
        connection.execute(
            "SELECT setval(s, %s) FROM pg_get_serial_sequence(%s, %s) s WHERE s IS NOT NULL",
            [offset + room, qualified(schema, table.name), table.key.column],
        )
    return ranges


def _highest(connection: Connection, schema: str, table: str, column: str) -> int:
    """Return the highest key that is there, or was given out."""
    asked = connection.execute(
        f"SELECT coalesce(max({identifier(column)}), 0) FROM {qualified(schema, table)}"
    ).fetchone()
    given = connection.execute(
        "SELECT coalesce(max(last_value), 0) FROM pg_sequences WHERE "
        "format('%%I.%%I', schemaname, sequencename) = pg_get_serial_sequence(%s, %s)",
        [qualified(schema, table), column],
    ).fetchone()
    assert asked is not None
    assert given is not None
    return max(int(asked[0]), int(given[0]))


def begin(
    connection: Connection, application: str, schema: str, inputs: str,
    marks: Mapping[str, str], ranges: Mapping[str, Range], saved: Mapping[str, str],
) -> Standing:  # fmt: skip
    """Write a new load down."""
    row = connection.execute(f"SELECT coalesce(max(load_id), 0) + 1 FROM {_LOAD}").fetchone()
    assert row
    told = {name: [r.table, r.column, r.offset, r.last] for name, r in ranges.items()}
    connection.execute(
        f"INSERT INTO {_LOAD} VALUES (%s, %s, %s, %s, %s, %s, 'begun', %s)",
        [row[0], application, schema, inputs, json.dumps(dict(marks)), json.dumps(told),
         json.dumps(dict(saved))],
    )  # fmt: skip
    return Standing(row[0], application, schema, ranges, marks, json.loads(inputs), saved)


def move_on(connection: Connection, load: Standing, inputs: str, saved: Mapping[str, str]) -> bool:
    """Write that a load is of other inputs by now; False if it is no longer what it was."""
    cursor = connection.execute(
        f"UPDATE {_LOAD} SET inputs = %s, saved = %s WHERE load_id = %s AND inputs::jsonb = %s",
        [inputs, json.dumps(dict(saved)), load.load_id, json.dumps(dict(load.inputs))],
    )
    return cursor.rowcount == 1


def rewrite(connection: Connection, load_id: int, parts: Mapping[Part, Mapping[str, int]]) -> None:
    """Write of each part anew how many rows it has."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {_PART} SET rows = %s WHERE load_id = %s AND segment = %s AND batch_id = %s",
            [
                [json.dumps(dict(sorted(rows.items()))), load_id, *part]
                for part, rows in parts.items()
            ],
        )


def version_table() -> str:
    """Return the table that keeps which versions of rows are a load's beside the first."""
    return _VERSION


def note_added(connection: Connection, load_id: int, added: Iterable[Added]) -> None:
    """Write down what was added to master data, in that order."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {_ADDED} (load_id, table_name, key_column, key, name) "
            "VALUES (%s, %s, %s, %s, %s)",
            [[load_id, row.table, row.key_column, row.key, row.name] for row in added],
        )


def claim(connection: Connection, load_id: int, part: Part, rows: Mapping[str, int]) -> bool:
    """Write a part down, first of all in its transaction; False if it is there already."""
    cursor = connection.execute(
        f"INSERT INTO {_PART} VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [load_id, *part, json.dumps(dict(sorted(rows.items())))],
    )
    return cursor.rowcount == 1


def done(connection: Connection, load_id: int) -> dict[Part, dict[str, int]]:
    """Return the parts that are there, with their rows by table."""
    found = connection.execute(
        f"SELECT segment, batch_id, rows FROM {_PART} WHERE load_id = %s", [load_id]
    )
    return {(segment, number): json.loads(rows) for segment, number, rows in found.fetchall()}


def mark(connection: Connection, load_id: int, state: str) -> None:
    """Write whether every batch is there."""
    connection.execute(f"UPDATE {_LOAD} SET state = %s WHERE load_id = %s", [state, load_id])


def added_by(connection: Connection, load_id: int) -> list[Added]:
    """Return what a load has added to master data, the last first: children before parents."""
    found = connection.execute(
        f"SELECT table_name, key_column, key, name FROM {_ADDED} WHERE load_id = %s "
        "ORDER BY place DESC",
        [load_id],
    )
    return [Added(*row) for row in found.fetchall()]


def forget(connection: Connection, load_id: int) -> None:
    """Remove all that is known of a load, and the ledger with the last of them."""
    for table in (_VERSION, _ADDED, _PART, _LOAD):
        connection.execute(f"DELETE FROM {table} WHERE load_id = %s", [load_id])
    if connection.execute(f"SELECT 1 FROM {_LOAD} LIMIT 1").fetchone() is None:
        connection.execute(f"DROP TABLE {_VERSION}, {_ADDED}, {_PART}, {_LOAD}")
        connection.execute(f"DROP SCHEMA {LEDGER_SCHEMA}")
