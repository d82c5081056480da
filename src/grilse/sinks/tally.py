"""The tally that every sink keeps: rows and fingerprint a table, batch by batch."""

from __future__ import annotations

import pyarrow as pa

from grilse.tables.fingerprint import fingerprint
from grilse.tables.schema import Table
from grilse.tables.totals import Totals, add_totals

__all__ = ["Tally", "check_chunk"]


class Tally:
    """Counts the chunks of a batch, and adds them to the segment's when the batch is kept.

    Attributes
    ----------
    batches
        The count of each batch kept, by number and table.
    number
        The batch begun, or None.
    """

    def __init__(self) -> None:
        self.batches: dict[int, dict[str, Totals]] = {}
        self.number: int | None = None
        self._open: dict[str, Totals] = {}

    def begin_batch(self, number: int) -> None:
        """Begin to count a batch; a number comes once in a segment."""
        if self.number is not None or number in self.batches:
            raise ValueError(f"batch {number} begins twice, or inside batch {self.number}")
        self.number, self._open = number, {}

    def count(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Check and count a chunk of the batch begun."""
        self.count_rows(table, chunk)
        self._add(self._open, table.name, Totals(0, fingerprint(table, chunk)))

    def count_rows(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Check a chunk of the batch begun, and count its rows; `add_later` has the rest."""
        if self.number is None:
            raise ValueError(f"rows of table {table.name} outside a batch")
        check_chunk(table, chunk)
        self._add(self._open, table.name, Totals(chunk.num_rows))

    def add_later(self, number: int, table: str, value: int) -> None:
        """Add the fingerprint of rows that `count_rows` counted, of the batch begun or one kept."""
        totals = self._open if number == self.number else self.batches[number]
        self._add(totals, table, Totals(0, value))

    @staticmethod
    def _add(totals: dict[str, Totals], table: str, more: Totals) -> None:
        totals[table] = totals[table] + more if table in totals else more

    def end_batch(self) -> None:
        """Keep the count of the batch begun."""
        if self.number is None:
            raise ValueError("no batch has begun")
        self.batches[self.number] = self._open
        self.number = None

    def drop_batch(self) -> None:
        """Forget the count of the batch begun."""
        self.number = None

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
    for place, column in enumerate(table.columns):
        if not column.nullable and (missing := chunk.column(place).null_count):
            raise ValueError(f"{table.name}.{column.name}: {missing} values are missing")
