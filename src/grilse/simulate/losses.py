"""Fish that leave a stay alive before any harvest: culled at a grading, or escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from grilse.ground.draws import NORMAL_ONE, SPREAD_ONE, halves, normal_table, spread_table
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.state import Counts, Floats
from grilse.simulate.world import World

__all__ = ["Kind", "Loss", "after_handling", "grading", "lost", "share_kept"]

Kind = Literal["culled", "escaped"]

_RANGE = 65536


@dataclass(frozen=True)
class Loss:
    """Fish taken out, or gone, on one day of a stay.

    Attributes
    ----------
    kind
        ``culled`` or ``escaped``.
    day
        Day of the stay.
    share, threshold
        Of each container: the share of its fish, and the draw in [0, 1) that rounds their number,
        shape (containers,).
    """

    kind: Kind
    day: int
    share: Floats
    threshold: Floats


def grading(
    world: World, plan: BatchPlan, stay: Stay, paths: Sequence[tuple[str, ...]]
) -> Loss | None:
    """Decide the grading of a stay: its day, and the share of each container's fish culled.

    None where the stage has none, or ends before it.
    """
    of_stage = ("grading", "stage", stay.stage)
    mean = world.parameters.number((*of_stage, "cull_share"))
    if mean == 0.0:
        return None
    word = world.draws.parts("grading.day", (plan.batch_id, stay.stage))[0]
    late = world.parameters.number("grading.day_sd") * int(normal_table()[word]) / NORMAL_ONE
    day = round(world.parameters.number((*of_stage, "day")) + late)
    if not 0 < day < stay.days - 1:
        return None
    names = ((plan.batch_id, *path) for path in paths)
    draws = halves(world.draws.each("grading", names, stay.start_day)).reshape(-1, 4)
    spread = spread_table(world.parameters.number("grading.cull_spread"))
    share = np.minimum(mean * (spread[draws[:, 0]] / SPREAD_ONE), 1.0)
    return Loss("culled", day, share, draws[:, 1] / _RANGE)


def after_handling(world: World, losses: Iterable[Loss], days: int) -> Floats:
    """Return the factor that handling puts on the hazard of the days after it, shape (days,)."""
    factor = np.ones(days)
    most = world.parameters.number("grading.hazard_factor")
    lasting = int(world.parameters.number("grading.hazard_days"))
    for loss in losses:
        if loss.kind == "culled":
            since = np.arange(days) - loss.day
            fading = 1.0 - since / (lasting + 1.0)
            factor += np.where((since >= 0) & (since <= lasting), (most - 1.0) * fading, 0.0)
    return factor


def share_kept(losses: Iterable[Loss], containers: int, days: int) -> Floats:
    """Return the part of the fish that losses have left at the start of each day."""
    kept = np.ones((containers, days))
    for loss in losses:
        kept[:, loss.day + 1 :] *= 1.0 - loss.share[:, None]
    return kept


def lost(losses: Sequence[Loss], initial: Counts, dead_in_all: Counts) -> Mapping[Kind, Counts]:
    """Return the fish lost by kind, shape (containers, days).

    Parameters
    ----------
    losses
        By day.
    dead_in_all
        Fish dead from the first day to the end of each, shape (containers, days).
    """
    gone: dict[Kind, Counts] = {
        "culled": np.zeros_like(dead_in_all),
        "escaped": np.zeros_like(dead_in_all),
    }
    left = initial.copy()
    for loss in losses:
        if loss.day < dead_in_all.shape[1]:
            alive = np.maximum(left - dead_in_all[:, loss.day], 0)
            taken = np.minimum(np.floor(alive * loss.share + loss.threshold), alive)
            gone[loss.kind][:, loss.day] += taken.astype(np.int64)
            left -= taken.astype(np.int64)
    return gone
