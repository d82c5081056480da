"""What an oxygen drop that was asked for does to fish: it follows from the oxygen that is left."""

from __future__ import annotations

import numpy as np

from grilse.biology.suffocation import appetite_at, deaths_at
from grilse.schedule.injected import Met
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.state import Floats
from grilse.simulate.world import World
from grilse.site.oxygen import hatchery_saturation, missing_oxygen, sea_saturation

__all__ = ["suffocation"]


def suffocation(world: World, plan: BatchPlan, stay: Stay, met: Met) -> tuple[Floats, Floats]:
    """Return the part of the fish that die of a drop, and the appetite that it leaves.

    Both follow from the hall's or area's own oxygen less the drop; what the fish there take is
    left out, for they eat the less the less there is.

    Returns
    -------
    tuple of ndarray of float64
        Shape (days that it meets,) each.
    """
    water, when = (world.draws, world.parameters), (met.began + met.first, met.end - met.first)
    if world.stages[stay.stage].environment == "sea water":
        there = sea_saturation(*water, plan.geography, stay.place, *when)
    else:
        there = hatchery_saturation(*water, plan.geography, plan.station, stay.place, *when)
    left = np.maximum(there - missing_oxygen(world.parameters, met.course), 0) / 10.0
    return deaths_at(world.parameters, left), appetite_at(world.parameters, left)
