"""Rows of welfare: every month some fish of a container, each with its scores from 0 to 3.

A score is the number of steps below a sum: what is usual, what has happened to the fish of late,
what the fish is like as a whole, and chance. So a fish that fares badly does so in many ways, and
an outbreak shows in the scores that belong to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grilse.biology.condition import condition_factor, length_cm
from grilse.expand.grid import Columns, Grid, chosen, joined
from grilse.ground.draws import NORMAL_ONE, halves, normal_table
from grilse.ground.parameters import Parameters
from grilse.simulate.state import BatchState, Floats, Ints, StayState
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue import health as tables
from grilse.tables.catalogue.events import MORTALITY_CAUSES
from grilse.tables.schema import Table

__all__ = ["welfare_rows"]

_KINDS = ("handled", "lice", "gill", "ulcer", "ill")
_KIND_OF_CAUSE = {
    "VACCINATION": "handled", "DELOUSING": "handled", "HANDLING": "handled", "LICE": "lice",
    "GILL_DISEASE": "gill", "JELLYFISH": "gill", "WINTER_ULCER": "ulcer", "PD": "ill",
    "CMS": "ill", "DISEASE": "ill",
}  # fmt: skip
"""What burdens of a cause leave behind on fish; those of others leave nothing to be seen."""

_WIDEST_Z = 3.0
_OWN_DRAWS = 4
"""Of each fish: its weight, how it fares as a whole, its shape, and one in reserve."""


@dataclass(frozen=True)
class _Scored:
    """Fish looked at, shape (samples, fish), scores with an axis of indicators before."""

    weight_mg: Ints
    length_cc: Ints
    scores: NDArray[np.int8]


def welfare_rows(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the welfare samples of a batch and the fish in them."""
    samples, fish = [], []
    stages = world.parameters.texts("welfare.stages")
    for stay in state.stays:
        if stay.stage.key in stages:
            grid = _sampled(world, state, stay)
            if len(grid.row):
                seen = _scored(world, grid)
                samples.append(_sample_rows(grid, seen))
                fish.append(_fish_rows(grid, seen))
    for table, parts in ((tables.WELFARE_SAMPLE, samples), (tables.WELFARE_OBSERVATION, fish)):
        columns = joined(parts, table)
        if columns is not None:
            yield table, columns


def _sampled(world: World, state: BatchState, stay: StayState) -> Grid:
    every = int(world.parameters.number("welfare.every_days"))
    enough = stay.opening >= int(world.parameters.number("welfare.fish"))
    on_day = (stay.start_day + np.arange(stay.days)) % every == 0
    return chosen(state, stay, stay.present & enough & on_day)


def _scored(world: World, grid: Grid) -> _Scored:
    parameters, stage = world.parameters, grid.stay.stage.key
    table = parameters.table("welfare.indicator")
    indicators = len(table["name"])
    z = _draws(world, grid, int(parameters.number("welfare.fish")), indicators)
    own, chance = z[:_OWN_DRAWS], z[_OWN_DRAWS:]
    shared = parameters.number("welfare.within_fish")
    level = (_level(world, grid) + _column(table["usual"])).T[:, :, None]
    sums = level + float(np.sqrt(shared)) * own[1]
    chance *= float(np.sqrt(1.0 - shared))
    sums += chance
    thin = table["name"].index("emaciation_score")
    sums[thin] -= parameters.number("welfare.thin_z") * own[0]
    scores = np.zeros(sums.shape, np.int8)
    for step in parameters.numbers("welfare.steps"):
        scores += sums >= step
    return _with_size(parameters, stage, grid, own, scores, scores[thin])


def _with_size(
    parameters: Parameters,
    stage: str,
    grid: Grid,
    own: Floats,
    scores: NDArray[np.int8],
    thin: NDArray[np.int8],
) -> _Scored:
    """Return the fish with weight and length: thin ones are lighter than their length says."""
    grams = grid.of(grid.stay.weight_open_g)[:, None]
    cv = parameters.number(("growth", "weight_cv", stage))
    weight = grams * (1.0 + cv * np.clip(own[0], -_WIDEST_Z, _WIDEST_Z))
    usual = condition_factor(parameters, stage, grid.of(grid.stay.weight_open_g))[:, None]
    shape = np.clip(own[2], -_WIDEST_Z, _WIDEST_Z)
    k = usual * (1.0 + parameters.number("condition.k_cv") * shape) * (1.0 - 0.05 * thin)
    k = np.maximum(k, parameters.number("condition.k_least"))
    return _Scored(
        np.maximum(np.rint(weight * 1000.0), 1.0).astype(np.int64),
        np.maximum(np.rint(length_cm(weight, k) * 100.0), 1.0).astype(np.int64),
        scores,
    )


def _level(world: World, grid: Grid) -> Floats:
    """Return what has happened adds to each sample's sums, shape (samples, indicators)."""
    table = world.parameters.table("welfare.indicator")
    kilos = grid.of(grid.stay.weight_open_g) / 1000.0
    level = kilos[:, None] * _column(table["kilo"])
    past = _past(world, grid.stay)
    for kind in _KINDS:
        if kind in past:
            level = level + grid.of(past[kind])[:, None] * _column(table[kind])
    return level


def _past(world: World, stay: StayState) -> dict[str, Floats]:
    """Return what marks the fish of late, by kind, as a share of full, shape (containers, days)."""
    memory = int(world.parameters.number("welfare.memory_days"))
    full = world.parameters.number("welfare.full_pct_per_day") / 100.0
    since = np.arange(stay.days)
    moved = np.maximum(1.0 - since / memory, 0.0) if stay.stage_index else np.zeros(stay.days)
    found = {"handled": np.broadcast_to(moved, stay.opening.shape)}
    for each in stay.burdens:
        kind = _KIND_OF_CAUSE.get(MORTALITY_CAUSES[each.cause])
        if kind is not None and each.hazard.any():
            share = np.minimum(_mean_of_last(each.hazard, memory) / full, 1.5)
            found[kind] = found[kind] + share if kind in found else share
    return found


def _mean_of_last(values: Floats, days: int) -> Floats:
    """Return the mean of the last days up to and without each, shape (containers, days)."""
    total = np.cumsum(values, axis=1) - values
    before = np.zeros_like(total)
    before[:, days:] = total[:, :-days]
    return np.maximum(total - before, 0.0) / days


def _draws(world: World, grid: Grid, fish: int, indicators: int) -> Floats:
    """Draw standard deviations, shape (own + indicators, samples, fish).

    A container has one stream; a sample's place in it is its place in the calendar of life.
    """
    each = _OWN_DRAWS + indicators
    words = -(-fish * each // 4)
    every = int(world.parameters.number("welfare.every_days"))
    turn = grid.day_of_life // every
    drawn = np.empty((len(grid.row), words), np.uint64)
    starts = grid.row.searchsorted(np.arange(len(grid.stay.containers) + 1)).tolist()
    for ref, begin, end in zip(grid.stay.containers, starts[:-1], starts[1:], strict=True):
        if begin < end:
            first, last = int(turn[begin]), int(turn[end - 1])
            name = (grid.state.plan.batch_id, *ref.path)
            stream = world.draws.days("welfare", name, first, last - first + 1, words)
            drawn[begin:end] = stream[turn[begin:end] - first]
    some = halves(drawn)[:, : fish * each].reshape(len(drawn), fish, each)
    z: Floats = normal_table().take(some.transpose(2, 0, 1)) / NORMAL_ONE
    return z


def _column(values: object) -> NDArray[np.float64]:
    return np.asarray(values, np.float64)


def _sample_rows(grid: Grid, seen: _Scored) -> Columns:
    indicators, _, fish = seen.scores.shape
    many, total = indicators * fish, seen.scores.sum(axis=(0, 2), dtype=np.int64)
    return {
        "welfare_sample_id": grid.day_key,
        "sample_date": grid.date,
        **grid.place,
        "sample_size": np.full(len(total), fish),
        "avg_score": (2000 * total + many) // (2 * many),
        "fish_marked": (seen.scores >= 2).any(axis=0).sum(axis=1),
    }


def _fish_rows(grid: Grid, seen: _Scored) -> Columns:
    samples, each = seen.weight_mg.shape
    number = np.arange(1, each + 1)
    names = list(tables.WELFARE_INDICATORS)
    return {
        "welfare_observation_id": keys.sub_key(grid.day_key[:, None], number - 1).ravel(),
        "welfare_sample_id": np.repeat(grid.day_key, each),
        "sample_date": np.repeat(grid.date, each),
        "batch_id": grid.state.plan.number,
        "fish_number": np.tile(number, samples),
        "weight_g": seen.weight_mg.ravel(),
        "length_cm": seen.length_cc.ravel(),
        **{name: seen.scores[at].ravel() for at, name in enumerate(names)},
    }
