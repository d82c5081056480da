"""The sink: a batch's chunks are held, and brought in one transaction with its ledger row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from grilse.sinks.postgres import ledger
from grilse.sinks.postgres.binary import copy_pieces
from grilse.sinks.postgres.ddl import qualified
from grilse.sinks.postgres.line import Line, copy_in
from grilse.sinks.postgres.target import Target
from grilse.sinks.postgres.timescale import is_hypertable
from grilse.sinks.protocol import Written
from grilse.sinks.tally import Tally
from grilse.tables.schema import Table

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["PostgresSink", "copy_rows"]


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
        self._line = Line(sink.target, sink.patience_seconds)
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
        self._line.bring(
            lambda connection: self._bring(connection, chosen), f"bringing batch {self._number}"
        )

    def _bring(
        self, connection: Connection, held: Iterable[tuple[Table, list[pa.RecordBatch]]]
    ) -> None:
        sink = self._sink
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

    def commit(self) -> Written:
        """Tell what was brought; each batch is there since it ended."""
        self._line.close()
        return Written(self._tally.tables, {}, self._tally.batches)

    def abort(self) -> None:
        """Close the connection: the server undoes what was not committed."""
        self._line.close()


def copy_rows(
    connection: Connection, name: str, table: Table, chunks: Iterable[pa.RecordBatch]
) -> None:
    """Bring chunks of a table's rows into the table of that quoted name, by binary COPY."""
    pieces = (piece for chunk in chunks for piece in copy_pieces(table, chunk))
    copy_in(connection, name, (column.name for column in table.columns), pieces)
