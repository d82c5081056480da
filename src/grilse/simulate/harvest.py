"""Harvest: decided the day after the batch's mean reaches its target, carried out ring by ring.

A day takes what the capacity allows of a batch: rings are emptied one after the other, and two
share a day where the one leaves room. Where a stay's last day leaves too little time, more is
taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.state import Counts, Floats, Ints
from grilse.simulate.world import World

__all__ = ["Emptying", "emptying", "harvested"]


@dataclass(frozen=True)
class Emptying:
    """When each container of a last stay is emptied: days of the stay, shape (containers,).

    Attributes
    ----------
    ordered
        Day of the stay on which harvest starts.
    first, end
        First day of a container's harvest, and the day after its last.
    """

    ordered: int
    first: Ints
    end: Ints

    def fasting(self, days: int, fast_days: int) -> NDArray[np.bool_]:
        """Whether a container fasts on each day: from before its harvest to its end."""
        day = np.arange(days)
        begins = np.maximum(self.first - fast_days, self.ordered)
        fasts: NDArray[np.bool_] = (day >= begins[:, None]) & (day < self.end[:, None])
        return fasts

    def share_there(self, days: int) -> Floats:
        """Part of a container's fish not yet harvested at the start of each day."""
        day = np.arange(days)
        done = (day - self.first[:, None]) / (self.end - self.first)[:, None]
        return 1.0 - np.clip(done, 0.0, 1.0)


def emptying(
    world: World,
    plan: BatchPlan,
    stay: Stay,
    closing: Counts,
    weight_g: Floats,
    withheld: NDArray[np.bool_],
) -> Emptying | None:
    """Decide the harvest of a batch's last stay from what has been up to each day.

    Parameters
    ----------
    closing, weight_g
        Fish and mean weight at the end of each day without any harvest, shape (containers, days).
    withheld
        Whether a treatment forbids that day's harvest, shape (days,): it then waits.

    Returns
    -------
    Emptying or None
        None while no harvest is ordered within those days. Harvest starts the day after the
        batch's mean weight first reaches the target, and ends at the latest on the stay's last
        day, whatever the weight; a batch whose schedule is cut short has no such last day.
    """
    days = closing.shape[1]
    kilos = np.cumsum(closing * weight_g, axis=0) / 1000.0
    capacity = world.parameters.number("harvest.capacity_kg_per_day")
    latest = days if plan.open_ended else _latest(stay, kilos[-1], capacity)
    wanted = min(_day_after_target(plan, closing, weight_g), latest)
    ordered = wanted + int(np.append(withheld[wanted:], False).argmin())
    if ordered >= days:
        return None
    takes = kilos[:, max(ordered - 1, 0)] / capacity
    room = stay.days - ordered
    if not plan.open_ended and takes[-1] > room:
        takes *= room / takes[-1]
    begins = np.concatenate([[0.0], takes[:-1]])
    first = ordered + np.floor(begins).astype(np.int64)
    if not plan.open_ended:
        first = np.minimum(first, stay.days - 1)
    return Emptying(
        ordered, first, np.maximum(ordered + np.ceil(takes).astype(np.int64), first + 1)
    )


def _latest(stay: Stay, kilos: Floats, capacity: float) -> int:
    """Return the day on which a harvest of what is there must begin to end with the stay.

    It is the number of days given where that day does not come within them.
    """
    day = np.arange(1, len(kilos) + 1)
    is_due = day + np.maximum(np.ceil(kilos / capacity), 1.0) >= stay.days
    return int(day[is_due.argmax()]) if is_due.any() else len(kilos)


def harvested(times: Emptying, initial: Counts, dead: Counts) -> Counts:
    """Return the fish taken from each container on each day, shape (containers, days).

    An even part of what is left on each day of a container's harvest, and on its last day all.
    """
    removed = np.zeros_like(dead)
    gone = np.cumsum(dead, axis=1)
    for row, (first, end) in enumerate(zip(times.first, times.end, strict=True)):
        taken = 0
        for day in range(first, min(end, dead.shape[1])):
            alive = initial[row] - gone[row, day] - taken
            removed[row, day] = alive // (end - day)
            taken += removed[row, day]
    return removed


def _day_after_target(plan: BatchPlan, closing: Counts, weight_g: Floats) -> int:
    days: int = closing.shape[1]
    if plan.harvest_target_kg is None:
        return days
    fish = closing.sum(axis=0)
    biomass_g = np.cumsum(closing * weight_g, axis=0)[-1]
    reached = biomass_g >= fish * (plan.harvest_target_kg * 1000.0)
    reached &= fish > 0
    return int(reached.argmax()) + 1 if reached.any() else days
