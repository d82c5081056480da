"""Parquet files, one a table and segment: ``DIR/<table>/e0001-s0007.parquet``, whole or not there.

A segment's files are written as ``.parquet.inprogress``, flushed to the disk, and renamed at
`commit`. Bulk tables have a row group a batch; the chunks of the others gather over the segment
and make one row group (more, where they pass `BUFFERED_ROWS`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from grilse.ground.errors import DestinationError, kind_of_failure
from grilse.sinks.flushing import flush
from grilse.sinks.gathering import BUFFERED_ROWS, Gathering
from grilse.sinks.parquet_file import COMPRESSIONS, ParquetFile, writer_options
from grilse.sinks.protocol import Written
from grilse.sinks.tally import Tally
from grilse.tables.schema import Table

__all__ = [
    "COMPRESSIONS",
    "INPROGRESS",
    "MOST_ROWS_A_GROUP",
    "ParquetSink",
    "writer_options",
]

AHEAD_ROWS = 1 << 20
"""Rows of a segment's first batch that are held, at most, before they are written ahead of its end.

A batch of fish has far fewer; a large company's group of feed stores has more.
"""

MOST_ROWS_A_GROUP = 1 << 24
"""Most rows that a row group is given: far more than a batch has."""

INPROGRESS = ".parquet.inprogress"
"""How the name of a file ends that is not yet whole."""


@dataclass(frozen=True, slots=True)
class ParquetSink:
    """Writes a dataset's Parquet files.

    Attributes
    ----------
    root
        The dataset's folder; those of the tables are made in it.
    marks
        What the metadata of every file says of where it comes from: version, seed and so on.
    flush_to_disk
        Whether a file is on the disk before it takes its name, so that a power cut cannot leave
        an empty file under it. A killed process never can.
    compression
        One of `COMPRESSIONS`.
    row_group_rows
        Most rows of a row group; a bulk table's batch makes one where it has no more.
    """

    root: Path
    marks: Mapping[str, str] = field(default_factory=dict)
    flush_to_disk: bool = True
    compression: str = "lz4"
    row_group_rows: int = MOST_ROWS_A_GROUP

    def begin(self, segment: str) -> _ParquetWriter:
        """Begin a segment's files."""
        self.discard(segment)
        return _ParquetWriter(self, segment)

    def discard(self, segment: str) -> None:
        """Remove the unfinished files of a segment."""
        for path in self.root.glob(f"*/{segment}{INPROGRESS}"):
            path.unlink(missing_ok=True)


class _ParquetWriter:
    def __init__(self, sink: ParquetSink, segment: str) -> None:
        self._sink = sink
        self._segment = segment
        self._tally = Tally()
        self._gathering = Gathering(self._tally, BUFFERED_ROWS)
        self._batch: list[tuple[Table, pa.RecordBatch]] = []
        self._files: dict[str, ParquetFile] = {}
        self.begin_batch = self._tally.begin_batch
        self._held_rows, self._is_ahead = 0, False

    def write(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Hold a chunk until its batch ends: nothing of a batch that fails stays in a file."""
        if chunk.num_rows:
            (self._tally.count if table.bulk else self._tally.count_rows)(table, chunk)
            self._batch.append((table, chunk))
            self._held_rows += chunk.num_rows
            # Where it is the first, nothing but its own rows is lost with the files.
            if self._held_rows >= AHEAD_ROWS and not self._tally.batches:
                self._is_ahead = True
                self._write_held()

    def drop_batch(self) -> None:
        """Forget the batch's chunks, and what was written of it ahead."""
        self._tally.drop_batch()
        self._batch, self._held_rows = [], 0
        if self._is_ahead:
            self._is_ahead = False
            self.abort()

    def end_batch(self) -> None:
        """Write the batch's bulk tables, and lay the others by."""
        self._write_held()
        self._tally.end_batch()
        self._is_ahead = False

    def _write_held(self) -> None:
        number = self._tally.number or 0
        held, self._batch, self._held_rows = self._batch, [], 0
        bulk: dict[Table, list[pa.RecordBatch]] = {}
        for table, chunk in held:
            if table.bulk:
                bulk.setdefault(table, []).append(chunk)
            elif self._gathering.add(number, table, chunk):
                self._write(*self._gathering.take(table.name))
        for table, chunks in bulk.items():
            self._write(table, *chunks)

    def _write(self, table: Table, *chunks: pa.RecordBatch, is_all: bool = False) -> None:
        """Write a row group into the table's file, which is begun with the first one."""
        try:
            if table.name not in self._files:
                self._files[table.name] = self._begun(table, is_all)
            self._files[table.name].write(chunks, self._sink.row_group_rows)
        except OSError as error:
            raise _cannot_write(self._path(table.name, INPROGRESS), error) from error

    def _begun(self, table: Table, is_all: bool) -> ParquetFile:
        marks = {"synthetic": "true", **self._sink.marks, "table": table.name}
        path = self._path(table.name, INPROGRESS)
        return ParquetFile(path, table, marks, self._sink.compression, is_small=is_all)

    def _path(self, name: str, ending: str) -> Path:
        return self._sink.root / name / f"{self._segment}{ending}"

    def commit(self) -> Written:
        """Finish the segment's files and give them their names."""
        try:
            for table, rows in self._gathering.take_all():
                self._write(table, rows, is_all=True)
            sizes = {name: self._files[name].finish() for name in sorted(self._files)}
            begun = {name: self._path(name, INPROGRESS) for name in sizes}
            if self._sink.flush_to_disk and begun:
                flush(self._sink.root, begun.values())
            for name, path in begun.items():
                path.rename(self._path(name, ".parquet"))
        except OSError as error:
            raise _cannot_write(self._sink.root, error) from error
        self._files = {}
        return Written(self._tally.tables, sizes, self._tally.batches)

    def abort(self) -> None:
        """Close and remove the segment's unfinished files."""
        for file in self._files.values():
            file.give_up()
        self._files, self._batch = {}, []
        self._gathering.clear()
        self._sink.discard(self._segment)


def _cannot_write(path: Path, error: OSError) -> DestinationError:
    return kind_of_failure(error)(
        f"{path}: cannot be written: {error.strerror or error}. Segments finished before are "
        "kept: mend that, and run the same command again."
    )
