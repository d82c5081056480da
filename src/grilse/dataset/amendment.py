"""Tables added to a dataset that is there, segment by segment, or made anew in it.

The manifest says first that the dataset has them, and is not whole; then each segment's files and
its record follow; last the manifest adds up. Cut short anywhere, a plain run makes again what is
not recorded, and the same amendment goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from grilse.dataset.destination import Destination, finish, hold_whole, make_house
from grilse.dataset.manifest import Manifest, read_manifest, write_manifest
from grilse.dataset.records import (
    BatchRecord,
    SegmentRecord,
    read_all_records,
    read_record,
    read_records,
    write_record,
)
from grilse.dataset.segments import segment_key
from grilse.dataset.tidy import remove_views
from grilse.ground.errors import DestinationError
from grilse.tables.totals import Totals

__all__ = ["amend", "finished", "latest", "open_amendment"]

BatchTotals = Mapping[int, Totals]


@contextmanager
def open_amendment(root: Path, tables: Iterable[str]) -> Iterator[Manifest]:
    """Hold a dataset to make some of its tables; the manifest yielded says that it has them.

    Raises
    ------
    DestinationError
        If there is none, it was never brought to its end, or a run is at work on it.
    """
    read_manifest(root)
    make_house(root)
    with hold_whole(root):
        there = read_manifest(root)
        records = read_records(root)
        missing = [name for name in there.segments if name not in records]
        if missing:
            raise DestinationError(
                f"{root}: {len(missing)} of {len(there.segments)} segments are not there. Bring it "
                "to its end first: grilse run, by the same command, or grilse finalise."
            )
        names = tuple(dict.fromkeys((*there.inputs.tables, *tables)))
        wanted = replace(there, inputs=replace(there.inputs, tables=names), state="begun")
        write_manifest(root, wanted)
        remove_views(root)
        _tell_origin(root, wanted)
        yield wanted


def _tell_origin(root: Path, wanted: Manifest) -> None:
    """Let records tell the inputs that the dataset has now, but those that are to be amended."""
    told = set(wanted.segments) - set(latest(wanted))
    for name, record in read_all_records(root).items():
        if name in told and record.made.of != wanted.inputs.origin:
            write_record(root, record, replace(record.made, of=wanted.inputs.origin))


def latest(manifest: Manifest) -> list[str]:
    """Return the segments of batches in their latest epochs: they hold the state tables."""
    by_key = {segment_key(name): name for name in sorted(manifest.segments)}
    return [name for key, name in sorted(by_key.items()) if key.startswith("s")]


def amend(
    root: Path, origin: str, tables: tuple[str, ...], before: Mapping[str, BatchTotals],
    made: SegmentRecord,
) -> None:  # fmt: skip
    """Write into a segment's record what was made of some of its tables.

    Parameters
    ----------
    origin
        `Inputs.origin` of the dataset as it is now.
    tables
        All that stand in place of what was there.
    before
        By segment, what these tables held of each batch until now.
    made
        What was made: its tables and batches are those alone.
    """
    there, old = read_record(root, made.segment), before.get(made.segment, {})
    kept = {name: item for name, item in there.tables.items() if name not in tables}
    sizes = {name: size for name, size in there.bytes.items() if name not in tables}
    batches = {
        number: _with(batch, old.get(number, Totals()), made.batches.get(number))
        for number, batch in there.batches.items()
    }
    remade = there.made.remade
    if remade:
        remade = tuple(dict.fromkeys((*remade, *tables)))
    for name in set(there.tables).intersection(tables) - set(made.tables):
        (root / there.files[name]).unlink(missing_ok=True)
    record = SegmentRecord(
        made.segment, {**kept, **made.tables}, {**sizes, **made.bytes}, batches,
        replace(there.made, of=origin, remade=remade),
    )  # fmt: skip
    write_record(root, record)


def _with(batch: BatchRecord, before: Totals, made: BatchRecord | None) -> BatchRecord:
    more = made.totals if made is not None else Totals()
    rows = batch.totals.rows - before.rows + more.rows
    mark = (batch.totals.fingerprint - before.fingerprint + more.fingerprint) % 2**64
    return replace(batch, totals=Totals(rows, mark))


def finished(root: Path, manifest: Manifest) -> Manifest:
    """Add the dataset up; return what it now holds."""
    return finish(Destination(root, manifest, {}))
