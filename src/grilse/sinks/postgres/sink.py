"""The sink: a batch's chunks are held, and brought in one transaction with its ledger row.

A lost connection, a deadlock or a lock that lasts too long may be over in a moment: the batch is
tried again, on a fresh connection, `ATTEMPTS` times in all. Whether the first try had been kept
after all, though its answer was lost, the ledger knows.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from grilse.sinks.postgres import ledger
from grilse.sinks.postgres.binary import HEADER, TRAILER, copy_pieces
from grilse.sinks.postgres.connection import describe, driver, may_pass, open_session, who_holds
from grilse.sinks.postgres.ddl import identifier, qualified
from grilse.sinks.postgres.target import Target
from grilse.sinks.postgres.timescale import is_hypertable
from grilse.sinks.protocol import Written
from grilse.sinks.tally import Tally
from grilse.tables.schema import Table

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["ATTEMPTS", "PostgresSink", "copy_rows"]

ATTEMPTS = 4
"""How often a batch is tried before the run gives up."""

_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class PostgresSink:
    """Brings batches into the tables of a schema.

    Attributes
    ----------
    target
        Which schema; its tables are there.
    inputs
        The load's inputs, as `ledger.inputs_text` writes them: batches of another load are refused.
    order
        Names of the tables, parents before children.
    patience_seconds
        How long a statement waits for a lock.
    is_timescale
        Whether large tables are hypertables: their rows come in the order of time.
    """

    target: Target
    inputs: str
    order: tuple[str, ...]
    patience_seconds: float = 10.0
    is_timescale: bool = False

    def begin(self, segment: str) -> _PostgresWriter:
        """Begin a segment: what a dead writer had not committed, the server has undone."""
        return _PostgresWriter(self, segment)

    def discard(self, segment: str) -> None:
        """Do nothing: what was not committed is not there."""


class _PostgresWriter:
    def __init__(self, sink: PostgresSink, segment: str) -> None:
        self._sink, self._segment = sink, segment
        self._tally = Tally()
        self._connection: Connection | None = None
        self._number = 0
        self._held: dict[str, tuple[Table, list[pa.RecordBatch]]] = {}

    def begin_batch(self, number: int) -> None:
        """Begin a batch."""
        self._tally.begin_batch(number)
        self._number, self._held = number, {}

    def write(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Hold a chunk until its batch ends: the transaction is as short as can be."""
        if chunk.num_rows:
            self._tally.count(table, chunk)
            self._held.setdefault(table.name, (table, []))[1].append(chunk)

    def drop_batch(self) -> None:
        """Forget the batch's chunks."""
        self._tally.drop_batch()
        self._held = {}

    def end_batch(self) -> None:
        """Bring the batch: all its rows and its ledger row, or nothing."""
        self._tally.end_batch()
        held, self._held = self._held, {}
        chosen = [held[name] for name in self._sink.order if name in held]
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._bring(chosen)
                return
            except driver().Error as error:
                self._give_up_or_wait(error, attempt)

    def _bring(self, held: Iterable[tuple[Table, list[pa.RecordBatch]]]) -> None:
        sink, connection = self._sink, self._open()
        tables = self._tally.batches[self._number]
        with connection.transaction():
            part = (self._segment, self._number)
            if not ledger.claim(connection, sink.target.schema, sink.inputs, part, tables):
                return
            for table, chunks in held:
                name = qualified(sink.target.schema, table.name)
                copy_rows(connection, name, table, self._in_order(table, chunks))

    def _in_order(self, table: Table, chunks: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
        if self._sink.is_timescale and is_hypertable(table):
            rows = pa.Table.from_batches(chunks).sort_by(str(table.event_date))
            return list(rows.combine_chunks().to_batches())
        return chunks

    def _give_up_or_wait(self, error: psycopg.Error, attempt: int) -> None:
        """Raise unless trying again may help; then wait, longer each time."""
        self._close()
        sink = self._sink
        is_last = attempt == ATTEMPTS
        if is_last or not may_pass(error):
            holders = ""
            if error.sqlstate == "55P03":
                holders = who_holds(sink.target, patience_seconds=sink.patience_seconds)
            doing = f"bringing batch {self._number}"
            raise describe(sink.target, error, doing, holders=holders) from error
        time.sleep(min(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1), _LONGEST_PAUSE_SECONDS))

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = open_session(
                self._sink.target, patience_seconds=self._sink.patience_seconds, role="writer"
            )
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(driver().Error):
                self._connection.close()
            self._connection = None

    def commit(self) -> Written:
        """Tell what was brought; each batch is there since it ended."""
        self._close()
        return Written(self._tally.tables, {}, self._tally.batches)

    def abort(self) -> None:
        """Close the connection: the server undoes what was not committed."""
        self._close()


def copy_rows(
    connection: Connection, name: str, table: Table, chunks: Iterable[pa.RecordBatch]
) -> None:
    """Bring chunks of a table's rows into the table of that quoted name, by binary COPY."""
    columns = ", ".join(identifier(column.name) for column in table.columns)
    statement = f"COPY {name} ({columns}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(HEADER)
        for chunk in chunks:
            for piece in copy_pieces(table, chunk):
                copy.write(piece.data)
        copy.write(TRAILER)
