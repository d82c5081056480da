"""What a simulated batch is: for each stay, arrays of shape (containers, days)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from grilse.biology.parameters import Stage
from grilse.farm.model import ContainerRef
from grilse.schedule.model import BatchPlan
from grilse.simulate.chance import Chance

__all__ = [
    "BatchState", "Burden", "Counts", "Delivery", "Floats", "Ints", "LiceCourse", "StayState",
    "Transfer", "Treatments",
]  # fmt: skip

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Counts = Ints


@dataclass(frozen=True)
class Burden:
    """Something that weighs on a stay's fish: an illness, a treatment, what was asked for.

    Attributes
    ----------
    cause
        Code of what fish die of by it.
    hazard
        Added to the part of the fish that die, shape (containers, days), as are the others.
    appetite
        What it leaves of each day's gain, 0 to 1.
    dearness
        How many times the usual feed a gain takes, 1 or more.
    """

    cause: int
    hazard: Floats
    appetite: Floats
    dearness: Floats


@dataclass(frozen=True)
class Treatments:
    """Treatments decided in a stay, by day and container; each of shape (treatments,).

    Attributes
    ----------
    is_made
        Whether it was: one that a harvest forestalls, or that is yet to come, is not.
    row, day
        The container's place, and the day of the stay.
    week
        Place of the count that made it necessary, among the stay's counts.
    method
        Place among the parameter file's methods: `name` has its code.
    effect, death_share
        Share of the mobile lice that it takes, and of the fish that die of it.
    fast_days, withholding_days
        Days without feed before it; days from it on without harvest.
    """

    is_made: NDArray[np.bool_]
    row: Ints
    day: Ints
    week: Ints
    method: Ints
    effect: Floats
    death_share: Floats
    fast_days: Ints
    withholding_days: Ints


@dataclass(frozen=True)
class LiceCourse:
    """Sea lice of a stay, week by week, as they were counted, and what was done about them.

    Attributes
    ----------
    fish_counted
        Fish looked at in each container.
    is_counted
        Whether a container has fish enough, shape (containers,).
    day
        Days of the stay on which lice were counted, shape (weeks,).
    counts
        Lice on the fish counted, by kind, shape (kinds, containers, weeks).
    female
        Adult females a fish as they truly were, shape (containers, weeks).
    limit_milli, mean_milli
        The limit in force, and adult females a fish counted, mean of the containers, in
        thousandths, shape (weeks,).
    treatments
        What followed.
    """

    fish_counted: int
    is_counted: NDArray[np.bool_]
    day: Ints
    counts: Counts
    female: Floats
    limit_milli: Ints
    mean_milli: Ints
    treatments: Treatments


@dataclass(frozen=True)
class Delivery:
    """The eggs put into each container on day 0, and those of them found dead."""

    eggs: Counts
    dead: Counts


@dataclass(frozen=True)
class StayState:
    """A stay as it was lived, up to the as-of date.

    Attributes
    ----------
    stage, stage_index
        The stage, and its place among the batch's stays.
    first_slot
        Slot of its first container: the others follow.
    containers
        Where the fish are.
    start_day
        Day of life on which the stay begins; column d of each array is day start_day + d.
    present_days
        For each container the days that fish are in it, from `start_day` on, shape (containers,).
    left
        Whether the fish had left each container before the as-of date, shape (containers,).
    initial
        Fish put in, shape (containers,).
    opening
        Fish alive at the start of each day, shape (containers, days); 0 once they have left.
    dead, removed
        Fish that died, and that were taken out or got away, on each day.
    culled, escaped
        Those of the removed that were culled at a grading, and that escaped.
    cause
        Code of the cause of each day's ordinary deaths.
    dead_of
        By code of a cause, those of the dead that died of a burden; the rest are the ordinary.
    burdens
        What weighed on the fish.
    vaccinated_on
        Day of life on which they were vaccinated, in this stay or before it; None if not yet.
    lice
        Their sea lice; None on land.
    weight_open_g, weight_g
        Mean weight at the start and at the end of each day.
    cube_root
        Cube root of `weight_g`, in g^(1/3).
    feed_10g
        Feed of each day in steps of 10 g.
    temp_centi_c
        Water temperature of each day in hundredths of a degree, shape (days,).
    luck
        The draws of its days, of which the rows use what the state did not.
    """

    stage: Stage
    stage_index: int
    first_slot: int
    containers: tuple[ContainerRef, ...]
    start_day: int
    present_days: Ints
    left: NDArray[np.bool_]
    initial: Counts
    opening: Counts
    dead: Counts
    removed: Counts
    culled: Counts
    escaped: Counts
    cause: NDArray[np.int8]
    weight_open_g: Floats
    weight_g: Floats
    cube_root: Floats
    feed_10g: Ints
    temp_centi_c: NDArray[np.int32]
    luck: Chance
    dead_of: Mapping[int, Counts] = field(default_factory=dict)
    burdens: tuple[Burden, ...] = ()
    vaccinated_on: int | None = None
    lice: LiceCourse | None = None

    @property
    def days(self) -> int:
        """Days lived in it by the as-of date."""
        return int(self.opening.shape[1])

    @cached_property
    def harvested(self) -> Counts:
        """Fish harvested on each day, shape (containers, days)."""
        taken: Counts = self.removed - self.culled - self.escaped
        return taken

    @cached_property
    def closing(self) -> Counts:
        """Fish alive at the end of each day, shape (containers, days)."""
        remaining: Counts = self.opening - self.dead - self.removed
        return remaining

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Whether fish are in each container on each day, shape (containers, days)."""
        there: NDArray[np.bool_] = np.arange(self.days) < self.present_days[:, None]
        return there

    @cached_property
    def slots(self) -> Ints:
        """Slots of its containers, shape (containers,)."""
        return self.first_slot + np.arange(len(self.containers))

    @cached_property
    def container_ids(self) -> Ints:
        """Ids of its containers, shape (containers,)."""
        return np.array([ref.container_id for ref in self.containers], np.int64)


@dataclass(frozen=True)
class Transfer:
    """A move of all fish from the containers of one stay into those of the next.

    Attributes
    ----------
    day
        Day of life: the source stay ends and the next one begins on it.
    source, destination
        For each move, the place of the container in its stay, shape (moves,).
    taken, dead
        Fish taken out by each move, and those of them that died of it.
    weight_g
        Mean weight of the fish moved.
    """

    day: int
    from_index: int
    to_index: int
    source: Ints
    destination: Ints
    taken: Counts
    dead: Counts
    weight_g: Floats


@dataclass(frozen=True)
class BatchState:
    """A batch's life up to the as-of date.

    Attributes
    ----------
    plan
        Its schedule entry.
    lived_days
        Days lived by the as-of date; 0 for a batch that has not begun.
    """

    plan: BatchPlan
    lived_days: int
    delivery: Delivery | None
    stays: tuple[StayState, ...]
    transfers: tuple[Transfer, ...]

    @cached_property
    def status(self) -> Literal["PLANNED", "ACTIVE", "COMPLETED"]:
        """PLANNED before its eggs come, COMPLETED once its last fish have left."""
        if not self.stays:
            return "PLANNED"
        return "COMPLETED" if bool(self.stays[-1].left.all()) else "ACTIVE"
