"""A dataset's folder: refused if it holds anything else, begun, gone on with, cleared, finished."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from grilse.dataset import layout
from grilse.dataset.epochs import segments_wanted, wanted_keys, whole_segments
from grilse.dataset.files import Text, describe_os_error, write_whole
from grilse.dataset.lock import hold, holder_of, is_held
from grilse.dataset.manifest import Inputs, Manifest, differences, read_manifest, write_manifest
from grilse.dataset.records import Made, SegmentRecord, read_records, record_totals
from grilse.dataset.segments import segment_key, segment_size
from grilse.dataset.tidy import (
    remove_all,
    remove_unfinished,
    remove_unrecorded,
    remove_views,
)
from grilse.ground.errors import DestinationError

__all__ = [
    "Destination",
    "begin",
    "finish",
    "hold_whole",
    "look",
    "make_house",
    "open_destination",
    "refuse_others",
    "refuse_parts_at_work",
]

_NAMED = 5
_REDOES = frozenset({"schedule"})
"""What may differ where just the batches that changed are made again."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A dataset's folder that is held by this run.

    Attributes
    ----------
    root
        The folder.
    manifest
        Its manifest, as it stands.
    done
        Records of the segments that are whole already, by name: they are skipped.
    mine
        Names of the segments that this run may make; None for all.
    since
        The date from which event rows are made; empty for all of them.
    remade
        Tables that are made as a whole, in place of those of earlier epochs.
    """

    root: Path
    manifest: Manifest
    done: Mapping[str, SegmentRecord]
    mine: frozenset[str] | None = None
    since: str = ""
    remade: tuple[str, ...] = ()

    def wants(self, segment: str) -> bool:
        """Whether a segment is to be made by this run."""
        return segment not in self.done and (self.mine is None or segment in self.mine)

    @property
    def made(self) -> Made:
        """What the segments of this run are made of, for their records."""
        inputs = self.manifest.inputs
        return Made(inputs.origin, self.since, inputs.as_of, self.remade)

    def name_of(self, segment: str) -> str:
        """Return the name that a segment has here: a dataset may have begun in another epoch."""
        key = segment_key(segment)
        return next((name for name in self.manifest.segments if segment_key(name) == key), segment)


def look(root: Path) -> Literal["new", "dataset"]:
    """Say what stands at a destination, and change nothing.

    Returns
    -------
    str
        ``new`` if nothing is there, or an empty folder, or one that a run had only begun;
        ``dataset`` if it holds a dataset.

    Raises
    ------
    DestinationError
        If it holds anything else, or a link stands where Grilse would write.
    """
    try:
        if not root.exists():
            return _refuse_link(root)
        if not root.is_dir():
            raise DestinationError(f"{root}: is a file, not a folder. Write to another folder.")
        names = sorted(path.name for path in root.iterdir())
    except OSError as error:
        raise describe_os_error(root, error, "read") from error
    _refuse_links_inside(root)
    if (root / layout.MANIFEST).exists():
        return "dataset"
    if names and not (names == [layout.HOUSE] and _is_only_begun(root / layout.HOUSE)):
        raise DestinationError(_describe_foreign(root, names))
    return "new"


def _refuse_link(root: Path) -> Literal["new"]:
    if root.is_symlink():
        raise DestinationError(f"{root}: is a link to a folder that is not there. Make it first.")
    return "new"


def _describe_foreign(root: Path, names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (
        f"{root}: holds something else: {', '.join(names[:_NAMED])}{more}. A destination is a "
        "folder that is not there yet, is empty, or holds a dataset of Grilse's. Nothing of it "
        "was touched; write to another folder."
    )


def _is_only_begun(house: Path) -> bool:
    """Whether a run was killed before it wrote a manifest: only names of ours, and no record."""
    names = {path.name.partition(".inprogress")[0] for path in house.iterdir()}
    ours = {"segments", "manifest.json"}
    known = {name for name in names if name in ours or name.partition(".")[0] in ("lock", "status")}
    saved = {name for name in names if layout.is_saved_name(name)}
    return names == known | saved and not list((house / "segments").glob("*.json"))


def _refuse_links_inside(root: Path) -> None:
    """Refuse links where Grilse would write through them, and out of the folder."""
    folders = [root, root / layout.HOUSE, *_table_folders(root)]
    places = [root / layout.SEGMENTS, root / layout.LOCK]
    for folder in folders:
        if folder.is_dir() and (folder == root or not folder.is_symlink()):
            places += folder.iterdir()
    links = sorted(str(path.relative_to(root)) for path in set(places) if path.is_symlink())
    if links:
        raise DestinationError(
            f"{root}: holds links, and nothing is written through a link: "
            f"{', '.join(links[:_NAMED])}. Remove them, or write to another folder."
        )


def _table_folders(root: Path) -> list[Path]:
    return [path for path in root.iterdir() if layout.is_table_name(path.name) and path.is_dir()]


@contextmanager
def open_destination(
    root: Path,
    inputs: Inputs,
    numbers: Iterable[int],
    saved: Mapping[str, Text],
    *,
    entries: Mapping[int, str] | None = None,
    groups: Mapping[str, str] | None = None,
    overwrite: bool = False,
    update: bool = False,
    only_failed: bool = False,
) -> Iterator[Destination]:
    """Hold a destination for one run: begin a dataset there, or go on with the one that is there.

    Parameters
    ----------
    root
        The folder.
    inputs
        What the content is a function of.
    numbers
        The batches' numbers.
    saved
        Text of the inputs to be kept beside the manifest, by file name: ``schedule.yaml``,
        ``farm.yaml``, ``parameters.yaml``.
    entries
        Fingerprints of the batches' entries in the schedule, by number: a segment with a batch of
        another entry is made again.
    groups
        Names of the segments of feed stores, with the fingerprint of what draws on them.
    overwrite
        Whether a dataset that is there is removed first. Files of others are never touched.
    update
        Whether a dataset of another schedule is brought up to date: what did not change is kept.
    only_failed
        Whether just the segments of batches that failed are to be made.

    Yields
    ------
    Destination
        With the records of the segments that need not be made again.

    Raises
    ------
    DestinationError
        If the folder holds something else, a dataset of other inputs, or is held by another run.
    """
    _check_saved(saved)
    look(root)
    make_house(root)
    with hold_whole(root):
        if look(root) == "dataset":
            there = read_manifest(root)
            if overwrite:
                remove_all(root, there)
            else:
                refuse_others(root, there, inputs, update=update)
                wanted = wanted_keys(numbers, there.segment_size, groups or {})
                failed = _failed(root) if only_failed else None
                found = _go_on(root, there, inputs, wanted, entries or {}, groups or {}, saved)
                yield replace(found, mine=failed)
                return
        elif only_failed:
            raise DestinationError(f"{root}: holds no dataset, so that no batch has failed there.")
        yield begin(root, inputs, numbers, groups or {}, saved)


@contextmanager
def hold_whole(root: Path) -> Iterator[None]:
    """Hold a dataset as a whole; of a worker that was killed over its record nothing is left.

    Raises
    ------
    DestinationError
        If another run holds it, or a part of it.
    """
    with hold(root / layout.LOCK):
        refuse_parts_at_work(root)
        try:
            yield
        finally:
            remove_unfinished(root)


def make_house(root: Path) -> None:
    """Make a dataset's folder, and in it the one for what Grilse knows of it.

    Raises
    ------
    DestinationError
        If it cannot be made.
    """
    try:
        (root / layout.SEGMENTS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise describe_os_error(root, error, "made") from error


def refuse_parts_at_work(root: Path) -> None:
    """Refuse a dataset that runs of parts of it are at work on; forget those that died.

    Raises
    ------
    DestinationError
        The message says how many there are.
    """
    locks = sorted((root / layout.HOUSE).glob("lock.part-*-of-*"))
    held = [path for path in locks if is_held(path)]
    if held:
        raise DestinationError(
            f"{root}: {len(held)} runs of parts are at work here, the first of them "
            f"{holder_of(held[0])}. Wait for them."
        )
    for path in locks:
        path.unlink(missing_ok=True)


def _failed(root: Path) -> frozenset[str]:
    return frozenset(name for name, record in read_records(root).items() if not record.is_done)


def _check_saved(saved: Mapping[str, Text]) -> None:
    wrong = [name for name in saved if not layout.is_saved_name(name)]
    if wrong:
        raise ValueError(f"not names of inputs: {wrong}")


def refuse_others(root: Path, there: Manifest, wanted: Inputs, *, update: bool = False) -> None:
    """Refuse a dataset of other inputs; with `update`, one that differs in more than its schedule.

    Raises
    ------
    DestinationError
        The message names every difference.
    """
    lines = differences(there.inputs, wanted)
    names = {line.partition(":")[0] for line in lines}
    if lines and not (update and names <= _REDOES):
        raise DestinationError(
            f"{root}: holds a dataset of other inputs:\n  "
            + "\n  ".join(lines)
            + f"\nWrite to another folder, {_what_to_give(names)}."
        )


def _what_to_give(names: set[str]) -> str:
    if names <= _REDOES:
        return "give --update to make again what changed, or --overwrite to replace it all"
    if names == {"as_of"}:
        return (
            "or give --overwrite to replace it (grilse extend moves a dataset on to a later date)"
        )
    return "or give --overwrite to replace it"


def begin(
    root: Path,
    inputs: Inputs,
    numbers: Iterable[int],
    groups: Iterable[str],
    saved: Mapping[str, Text],
) -> Destination:
    """Begin a dataset in a folder that is held, and holds nothing."""
    known = list(numbers)
    size = segment_size(max(known, default=1))
    segments = [f"e0001-{key}" for key in wanted_keys(known, size, groups)]
    manifest = Manifest(inputs, size, tuple(segments))
    _save(root, saved)
    write_manifest(root, manifest)
    return Destination(root, manifest, {})


def _go_on(
    root: Path,
    there: Manifest,
    inputs: Inputs,
    wanted: Mapping[str, tuple[int, ...]],
    entries: Mapping[int, str],
    groups: Mapping[str, str],
    saved: Mapping[str, Text],
) -> Destination:
    """Keep what is whole and of the inputs wanted now; say of the rest that it is to be made.

    The manifest says first that the dataset is not whole, then the rest goes, then the manifest
    tells the new inputs: cut short anywhere, nothing stale is taken for a part of it.
    """
    records = read_records(root)
    whole = whole_segments(root, there.segments, records, inputs, wanted, entries, groups)
    done = {name: record for name, record in records.items() if segment_key(name) in whole}
    names = segments_wanted(there, wanted, whole)
    manifest = replace(there, inputs=inputs, segments=names, state="begun")
    if set(names) != set(done) or there.inputs != inputs:
        write_manifest(root, replace(there, state="begun"))
        remove_views(root)
    remove_unrecorded(root, there, done)
    _save(root, saved)
    write_manifest(root, manifest)
    return Destination(root, manifest, done)


def _save(root: Path, saved: Mapping[str, Text]) -> None:
    for name, text in saved.items():
        write_whole(root / layout.HOUSE / name, text)


def finish(destination: Destination) -> Manifest:
    """Add up the records and write the manifest that says what the dataset now holds.

    Returns
    -------
    Manifest
        Its state is ``complete`` if every segment is there with all its batches.
    """
    records = read_records(destination.root)
    manifest = destination.manifest
    is_complete = all(name in records and records[name].is_done for name in manifest.segments)
    finished = replace(
        manifest,
        state="complete" if is_complete else "incomplete",
        totals=record_totals(records.values()),
    )
    write_manifest(destination.root, finished)
    return finished
