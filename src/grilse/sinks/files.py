"""Files in segments on a shelf: their records, written last, say which of them are to be read.

    <table>/<segment>.csv          or <segment>-<tag of the inputs>.parquet in an object store
    _grilse/load.json              what the content is a function of, and the state
    _grilse/segments/<segment>.json    files, rows and fingerprints; a segment is there if it is

Content is a function of the inputs, and an object's name holds their tag: so two runs at once, or
one that is tried again, put equal bytes under equal names, and no lock is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from grilse.ground.errors import DestinationError
from grilse.sinks.place import Finished, Held, Load, Part, describe_differences
from grilse.sinks.protocol import SegmentWriter, Sink, Written
from grilse.sinks.shelf import Shelf
from grilse.tables.fingerprint import text
from grilse.tables.schema import Table
from grilse.tables.totals import Totals, add_totals

__all__ = [
    "FilePlace",
    "FileSink",
    "files_of_records",
    "parts_of_records",
    "totals_of_records",
]

HOUSE = "_grilse"
LOAD = f"{HOUSE}/load.json"
SEGMENTS = f"{HOUSE}/segments"

_FORMAT = 1
_TAG_DIGITS = 8
_NAMED = 5

MakeSink = Callable[[Path, Mapping[str, str]], Sink]
"""Makes the sink that writes a segment's files, into a folder of this machine."""


@dataclass(frozen=True, slots=True)
class FileSink:
    """Puts a segment's files on a shelf when all are written, and then their record.

    Attributes
    ----------
    shelf
        Where they go.
    make
        Makes the sink that writes them first, on this machine.
    ending
        How their names end: ``.parquet``.
    marks
        What they say of where they come from.
    tag
        Part of their names; empty for none.
    """

    shelf: Shelf
    make: MakeSink
    ending: str
    marks: Mapping[str, str]
    tag: str = ""

    def begin(self, segment: str) -> _FileWriter:
        """Begin a segment's files, in a folder of their own."""
        return _FileWriter(self, segment)

    def discard(self, segment: str) -> None:
        """Do nothing: what has no record is not read, and is written over."""


class _FileWriter:
    def __init__(self, sink: FileSink, segment: str) -> None:
        self._sink, self._segment = sink, segment
        self._folder = TemporaryDirectory(
            prefix=f".{segment}-", dir=_working_folder(sink.shelf), ignore_cleanup_errors=True
        )
        inner: SegmentWriter = sink.make(Path(self._folder.name), sink.marks).begin(segment)
        self._inner = inner
        self.begin_batch, self.end_batch = inner.begin_batch, inner.end_batch
        self.drop_batch = inner.drop_batch

    def write(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Take a chunk of the batch begun."""
        self._inner.write(table, chunk)

    def commit(self) -> Written:
        """Put the files, then their record."""
        sink, written = self._sink, self._inner.commit()
        files = {}
        for table, size in sorted(written.bytes.items()):
            name = f"{table}/{self._segment}{sink.tag}{sink.ending}"
            sink.shelf.bring(
                Path(self._folder.name) / table / f"{self._segment}{sink.ending}", name
            )
            files[table] = [name, size]
        sink.shelf.write(f"{SEGMENTS}/{self._segment}.json", _record(written, files))
        self._folder.cleanup()
        return written

    def abort(self) -> None:
        """Remove what was written on this machine."""
        self._inner.abort()
        self._folder.cleanup()


def _working_folder(shelf: Shelf) -> str | None:
    """Return where a segment is written first: beside its place if that is on this machine."""
    if not shelf.is_local:
        return None
    house = Path(shelf.uri) / HOUSE
    house.mkdir(parents=True, exist_ok=True)
    return str(house)


def _record(written: Written, files: Mapping[str, list[Any]]) -> dict[str, Any]:
    batches = {
        str(number): {name: [t.rows, text(t.fingerprint)] for name, t in sorted(tables.items())}
        for number, tables in sorted(written.batches.items())
    }
    return {"format": _FORMAT, "files": files, "batches": batches}


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A folder or prefix that takes a load as files.

    Attributes
    ----------
    shelf
        The folder or prefix.
    make, ending
        As in `FileSink`.
    close
        Called when every segment is there, with the load and the records; its lines are told.
    """

    shelf: Shelf
    make: MakeSink
    ending: str
    close: Callable[[Shelf, Load, Mapping[str, Any]], tuple[str, ...]] | None = None

    @property
    def shown(self) -> str:
        """The place's name for people."""
        return self.shelf.uri

    @contextmanager
    def hold(self, load: Load) -> Iterator[Held]:
        """Begin a load, or go on with the one that is there; nothing is locked."""
        self._begin(load)
        records = {name: self.shelf.read(f"{SEGMENTS}/{name}.json") for name in load.segments}
        whole = [name for name, record in records.items() if self._is_whole(load, name, record)]
        done = frozenset((name, number) for name in whole for number in load.segments[name])
        tag = "" if self.shelf.is_local else f"-{_tag(load)}"
        sink = FileSink(self.shelf, self.make, self.ending, load.marks, tag)
        yield Held(sink, done, lambda: self._finish(load))

    def clear_others(self, load: Load) -> None:
        """Remove a load of other inputs, whatever was asked for."""
        there = self.shelf.read(LOAD)
        if there is not None and there.get("inputs") != dict(load.inputs):
            self._clear(there)
            self.shelf.remove(LOAD)

    def records(self, load: Load) -> dict[str, Any]:
        """Return the records of the load's segments that are there, by segment."""
        found = {name: self.shelf.read(f"{SEGMENTS}/{name}.json") for name in load.segments}
        return {name: record for name, record in found.items() if record is not None}

    def _begin(self, load: Load) -> None:
        there = self.shelf.read(LOAD)
        if there is None:
            names = [name for name in self.shelf.names() if name != HOUSE]
            if names:
                raise DestinationError(
                    f"{self.shown}: holds something else: {', '.join(names[:_NAMED])}. Nothing of "
                    "it was touched; write to another place."
                )
        elif self._is_other(load, there):
            self._clear(there)
        self._write_state(load, "begun")

    def _is_other(self, load: Load, there: Any) -> bool:
        """Whether what is there is to be replaced; refused if that was not asked for."""
        if not isinstance(there, dict) or there.get("format") != _FORMAT:
            raise DestinationError(f"{self.shown}/{LOAD}: is of another version of Grilse")
        differences = describe_differences(self.shown, there["inputs"], load.inputs)
        if differences and not load.overwrite:
            raise DestinationError(differences)
        return load.overwrite

    def _clear(self, there: Mapping[str, Any]) -> None:
        """Remove a load: each record before its files, so that none claims what is not there."""
        for name in there["segments"]:
            record = self.shelf.read(f"{SEGMENTS}/{name}.json") or {"files": {}}
            self.shelf.remove(f"{SEGMENTS}/{name}.json")
            for file, _ in record["files"].values():
                self.shelf.remove(file)

    def _is_whole(self, load: Load, name: str, record: Any) -> bool:
        if record is None or {int(n) for n in record["batches"]} != {*load.segments[name]}:
            return False
        return all(self.shelf.size(file) == size for file, size in record["files"].values())

    def _finish(self, load: Load) -> Finished:
        records = self.records(load)
        there = {(name, int(n)) for name, record in records.items() for n in record["batches"]}
        is_complete = load.parts <= there
        self._write_state(load, "complete" if is_complete else "incomplete")
        notes = self.close(self.shelf, load, records) if self.close and is_complete else ()
        return Finished(totals_of_records(records), is_complete, notes=notes)

    def _write_state(self, load: Load, state: str) -> None:
        value = {
            "format": _FORMAT, "about": "Synthetic data, made by Grilse.", "state": state,
            "inputs": dict(load.inputs), "marks": dict(load.marks), "segments": [*load.segments],
        }  # fmt: skip
        self.shelf.write(LOAD, value)


def _tag(load: Load) -> str:
    words = "\n".join(f"{name}={value}" for name, value in sorted(load.inputs.items()))
    return blake2b(words.encode(), digest_size=_TAG_DIGITS // 2).hexdigest()


def files_of_records(records: Mapping[str, Any]) -> dict[str, list[tuple[str, int]]]:
    """Return the files of each table, with their bytes, in the order of their segments."""
    files: dict[str, list[tuple[str, int]]] = {}
    for _, record in sorted(records.items()):
        for table, (file, size) in record["files"].items():
            files.setdefault(table, []).append((file, size))
    return files


def totals_of_records(records: Mapping[str, Any]) -> dict[str, Totals]:
    """Add up the rows and fingerprints of all segments, by table."""
    return add_totals(parts_of_records(records).values())


def parts_of_records(records: Mapping[str, Any]) -> dict[Part, dict[str, Totals]]:
    """Return the rows and fingerprints of each part, by table."""
    return {
        (segment, int(number)): {
            name: Totals(rows, int(mark, 16)) for name, (rows, mark) in tables.items()
        }
        for segment, record in records.items()
        for number, tables in record["batches"].items()
    }
