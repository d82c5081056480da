"""The verb status: how far a dataset is, whoever makes it and wherever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from grilse.api.logged import LOGS
from grilse.dataset import layout
from grilse.dataset.lock import holder_of, is_held
from grilse.dataset.manifest import read_manifest
from grilse.dataset.records import read_records
from grilse.run.logs import RUN_LOG
from grilse.run.status import FORMAT

__all__ = ["Status", "as_json", "as_metrics", "as_text", "status"]

_LAST_LINES = 5
_MEGABYTE = 1e6


@dataclass(frozen=True)
class Status:
    """How far a dataset is.

    Attributes
    ----------
    root
        Its folder.
    state
        ``running``; else ``begun``, ``incomplete`` or ``complete``, as its manifest says.
    holders
        The runs at work: process, host and since when.
    segments, segments_done
        How many it has, and how many of them are whole.
    batches_done, batches_failed
        In the records of its segments.
    batches_left
        That the runs at work are still to make; None where none is.
    rows, bytes
        Of all that is there.
    rows_per_second, seconds_left
        Of the runs at work; None where none is, or none has made rows yet.
    workers
        Processes of the runs at work.
    last
        The last lines of the log, or why the last batches failed.
    """

    root: str
    state: str
    holders: tuple[str, ...]
    segments: int
    segments_done: int
    batches_done: int
    batches_failed: int
    batches_left: int | None
    rows: int
    bytes: int
    rows_per_second: float | None
    seconds_left: float | None
    workers: int
    last: tuple[str, ...]


def status(dataset: str | PathLike[str]) -> Status:
    """Say how far a dataset is, from its records and from what its runs note.

    Raises
    ------
    DestinationError
        If there is no dataset.
    """
    root = Path(dataset)
    manifest = read_manifest(root)
    records = read_records(root)
    locks = [path for path in (root / layout.HOUSE).glob("lock*") if is_held(path)]
    notes = _notes(locks)
    batches = [
        batch for record in records.values() for number, batch in record.batches.items() if number
    ]
    left = sum(max(0, note["batches"] - note["done"]) for note in notes)
    rate = sum(note["rows"] / note["seconds"] for note in notes if note["seconds"] > 0)
    failed = [batch for batch in batches if batch.status == "failed"]
    return Status(
        root=str(root),
        state="running" if locks else manifest.state,
        holders=tuple(str(holder_of(path)) for path in sorted(locks)),
        segments=len(manifest.segments),
        segments_done=sum(record.is_done for record in records.values()),
        batches_done=len(batches) - len(failed),
        batches_failed=len(failed),
        batches_left=left if notes else None,
        rows=sum(totals.rows for record in records.values() for totals in record.tables.values()),
        bytes=sum(sum(record.bytes.values()) for record in records.values()),
        rows_per_second=round(rate, 1) if rate else None,
        seconds_left=_seconds_left(notes),
        workers=sum(note["workers"] for note in notes),
        last=tuple(f"{b.batch_id}: {b.reason}" for b in failed[-_LAST_LINES:]) or _last_lines(root),
    )


def _notes(locks: list[Path]) -> list[dict[str, Any]]:
    """Return what the runs that hold these locks note; a note that is none of ours is left out."""
    names = ("pid", "workers", "batches", "done", "failed", "rows")
    found = []
    for lock in locks:
        path = lock.with_name(f"status{lock.name.removeprefix('lock')}.json")
        try:
            note = json.loads(path.read_text())
            is_ours = note["format"] == FORMAT and all(type(note[name]) is int for name in names)
            note["seconds"] = float(note["seconds"])
        except (OSError, ValueError, TypeError, KeyError):
            continue
        if is_ours:
            found.append(note)
    return found


def _seconds_left(notes: list[dict[str, Any]]) -> float | None:
    """Return when the last of the runs will be done, if they go on as they did."""
    times = [
        note["seconds"] / note["done"] * max(0, note["batches"] - note["done"])
        for note in notes
        if note["done"]
    ]
    return round(max(times), 1) if times else None


def _last_lines(root: Path) -> tuple[str, ...]:
    """Return the end of the run's log."""
    log = root / LOGS / RUN_LOG
    if not log.is_file():
        return ()
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        lines = file.read().decode("utf-8", "replace").splitlines()
    return tuple(lines[-_LAST_LINES:])


def as_text(found: Status) -> Iterator[str]:
    """Say it in lines for people."""
    who = f" ({'; '.join(found.holders[:3])})" if found.holders else ""
    more = "" if found.state in ("running", "complete") else "; the same command goes on from here"
    yield f"state       {found.state}{who}{more}"
    left = f", {found.batches_left:,} left" if found.batches_left is not None else ""
    yield f"batches     {found.batches_done:,} done, {found.batches_failed:,} failed{left}"
    rate = f" ({found.rows_per_second:,.0f} rows/s)" if found.rows_per_second else ""
    yield f"rows        {found.rows:,}{rate}"
    yield f"segments    {found.segments_done:,} of {found.segments:,}"
    yield f"size        {found.bytes / _MEGABYTE:,.1f} MB"
    if found.workers:
        yield f"workers     {found.workers:,}"
    if found.seconds_left is not None:
        yield f"time left   about {found.seconds_left:,.0f} s"
    yield from (f"  {line}" for line in found.last)


def as_json(found: Status) -> str:
    """Say it for programs."""
    return json.dumps(asdict(found))


def as_metrics(found: Status) -> str:
    """Say it in Prometheus' text format."""
    figures = {
        "running": ("Whether a run is at work", int(found.state == "running")),
        "complete": ("Whether all is there", int(found.state == "complete")),
        "segments": ("Segments that the dataset has", found.segments),
        "segments_done": ("Segments that are whole", found.segments_done),
        "batches_done": ("Batches that are made", found.batches_done),
        "batches_failed": ("Batches that failed", found.batches_failed),
        "batches_left": ("Batches that runs are still to make", found.batches_left or 0),
        "rows": ("Rows that are there", found.rows),
        "bytes": ("Size of the files", found.bytes),
        "rows_per_second": ("Of the runs at work", found.rows_per_second or 0),
        "workers": ("Processes at work", found.workers),
    }
    lines = []
    for name, (words, value) in figures.items():
        lines += [f"# HELP grilse_{name} {words}.", f"# TYPE grilse_{name} gauge"]
        lines += [f"grilse_{name} {value}"]
    return "\n".join(lines) + "\n"
