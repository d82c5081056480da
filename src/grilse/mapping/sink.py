"""The sink: a batch's chunks are held, said in the application's words, and brought as a whole."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from grilse.mapping import ledger
from grilse.mapping.masters import Match
from grilse.mapping.model import MappedTable, PgType
from grilse.mapping.rows import Frame, Workbench
from grilse.mapping.saying import first_versions, said, taught
from grilse.mapping.wire import wire_pieces
from grilse.sinks.postgres.binary import HEADER, TRAILER
from grilse.sinks.postgres.connection import describe, driver, may_pass, open_session, who_holds
from grilse.sinks.postgres.ddl import identifier, qualified
from grilse.sinks.postgres.sink import ATTEMPTS
from grilse.sinks.postgres.target import Target
from grilse.sinks.protocol import Written
from grilse.tables.schema import Table
from grilse.tables.totals import Totals, add_totals

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["MappedSink"]

_FIRST_PAUSE_SECONDS = 0.25


@dataclass(frozen=True)
class MappedSink:
    """Brings batches into another application's tables.

    Attributes
    ----------
    target
        Database and schema.
    frame, matches
        What expressions depend on, and the keys of master data.
    load_id
        The load's number in the ledger.
    handed
        Folder in which what stores tell of batches is handed over.
    with_history
        Whether each row's first version is written beside it.
    patience_seconds
        How long a statement waits for a lock.
    """

    target: Target
    frame: Frame
    matches: tuple[Match, ...]
    load_id: int
    handed: str
    with_history: bool = False
    patience_seconds: float = 10.0

    def begin(self, segment: str) -> _MappedWriter:
        """Begin a segment: what a dead writer had not committed, the server has undone."""
        return _MappedWriter(self, segment)

    def discard(self, segment: str) -> None:
        """Do nothing: what was not committed is not there."""

    @cached_property
    def bench(self) -> Workbench:
        """The process's own workbench."""
        return taught(self.frame, self.matches)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the workbench here when the sink goes to another process."""
        return {name: value for name, value in self.__dict__.items() if name != "bench"}


@dataclass(frozen=True)
class _Load:
    """Rows for one table there, and the types of its columns."""

    table: str
    kinds: tuple[PgType, ...]
    rows: pa.Table


class _MappedWriter:
    def __init__(self, sink: MappedSink, segment: str) -> None:
        self._sink, self._segment = sink, segment
        self._connection: Connection | None = None
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
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._bring(loads, rows)
                break
            except driver().Error as error:
                self._give_up_or_wait(error, attempt)
        self._kept[self._number] = {table: Totals(count) for table, count in rows.items()}

    def _said(self) -> Iterator[_Load]:
        """Say the rows held in the application's words, table by table."""
        sink, held = self._sink, self._held
        self._held = {}
        for table, rows in said(sink.bench, sink.handed, (self._segment, self._number), held):
            yield from _loads(sink, table, rows)

    def _bring(self, loads: list[_Load], rows: Mapping[str, int]) -> None:
        sink, connection = self._sink, self._open()
        with connection.transaction():
            connection.execute("SET CONSTRAINTS ALL DEFERRED")
            part = (self._segment, self._number)
            if not ledger.claim(connection, sink.load_id, part, rows):
                return
            for load in loads:
                if load.rows.num_rows:
                    _copy(connection, sink.target.schema, load)

    def _give_up_or_wait(self, error: psycopg.Error, attempt: int) -> None:
        """Raise unless trying again may help; then wait, longer each time."""
        self._close()
        sink = self._sink
        if attempt == ATTEMPTS or not may_pass(error):
            holders = ""
            if error.sqlstate == "55P03":
                holders = who_holds(sink.target, patience_seconds=sink.patience_seconds)
            doing = f"bringing batch {self._number}"
            raise describe(sink.target, error, doing, holders=holders) from error
        time.sleep(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1))

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
        return Written(add_totals(self._kept.values()), {}, self._kept)

    def abort(self) -> None:
        """Close the connection: the server undoes what was not committed."""
        self._close()


def _loads(sink: MappedSink, table: MappedTable, rows: pa.Table) -> Iterator[_Load]:
    """Yield a table's rows, and the first version of each where that is wanted."""
    types = sink.frame.types[table.name]
    yield _Load(table.name, tuple(types[name] for name in rows.schema.names), rows)
    if sink.with_history and table.history:
        kept = first_versions(sink.frame, table, rows)
        if kept is not None:
            there = sink.frame.types[table.history.table]
            kinds = tuple(there[name] for name in kept.schema.names)
            yield _Load(table.history.table, kinds, kept)


def _copy(connection: Connection, schema: str, load: _Load) -> None:
    columns = ", ".join(identifier(name) for name in load.rows.schema.names)
    statement = f"COPY {qualified(schema, load.table)} ({columns}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(HEADER)
        for piece in wire_pieces(load.kinds, load.rows):
            copy.write(piece.data)
        copy.write(TRAILER)
