"""The schedule: every batch, and the containers it holds from one day of its life to another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grilse.ground.interval import Interval

__all__ = ["BatchPlan", "KeyLines", "Schedule", "Stay", "StayLines"]


@dataclass(frozen=True, slots=True)
class StayLines:
    """Where the parts of a stay stand in a file, in lines from the stay's own.

    One entry is written like another: stays of a large schedule share a few of these.

    Attributes
    ----------
    days
        Of its first day, and of the day on which it ends.
    containers
        Of each of its containers.
    """

    days: tuple[int, int]
    containers: tuple[int, ...]


class KeyLines(Mapping[str, int]):
    """The line of each key of an entry: that of its first, and how far below it each stands.

    Parameters
    ----------
    first
        The line from which is counted.
    below
        Lines below it, by key; entries of a large schedule share a few of these.
    """

    __slots__ = ("_below", "_first")

    def __init__(self, first: int, below: Mapping[str, int]) -> None:
        self._first, self._below = first, below

    def __getitem__(self, key: str) -> int:
        return self._first + self._below[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._below)

    def __len__(self) -> int:
        return len(self._below)


@dataclass(frozen=True, slots=True)
class Stay:
    """A batch's stay in some containers of one hall or area, for one stage of its life.

    Attributes
    ----------
    stage
        Key of the stage: ``egg_alevin``, ``fry``, ``parr``, ``smolt``, ``post_smolt``, ``adult``.
    place
        Name of the hall, or of the sea area; where a stage stands in several halls, the first.
    containers
        ``(place, container)`` names, in order: a container's place may differ from `place` where a
        stage stands in several halls.
    start_day, end_day
        Days of the batch's life, half-open: the fish leave on `end_day`, which is free for others.
    line
        Line of the file at which the stay stands, where it was read.
    below
        How far below that its parts stand; see `day_lines` and `container_lines`.
    """

    stage: str
    place: str
    containers: tuple[tuple[str, str], ...]
    start_day: int
    end_day: int
    line: int | None = field(default=None, compare=False)
    below: StayLines | None = field(default=None, compare=False, repr=False)

    @property
    def days(self) -> int:
        """Length of the stay in days."""
        return self.end_day - self.start_day

    @property
    def day_lines(self) -> tuple[int, int] | None:
        """Lines of the file at which its two days stand, where it was read."""
        if self.line is None or self.below is None:
            return None
        start, end = self.below.days
        return self.line + start, self.line + end

    @property
    def container_lines(self) -> tuple[int, ...]:
        """Lines of the file at which its containers stand; none where it was not read."""
        if self.line is None or self.below is None:
            return ()
        return tuple(self.line + below for below in self.below.containers)


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """One batch of a schedule.

    Attributes
    ----------
    batch_id
        Its name, for example ``FAR-2020-001``.
    number
        Unique in the schedule, from 1, below 2**25: all keys of its rows follow from it.
    start
        Day number of day 0 of its life.
    eggs
        How many eggs are delivered on day 0.
    duration
        Days lived by the schedule's `as_of`, at most the life's.
    geography, station
        Where it lives; it never leaves the geography.
    harvest_target_kg
        Mean live weight at which harvest starts; None where the schedule names none.
    stays
        In the order of life.
    open_ended
        Whether the schedule cuts the batch's life short: it then stays active in its last stage.
    line
        Line of the file at which it begins, or None.
    extra
        What else the file says of it, kept as read: source, anchors, events, notes; what it says
        of a stage beyond the stay is under ``stages``, by the stage's key.
    lines
        Line of the file of each of its keys, where it was read.
    """

    batch_id: str
    number: int
    start: int
    eggs: int
    duration: int
    geography: str
    station: str
    harvest_target_kg: float | None
    stays: tuple[Stay, ...]
    open_ended: bool = False
    line: int | None = field(default=None, compare=False)
    extra: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def life(self) -> Interval:
        """Day numbers from its start to the end of its last reservation."""
        return Interval(self.start, self.start + self.stays[-1].end_day)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A company's batches, and what the schedule says of itself.

    Attributes
    ----------
    metadata
        As read or as planned: seed, as_of, policy, farm, parameters, totals. Once written and read
        it always holds `seed` and `as_of`.
    batches
        In the file's order.
    as_of
        Day number before which rows are written.
    seed
        The seed of every draw.
    file
        Name of the file it was read from, or None.
    """

    metadata: Mapping[str, Any]
    batches: tuple[BatchPlan, ...]
    as_of: int
    seed: int
    file: str | None = field(default=None, compare=False)
