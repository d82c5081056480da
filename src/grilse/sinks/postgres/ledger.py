"""What Grilse knows of its own in a database: the load, and each batch that is there as a whole.

``grilse_load`` has one row: inputs, marks, tables, and whether the load is complete.
``grilse_ledger`` has a row a batch, written in the batch's own transaction: a batch is there
wholly with its row, or not at all; what is no batch's, the farm's and the feed stores' rows, is
batch 0 of a segment. Neither holds a time or a host, so equal loads are equal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from grilse.ground.errors import DestinationError
from grilse.sinks.place import Load, Part, describe_differences
from grilse.sinks.postgres.ddl import create_table, identifier, qualified, quoted
from grilse.sinks.postgres.target import Target
from grilse.tables.fingerprint import text
from grilse.tables.totals import Totals, add_totals

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = [
    "begin",
    "claim",
    "done",
    "inputs_text",
    "mark",
    "move_on",
    "rewrite",
    "standing_load",
    "totals_there",
]

_LOAD, _LEDGER = "grilse_load", "grilse_ledger"
_NAMED = 5


def inputs_text(inputs: Mapping[str, str]) -> str:
    """Write a load's inputs as text that is equal for equal inputs."""
    return json.dumps(dict(inputs), sort_keys=True, ensure_ascii=False)


def begin(connection: Connection, target: Target, load: Load) -> None:
    """Make the tables, or see that those that are there are this load's; in one transaction.

    Raises
    ------
    DestinationError
        If the schema holds tables of others under our names, or a load of other inputs.
    """
    with connection.transaction():
        if not _is_there(connection, target.schema):
            connection.execute(f"CREATE SCHEMA {identifier(target.schema)}")
        standing = _standing(connection, target.schema)
        if _LOAD in standing:
            there, tables = _read_load(connection, target.schema)
            differences = describe_differences(target.shown, there, load.inputs)
            if not differences and not load.overwrite:
                return
            if not load.overwrite:
                raise DestinationError(differences)
            _drop(connection, target.schema, tables)
            standing = _standing(connection, target.schema)
        _refuse_foreign(target, load, standing)
        _make(connection, target.schema, load)


def _is_there(connection: Connection, schema: str) -> bool:
    found = connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", [identifier(schema)])
    return bool(_only(found.fetchone()))


def _standing(connection: Connection, schema: str) -> set[str]:
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s)",
        [identifier(schema)],
    )
    return {name for (name,) in found.fetchall()}


def _read_load(connection: Connection, schema: str) -> tuple[dict[str, str], list[str]]:
    found = connection.execute(f"SELECT inputs, tables FROM {qualified(schema, _LOAD)}")
    row = found.fetchone()
    if row is None:
        raise DestinationError(f"schema {schema}: its {_LOAD} is empty. Write to another schema.")
    return json.loads(row[0]), json.loads(row[1])


def standing_load(
    connection: Connection, schema: str
) -> tuple[dict[str, str], dict[str, str], bool] | None:
    """Return the load that stands: inputs, their texts, whether it is complete; None without."""
    if _LOAD not in _standing(connection, schema):
        return None
    found = connection.execute(f"SELECT inputs, saved, state FROM {qualified(schema, _LOAD)}")
    row = found.fetchone()
    return None if row is None else (json.loads(row[0]), json.loads(row[1]), row[2] == "complete")


def move_on(connection: Connection, schema: str, load: Load) -> None:
    """Write that the load that stands is of other inputs by now: of a later date."""
    connection.execute(
        f"UPDATE {qualified(schema, _LOAD)} SET inputs = %s, saved = %s, state = 'complete'",
        [inputs_text(load.inputs), inputs_text(load.saved)],
    )


def rewrite(
    connection: Connection, schema: str, parts: Mapping[Part, Mapping[str, Totals]]
) -> None:
    """Write of each part anew what it holds."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {qualified(schema, _LEDGER)} SET rows = %s, fingerprint = %s, tables = %s "
            "WHERE segment = %s AND batch_id = %s",
            [
                (whole.rows, text(whole.fingerprint), _tables_text(tables), *part)
                for part, tables in parts.items()
                for whole in (sum(tables.values(), Totals()),)
            ],
        )


def _drop(connection: Connection, schema: str, tables: list[str]) -> None:
    names = [*tables, _LEDGER, _LOAD]
    listed = ", ".join(qualified(schema, name) for name in names)
    connection.execute(f"DROP TABLE IF EXISTS {listed}")


def _refuse_foreign(target: Target, load: Load, standing: set[str]) -> None:
    wanted = [*(table.name for table in load.tables), _LOAD, _LEDGER]
    foreign = [name for name in wanted if name in standing]
    if foreign:
        raise DestinationError(
            f"{target.shown}: holds tables of others under the names of ours: "
            f"{', '.join(foreign[:_NAMED])}. Nothing was touched; name another --schema."
        )


def _make(connection: Connection, schema: str, load: Load) -> None:
    for table in load.tables:
        for statement in create_table(schema, table, load.marks):
            connection.execute(statement)
    own, ledger = qualified(schema, _LOAD), qualified(schema, _LEDGER)
    connection.execute(
        f"CREATE TABLE {own} (one boolean PRIMARY KEY DEFAULT true CHECK (one), "
        "inputs text NOT NULL, marks text NOT NULL, tables text NOT NULL, saved text NOT NULL, "
        "state text NOT NULL CHECK (state IN ('begun', 'incomplete', 'complete')))"
    )
    connection.execute(
        f"CREATE TABLE {ledger} (segment text, batch_id integer, rows bigint NOT NULL, "
        "fingerprint text NOT NULL, tables text NOT NULL, PRIMARY KEY (segment, batch_id))"
    )
    about = quoted("A row a batch that is here as a whole; batch 0 is no batch's. Grilse's own.")
    connection.execute(f"COMMENT ON TABLE {ledger} IS {about}")
    connection.execute(f"COMMENT ON TABLE {own} IS {quoted('What Grilse has loaded here.')}")
    names = json.dumps([table.name for table in load.tables])
    connection.execute(
        f"INSERT INTO {own} (inputs, marks, tables, saved, state) VALUES (%s, %s, %s, %s, 'begun')",
        [inputs_text(load.inputs), inputs_text(load.marks), names, inputs_text(load.saved)],
    )


def claim(
    connection: Connection, schema: str, inputs: str, part: Part, tables: Mapping[str, Totals]
) -> bool:
    """Write a batch's row, first of all in its transaction; False if the batch is there already.

    Two transactions that bring one batch wait for each other here: the second sees the row of the
    first if that was kept.

    Raises
    ------
    DestinationError
        If the load is no longer the one that the row is for.
    """
    whole = sum(tables.values(), Totals())
    cursor = connection.execute(
        f"INSERT INTO {qualified(schema, _LEDGER)} SELECT %s, %s, %s, %s, %s "
        f"FROM {qualified(schema, _LOAD)} WHERE inputs = %s ON CONFLICT DO NOTHING",
        [*part, whole.rows, text(whole.fingerprint), _tables_text(tables), inputs],
    )
    if cursor.rowcount == 1:
        return True
    if done(connection, schema).get(part) != dict(tables):
        raise DestinationError(f"schema {schema}: another load has taken the place of this one")
    return False


def _tables_text(tables: Mapping[str, Totals]) -> str:
    return json.dumps({name: [t.rows, text(t.fingerprint)] for name, t in sorted(tables.items())})


def done(
    connection: Connection, schema: str, number: int | None = None
) -> dict[Part, dict[str, Totals]]:
    """Return the parts that are there, or a batch's, with rows and fingerprints by table."""
    found = connection.execute(
        f"SELECT segment, batch_id, tables FROM {qualified(schema, _LEDGER)} "
        "WHERE batch_id = coalesce(%s, batch_id)",
        [number],
    )
    return {(segment, number): _totals(tables) for segment, number, tables in found.fetchall()}


def _totals(tables: str) -> dict[str, Totals]:
    return {
        name: Totals(rows, int(fingerprint, 16))
        for name, (rows, fingerprint) in json.loads(tables).items()
    }


def totals_there(connection: Connection, schema: str) -> dict[str, Totals]:
    """Add up the ledger, table by table."""
    return add_totals(done(connection, schema).values())


def mark(connection: Connection, schema: str, *, is_complete: bool) -> None:
    """Write whether every batch is there."""
    state = "complete" if is_complete else "incomplete"
    connection.execute(f"UPDATE {qualified(schema, _LOAD)} SET state = %s", [state])


def _only(row: tuple[Any, ...] | None) -> Any:
    return None if row is None else row[0]
