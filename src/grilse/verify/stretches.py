"""Stretches: runs of segments that are small enough to be looked at together."""

from __future__ import annotations

from dataclasses import dataclass

from grilse.verify.runs import READINGS
from grilse.verify.source import Source

__all__ = ["Stretch", "stretches"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some segments that follow each other.

    Attributes
    ----------
    segments
        Their names.
    least, most
        The batches of which rows belong here, by their number; None for no bound. Every number
        lies in one stretch, even one that no segment should hold.
    """

    segments: frozenset[str]
    least: int | None
    most: int | None


def stretches(source: Source, most_rows: int) -> tuple[Stretch, ...]:
    """Cut a dataset into stretches of at most so many rows, readings apart, but whole segments.

    A segment's epochs stay together: rules look at a batch's whole life.
    """
    groups: list[list[_Segment]] = [[]]
    rows = 0
    for segment in _segments(source):
        if groups[-1] and rows + segment.rows > most_rows:
            groups.append([])
            rows = 0
        groups[-1].append(segment)
        rows += segment.rows
    ends = [max((segment.last for segment in group), default=0) for group in groups]
    last = len(groups) - 1
    return tuple(
        Stretch(
            frozenset(name for segment in group for name in segment.names),
            None if i == 0 else ends[i - 1] + 1,
            None if i == last else ends[i],
        )
        for i, group in enumerate(groups)
    )


@dataclass(frozen=True, slots=True)
class _Segment:
    """A segment in all its epochs."""

    names: tuple[str, ...]
    first: int
    last: int
    rows: int


def _segments(source: Source) -> list[_Segment]:
    """Return the segments of batches, by the numbers that they hold."""
    epochs: dict[str, list[str]] = {}
    for name, record in source.records.items():
        key = name.partition("-")[2]
        if key.startswith("s") and record.batches:
            epochs.setdefault(key, []).append(name)
    return sorted((_joined(source, names) for names in epochs.values()), key=lambda s: s.first)


def _joined(source: Source, names: list[str]) -> _Segment:
    records = [source.records[name] for name in names]
    numbers = [number for record in records for number in record.batches]
    rows = sum(
        totals.rows
        for record in records
        for table, totals in record.tables.items()
        if table != READINGS
    )
    return _Segment(tuple(names), min(numbers), max(numbers), rows)
