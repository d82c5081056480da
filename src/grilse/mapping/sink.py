"""The sink: a batch's chunks are held, said in the application's words, and brought as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from grilse.mapping import ledger
from grilse.mapping.model import MappedTable, PgType
from grilse.mapping.saying import Voice, first_versions
from grilse.mapping.wire import wire_pieces
from grilse.sinks.postgres.ddl import qualified
from grilse.sinks.postgres.line import Line, copy_in
from grilse.sinks.postgres.target import Target
from grilse.sinks.protocol import Written
from grilse.tables.schema import Table
from grilse.tables.totals import Totals, add_totals

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["MappedSink"]


@dataclass(frozen=True)
class MappedSink:
    """Brings batches into another application's tables.

    Attributes
    ----------
    target
        Database and schema.
    voice
        Says the rows in the application's words.
    load_id
        The load's number in the ledger.
    with_history
        Whether each row's first version is written beside it.
    patience_seconds
        How long a statement waits for a lock.
    """

    target: Target
    voice: Voice
    load_id: int
    with_history: bool = False
    patience_seconds: float = 10.0

    def begin(self, segment: str) -> _MappedWriter:
        """Begin a segment: what a dead writer had not committed, the server has undone."""
        return _MappedWriter(self, segment)

    def discard(self, segment: str) -> None:
        """Do nothing: what was not committed is not there."""


@dataclass(frozen=True)
class _Load:
    """Rows for one table there, and the types of its columns."""

    table: str
    kinds: tuple[PgType, ...]
    rows: pa.Table


class _MappedWriter:
    def __init__(self, sink: MappedSink, segment: str) -> None:
        self._sink, self._segment = sink, segment
        self._line = Line(sink.target, sink.patience_seconds)
        self._number = 0
        self._held: dict[str, list[pa.RecordBatch]] = {}
        self._kept: dict[int, dict[str, Totals]] = {}

    def begin_batch(self, number: int) -> None:
        """Begin a batch."""
        self._number, self._held = number, {}

    def write(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Hold a chunk until its batch ends."""
        if chunk.num_rows:
            self._held.setdefault(table.name, []).append(chunk)

    def drop_batch(self) -> None:
        """Forget the batch's chunks."""
        self._held = {}

    def end_batch(self) -> None:
        """Bring the batch: all its rows and its ledger row, or nothing."""
        loads = list(self._said())
        rows = {load.table: load.rows.num_rows for load in loads if load.rows.num_rows}
        self._line.bring(
            lambda connection: self._bring(connection, loads, rows),
            f"bringing batch {self._number}",
        )
        self._kept[self._number] = {table: Totals(count) for table, count in rows.items()}

    def _said(self) -> Iterator[_Load]:
        """Say the rows held in the application's words, table by table."""
        sink, held = self._sink, self._held
        self._held = {}
        for table, rows in sink.voice.said((self._segment, self._number), held):
            yield from _loads(sink, table, rows)

    def _bring(self, connection: Connection, loads: list[_Load], rows: Mapping[str, int]) -> None:
        sink = self._sink
        with connection.transaction():
            connection.execute("SET CONSTRAINTS ALL DEFERRED")
            part = (self._segment, self._number)
            if not ledger.claim(connection, sink.load_id, part, rows):
                return
            for load in loads:
                if load.rows.num_rows:
                    _copy(connection, sink.target.schema, load)

    def commit(self) -> Written:
        """Tell what was brought; each batch is there since it ended."""
        self._line.close()
        return Written(add_totals(self._kept.values()), {}, self._kept)

    def abort(self) -> None:
        """Close the connection: the server undoes what was not committed."""
        self._line.close()


def _loads(sink: MappedSink, table: MappedTable, rows: pa.Table) -> Iterator[_Load]:
    """Yield a table's rows, and the first version of each where that is wanted."""
    types = sink.voice.frame.types[table.name]
    yield _Load(table.name, tuple(types[name] for name in rows.schema.names), rows)
    if sink.with_history and table.history:
        kept = first_versions(sink.voice.frame, table, rows)
        if kept is not None:
            there = sink.voice.frame.types[table.history.table]
            kinds = tuple(there[name] for name in kept.schema.names)
            yield _Load(table.history.table, kinds, kept)


def _copy(connection: Connection, schema: str, load: _Load) -> None:
    pieces = wire_pieces(load.kinds, load.rows)
    copy_in(connection, qualified(schema, load.table), load.rows.schema.names, pieces)
