"""Parquet files, one a table and segment: ``DIR/<table>/e0001-s0007.parquet``, whole or not there.

A segment's files are written as ``.parquet.inprogress``, flushed to the disk, and renamed at
`commit`. Bulk tables have a row group a batch; the chunks of the others gather over the segment
and make one row group (more, where they pass `BUFFERED_ROWS`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from grilse.ground.errors import DestinationError, kind_of_failure
from grilse.sinks.protocol import Written
from grilse.sinks.tally import Tally
from grilse.tables.schema import Table

__all__ = [
    "BUFFERED_ROWS",
    "COMPRESSIONS",
    "INPROGRESS",
    "MOST_ROWS_A_GROUP",
    "ParquetSink",
    "writer_options",
]

BUFFERED_ROWS = 1 << 19
"""Rows of a small table that are gathered, at most, before they make a row group."""

MOST_ROWS_A_GROUP = 1 << 24
"""Most rows that a row group is given: far more than a batch has."""

INPROGRESS = ".parquet.inprogress"
"""How the name of a file ends that is not yet whole."""

_DICTIONARY_KINDS = ("text", "category")
_PACKED_KINDS = ("int32", "int64", "date", "timestamp", "decimal")


COMPRESSIONS: Mapping[str, dict[str, Any]] = {
    "lz4": {"compression": "lz4"},
    "zstd": {"compression": "zstd", "compression_level": 1},
    "snappy": {"compression": "snappy"},
    "none": {"compression": "none"},
}
"""Ways to compress, by name, with what each asks of the writer; the first is the usual one."""


def writer_options(table: Table, compression: str = "lz4") -> dict[str, Any]:
    """Return the options of a table's Parquet writer.

    Parameters
    ----------
    compression
        One of `COMPRESSIONS`.

    Notes
    -----
    Keys and quantities are packed by their differences. Columns that point at another table come
    in long runs, and times repeat from sensor to sensor: for both, plain values under a fast
    compression take half the time that packing does. Words are written as codes (a category as
    plain text costs 15 ns a row more). With statistics on the keys and the event date only, and
    small write batches, a reading takes 2.0 bytes and 25 ns by LZ4, and 1.7 bytes and 35 ns by
    Zstandard 1; the daily tables 10 bytes either way, and 95 against 150 ns.
    """
    keyed = {*table.primary_key, table.event_date}
    return {
        **COMPRESSIONS[compression],
        "use_dictionary": [c.name for c in table.columns if c.kind in _DICTIONARY_KINDS],
        "column_encoding": {
            c.name: "PLAIN" if c.references or c.kind == "timestamp" else "DELTA_BINARY_PACKED"
            for c in table.columns
            if c.kind in _PACKED_KINDS
        },
        "store_decimal_as_integer": True,
        "write_statistics": [c.name for c in table.columns if c.name in keyed],
        "write_batch_size": 16_384,
    }


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
        an empty file under it (0.3 to 1.5 ms a file). A killed process never can.
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
        self._files: dict[str, pq.ParquetWriter] = {}
        self._batch: list[tuple[Table, pa.RecordBatch]] = []
        self._gathered: dict[str, list[pa.RecordBatch]] = {}
        self._tables: dict[str, Table] = {}
        self.begin_batch = self._tally.begin_batch

    def write(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Hold a chunk until its batch ends: nothing of a batch that fails reaches a file."""
        if chunk.num_rows:
            self._tally.count(table, chunk)
            self._batch.append((table, chunk))

    def drop_batch(self) -> None:
        """Forget the batch's chunks."""
        self._tally.drop_batch()
        self._batch = []

    def end_batch(self) -> None:
        """Write the batch's bulk tables, and lay the others by."""
        self._tally.end_batch()
        held, self._batch = self._batch, []
        by_table: dict[str, list[pa.RecordBatch]] = {}
        for table, chunk in held:
            self._tables[table.name] = table
            by_table.setdefault(table.name, []).append(chunk)
        for name, chunks in by_table.items():
            if self._tables[name].bulk:
                self._write_row_group(name, chunks)
            else:
                self._gather(name, chunks)

    def _gather(self, name: str, chunks: list[pa.RecordBatch]) -> None:
        gathered = self._gathered.setdefault(name, [])
        gathered.extend(chunks)
        if sum(chunk.num_rows for chunk in gathered) >= BUFFERED_ROWS:
            self._write_row_group(name, self._gathered.pop(name))

    def _write_row_group(self, name: str, chunks: list[pa.RecordBatch]) -> None:
        rows = pa.Table.from_batches(chunks)
        try:
            size = min(rows.num_rows, self._sink.row_group_rows)
            self._file(name).write_table(rows, row_group_size=size)
        except OSError as error:
            raise _cannot_write(self._path(name, INPROGRESS), error) from error

    def _file(self, name: str) -> pq.ParquetWriter:
        if name not in self._files:
            self._files[name] = self._open(self._tables[name])
        return self._files[name]

    def _open(self, table: Table) -> pq.ParquetWriter:
        path = self._path(table.name, INPROGRESS)
        path.parent.mkdir(exist_ok=True)
        marks = {"synthetic": "true", **self._sink.marks, "table": table.name}
        schema = table.arrow_schema.with_metadata({f"grilse.{k}": v for k, v in marks.items()})
        options = writer_options(table, self._sink.compression)
        return pq.ParquetWriter(path, schema, **options)

    def _path(self, name: str, ending: str) -> Path:
        return self._sink.root / name / f"{self._segment}{ending}"

    def commit(self) -> Written:
        """Finish the segment's files and give them their names."""
        try:
            for name in list(self._gathered):
                self._write_row_group(name, self._gathered.pop(name))
            sizes = {name: self._finish(name) for name in sorted(self._files)}
            for name in sizes:
                self._path(name, INPROGRESS).rename(self._path(name, ".parquet"))
        except OSError as error:
            raise _cannot_write(self._sink.root, error) from error
        self._files = {}
        return Written(self._tally.tables, sizes, self._tally.batches)

    def _finish(self, name: str) -> int:
        self._files[name].close()
        with self._path(name, INPROGRESS).open("rb+") as file:
            if self._sink.flush_to_disk:
                os.fsync(file.fileno())
            return os.fstat(file.fileno()).st_size

    def abort(self) -> None:
        """Close and remove the segment's unfinished files."""
        for file in self._files.values():
            try:
                file.close()
            except (OSError, pa.ArrowException):
                continue
        self._files, self._gathered, self._batch = {}, {}, []
        self._sink.discard(self._segment)


def _cannot_write(path: Path, error: OSError) -> DestinationError:
    return kind_of_failure(error)(
        f"{path}: cannot be written: {error.strerror or error}. Segments finished before are "
        "kept: mend that, and run the same command again."
    )
