"""One table to standard output, as CSV: for a pipe, and for a look."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa

from grilse.ground.errors import BadInput, DestinationError, Problem
from grilse.sinks.csv import write_rows
from grilse.sinks.place import Finished, Held, Load
from grilse.sinks.protocol import Written
from grilse.sinks.tally import Tally
from grilse.tables.schema import Table

__all__ = ["StdoutPlace"]


class _Stdout:
    """Writes batches in the order in which they come: from one process."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.is_begun = file, False

    def begin(self, segment: str) -> _StdoutWriter:
        """Begin a segment; what was printed before stays."""
        return _StdoutWriter(self)

    def discard(self, segment: str) -> None:
        """Do nothing: what is printed cannot be taken back."""


class _StdoutWriter:
    def __init__(self, sink: _Stdout) -> None:
        self._sink, self._tally = sink, Tally()
        self._batch: list[pa.RecordBatch] = []
        self.begin_batch = self._tally.begin_batch

    def write(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Hold a chunk until its batch ends."""
        if chunk.num_rows:
            self._tally.count(table, chunk)
            self._batch.append(chunk)

    def drop_batch(self) -> None:
        """Forget the batch's chunks."""
        self._tally.drop_batch()
        self._batch = []

    def end_batch(self) -> None:
        """Print the batch's rows."""
        self._tally.end_batch()
        held, self._batch = self._batch, []
        if held:
            self._print(held)

    def _print(self, chunks: list[pa.RecordBatch]) -> None:
        try:
            write_rows(self._sink.file, chunks, with_header=not self._sink.is_begun)
        except OSError as error:
            raise DestinationError(
                f"standard output: cannot be written: {error.strerror or error}"
            ) from error
        self._sink.is_begun = True

    def commit(self) -> Written:
        """Tell what was printed."""
        self._sink.file.flush()
        return Written(self._tally.tables, {}, self._tally.batches)

    def abort(self) -> None:
        """Forget what was not printed."""
        self._batch = []


@dataclass(frozen=True, slots=True)
class StdoutPlace:
    """Standard output: takes one table, from one process."""

    @property
    def shown(self) -> str:
        """The place's name for people."""
        return "standard output"

    @contextmanager
    def hold(self, load: Load) -> Iterator[Held]:
        """Refuse more than one table; there is nothing to hold.

        Raises
        ------
        BadInput
            If the load has more than one table, or none.
        """
        if len(load.tables) != 1:
            raise BadInput(
                Problem(
                    "D-STDOUT",
                    "standard output takes one table",
                    found=f"{len(load.tables)} tables",
                    mend="Name one: --table feeding_event.",
                )
            )
        # Taken now: a run catches what its batches print.
        sink = _Stdout(sys.stdout.buffer)
        yield Held(sink, frozenset(), lambda: Finished({}, is_complete=True), workers=1)
