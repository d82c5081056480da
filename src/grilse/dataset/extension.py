"""A further epoch of a dataset: made beside what is there, and taken for a part of it in one step.

The new segments are written under the names of the next epoch, which the manifest does not name:
until it does, in one rename, nobody reads them, and the dataset is what it was. Cut short before
that, the same command goes on; a plain run removes what was begun.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from grilse.dataset import layout
from grilse.dataset.destination import Destination, hold_whole, make_house
from grilse.dataset.epochs import wanted_keys, whole_segments
from grilse.dataset.files import Text, write_whole
from grilse.dataset.manifest import Inputs, Manifest, read_manifest, write_manifest
from grilse.dataset.records import (
    current,
    read_all_records,
    read_records,
    record_totals,
)
from grilse.dataset.segments import segment_key
from grilse.dataset.tidy import remove_unrecorded
from grilse.ground.errors import DestinationError

__all__ = ["adopt", "open_compaction", "open_extension", "tidy"]

_MOST_EPOCHS = 9999


@contextmanager
def open_extension(
    root: Path,
    inputs: Inputs,
    state_tables: tuple[str, ...],
    *,
    entries: Mapping[int, str],
    groups: Mapping[str, str],
) -> Iterator[Destination]:
    """Hold a dataset to make its next epoch, up to the as-of date of `inputs`.

    Parameters
    ----------
    state_tables
        Those that the epoch makes anew.

    Raises
    ------
    DestinationError
        If the dataset is not whole, or a run is at work on it.
    """
    with _held(root) as there:
        pending = tuple(f"e{there.epoch + 1:04d}-{segment_key(n)}" for n in _firsts(there))
        made_of = replace(
            Destination(root, there, {}), since=there.inputs.as_of, remade=state_tables
        )
        names = (*there.segments, *pending)
        yield _resumed(made_of, names, pending, inputs, entries, groups)


@contextmanager
def open_compaction(
    root: Path, inputs: Inputs, *, entries: Mapping[int, str], groups: Mapping[str, str]
) -> Iterator[Destination]:
    """Hold a dataset to make an epoch that stands in place of all before it."""
    with _held(root) as there:
        pending = tuple(f"e{there.epoch + 1:04d}-{segment_key(n)}" for n in _firsts(there))
        yield _resumed(Destination(root, there, {}), pending, pending, inputs, entries, groups)


@contextmanager
def _held(root: Path) -> Iterator[Manifest]:
    read_manifest(root)
    make_house(root)
    with hold_whole(root):
        there = read_manifest(root)
        records = read_records(root)
        if not all(name in records and records[name].is_done for name in there.segments):
            raise DestinationError(
                f"{root}: is {there.state}, and cannot be extended. Bring it to its end first: "
                "grilse run, by the same command."
            )
        if there.epoch >= _MOST_EPOCHS:
            raise DestinationError(f"{root}: has {there.epoch} epochs. Give grilse compact first.")
        yield there


def _firsts(there: Manifest) -> list[str]:
    """Return a segment of each key, in the order of the manifest."""
    keys: dict[str, str] = {}
    for name in there.segments:
        keys.setdefault(segment_key(name), name)
    return [*keys.values()]


def _resumed(
    begun: Destination,
    names: tuple[str, ...],
    pending: tuple[str, ...],
    inputs: Inputs,
    entries: Mapping[int, str],
    groups: Mapping[str, str],
) -> Destination:
    """Keep of an epoch that was begun what is whole, and remove the rest of it."""
    root, there = begun.root, begun.manifest
    found = read_all_records(root)
    records = current({name: found[name] for name in names if name in found})
    wanted = wanted_keys(entries, there.segment_size, groups)
    whole = whole_segments(root, names, records, inputs, wanted, entries, groups)
    done = {name: records[name] for name in pending if segment_key(name) in whole}
    remove_unrecorded(root, there, {**read_records(root), **done})
    manifest = replace(there, inputs=inputs, segments=pending, epoch=there.epoch + 1)
    return replace(begun, manifest=manifest, done=done)


def adopt(
    extended: Destination,
    kept: tuple[str, ...],
    saved: Mapping[str, Text],
    equal_to: Manifest | None = None,
) -> Manifest | None:
    """Make a further epoch a part of the dataset, if all of it is there: by one rename.

    Parameters
    ----------
    extended
        As `open_extension` gave it.
    kept
        Names of the segments of earlier epochs that stay.
    saved
        Texts of the inputs to be kept beside the manifest.
    equal_to
        The dataset whose content it must have, if any.

    Returns
    -------
    Manifest or None
        None, and nothing is changed, if a segment of the epoch is missing, or a batch in it.

    Raises
    ------
    DestinationError
        If the content is not equal: nothing is changed.
    """
    root, names = extended.root, (*kept, *extended.manifest.segments)
    found = read_all_records(root)
    if not all(name in found and found[name].is_done for name in names):
        return None
    totals = record_totals(current({name: found[name] for name in names}).values())
    if equal_to is not None and totals != equal_to.totals:
        wrong = [name for name in totals if totals[name] != equal_to.totals.get(name)]
        raise DestinationError(f"{root}: what was made anew differs from what is there: {wrong}")
    manifest = replace(extended.manifest, segments=names, state="complete", totals=totals)
    write_manifest(root, manifest)
    for name, text in saved.items():
        write_whole(root / layout.HOUSE / name, text)
    return manifest


def tidy(root: Path) -> None:
    """Remove what is not read any longer: files that a later epoch stands in place of."""
    remove_unrecorded(root, read_manifest(root), read_records(root))
