"""The delivery of a batch's eggs: an even share to each tray, a few of them dead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grilse.biology.growth import cube_root_g
from grilse.ground.draws import NORMAL_ONE, SPREAD_ONE, normal_table, spread_table
from grilse.schedule.model import BatchPlan
from grilse.simulate.state import Delivery, Floats
from grilse.simulate.world import World

__all__ = ["deliver", "egg_cube_root"]

_HALF_RANGE = 65536


def deliver(world: World, plan: BatchPlan, paths: Sequence[tuple[str, ...]]) -> Delivery:
    """Share a batch's eggs out among the containers of its first stay."""
    eggs = np.full(len(paths), plan.eggs // len(paths), np.int64)
    eggs[: plan.eggs % len(paths)] += 1
    share = world.parameters.number("delivery.dead_on_arrival_share")
    spread = spread_table(world.parameters.number("delivery.dead_on_arrival_spread"))
    dead = np.empty_like(eggs)
    for row, path in enumerate(paths):
        draw = world.draws.parts("delivery", (plan.batch_id, *path))
        mean = int(eggs[row]) * share * (spread[draw[0]] / SPREAD_ONE)
        dead[row] = min(int(eggs[row]), int(mean + draw[1] / _HALF_RANGE))
    return Delivery(eggs, dead)


def egg_cube_root(world: World, plan: BatchPlan, containers: int) -> Floats:
    """Return the cube root of the weight of a batch's eggs in g^(1/3), shape (containers,).

    Eggs of one delivery are of one size, which differs between deliveries.
    """
    draw = world.draws.parts("delivery.egg_size", (plan.batch_id,))[0]
    z = int(normal_table()[draw]) / NORMAL_ONE
    cv = world.parameters.number("delivery.egg_weight_cv")
    grams = world.parameters.number("delivery.egg_weight_g") * (1.0 + cv * z)
    return np.full(containers, cube_root_g(grams))
