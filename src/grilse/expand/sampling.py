"""Rows of growth samplings: some fish of a container, and the figures that are theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from grilse.biology.condition import condition_factor
from grilse.biology.growth import cube_root_g
from grilse.expand.grid import Columns, Grid, chosen, joined
from grilse.ground.draws import NORMAL_ONE, halves, normal_table
from grilse.simulate.state import BatchState, Floats, Ints, StayState
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue import events as tables
from grilse.tables.schema import Table

__all__ = ["samplings"]

_WIDEST_Z = 3.0
"""Standard deviations beyond which no sampled fish lies."""

_FISH_A_BLOCK = 32
"""Fish of a sample whose draws are taken together: two 16-bit words a fish, 16 words a block."""

_WEEK = 7


@dataclass(frozen=True)
class _Fish:
    """Sampled fish, shape (samples, fish): weight in mg, length in hundredths of a cm."""

    weight_mg: Ints
    length_cc: Ints


def samplings(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the samples of a batch and the fish in them."""
    samples, fish = [], []
    for stay in state.stays:
        grid = _sampled(world, state, stay)
        if len(grid.row):
            caught = _catch(world, grid)
            samples.append(_sample_rows(grid, caught))
            fish.append(_fish_rows(grid, caught))
    for table, parts in (
        (tables.GROWTH_SAMPLE, samples),
        (tables.INDIVIDUAL_GROWTH_OBSERVATION, fish),
    ):
        columns = joined(parts)
        if columns is not None:
            yield table, columns


def _sampled(world: World, state: BatchState, stay: StayState) -> Grid:
    """Choose the container-days of sampling: every so many days of life, while the fish are fed."""
    every = int(world.parameters.number("sampling.every_days"))
    enough = stay.opening >= int(world.parameters.number("sampling.fish"))
    on_day = (stay.start_day + np.arange(stay.days)) % every == 0
    return chosen(state, stay, stay.present & enough & on_day & (stay.stage.fcr > 0))


def _catch(world: World, grid: Grid) -> _Fish:
    parameters, stage = world.parameters, grid.stay.stage.key
    fish = int(parameters.number("sampling.fish"))
    size, shape = _tables(
        parameters.number(f"growth.weight_cv.{stage}"),
        parameters.number("condition.k_cv"),
    )
    draws = _draws(world, grid, fish)
    grams = grid.of(grid.stay.weight_open_g)
    k = condition_factor(parameters, stage, grams)
    mean_length_cm = cube_root_g(grams) * cube_root_g(100.0 / k)
    weight = grams[:, None] * 1000.0 * size.weight[draws[..., 0]]
    longest = cube_root_g(k / parameters.number("condition.k_least"))
    thin = np.minimum(shape[draws[..., 1]], longest[:, None])
    length = mean_length_cm[:, None] * 100.0 * size.length[draws[..., 0]] * thin
    return _Fish(
        np.maximum(np.rint(weight), 1.0).astype(np.int64),
        np.maximum(np.rint(length), 1.0).astype(np.int64),
    )


@dataclass(frozen=True)
class _Size:
    """By 16-bit word, a fish's weight over the mean, and its length over the mean fish's."""

    weight: Floats
    length: Floats


@lru_cache(maxsize=64)
def _tables(weight_cv: float, k_cv: float) -> tuple[_Size, Floats]:
    """Return tables of size, and of length at equal weight for a fish that is thin or fat."""
    z = np.clip(normal_table() / NORMAL_ONE, -_WIDEST_Z, _WIDEST_Z)
    weight = 1.0 + weight_cv * z
    return _Size(weight, cube_root_g(weight)), 1.0 / cube_root_g(1.0 + k_cv * z)


def _draws(world: World, grid: Grid, fish: int) -> NDArray[np.uint16]:
    """Draw two 16-bit words a fish, shape (samples, fish, 2).

    A container has one stream for each day of the week of life, so that weekly samples lie side
    by side in theirs and a denser cadence leaves them as they were.
    """
    blocks = -(-fish // _FISH_A_BLOCK)
    words = np.empty((len(grid.row), blocks * _FISH_A_BLOCK // 2), np.uint64)
    day = grid.day_of_life
    rows = np.searchsorted(grid.row, np.arange(len(grid.stay.containers) + 1))
    for row, ref in enumerate(grid.stay.containers):
        mine = np.arange(rows[row], rows[row + 1])
        weekdays = day[mine] % _WEEK
        for weekday in set(weekdays.tolist()):
            at = mine[weekdays == weekday]
            week = day[at] // _WEEK
            name = (grid.state.plan.batch_id, *ref.path, str(weekday))
            first, weeks = int(week[0]), int(week[-1] - week[0]) + 1
            stream = world.draws.days("sampling", name, first, weeks, words.shape[1])
            words[at] = stream[week - first]
    return halves(words).reshape(len(words), -1, 2)[:, :fish]


def _sample_rows(grid: Grid, fish: _Fish) -> Columns:
    weight, length = fish.weight_mg, fish.length_cc
    mean_w, sd_w = _mean_and_deviation(weight, 1)
    mean_l, sd_l = _mean_and_deviation(length, 10)
    factor = np.rint(weight * 1e10 / (length * length * length)).astype(np.int64)
    return {
        "growth_sample_id": grid.day_key,
        "sample_date": grid.date,
        "batch_id": grid.state.plan.number,
        "assignment_id": grid.assignment,
        "sample_size": np.full(len(weight), weight.shape[1]),
        "avg_weight_g": mean_w,
        "std_weight_g": sd_w,
        "min_weight_g": weight.min(axis=1),
        "max_weight_g": weight.max(axis=1),
        "avg_length_cm": mean_l,
        "std_length_cm": sd_l,
        "condition_factor": np.rint(factor.sum(axis=1) / (factor.shape[1] * 100.0)),
    }


def _mean_and_deviation(values: Ints, finer: int) -> tuple[Ints, Ints]:
    """Return each row's mean and sample standard deviation, in units `finer` times smaller.

    Sums of integers are exact, so neither depends on the order of the fish.
    """
    n = values.shape[1]
    total = values.sum(axis=1)
    centre = total // n
    off = values - centre[:, None]
    rest = total - n * centre
    squares = n * (off * off).sum(axis=1) - rest * rest
    deviation = np.sqrt(squares / (n * max(n - 1, 1))) * finer
    return np.rint(total * finer / n).astype(np.int64), np.rint(deviation).astype(np.int64)


def _fish_rows(grid: Grid, fish: _Fish) -> Columns:
    samples, each = fish.weight_mg.shape
    number = np.arange(1, each + 1)
    return {
        "observation_id": keys.sub_key(grid.day_key[:, None], number - 1).ravel(),
        "growth_sample_id": np.repeat(grid.day_key, each),
        "sample_date": np.repeat(grid.date, each),
        "batch_id": grid.state.plan.number,
        "fish_number": np.tile(number, samples),
        "weight_g": fish.weight_mg.ravel(),
        "length_cm": fish.length_cc.ravel(),
    }
