"""The water of a stay: that of its hall or area, by pure functions of place and day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.world import World
from grilse.site.water import hatchery_temperature, sea_temperature

__all__ = ["water_temperature"]


def water_temperature(world: World, plan: BatchPlan, stay: Stay, days: int) -> NDArray[np.int32]:
    """Return the water's daily mean temperature in hundredths of a degC, shape (days,)."""
    first = plan.start + stay.start_day
    if world.stages[stay.stage].environment == "sea water":
        return sea_temperature(
            world.draws, world.parameters, plan.geography, stay.place, first, days
        )
    return hatchery_temperature(
        world.draws, world.parameters, plan.geography, plan.station, stay.place, stay.stage, first,
        days,
    )  # fmt: skip
