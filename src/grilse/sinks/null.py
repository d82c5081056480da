"""The sink that keeps nothing: it counts and fingerprints, to measure and to compare."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from grilse.sinks.protocol import Written
from grilse.sinks.tally import Tally
from grilse.tables.schema import Table

__all__ = ["NullSink"]


class _NullWriter:
    def __init__(self) -> None:
        self._tally = Tally()
        self.begin_batch = self._tally.begin_batch
        self.end_batch = self._tally.end_batch
        self.drop_batch = self._tally.drop_batch

    def write(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Count a chunk."""
        if chunk.num_rows:
            self._tally.count(table, chunk)

    def commit(self) -> Written:
        """Tell what was counted."""
        return Written(self._tally.tables, {}, self._tally.batches)

    def abort(self) -> None:
        """Do nothing: there is nothing to undo."""


@dataclass(frozen=True, slots=True)
class NullSink:
    """Writes nothing; its fingerprints equal those of every other sink."""

    def begin(self, segment: str) -> _NullWriter:
        """Begin to count a segment."""
        return _NullWriter()

    def discard(self, segment: str) -> None:
        """Do nothing: nothing is ever left."""
