"""Rows of growth samplings: some fish of a container, and the figures that are theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from grilse.biology.condition import condition_factor
from grilse.biology.growth import cube_root_g
from grilse.expand.grid import Columns, Grid, chosen, empty_columns
from grilse.ground.draws import NORMAL_ONE, halves, normal_table
from grilse.ground.parameters import Parameters
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
class _Samples:
    """Samples of some stays, one after the other, and their fish.

    Attributes
    ----------
    key, date, assignment
        Of each sample, shape (samples,).
    weight_mg, length_cc
        The fish: whole milligrams, and hundredths of a cm, shape (samples, fish).
    """

    key: Ints
    date: Ints
    assignment: Ints
    weight_mg: Floats
    length_cc: Floats


def samplings(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the samples of a batch and the fish in them."""
    grids = [_sampled(world, state, stay) for stay in state.stays]
    grids = [grid for grid in grids if len(grid.row)]
    if grids:
        samples, number = _caught(world, grids), state.plan.number
        yield tables.GROWTH_SAMPLE, {"batch_id": number, **_sample_rows(samples)}
        yield tables.INDIVIDUAL_GROWTH_OBSERVATION, {"batch_id": number, **_fish_rows(samples)}


def _sampled(world: World, state: BatchState, stay: StayState) -> Grid:
    """Choose the container-days of sampling: every so many days of life, while the fish are fed."""
    every = int(world.parameters.number("sampling.every_days"))
    enough = stay.opening >= int(world.parameters.number("sampling.fish"))
    on_day = (stay.start_day + np.arange(stay.days)) % every == 0
    return chosen(state, stay, stay.present & enough & on_day & (stay.stage.fcr > 0))


def _caught(world: World, grids: Sequence[Grid]) -> _Samples:
    """Catch the fish of all samples: each its weight about the mean, and a length to go with it."""
    parameters, fish = world.parameters, int(world.parameters.number("sampling.fish"))
    grams = np.concatenate([grid.of(grid.stay.weight_open_g) for grid in grids])
    k = np.concatenate([_condition(parameters, grid) for grid in grids])
    weight, length, thin = np.empty((3, len(grams), fish))
    filled = 0
    for grid in grids:
        mine = slice(filled, filled + len(grid.row))
        size, shape = _tables(
            parameters.number(("growth", "weight_cv", grid.stay.stage.key)),
            parameters.number("condition.k_cv"),
        )
        draws = _draws(world, grid, fish)
        size.weight.take(draws[..., 0], out=weight[mine], mode="wrap")
        size.length.take(draws[..., 0], out=length[mine], mode="wrap")
        shape.take(draws[..., 1], out=thin[mine], mode="wrap")
        filled = mine.stop
    weight *= (grams * 1000.0)[:, None]
    np.minimum(thin, cube_root_g(k / parameters.number("condition.k_least"))[:, None], out=thin)
    length *= (cube_root_g(grams) * cube_root_g(100.0 / k) * 100.0)[:, None]
    length *= thin
    return _Samples(
        np.concatenate([grid.day_key for grid in grids]),
        np.concatenate([grid.date for grid in grids]),
        np.concatenate([grid.assignment for grid in grids]),
        np.maximum(np.rint(weight, out=weight), 1.0, out=weight),
        np.maximum(np.rint(length, out=length), 1.0, out=length),
    )


def _condition(parameters: Parameters, grid: Grid) -> Floats:
    """Return the mean condition factor of each sample's fish."""
    grams = grid.of(grid.stay.weight_open_g)
    k: Floats = condition_factor(parameters, grid.stay.stage.key, grams)
    return k


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
    week, weekday = np.divmod(grid.day_of_life, _WEEK)
    order = np.lexsort((week, weekday, grid.row))
    stream = (grid.row * _WEEK + weekday)[order]
    starts = np.flatnonzero(np.diff(stream, prepend=-1)).tolist()
    for begin, end in zip(starts, [*starts[1:], len(order)], strict=True):
        at = order[begin:end]
        row, first, last = int(grid.row[at[0]]), int(week[at[0]]), int(week[at[-1]])
        name = (grid.state.plan.batch_id, *grid.stay.containers[row].path, str(weekday[at[0]]))
        drawn = world.draws.days("sampling", name, first, last - first + 1, words.shape[1])
        words[at] = drawn[week[at] - first]
    return halves(words).reshape(len(words), -1, 2)[:, :fish]


def _sample_rows(samples: _Samples) -> Columns:
    weight, length = samples.weight_mg, samples.length_cc
    mean_w, sd_w = _mean_and_deviation(weight.astype(np.int64), 1)
    mean_l, sd_l = _mean_and_deviation(length.astype(np.int64), 10)
    # Whole numbers of these sizes have exact cubes and sums as floats too.
    factor = np.rint(weight * 1e10 / (length * length * length))
    return {
        "growth_sample_id": samples.key,
        "sample_date": samples.date,
        "assignment_id": samples.assignment,
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


def _fish_rows(samples: _Samples) -> Columns:
    """Return the rows of the fish, in the arrays that are written."""
    number = np.arange(1, samples.weight_mg.shape[1] + 1)
    columns = empty_columns(tables.INDIVIDUAL_GROWTH_OBSERVATION, samples.weight_mg.size)
    filled = {
        "observation_id": keys.sub_key(samples.key[:, None], number - 1),
        "growth_sample_id": samples.key[:, None],
        "sample_date": samples.date[:, None],
        "fish_number": number,
        "weight_g": samples.weight_mg,
        "length_cm": samples.length_cc,
    }
    for name, values in filled.items():
        columns[name].reshape(samples.weight_mg.shape)[...] = values
    return columns
