"""The ration of a stay: the day's gain times the stage's feed conversion, in steps of 10 g."""

from __future__ import annotations

import numpy as np

from grilse.biology.ration import ration_kg
from grilse.schedule.model import Stay
from grilse.simulate.chance import Chance
from grilse.simulate.state import Counts, Floats, Ints
from grilse.simulate.world import World

__all__ = ["feed_10g"]

_STEPS_PER_KG = 100


def feed_10g(
    world: World,
    stay: Stay,
    luck: Chance,
    opening: Counts,
    gain_g: Floats,
    dearness: Floats | float = 1.0,
) -> Ints:
    """Return the feed of each container and day in steps of 10 g, shape (containers, days).

    Parameters
    ----------
    luck
        Of the stay's days.
    opening
        Fish alive at the start of each day.
    gain_g
        Each day's gain in mean weight: where there is none there was no feed.
    dearness
        How many times the usual feed the gain takes.
    """
    need_kg = ration_kg(opening * gain_g / 1000.0, world.stages[stay.stage].fcr)
    need_kg = need_kg * dearness
    need_kg *= 1.0 + world.parameters.number("feeding.daily_cv") * luck.normal("feeding")
    steps: Ints = np.rint(np.maximum(need_kg, 0.0) * _STEPS_PER_KG).astype(np.int64)
    return steps
