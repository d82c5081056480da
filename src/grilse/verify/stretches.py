"""Stretches: runs of segments that are small enough to be looked at together."""

from __future__ import annotations

from dataclasses import dataclass

from grilse.dataset.records import SegmentRecord
from grilse.verify.source import Source

__all__ = ["Stretch", "stretches"]

_READINGS = "environmental_reading"


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
    """Cut a dataset into stretches of at most so many rows, readings apart, but whole segments."""
    groups: list[list[str]] = [[]]
    rows = 0
    for name, record in _in_order(source):
        own = _rows(record)
        if groups[-1] and rows + own > most_rows:
            groups.append([])
            rows = 0
        groups[-1].append(name)
        rows += own
    ends = [max(source.records[group[-1]].batches, default=0) if group else 0 for group in groups]
    last = len(groups) - 1
    return tuple(
        Stretch(
            frozenset(group),
            None if i == 0 else ends[i - 1] + 1,
            None if i == last else ends[i],
        )
        for i, group in enumerate(groups)
    )


def _in_order(source: Source) -> list[tuple[str, SegmentRecord]]:
    """Return the segments of batches, by the numbers that they hold."""
    return sorted(
        ((name, record) for name, record in source.records.items() if any(record.batches)),
        key=lambda item: min(item[1].batches),
    )


def _rows(record: SegmentRecord) -> int:
    return sum(totals.rows for name, totals in record.tables.items() if name != _READINGS)
