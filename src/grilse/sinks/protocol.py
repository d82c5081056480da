"""What every sink can do: take the chunks of a segment's batches, and keep all of it or nothing.

A segment is written in one pass::

    writer = sink.begin("e0001-s0007")
    writer.begin_batch(57)
    writer.write(table, chunk)          # any number of tables and chunks
    writer.end_batch()                  # or drop_batch(): its rows were never there
    written = writer.commit()           # or abort(): the segment was never there

A file sink keeps a segment whole at `commit`; a database sink has one transaction a batch, from
`begin_batch` to `end_batch`, and `commit` only ends the pass. Rows without a batch (the farm's
tables) are written as batch 0 of a segment of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from grilse.tables.schema import Table
from grilse.tables.totals import Totals

__all__ = ["SegmentWriter", "Sink", "Written"]


@dataclass(frozen=True, slots=True)
class Written:
    """What a segment's writer has kept.

    Attributes
    ----------
    tables
        Rows and fingerprint of every table that has rows, by name.
    bytes
        Size on disk by table; empty where the sink cannot tell.
    batches
        For each batch kept, by number, its rows and fingerprint a table.
    """

    tables: Mapping[str, Totals]
    bytes: Mapping[str, int]
    batches: Mapping[int, Mapping[str, Totals]]


class SegmentWriter(Protocol):
    """Takes one segment's chunks; made by `Sink.begin`, used by one process."""

    def begin_batch(self, number: int) -> None:
        """Begin a batch: what is written from here on is kept only if `end_batch` comes."""

    def write(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Take a chunk of the batch begun.

        The chunk's memory must stay as it is until `end_batch` if the table is bulk, else until
        `commit`: a maker may use the buffers of bulk chunks again for its next batch.

        Raises
        ------
        ValueError
            If the chunk's schema is not the table's, or a value is missing that must be there:
            the batch's fault, to be dropped.
        DestinationError
            If the destination failed: nothing more can be written.
        """

    def end_batch(self) -> None:
        """Keep the batch's rows."""

    def drop_batch(self) -> None:
        """Forget the batch's rows: the batch is left out."""

    def commit(self) -> Written:
        """Make the segment there as a whole, and tell what it holds."""

    def abort(self) -> None:
        """Undo what was written of the segment; harmless after `commit` or a second time."""


class Sink(Protocol):
    """Where chunks go. It can be pickled, and holds nothing open by itself."""

    def begin(self, segment: str) -> SegmentWriter:
        """Begin a segment by its name; what a dead writer has left of it is removed first."""

    def discard(self, segment: str) -> None:
        """Remove what a writer that died may have left of a segment that was not committed."""
