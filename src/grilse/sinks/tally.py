"""The tally that every sink keeps: rows and fingerprint a table, batch by batch."""

from __future__ import annotations

import pyarrow as pa

from grilse.tables.fingerprint import fingerprint
from grilse.tables.schema import Table
from grilse.tables.totals import Totals, add_totals

__all__ = ["Tally", "check_chunk"]


class Tally:
    """Counts the chunks of a batch, and adds them to the segment's when the batch is kept."""

    def __init__(self) -> None:
        self.batches: dict[int, dict[str, Totals]] = {}
        self._number: int | None = None
        self._open: dict[str, Totals] = {}

    def begin_batch(self, number: int) -> None:
        """Begin to count a batch; a number comes once in a segment."""
        if self._number is not None or number in self.batches:
            raise ValueError(f"batch {number} begins twice, or inside batch {self._number}")
        self._number, self._open = number, {}

    def count(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Check and count a chunk of the batch begun."""
        if self._number is None:
            raise ValueError(f"rows of table {table.name} outside a batch")
        check_chunk(table, chunk)
        part = Totals(chunk.num_rows, fingerprint(table, chunk))
        self._open[table.name] = self._open.get(table.name, Totals()) + part

    def end_batch(self) -> None:
        """Keep the count of the batch begun."""
        if self._number is None:
            raise ValueError("no batch has begun")
        self.batches[self._number] = self._open
        self._number = None

    def drop_batch(self) -> None:
        """Forget the count of the batch begun."""
        self._number = None

    @property
    def tables(self) -> dict[str, Totals]:
        """The sums over the batches kept, by table."""
        return add_totals(self.batches.values())


def check_chunk(table: Table, chunk: pa.RecordBatch) -> None:
    """Raise ValueError if a chunk is not of its table's schema, or lacks needed values."""
    if not chunk.schema.equals(table.arrow_schema):
        raise ValueError(
            f"chunk is not of table {table.name}: its schema is\n{chunk.schema}\nnot\n"
            f"{table.arrow_schema}"
        )
    for column, array in zip(table.columns, chunk.columns, strict=True):
        if not column.nullable and array.null_count:
            raise ValueError(f"{table.name}.{column.name}: {array.null_count} values are missing")
