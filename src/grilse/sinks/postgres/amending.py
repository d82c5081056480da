"""Some tables of a schema made anew, batch by batch: what the load's ledger says goes with it.

The tables are those of states, such as growth analysis. A batch's rows are replaced in one
transaction, together with what the ledger has of them; the other tables are not touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from grilse.ground.errors import DestinationError
from grilse.sinks.growth import Standing
from grilse.sinks.postgres import ledger
from grilse.sinks.postgres.connection import connect, describe, driver
from grilse.sinks.postgres.ddl import create_table, primary_key, qualified
from grilse.sinks.postgres.line import Line
from grilse.sinks.postgres.locking import take_lock
from grilse.sinks.postgres.sink import copy_rows
from grilse.sinks.postgres.target import Target
from grilse.sinks.protocol import Written
from grilse.sinks.tally import Tally
from grilse.tables.schema import Table
from grilse.tables.totals import Totals

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["AmendingSink", "amending"]

_PATIENCE_SECONDS = 10.0


@contextmanager
def amending(target: Target, tables: Sequence[Table]) -> Iterator[tuple[Standing, AmendingSink]]:
    """Hold a schema whose load is to have some tables made anew; make those that are missing.

    Yields
    ------
    tuple
        What stands there, and the sink for the tables' rows.

    Raises
    ------
    DestinationError
        If there is no load of Grilse's, it is not whole, or cannot be reached.
    """
    opened = connect(target, patience_seconds=_PATIENCE_SECONDS, role="load")
    with closing(opened) as connection:
        try:
            take_lock(connection, target.schema, target.shown)
            standing = _standing(connection, target)
            with connection.transaction():
                _make_missing(connection, target.schema, tables, standing.inputs)
            yield standing, AmendingSink(target, tuple(tables))
            for table in tables:
                connection.execute(f"ANALYZE {qualified(target.schema, table.name)}")
        except driver().Error as error:
            raise describe(target, error, "making tables anew") from error


def _standing(connection: Connection, target: Target) -> Standing:
    load = ledger.standing_load(connection, target.schema)
    if load is None:
        raise DestinationError(
            f"{target.shown}: holds no load of Grilse's. Another application's tables are read by "
            "--as NAME."
        )
    inputs, saved, is_complete = load
    totals = ledger.totals_there(connection, target.schema)
    if not is_complete or not saved:
        raise DestinationError(
            f"{target.shown}: is incomplete. Bring it to its end first: grilse run, by the same "
            "command."
        )
    return Standing(inputs, saved, totals, is_complete)


def _make_missing(
    connection: Connection, schema: str, tables: Sequence[Table], inputs: Mapping[str, str]
) -> None:
    there = inputs["tables"].split(", ")
    missing = [table for table in tables if table.name not in there]
    if not missing:
        return
    marks = {"version": inputs.get("version", ""), "seed": inputs.get("seed", "")}
    for table in missing:
        for statement in create_table(schema, table, marks):
            connection.execute(statement)
        connection.execute(primary_key(schema, table).add)
    names = sorted({*there, *(table.name for table in missing)})
    load = qualified(schema, "grilse_load")
    (listed,) = connection.execute(f"SELECT tables FROM {load}").fetchone() or ("[]",)
    connection.execute(
        f"UPDATE {load} SET inputs = %s, tables = %s",
        [
            ledger.inputs_text({**inputs, "tables": ", ".join(names)}),
            json.dumps([*json.loads(listed), *(table.name for table in missing)]),
        ],
    )


@dataclass(frozen=True, slots=True)
class AmendingSink:
    """Replaces the rows of batches in some tables of a load.

    Attributes
    ----------
    target
        Database and schema.
    tables
        In an order in which parents come before children.
    """

    target: Target
    tables: tuple[Table, ...]

    def begin(self, segment: str) -> _AmendingWriter:
        """Begin a segment: what a dead writer had not committed, the server has undone."""
        return _AmendingWriter(self)

    def discard(self, segment: str) -> None:
        """Do nothing: what was not committed is not there."""


class _AmendingWriter:
    def __init__(self, sink: AmendingSink) -> None:
        self._sink, self._line = sink, Line(sink.target, _PATIENCE_SECONDS)
        self._tally, self._number = Tally(), 0
        self._held: dict[str, list[pa.RecordBatch]] = {}

    def begin_batch(self, number: int) -> None:
        """Begin a batch."""
        self._tally.begin_batch(number)
        self._number, self._held = number, {}

    def write(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Hold a chunk until its batch ends."""
        if chunk.num_rows:
            self._tally.count(table, chunk)
            self._held.setdefault(table.name, []).append(chunk)

    def drop_batch(self) -> None:
        """Forget the batch's chunks: what stood there of it stays."""
        self._tally.drop_batch()
        self._held = {}

    def end_batch(self) -> None:
        """Put the batch's rows in place of those that are there, or change nothing."""
        self._tally.end_batch()
        self._line.bring(self._bring, f"writing batch {self._number}")
        self._held = {}

    def _bring(self, connection: Connection) -> None:
        schema = self._sink.target.schema
        with connection.transaction():
            for table in reversed(self._sink.tables):
                connection.execute(
                    f"DELETE FROM {qualified(schema, table.name)} WHERE batch_id = %s",
                    [self._number],
                )
            for table in self._sink.tables:
                held = self._held.get(table.name, [])
                copy_rows(connection, qualified(schema, table.name), table, held)
            self._write_down(connection)

    def _write_down(self, connection: Connection) -> None:
        """Say in the ledger what the batch's part holds by now."""
        schema, ours = self._sink.target.schema, {table.name for table in self._sink.tables}
        parts: dict[tuple[str, int], Mapping[str, Totals]] = {
            part: {
                **{name: totals for name, totals in there.items() if name not in ours},
                **self._tally.batches[self._number],
            }
            for part, there in ledger.done(connection, schema, self._number).items()
        }
        ledger.rewrite(connection, schema, parts)

    def commit(self) -> Written:
        """Tell what was written; each batch is there since it ended."""
        self._line.close()
        return Written(self._tally.tables, {}, self._tally.batches)

    def abort(self) -> None:
        """Close the connection: the server undoes what was not committed."""
        self._line.close()
