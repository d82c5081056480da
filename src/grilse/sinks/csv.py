"""CSV files: a header, then rows; UTF-8, times as ``2021-01-01 06:00:00.000000Z``, null as nothing.

A time that many rows share is turned to text once: as text of its own each costs a microsecond.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from grilse.ground.errors import DestinationError, kind_of_failure
from grilse.sinks.protocol import Written
from grilse.sinks.tally import Tally
from grilse.tables.schema import Table

__all__ = ["CsvSink", "write_rows"]

_INPROGRESS = ".csv.inprogress"


def write_rows(file: Any, chunks: Iterable[pa.RecordBatch], *, with_header: bool) -> None:
    """Write rows to a binary file."""
    rows = pa.Table.from_batches([_as_text(chunk) for chunk in chunks])
    options = arrow_csv.WriteOptions(include_header=with_header)
    arrow_csv.write_csv(rows, pa.PythonFile(file, mode="w"), options)


def _as_text(chunk: pa.RecordBatch) -> pa.RecordBatch:
    """Return the chunk with its times as a dictionary of texts."""
    columns = [
        _time_text(column) if pa.types.is_timestamp(column.type) else column
        for column in chunk.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=chunk.schema.names)


def _time_text(column: pa.Array) -> pa.Array:
    encoded = column.dictionary_encode()
    words = pc.cast(encoded.dictionary, pa.string())
    return pa.DictionaryArray.from_arrays(encoded.indices, words).cast(pa.string())


@dataclass(frozen=True, slots=True)
class CsvSink:
    """Writes ``DIR/<table>/<segment>.csv``, whole or not there.

    Attributes
    ----------
    root
        The folder.
    marks
        Unused: a CSV file has no place for them.
    """

    root: Path
    marks: Mapping[str, str]

    def begin(self, segment: str) -> _CsvWriter:
        """Begin a segment's files."""
        self.discard(segment)
        return _CsvWriter(self.root, segment)

    def discard(self, segment: str) -> None:
        """Remove the unfinished files of a segment."""
        for path in self.root.glob(f"*/{segment}{_INPROGRESS}"):
            path.unlink(missing_ok=True)


class _CsvWriter:
    def __init__(self, root: Path, segment: str) -> None:
        self._root, self._segment = root, segment
        self._tally = Tally()
        self._files: dict[str, BinaryIO] = {}
        self._batch: dict[str, list[pa.RecordBatch]] = {}
        self.begin_batch = self._tally.begin_batch

    def write(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Hold a chunk until its batch ends."""
        if chunk.num_rows:
            self._tally.count(table, chunk)
            self._batch.setdefault(table.name, []).append(chunk)

    def drop_batch(self) -> None:
        """Forget the batch's chunks."""
        self._tally.drop_batch()
        self._batch = {}

    def end_batch(self) -> None:
        """Write the batch's rows."""
        self._tally.end_batch()
        held, self._batch = self._batch, {}
        for name, chunks in held.items():
            try:
                is_new = name not in self._files
                write_rows(self._file(name), chunks, with_header=is_new)
            except OSError as error:
                raise _cannot_write(self._path(name, _INPROGRESS), error) from error

    def _file(self, name: str) -> BinaryIO:
        if name not in self._files:
            path = self._path(name, _INPROGRESS)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._files[name] = path.open("wb")
        return self._files[name]

    def _path(self, name: str, ending: str) -> Path:
        return self._root / name / f"{self._segment}{ending}"

    def commit(self) -> Written:
        """Finish the segment's files and give them their names."""
        sizes = {}
        try:
            for name, file in sorted(self._files.items()):
                file.flush()
                sizes[name] = file.tell()
                file.close()
            for name in sizes:
                self._path(name, _INPROGRESS).rename(self._path(name, ".csv"))
        except OSError as error:
            raise _cannot_write(self._root, error) from error
        self._files = {}
        return Written(self._tally.tables, sizes, self._tally.batches)

    def abort(self) -> None:
        """Close and remove the segment's unfinished files."""
        for name, file in self._files.items():
            with suppress(OSError):  # What is left of a buffer may find no room either.
                file.close()
            self._path(name, _INPROGRESS).unlink(missing_ok=True)
        self._files, self._batch = {}, {}


def _cannot_write(path: Path, error: OSError) -> DestinationError:
    return kind_of_failure(error)(
        f"{path}: cannot be written: {error.strerror or error}. Segments finished before are "
        "kept: mend that, and run the same command again."
    )
