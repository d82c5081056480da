"""Epochs: a segment is a chain of records, each of which goes on where the one before it ended.

``e0001-s0007`` holds what a first run wrote up to its as-of date; each time a dataset is extended
``e0002-s0007``, ``e0003-s0007`` and so on add the event rows since then, and the state tables
anew. A chain is whole only if its links meet: so what was made of other inputs, or up to another
date, is never taken for a part of the dataset, wherever its files come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from grilse.dataset.manifest import Inputs, Manifest
from grilse.dataset.records import SegmentRecord, is_whole
from grilse.dataset.segments import (
    farm_segment_name,
    numbers_by_segment,
    segment_epoch,
    segment_key,
    segment_name,
)

__all__ = ["chains", "is_linked", "segments_wanted", "wanted_keys", "whole_segments"]

_FARM_NUMBER = 0


def chains(names: Iterable[str]) -> dict[str, list[str]]:
    """Sort segments' names by what they hold: each key's epochs in order."""
    by_key: dict[str, list[str]] = {}
    for name in sorted(names):
        by_key.setdefault(segment_key(name), []).append(name)
    return by_key


def is_linked(records: Iterable[SegmentRecord], inputs: Inputs) -> bool:
    """Whether records, in the order of their epochs, cover all days up to the as-of date."""
    reached = ""
    for record in records:
        if record.made.of != inputs.origin or record.made.since != reached:
            return False
        reached = record.made.as_of
    return reached == inputs.as_of


def wanted_keys(
    numbers: Iterable[int], size: int, groups: Iterable[str] = ()
) -> dict[str, tuple[int, ...]]:
    """Return what a dataset of these batches consists of: keys, and the batches of each.

    `groups` are names of segments of feed stores, which hold no batch.
    """
    keys: dict[str, tuple[int, ...]] = {segment_key(farm_segment_name()): (_FARM_NUMBER,)}
    for index, held in numbers_by_segment(numbers, size).items():
        keys[segment_key(segment_name(index))] = tuple(held)
    return keys | {segment_key(name): (_FARM_NUMBER,) for name in groups}


def whole_segments(
    root: Path,
    names: Iterable[str],
    records: Mapping[str, SegmentRecord],
    inputs: Inputs,
    wanted: Mapping[str, tuple[int, ...]],
    entries: Mapping[int, str],
    groups: Mapping[str, str] | None = None,
) -> set[str]:
    """Return the keys whose records and files are all there, made of what is wanted now.

    Parameters
    ----------
    names
        Of the segments that the dataset should have.
    wanted
        Numbers of the batches of each key.
    entries
        Fingerprints of the batches' entries, by number; a number that is not there is not asked.
    groups
        Names of the segments of feed stores, with the fingerprint of what draws on them.
    """
    found = set()
    drawn = {segment_key(name): {_FARM_NUMBER: entry} for name, entry in (groups or {}).items()}
    for key, chain in chains(names).items():
        held = [records[name] for name in chain if name in records]
        if (
            key in wanted
            and len(held) == len(chain)
            and is_linked(held, inputs)
            and all(_is_of(record, wanted[key], drawn.get(key, entries)) for record in held)
            and all(is_whole(root, record) for record in held)
        ):
            found.add(key)
    return found


def _is_of(record: SegmentRecord, numbers: tuple[int, ...], entries: Mapping[int, str]) -> bool:
    return set(record.batches) == set(numbers) and all(
        batch.entry == entries.get(number, batch.entry) for number, batch in record.batches.items()
    )


def segments_wanted(there: Manifest, wanted: Iterable[str], whole: set[str]) -> tuple[str, ...]:
    """Return the names of the segments of a dataset that goes on: what is whole keeps its epochs.

    What is not is made again as one, from the beginning, in the first epoch that the dataset has.
    """
    by_key = chains(there.segments)
    first = min(map(segment_epoch, there.segments), default=1)
    names: list[str] = []
    for key in wanted:
        names += by_key[key] if key in whole else [f"e{first:04d}-{key}"]
    return tuple(names)
