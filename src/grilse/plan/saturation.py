"""Saturation: how full a plan leaves a farm, in the three senses that people mean by it.

*Saturation* is reserved container-days over available container-days in the steady window, by
capacity group; overall it is the mean over all containers. *Fished days* are the container-days
lived before `as_of`. *Ever used* is the share of containers that any batch ever holds: it says
nothing of how long, and stands here because older plans were measured by it.

The steady window begins when the first batch of every geography has come to the end of its life,
so that all stages are as full as they will ever be, and ends with the last start. A plan whose
starts do not reach so far is never steady: it is measured from its first start to the end of its
last reservation, and `Saturation.steady` is False.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grilse.farm.model import Farm
from grilse.ground.interval import Interval
from grilse.plan.capacity import CapacityGroup, capacity_groups
from grilse.schedule.model import BatchPlan

__all__ = ["GroupSaturation", "Saturation", "measure", "steady_window"]


@dataclass(frozen=True, slots=True)
class GroupSaturation:
    """How full one capacity group is in the window.

    Attributes
    ----------
    group
        The group.
    reserved_days, available_days
        Container-days in the window.
    """

    group: CapacityGroup
    reserved_days: int
    available_days: int

    @property
    def share(self) -> float:
        """Reserved over available, 0 to 1; 0 for a group without containers."""
        return self.reserved_days / self.available_days if self.available_days else 0.0


@dataclass(frozen=True, slots=True)
class Saturation:
    """How full a plan leaves a farm.

    Attributes
    ----------
    window
        Day numbers over which the shares are taken.
    steady
        Whether it is the steady window, or the whole plan because there is none.
    groups
        By capacity group, in the farm's order.
    containers
        How many the farm has.
    fished_days
        Container-days reserved and lived before `as_of`, from the first start on.
    days_since_start
        Days from the first start to `as_of`.
    ever_used
        How many containers any batch ever holds.
    """

    window: Interval
    steady: bool
    groups: tuple[GroupSaturation, ...]
    containers: int
    fished_days: int
    days_since_start: int
    ever_used: int

    @property
    def overall(self) -> float:
        """Mean over all containers of the share of the window's days in which they are reserved."""
        available = self.containers * self.window.days
        return sum(group.reserved_days for group in self.groups) / available if available else 0.0

    @property
    def fished_share(self) -> float:
        """Fished days over all container-days from the first start to `as_of`."""
        available = self.containers * self.days_since_start
        return self.fished_days / available if available else 0.0

    @property
    def ever_used_share(self) -> float:
        """Share of the farm's containers that any batch ever holds."""
        return self.ever_used / self.containers if self.containers else 0.0

    @property
    def fullest(self) -> GroupSaturation:
        """The fullest group; of equals, the first."""
        return max(self.groups, key=lambda group: group.share)


def measure(farm: Farm, batches: Sequence[BatchPlan], as_of: int) -> Saturation:
    """Measure a plan on a farm; there is at least one batch, and all its stays are on the farm."""
    window, steady = steady_window(batches)
    stages = dict.fromkeys(stage for _, place in farm.places.values() for stage in place.stages)
    reserved = _reserved_days(batches, window)
    first = min(batch.start for batch in batches)
    return Saturation(
        window=window,
        steady=steady,
        groups=tuple(
            GroupSaturation(
                group, reserved[group.geography, group.stage], group.containers * window.days
            )
            for group in capacity_groups(farm, stages)
            if group.containers
        ),
        containers=len(farm.by_path),
        fished_days=sum(_reserved_days(batches, Interval(first, max(first, as_of))).values()),
        days_since_start=max(0, as_of - first),
        ever_used=_ever_used(batches),
    )


def steady_window(batches: Sequence[BatchPlan]) -> tuple[Interval, bool]:
    """Return the window that saturation is taken over, and whether it is steady."""
    by_geography: dict[str, list[BatchPlan]] = defaultdict(list)
    for batch in batches:
        by_geography[batch.geography].append(batch)
    lines = by_geography.values()
    filled = max(min(line, key=lambda batch: batch.start).life.end for line in lines)
    last_start = min(max(batch.start for batch in line) for line in lines)
    if filled < last_start:
        return Interval(filled, last_start), True
    first = min(batch.start for batch in batches)
    return Interval(first, max(batch.life.end for batch in batches)), False


def _reserved_days(batches: Sequence[BatchPlan], window: Interval) -> Mapping[tuple[str, str], int]:
    """Return the container-days reserved within the window, by geography and stage."""
    days: dict[tuple[str, str], int] = defaultdict(int)
    for batch in batches:
        for stay in batch.stays:
            start = max(window.start, batch.start + stay.start_day)
            end = min(window.end, batch.start + stay.end_day)
            days[batch.geography, stay.stage] += len(stay.containers) * max(0, end - start)
    return days


def _ever_used(batches: Sequence[BatchPlan]) -> int:
    blocks = {(batch.geography, stay.containers) for batch in batches for stay in batch.stays}
    return len({(geography, *named) for geography, held in blocks for named in held})
