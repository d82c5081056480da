"""The vaccination of a batch: once, on land, when its mean weight has come to the right size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grilse.biology.vaccination import appetite_around, hazard_after
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.burden import burden
from grilse.simulate.state import Burden, Counts, Floats
from grilse.simulate.world import World
from grilse.site.water import mean_temperature

__all__ = ["Vaccination", "is_due", "vaccination"]


@dataclass(frozen=True)
class Vaccination:
    """A vaccination of all containers of a stay.

    Attributes
    ----------
    day
        Day of the stay; the as-of date may come before it, when the fish are starved for it.
    burden
        What it costs the fish: days without feed, some weeks of poor appetite, a few deaths.
    """

    day: int
    burden: Burden


def is_due(world: World, stay: Stay) -> bool:
    """Whether fish can be vaccinated in a stay: on land, where they are fed."""
    stage = world.stages[stay.stage]
    return stage.environment != "sea water" and stage.fcr > 0.0


def vaccination(
    world: World, plan: BatchPlan, stay: Stay, fish: Counts, weight_g: Floats
) -> Vaccination | None:
    """Decide the vaccination of a stay from what has been up to each day.

    Parameters
    ----------
    fish
        Put into each container, shape (containers,).
    weight_g
        Mean weight at the start of each day, shape (containers, days).

    Returns
    -------
    Vaccination or None
        None while the mean has not come to the size, and where a move is too near, or the sea.
    """
    number = world.parameters.number
    total = np.cumsum(fish[:, None] * weight_g, axis=0)[-1]
    reached = total >= fish.sum() * number("activity.vaccination_weight_g")
    reached[: int(number("vaccination.settle_days"))] = False
    if not reached.any():
        return None
    day = int(reached.argmax()) + int(number("vaccination.fast_days"))
    if day + int(number("vaccination.clear_days")) >= stay.days or not _in_time(
        world, plan, stay, day
    ):
        return None
    return Vaccination(day, _burden(world, weight_g.shape, day))


def _in_time(world: World, plan: BatchPlan, stay: Stay, day: int) -> bool:
    """Whether enough degree-days are planned between a day of a stay and the sea."""
    degree_days, begun = 0.0, stay.start_day + day
    for later in plan.stays:
        if world.stages[later.stage].environment == "sea water":
            return degree_days >= world.parameters.number("vaccination.least_degree_days")
        first = max(later.start_day, begun)
        if first < later.end_day:
            temp = mean_temperature(
                world.parameters, plan.geography, later.stage, plan.start + first,
                later.end_day - first,
            )  # fmt: skip
            degree_days += float(np.cumsum(temp)[-1])
    return True


def _burden(world: World, shape: tuple[int, ...], day: int) -> Burden:
    since = np.arange(shape[1]) - day
    hazard = hazard_after(world.parameters, since)
    appetite = appetite_around(world.parameters, since)
    return burden("VACCINATION", np.broadcast_to(hazard, shape), appetite)
