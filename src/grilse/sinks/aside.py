"""Parquet files where two writers may make one segment at once, and not know of each other.

Each writes in a folder of its own, and what is whole takes its name. What two of them write is
equal, byte by byte: whichever comes last does no harm.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

import pyarrow as pa

from grilse.ground.errors import DestinationError, kind_of_failure
from grilse.sinks.parquet import ParquetSink
from grilse.sinks.protocol import SegmentWriter, Written
from grilse.tables.schema import Table

__all__ = ["AsideSink"]


@dataclass(frozen=True, slots=True)
class AsideSink:
    """Writes the files of a `ParquetSink` aside, and moves them to their place at `commit`.

    Attributes
    ----------
    inner
        Says where they belong, and how they are written.
    folder
        Where they are written first, on the same file system; whoever holds the dataset removes
        what is left there.
    """

    inner: ParquetSink
    folder: Path

    def begin(self, segment: str) -> _AsideWriter:
        """Begin a segment's files, in a folder of this writer alone."""
        return _AsideWriter(self, segment)

    def discard(self, segment: str) -> None:
        """Do nothing: another may be at work on it."""


class _AsideWriter:
    def __init__(self, sink: AsideSink, segment: str) -> None:
        self._sink, self._segment = sink, segment
        try:
            sink.folder.mkdir(parents=True, exist_ok=True)
            self._folder = Path(mkdtemp(prefix=f"{segment}-", dir=sink.folder))
        except OSError as error:
            raise _cannot_write(sink.folder, error) from error
        self._inner: SegmentWriter = replace(sink.inner, root=self._folder).begin(segment)
        self.begin_batch: Callable[[int], None] = self._inner.begin_batch
        self.end_batch: Callable[[], None] = self._inner.end_batch
        self.drop_batch: Callable[[], None] = self._inner.drop_batch

    def write(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Take a chunk of the batch begun."""
        self._inner.write(table, chunk)

    def commit(self) -> Written:
        """Finish the files, and move each to its place."""
        written = self._inner.commit()
        name = f"{self._segment}.parquet"
        try:
            for table in written.bytes:
                target = self._sink.inner.root / table
                target.mkdir(exist_ok=True)
                (self._folder / table / name).rename(target / name)
        except OSError as error:
            raise _cannot_write(self._sink.inner.root, error) from error
        shutil.rmtree(self._folder, ignore_errors=True)
        return written

    def abort(self) -> None:
        """Remove what was written aside."""
        self._inner.abort()
        shutil.rmtree(self._folder, ignore_errors=True)


def _cannot_write(path: Path, error: OSError) -> DestinationError:
    return kind_of_failure(error)(
        f"{path}: cannot be written: {error.strerror or error}. Segments finished before are "
        "kept: mend that, and run the same command again."
    )
