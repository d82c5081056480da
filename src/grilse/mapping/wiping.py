"""What Grilse has brought into an application's tables, removed by its ledger; nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grilse.ground.errors import DestinationError
from grilse.mapping import dropped, ledger
from grilse.mapping.masters import Added
from grilse.mapping.model import Application
from grilse.sinks.postgres.connection import connect, describe, driver
from grilse.sinks.postgres.ddl import identifier, qualified
from grilse.sinks.postgres.locking import take_lock
from grilse.sinks.postgres.target import Target

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["Wiped", "count", "wipe"]

_PATIENCE_SECONDS = 10.0
_REFERRED_TO = "23503"


@dataclass(frozen=True)
class Wiped:
    """What is to be removed, or was.

    Attributes
    ----------
    loads
        How many loads it is of.
    rows
        Rows by table, in the order of the mapping; master data that was added with them.
    kept
        Rows of master data that are left, since others refer to them by now.
    """

    loads: int
    rows: Mapping[str, int]
    kept: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def count(target: Target, application: Application) -> Wiped:
    """Count what `wipe` would remove.

    Raises
    ------
    DestinationError
        If the database cannot be reached or read.
    """
    with _at(target, application, "counting") as connection:
        loads = ledger.find_loads(connection, application.name, target.schema)
        return Wiped(len(loads), _counted(connection, target.schema, application, loads))


def wipe(target: Target, application: Application) -> Wiped:
    """Remove the rows of all loads, and the master data added for them; all or nothing.

    Raises
    ------
    DestinationError
        If the database cannot be reached or written, or rows of the application's own refer to
        rows that would be removed: then all is left as it is.
    """
    with _at(target, application, "wiping") as connection, connection.transaction():
        schema, rows, kept = target.schema, dict[str, int](), list[str]()
        loads = ledger.find_loads(connection, application.name, schema)
        connection.execute("SET CONSTRAINTS ALL DEFERRED")
        for load in loads:
            # Children come after their parents in a mapping: they go before them.
            for table, condition in reversed(list(_conditions(application, load))):
                asked = connection.execute(f"DELETE FROM {qualified(schema, table)} {condition}")
                rows[table] = rows.get(table, 0) + asked.rowcount
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for load in reversed(loads):
            for row in ledger.added_by(connection, load.load_id):
                if _remove(connection, schema, row):
                    rows[row.table] = rows.get(row.table, 0) + 1
                else:
                    kept.append(f"{row.table}: {row.name}")
        for load in loads:
            ledger.forget(connection, load.load_id)
        return Wiped(len(loads), {name: found for name, found in rows.items() if found},
                     tuple(kept))  # fmt: skip


@contextmanager
def _at(target: Target, application: Application, doing: str) -> Iterator[Connection]:
    shown = f"{target.shown} as {application.name}"
    with closing(connect(target, patience_seconds=_PATIENCE_SECONDS, role="wipe")) as connection:
        try:
            take_lock(connection, f"{target.schema} as {application.name}", shown)
            dropped.restore(connection, target, patience_seconds=_PATIENCE_SECONDS)
            yield connection
        except driver().Error as error:
            if getattr(error, "sqlstate", None) == _REFERRED_TO:
                raise DestinationError(
                    f"{shown}: rows of the application's own refer to rows of Grilse's: "
                    f"{' '.join(str(error).split())}. Nothing was removed; remove those first."
                ) from error
            raise describe(target, error, doing, kept="Nothing was removed") from error


def _conditions(application: Application, load: ledger.Standing) -> Iterator[tuple[str, str]]:
    """Yield each table with the condition that its rows are the load's, and its versions."""
    histories = {table.key.name: table.history for table in application.tables}
    with_history = load.marks.get("history") == str(True)
    for name, keys in load.ranges.items():
        column = identifier(keys.column)
        condition = f"WHERE {column} > {keys.offset} AND {column} <= {keys.last}"
        yield keys.table, condition
        history = histories.get(name)
        if with_history and history:
            yield history.table, f"{condition} AND history_type = '+'"
            # Those of rows that an extension has changed; versions of others' saves stay.
            yield (
                history.table,
                f"WHERE history_id IN (SELECT history_id FROM {ledger.version_table()} "
                f"WHERE load_id = {load.load_id} AND table_name = '{history.table}')",
            )


def _counted(
    connection: Connection, schema: str, application: Application, loads: list[ledger.Standing]
) -> dict[str, int]:
    rows: dict[str, int] = {}
    for load in loads:
        for table, condition in _conditions(application, load):
            asked = connection.execute(
                f"SELECT count(*) FROM {qualified(schema, table)} {condition}"
            ).fetchone()
            rows[table] = rows.get(table, 0) + (asked[0] if asked else 0)
        for row in ledger.added_by(connection, load.load_id):
            rows[row.table] = rows.get(row.table, 0) + 1
    return {name: found for name, found in rows.items() if found}


def _remove(connection: Connection, schema: str, row: Added) -> bool:
    """Remove a row of master data, unless others refer to it."""
    try:
        with connection.transaction():
            connection.execute(
                f"DELETE FROM {qualified(schema, row.table)} "
                f"WHERE {identifier(row.key_column)} = %s",
                [row.key],
            )
    except driver().errors.ForeignKeyViolation:
        return False
    return True
