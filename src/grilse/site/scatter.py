"""Scatter about the season: by place, by year and from day to day, in integers from named draws.

Each is a function of its name and of the day alone: a stretch of days gives what any other
stretch gives for the same days.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from grilse.ground.draws import NORMAL_ONE, Draws, halves, normal_table
from grilse.site.season import QUARTERS_A_YEAR

__all__ = ["WINDOW_DAYS", "by_place", "by_year", "wander"]

Integers = NDArray[np.int32]
Range = tuple[int, ...]

WINDOW_DAYS = 64
"""How many days' draws a day's wander is made of."""

_NORMAL_BITS = NORMAL_ONE.bit_length() - 1
_WEIGHT_BITS = 10


def by_place(draws: Draws, decision: str, name: Sequence[str], sd: int, bounds: Range) -> int:
    """Return what a place differs by for ever: normal, held within `bounds`."""
    normal = int(normal_table()[draws.parts(decision, name)[0]])
    low, high = bounds
    return min(max((normal * sd + (1 << (_NORMAL_BITS - 1))) >> _NORMAL_BITS, low), high)


def by_year(
    draws: Draws,
    decision: str,
    name: Sequence[str],
    sd: int,
    bounds: Range,
    first_day: int,
    days: int,
) -> Integers:
    """Return what years differ by: a draw a year, held in the middle of it, straight lines between.

    Parameters
    ----------
    sd, bounds
        Standard deviation of the draws, and the range that holds them.
    first_day
        Day number, not negative.

    Returns
    -------
    ndarray of int32, shape (days,)
        In the unit of `sd`.
    """
    first, begun = divmod(4 * first_day + QUARTERS_A_YEAR // 2, QUARTERS_A_YEAR)
    quarter = np.arange(begun, begun + 4 * days, 4)
    place = quarter // QUARTERS_A_YEAR
    years = int(place[-1]) + 2 if days else 2
    anchor = _bounded(_normals(draws.words(decision, name, first, years)), sd, bounds)
    # From a year's anchor on: what it was, and what each quarter of a day since has added.
    since = quarter - place * QUARTERS_A_YEAR
    between: NDArray[np.int64] = (anchor * QUARTERS_A_YEAR)[place] + np.diff(anchor)[place] * since
    return (between // QUARTERS_A_YEAR).astype(np.int32)


def wander(
    draws: Draws,
    decision: str,
    name: Sequence[str],
    sd: int,
    memory_per_day: float,
    first_day: int,
    days: int,
) -> Integers:
    """Return what days differ by: a moving average of normal draws that fades day by day.

    Parameters
    ----------
    sd
        Standard deviation of a day's value.
    memory_per_day
        How much a draw weighs on the next day, 0 to 0.97; after `WINDOW_DAYS` days nothing.
    first_day
        Day number, not negative.

    Returns
    -------
    ndarray of int32, shape (days,)
        In the unit of `sd`.
    """
    words = draws.days(decision, name, first_day, days + WINDOW_DAYS - 1, 1)
    normals = normal_table().take(halves(words)[:, 0]).astype(np.float64)
    # Whole numbers far below 2**53: exact as floats in any order, and summed thrice as fast.
    total = np.correlate(normals, _weights(memory_per_day), mode="valid")[:days]
    return _scaled(total.astype(np.int64), sd, _NORMAL_BITS + _WEIGHT_BITS).astype(np.int32)


def _normals(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return a normal integer a word, in units of 1/4096."""
    return normal_table().take(halves(words)[::4]).astype(np.int64)


def _bounded(normals: NDArray[np.int64], sd: int, bounds: Range) -> NDArray[np.int64]:
    low, high = bounds
    return np.minimum(np.maximum(_scaled(normals, sd, _NORMAL_BITS), low), high)


def _scaled(values: NDArray[np.int64], sd: int, bits: int) -> NDArray[np.int64]:
    """Return values x sd / 2**bits, rounded to the nearest."""
    return (values * sd + (1 << (bits - 1))) >> bits


@lru_cache(maxsize=64)
def _weights(memory_per_day: float) -> NDArray[np.float64]:
    """Return the whole weights of the last days' draws, latest last: squares add up to 2**20."""
    raw = np.cumprod(np.concatenate([np.ones(1), np.full(WINDOW_DAYS - 1, memory_per_day)]))
    norm = np.sqrt(np.cumsum(raw * raw)[-1])
    weights: NDArray[np.float64] = np.rint(raw / norm * (1 << _WEIGHT_BITS))[::-1].copy()
    weights.setflags(write=False)
    return weights
