"""Small tables' chunks laid by, batch after batch, so that a table's rows are dealt with at once.

A table of a few rows costs the same whether it is fingerprinted and written for one batch or for
all of a segment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from grilse.sinks.tally import Tally
from grilse.tables.fingerprint import fingerprints
from grilse.tables.schema import Table

__all__ = ["BUFFERED_ROWS", "Gathering"]

BUFFERED_ROWS = 1 << 19
"""Rows of a small table that are gathered, at most, before they make a row group."""


@dataclass(slots=True)
class _Gathered:
    table: Table
    chunks: list[pa.RecordBatch] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rows: int = 0


class Gathering:
    """Holds the chunks of batches that are kept, table by table.

    Parameters
    ----------
    tally
        Has counted the rows; it is told their fingerprints when they are taken.
    most_rows
        Of one table: as soon as there are more they are to be taken.
    """

    def __init__(self, tally: Tally, most_rows: int) -> None:
        self._tally, self._most_rows = tally, most_rows
        self._tables: dict[str, _Gathered] = {}

    def add(self, number: int, table: Table, chunk: pa.RecordBatch) -> bool:
        """Lay a chunk of a batch by; return whether its table has as many rows as are gathered."""
        gathered = self._tables.get(table.name)
        if gathered is None:
            gathered = self._tables[table.name] = _Gathered(table)
        gathered.chunks.append(chunk)
        gathered.numbers.append(number)
        gathered.rows += chunk.num_rows
        return gathered.rows >= self._most_rows

    def take(self, table: str) -> tuple[Table, pa.RecordBatch]:
        """Return all rows of a table as one chunk, fingerprinted."""
        found = self._tables.pop(table)
        rows = _joined(found.chunks)
        values = fingerprints(found.table, rows, [chunk.num_rows for chunk in found.chunks])
        for number, value in zip(found.numbers, values, strict=True):
            self._tally.add_later(number, table, value)
        return found.table, rows

    def take_all(self) -> Iterator[tuple[Table, pa.RecordBatch]]:
        """Yield all that is left, table by table."""
        for table in list(self._tables):
            yield self.take(table)

    def clear(self) -> None:
        """Forget all that is left."""
        self._tables = {}


def _joined(chunks: list[pa.RecordBatch]) -> pa.RecordBatch:
    return chunks[0] if len(chunks) == 1 else pa.concat_batches(chunks)
