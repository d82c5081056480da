"""The schedule: every batch, and the containers it holds from one day of its life to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grilse.ground.interval import Interval

__all__ = ["BatchPlan", "Schedule", "Stay"]


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
    line, day_lines, container_lines
        Lines of the file at which the stay, its two days and each of its containers stand, where it
        was read.
    """

    stage: str
    place: str
    containers: tuple[tuple[str, str], ...]
    start_day: int
    end_day: int
    line: int | None = field(default=None, compare=False)
    day_lines: tuple[int, int] | None = field(default=None, compare=False, repr=False)
    container_lines: Sequence[int] = field(default=(), compare=False, repr=False)

    @property
    def days(self) -> int:
        """Length of the stay in days."""
        return self.end_day - self.start_day


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
