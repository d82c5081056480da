"""Growth of a stay: cube roots of weight, container by day, added up in whole billionths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grilse.biology.growth import cube_root_gain
from grilse.ground.draws import NORMAL_ONE, halves, normal_table
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.chance import Chance
from grilse.simulate.state import Floats
from grilse.simulate.world import World

__all__ = ["added_up", "daily_gain"]

_BILLION = 1_000_000_000
"""Gains are added as integers of 1e-9 g^(1/3), so that a sum is the same in any order."""


def daily_gain(
    world: World,
    plan: BatchPlan,
    stay: Stay,
    paths: Sequence[tuple[str, ...]],
    luck: Chance,
    temp_c: Floats,
) -> Floats:
    """Return the gain in cube root of weight of each container and day, as if always fed.

    Parameters
    ----------
    paths
        Names of the containers.
    luck
        Of the stay's days.
    temp_c
        Water temperature in degC, shape (days,).

    Returns
    -------
    ndarray of float64
        In g^(1/3) a day, shape (containers, days), never negative: the stage's growth at that
        temperature, times the container's own vigour and the day's scatter.
    """
    days = len(temp_c)
    growth = world.growth(stay.stage, plan.geography)
    base = cube_root_gain(growth, temp_c, np.arange(days))
    vigour = _vigour(world, plan, stay, paths)
    lasting = 1.0 + world.parameters.number("growth.container_cv") * vigour
    passing = 1.0 + world.parameters.number("growth.daily_cv") * luck.normal("growth")
    gain: Floats = base * lasting[:, None]
    gain *= passing
    return np.maximum(gain, 0.0, out=gain)


def added_up(start: Floats, gain: Floats) -> Floats:
    """Add gains to the cube roots of a stay's first day, in whole billionths.

    Parameters
    ----------
    start
        Cube root of mean weight on entry in g^(1/3), shape (containers,).
    gain
        Shape (containers, days).

    Returns
    -------
    ndarray of float64
        Cube root at the start of each day and, last, at the end of the last, shape
        (containers, days + 1).
    """
    # Whole numbers below 2**53 are added exactly as floats, too.
    steps = np.empty((gain.shape[0], gain.shape[1] + 1))
    steps[:, 0] = start
    steps[:, 1:] = gain
    steps *= _BILLION
    np.rint(steps, out=steps)
    np.add.accumulate(steps, axis=1, out=steps)
    steps /= _BILLION
    return steps


def _vigour(world: World, plan: BatchPlan, stay: Stay, paths: Sequence[tuple[str, ...]]) -> Floats:
    """Draw the containers' lasting advantages in growth, in standard deviations."""
    names = ((plan.batch_id, stay.stage, *path) for path in paths)
    words = world.draws.each("growth.container", names)
    z: Floats = normal_table()[halves(words)[::4]] / NORMAL_ONE
    return z
