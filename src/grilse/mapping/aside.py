"""Rows said in an application's words and laid aside: made by many, to be brought by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather

from grilse.mapping.saying import Voice
from grilse.sinks.place import Part
from grilse.sinks.protocol import Written
from grilse.tables.schema import Table
from grilse.tables.totals import Totals, add_totals

__all__ = ["AsideSink", "laid_aside", "read_aside"]

_BETWEEN = "~"


@dataclass(frozen=True)
class AsideSink:
    """Lays batches aside: a file of each part and table, in a folder a table.

    Attributes
    ----------
    voice
        Says the rows in the application's words.
    folder
        Where they are laid.
    """

    voice: Voice
    folder: str

    def begin(self, segment: str) -> _AsideWriter:
        """Begin a segment: its files take the place of what a dead writer has left."""
        return _AsideWriter(self, segment)

    def discard(self, segment: str) -> None:
        """Do nothing: what is made again takes its place."""


class _AsideWriter:
    def __init__(self, sink: AsideSink, segment: str) -> None:
        self._sink, self._segment, self._number = sink, segment, 0
        self._held: dict[str, list[pa.RecordBatch]] = {}
        self._kept: dict[int, dict[str, Totals]] = {}

    def begin_batch(self, number: int) -> None:
        """Begin a batch."""
        self._number, self._held = number, {}

    def write(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Hold a chunk until its batch ends."""
        if chunk.num_rows:
            self._held.setdefault(table.name, []).append(chunk)

    def drop_batch(self) -> None:
        """Forget the batch's chunks."""
        self._held = {}

    def end_batch(self) -> None:
        """Lay the batch's rows aside, table by table."""
        part, held, kept = (self._segment, self._number), self._held, dict[str, Totals]()
        self._held = {}
        for table, rows in self._sink.voice.said(part, held):
            if rows.num_rows:
                folder = Path(self._sink.folder) / table.name
                folder.mkdir(exist_ok=True)
                path = folder / f"{self._number}{_BETWEEN}{self._segment}.arrow"
                feather.write_feather(rows, str(path), compression="lz4")
                kept[table.name] = Totals(rows.num_rows)
        self._kept[self._number] = kept

    def commit(self) -> Written:
        """Tell what was laid aside."""
        return Written(add_totals(self._kept.values()), {}, self._kept)

    def abort(self) -> None:
        """Do nothing: the folder goes with its run."""


def laid_aside(folder: Path, table: str) -> Iterator[tuple[Part, Path]]:
    """Yield the files of a table, by number and segment."""
    for path in sorted((folder / table).glob("*.arrow"), key=_place):
        number, segment = _place(path)
        yield (segment, number), path


def _place(path: Path) -> tuple[int, str]:
    number, _, segment = path.stem.partition(_BETWEEN)
    return int(number), segment


def read_aside(path: Path) -> pa.Table:
    """Read what was laid aside; it may be removed while it is held."""
    rows: pa.Table = feather.read_table(str(path), memory_map=False)
    return rows
