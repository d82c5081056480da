"""The record of a segment: written last, so that what has a record is there as a whole.

``_grilse/segments/e0001-s0007.json`` holds rows, fingerprint, file and bytes of each table, and
of each batch its entry's fingerprint, whether it was made, and what its rows add up to. It says
what it was made of, too, so that what is joined from several machines can be told apart. It names
no time and no host: equal content makes equal records. Totals of a dataset are sums over its
records, in any order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from grilse.dataset.files import read_object, take_fields, write_whole
from grilse.dataset.layout import MANIFEST, SEGMENTS, is_table_name, table_file
from grilse.dataset.segments import is_segment_name, segment_key
from grilse.ground.errors import DestinationError
from grilse.tables.totals import Totals, add_totals

__all__ = [
    "BatchRecord",
    "Made",
    "SegmentRecord",
    "current",
    "is_whole",
    "read_all_records",
    "read_hexadecimal",
    "read_record",
    "read_records",
    "record_path",
    "record_totals",
    "write_record",
]

_FORMAT = 1
_PARQUET_END = b"PAR1"
_FIELDS = {"format": int, "segment": str, "made": dict, "tables": dict, "batches": dict}
_MADE_FIELDS = {"of": str, "since": str, "as_of": str, "remade": list}
_TABLE_FIELDS = {"rows": int, "fingerprint": str, "file": str, "bytes": int}
_BATCH_FIELDS = {
    "id": str, "entry": str, "status": str, "rows": int, "fingerprint": str, "reason": str,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """What came of one batch.

    Attributes
    ----------
    batch_id
        Its id in the schedule.
    entry
        Fingerprint of its entry in the schedule.
    status
        ``done``, or ``failed``: then none of its rows is there.
    totals
        Rows of all its tables, and the sum of their fingerprints.
    reason
        One line that says why it failed.
    """

    batch_id: str
    entry: str
    status: Literal["done", "failed"] = "done"
    totals: Totals = field(default_factory=Totals)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What a segment was made of, and which days it covers.

    Attributes
    ----------
    of
        `Inputs.origin`: what every row follows from beside the batch's own entry.
    since
        The date from which its event rows date, ISO 8601; empty for the beginning.
    as_of
        The date before which they do.
    remade
        Tables that stand in place of those of the epochs before.
    """

    of: str = ""
    since: str = ""
    as_of: str = ""
    remade: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """What a segment holds.

    Attributes
    ----------
    segment
        Its name.
    tables, bytes
        Totals and size of the file of every table that has rows.
    batches
        By number.
    made
        Of what, and for which days.
    """

    segment: str
    tables: Mapping[str, Totals]
    bytes: Mapping[str, int]
    batches: Mapping[int, BatchRecord]
    made: Made = Made()

    @property
    def is_done(self) -> bool:
        """Whether no batch failed."""
        return all(batch.status == "done" for batch in self.batches.values())

    @property
    def files(self) -> dict[str, str]:
        """Path of each table's file, relative to the dataset's folder."""
        return {table: table_file(table, self.segment) for table in self.tables}


def record_path(root: Path, segment: str) -> Path:
    """Return the path of a segment's record."""
    return root / SEGMENTS / f"{segment}.json"


def write_record(root: Path, record: SegmentRecord, made: Made | None = None) -> None:
    """Write a segment's record; its files are there under their names by now.

    Parameters
    ----------
    made
        In place of the record's own.
    """
    origin = made or record.made
    tables = {
        name: {**_totals_json(totals), "file": record.files[name], "bytes": record.bytes[name]}
        for name, totals in sorted(record.tables.items())
    }
    batches = {
        str(number): {
            "id": batch.batch_id, "entry": batch.entry, "status": batch.status,
            **_totals_json(batch.totals), "reason": batch.reason,
        }
        for number, batch in sorted(record.batches.items())
    }  # fmt: skip
    value = {
        "format": _FORMAT, "segment": record.segment,
        "made": {"of": origin.of, "since": origin.since, "as_of": origin.as_of,
                 "remade": list(origin.remade)},
        "tables": tables, "batches": batches,
    }  # fmt: skip
    write_whole(record_path(root, record.segment), json.dumps(value, indent=1) + "\n")


def read_records(root: Path) -> dict[str, SegmentRecord]:
    """Read the records of a dataset, by segment, in the order of their names.

    Records that the manifest does not name are none of the dataset's: of an extension that is
    not finished, say. Tables that a later epoch has remade are left out of the earlier records.

    Raises
    ------
    DestinationError
        If one is not as Grilse writes them: the message names the file and the field.
    """
    listed = _listed(root)
    records = read_all_records(root)
    if listed is None:
        return current(records)
    return current({name: record for name, record in records.items() if name in listed})


def read_all_records(root: Path) -> dict[str, SegmentRecord]:
    """Read every record that is there, named by the manifest or not, as it was written."""
    paths = sorted((root / SEGMENTS).glob("*.json"))
    return {path.stem: _read_record(path) for path in paths}


def read_record(root: Path, segment: str) -> SegmentRecord:
    """Read the record of one segment, as it was written."""
    return _read_record(record_path(root, segment))


def current(records: Mapping[str, SegmentRecord]) -> dict[str, SegmentRecord]:
    """Leave out of each record the tables that a later epoch of its segment has remade."""
    remade: dict[str, set[str]] = {}
    kept = {}
    for name, record in sorted(records.items(), reverse=True):
        gone = remade.setdefault(segment_key(name), set())
        kept[name] = _without(record, gone) if gone else record
        gone.update(record.made.remade)
    return dict(sorted(kept.items()))


def _without(record: SegmentRecord, tables: set[str]) -> SegmentRecord:
    return replace(
        record,
        tables={name: item for name, item in record.tables.items() if name not in tables},
        bytes={name: item for name, item in record.bytes.items() if name not in tables},
    )


def _listed(root: Path) -> set[str] | None:
    if not (root / MANIFEST).is_file():
        return None
    names = read_object(root / MANIFEST).get("segments")
    return {str(name) for name in names} if isinstance(names, list) else None


def record_totals(records: Iterable[SegmentRecord]) -> dict[str, Totals]:
    """Add up the totals of a dataset, table by table."""
    return add_totals(record.tables for record in records)


def is_whole(root: Path, record: SegmentRecord) -> bool:
    """Whether a record's batches were all made, and its files are there in the recorded size.

    The size and the closing mark of a Parquet file tell what a power cut leaves of a file; the
    content itself is for ``verify`` to judge.
    """
    return record.is_done and all(
        _is_whole_file(root / file, record.bytes[table]) for table, file in record.files.items()
    )


def _is_whole_file(path: Path, size: int) -> bool:
    try:
        with path.open("rb") as file:
            if file.seek(0, 2) != size or size < len(_PARQUET_END):
                return False
            file.seek(-len(_PARQUET_END), 2)
            return file.read() == _PARQUET_END
    except OSError:
        return False


def _totals_json(totals: Totals) -> dict[str, Any]:
    return {"rows": totals.rows, "fingerprint": f"{totals.fingerprint:016x}"}


def _read_record(path: Path) -> SegmentRecord:
    found = read_object(path)
    if found.get("format") != _FORMAT:
        raise DestinationError(f"{path}: its format is {found.get('format')!r}, not {_FORMAT}")
    take_fields(path, found, _FIELDS)
    if found["segment"] != path.stem or not is_segment_name(path.stem):
        raise DestinationError(f"{path}: is the record of segment {found['segment']!r}")
    tables = {name: _read_table(path, name, item) for name, item in found["tables"].items()}
    batches = {
        _number(path, key): _read_batch(path, item) for key, item in found["batches"].items()
    }
    return SegmentRecord(
        path.stem,
        {name: totals for name, (totals, _) in tables.items()},
        {name: size for name, (_, size) in tables.items()},
        batches,
        _read_made(path, found["made"]),
    )


def _read_made(path: Path, found: Any) -> Made:
    item = take_fields(path, found, _MADE_FIELDS)
    wrong = [name for name in item["remade"] if not (isinstance(name, str) and is_table_name(name))]
    if wrong:
        raise DestinationError(f"{path}: {str(wrong[0])[:40]!r} is not a table's name")
    return Made(item["of"], item["since"], item["as_of"], tuple(item["remade"]))


def _read_table(path: Path, name: str, found: Any) -> tuple[Totals, int]:
    item = take_fields(path, found, _TABLE_FIELDS)
    if not is_table_name(name) or item["file"] != table_file(name, path.stem):
        raise DestinationError(f"{path}: table {name!r} cannot be in file {item['file']!r}")
    return _read_totals(path, item), item["bytes"]


def _read_batch(path: Path, found: Any) -> BatchRecord:
    item = take_fields(path, found, _BATCH_FIELDS)
    if item["status"] not in ("done", "failed"):
        raise DestinationError(f"{path}: status is {item['status']!r}, not 'done' or 'failed'")
    totals = _read_totals(path, item)
    return BatchRecord(item["id"], item["entry"], item["status"], totals, item["reason"])


def _read_totals(path: Path, item: Mapping[str, Any]) -> Totals:
    return Totals(item["rows"], read_hexadecimal(path, item["fingerprint"]))


def read_hexadecimal(path: Path, text: str) -> int:
    """Read a fingerprint as `grilse.tables.fingerprint.text` writes it."""
    try:
        value = int(text, 16)
    except ValueError:
        value = -1
    if f"{value:016x}" != text:
        raise DestinationError(f"{path}: {text[:40]!r} is not a fingerprint")
    return value


def _number(path: Path, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        raise DestinationError(f"{path}: {text[:40]!r} is not a batch's number")
    return int(text)
