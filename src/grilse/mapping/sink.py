"""The sink: a batch's chunks are held, said in the application's words, and brought as a whole."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.feather as feather

from grilse.ground.errors import BadInput, DestinationError
from grilse.mapping import ledger
from grilse.mapping.masters import Match
from grilse.mapping.model import MappedTable, PgType
from grilse.mapping.rows import Frame, Workbench
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
        bench = Workbench(self.frame)
        for match in self.matches:
            bench.learn(match.master, match.ours, match.theirs)
        return bench

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
        sink, bench = self._sink, self._sink.bench
        held, self._held = self._held, {}
        bench.clear()
        for name, chunks in held.items():
            bench.take(name, chunks)
        owner = "batch" if self._number else "store"
        try:
            self._hand_over() if owner == "store" else self._take_handed()
            for table in sink.frame.application.of(owner):
                if not bench.is_fed(table.source):
                    continue
                yield from _loads(sink, table, bench.rows(table))
        except BadInput as error:
            raise DestinationError(str(error)) from error
        finally:
            bench.clear()

    def _hand_over(self) -> None:
        """Leave what stores tell of each batch where its rows will be made."""
        for handover in self._sink.frame.application.handovers:
            if not self._sink.bench.is_fed(handover.source):
                continue
            rows = self._sink.bench.handed_over(handover)
            numbers = rows["batch_id"]
            for number in numbers.unique().to_pylist():
                part = rows.filter(pa.compute.equal(numbers, number)).drop_columns("batch_id")
                path = self._handed(handover.name, number, self._segment)
                aside = path.with_suffix(".inprogress")
                feather.write_feather(part, str(aside), compression="uncompressed")
                aside.rename(path)

    def _handed(self, name: str, number: int, segment: str) -> Path:
        return Path(self._sink.handed) / f"{name}-{number}-{segment}.arrow"

    def _take_handed(self) -> None:
        for handover in self._sink.frame.application.handovers:
            found = sorted(Path(self._sink.handed).glob(f"{handover.name}-{self._number}-*.arrow"))
            if found:
                parts = [feather.read_table(str(path), memory_map=False) for path in found]
                self._sink.bench.take_table(handover.name, pa.concat_tables(parts))

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
    history = table.history
    if sink.with_history and history and rows.num_rows:
        there = sink.frame.types[history.table]
        kept = rows.select([name for name in rows.schema.names if name in there])
        moments = rows[history.moment].cast(pa.timestamp("us"))
        fixed: tuple[tuple[str, pa.Array], ...] = (
            ("history_date", moments),
            ("history_type", pa.repeat("+", rows.num_rows)),
            ("history_user_id", pa.repeat(sink.frame.user, rows.num_rows)),
        )
        for name, column in fixed:
            kept = kept.append_column(name, column)
        yield _Load(history.table, tuple(there[name] for name in kept.schema.names), kept)


def _copy(connection: Connection, schema: str, load: _Load) -> None:
    columns = ", ".join(identifier(name) for name in load.rows.schema.names)
    statement = f"COPY {qualified(schema, load.table)} ({columns}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(HEADER)
        for piece in wire_pieces(load.kinds, load.rows):
            copy.write(piece.data)
        copy.write(TRAILER)
