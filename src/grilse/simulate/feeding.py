"""The ration of a stay: the day's gain times the stage's feed conversion, in steps of 10 g."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grilse.biology.ration import ration_kg
from grilse.ground.draws import NORMAL_ONE, halves, normal_table
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.state import Counts, Floats, Ints
from grilse.simulate.world import World

__all__ = ["feed_10g"]

_STEPS_PER_KG = 100


def feed_10g(
    world: World,
    plan: BatchPlan,
    stay: Stay,
    paths: Sequence[tuple[str, ...]],
    opening: Counts,
    gain_g: Floats,
) -> Ints:
    """Return the feed of each container and day in steps of 10 g, shape (containers, days).

    Parameters
    ----------
    opening
        Fish alive at the start of each day.
    gain_g
        Each day's gain in mean weight: where there is none there was no feed.
    """
    days = opening.shape[1]
    need_kg = ration_kg(opening * gain_g / 1000.0, world.stages[stay.stage].fcr)
    scatter = world.parameters.number("feeding.daily_cv")
    for row, path in enumerate(paths):
        words = world.draws.days("feeding", (plan.batch_id, *path), stay.start_day, days, 1)
        z = normal_table()[halves(words)[:, 0]] / NORMAL_ONE
        need_kg[row] *= 1.0 + scatter * z
    return np.rint(np.maximum(need_kg, 0.0) * _STEPS_PER_KG).astype(np.int64)
