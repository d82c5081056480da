"""The sink that keeps nothing: it counts and fingerprints, to measure and to compare."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from grilse.sinks.gathering import Gathering
from grilse.sinks.protocol import Written
from grilse.sinks.tally import Tally
from grilse.tables.schema import Table

__all__ = ["NullSink"]

_GATHERED_ROWS = 1 << 16


class _NullWriter:
    def __init__(self) -> None:
        self._tally = Tally()
        self._gathering = Gathering(self._tally, _GATHERED_ROWS)
        self._batch: list[tuple[Table, pa.RecordBatch]] = []
        self.begin_batch = self._tally.begin_batch

    def write(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Count a chunk."""
        if not chunk.num_rows:
            return
        if table.bulk:
            self._tally.count(table, chunk)
        else:
            self._tally.count_rows(table, chunk)
            self._batch.append((table, chunk))

    def end_batch(self) -> None:
        """Keep the batch's count."""
        number = self._tally.number or 0
        self._tally.end_batch()
        held, self._batch = self._batch, []
        for table, chunk in held:
            if self._gathering.add(number, table, chunk):
                self._gathering.take(table.name)

    def drop_batch(self) -> None:
        """Forget the batch's count."""
        self._tally.drop_batch()
        self._batch = []

    def commit(self) -> Written:
        """Tell what was counted."""
        for _ in self._gathering.take_all():
            pass
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
