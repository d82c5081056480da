"""Transfers: all fish of one stay into the containers of the next, move by move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from grilse.biology.growth import cube_root_g
from grilse.ground.draws import SPREAD_ONE, halves, spread_table
from grilse.schedule.model import BatchPlan
from grilse.simulate.state import Counts, Floats, Ints, StayState, Transfer
from grilse.simulate.world import World

__all__ = ["arrivals", "moves", "transfer"]

_HALF_RANGE = 65536


def moves(source: Counts, destinations: int) -> tuple[Ints, Ints, Counts]:
    """Share all fish evenly among the destinations with as few moves as that needs.

    Parameters
    ----------
    source
        Fish in each source container.
    destinations
        How many containers they go into.

    Returns
    -------
    tuple of arrays
        For each move its source, its destination and its fish. As many destinations as sources
        keep their fish together, one to one; else the sources are emptied in order into
        destinations filled in order, each with its even share.
    """
    if len(source) == destinations:
        same = np.arange(destinations)
        return same, same, source
    total = int(source.sum())
    share = np.full(destinations, total // destinations)
    share[: total % destinations] += 1
    out, into = np.cumsum(source), np.cumsum(share)
    cuts = np.union1d(out, into)
    fish = np.diff(cuts, prepend=0)
    last = cuts - 1
    real = fish > 0
    came_from = np.searchsorted(out, last, side="right")
    went_to = np.searchsorted(into, last, side="right")
    return came_from[real], went_to[real], fish[real]


def transfer(
    world: World,
    plan: BatchPlan,
    stay: StayState,
    to_index: int,
    to_paths: Sequence[tuple[str, ...]],
) -> Transfer:
    """Move the fish of a stay into the containers of the batch's next one."""
    closing, weight = stay.closing[:, -1], stay.weight_g[:, -1]
    source, destination, taken = moves(closing, len(to_paths))
    names = (
        (plan.batch_id, *stay.containers[a].path, *to_paths[b])
        for a, b in zip(source.tolist(), destination.tolist(), strict=True)
    )
    dead = _dead(world, names, taken)
    day = stay.start_day + stay.days
    return Transfer(
        day, stay.stage_index, to_index, source, destination, taken, dead, weight[source]
    )


def arrivals(move: Transfer, destinations: int) -> tuple[Counts, Floats]:
    """Return the fish that arrive in each destination, and the cube root of their mean weight."""
    arrived = move.taken - move.dead
    fish = np.bincount(move.destination, arrived, destinations)
    grams = np.bincount(move.destination, arrived * move.weight_g, destinations)
    mean = grams / np.maximum(fish, 1.0)
    fallback = move.weight_g[0] if len(move.weight_g) else 1.0
    return fish.astype(np.int64), cube_root_g(np.where(fish > 0, mean, fallback))


def _dead(world: World, names: Iterable[tuple[str, ...]], fish: Counts) -> Counts:
    """Fish of each move that die of it; `names` are the moves', `fish` those moved."""
    draw = halves(world.draws.each("transfer", names)).reshape(-1, 4)
    spread = spread_table(world.parameters.number("transfer.loss_spread"))
    share = world.parameters.number("transfer.loss_share")
    mean = fish * share * (spread[draw[:, 0]] / SPREAD_ONE)
    return np.minimum(fish, np.floor(mean + draw[:, 1] / _HALF_RANGE).astype(np.int64))
