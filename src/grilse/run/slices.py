"""Slices of a run: segments that one worker makes one after the other, and what came of each.

A slice decides who makes a segment and when; the content is as without. A segment that holds
batches of two slices belongs to that of its first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from grilse.run.result import SegmentResult
from grilse.run.task import SegmentTask

__all__ = ["Listener", "Queue", "SliceTally", "SliceTotals"]

_OF_NO_SLICE = ""


class Listener(Protocol):
    """Told of every segment that was made."""

    def segment(self, result: SegmentResult) -> None:
        """Take notice of a segment."""


class Queue:
    """The segments to make: any to any worker, or a slice whole to one.

    Parameters
    ----------
    tasks
        The segments; without slices they are read as workers become free.
    slice_of
        Name of each batch's slice, by number; None where there are no slices.
    """

    def __init__(
        self, tasks: Iterable[SegmentTask], slice_of: Mapping[int, str] | None = None
    ) -> None:
        self._all = iter(tasks) if slice_of is None else None
        self._slices: deque[deque[SegmentTask]] = deque()
        self._in_hand: dict[int, deque[SegmentTask]] = {}
        if slice_of is not None:
            by_slice: dict[str, deque[SegmentTask]] = {}
            for task in tasks:
                name = slice_of.get(task.batches[0].number, _OF_NO_SLICE)
                by_slice.setdefault(name, deque()).append(task)
            self._slices.extend(by_slice.values())

    def take(self, worker: int) -> SegmentTask | None:
        """Return the next segment for a worker, from its slice; a new slice when that is done."""
        if self._all is not None:
            return next(self._all, None)
        mine = self._in_hand.get(worker)
        if not mine:
            if not self._slices:
                return None
            mine = self._in_hand[worker] = self._slices.popleft()
        return mine.popleft()

    def __iter__(self) -> Iterator[SegmentTask]:
        """Yield all segments that are left, slice by slice, for a single worker."""
        while (task := self.take(0)) is not None:
            yield task


@dataclass(slots=True)
class SliceTotals:
    """What came of a slice.

    Attributes
    ----------
    batches, failed
        How many were made and left out.
    rows
        Of its batches.
    reason
        Why the first that failed did.
    """

    batches: int = 0
    failed: int = 0
    rows: int = 0
    reason: str = ""


class SliceTally:
    """Adds up what came of each slice, and passes every segment on.

    Parameters
    ----------
    slice_of
        Name of each batch's slice, by number.
    then
        Told of every segment as well.
    """

    def __init__(self, slice_of: Mapping[int, str], then: Listener | None = None) -> None:
        self.totals: dict[str, SliceTotals] = {name: SliceTotals() for name in slice_of.values()}
        self._slice_of, self._then = slice_of, then

    def segment(self, result: SegmentResult) -> None:
        """Add a segment's batches to their slices."""
        failures = {failure.number: failure for failure in result.failures}
        for number in result.record.batches:
            if number not in self._slice_of:
                continue
            totals = self.totals[self._slice_of[number]]
            totals.batches += number not in failures
            totals.failed += number in failures
            totals.rows += sum(result.batch_rows.get(number, {}).values())
            if number in failures and not totals.reason:
                totals.reason = f"{failures[number].batch_id}: {failures[number].reason}"
        if self._then is not None:
            self._then.segment(result)
