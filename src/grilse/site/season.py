"""The seasons: monthly values drawn out to days, in integers, the same every year.

A year is 1,461 quarters of a day long, so that four of them hold exactly one leap day: the season
of a day is that of the calendar to within a day from 1970 to 2099.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from grilse.ground.parameters import Parameters

__all__ = ["QUARTERS_A_YEAR", "at_hours", "hundredths", "mortality_season", "seasonal"]

QUARTERS_A_YEAR = 1461
"""Quarters of a day in a year of 365.25 days."""

_QUARTERS_A_MONTH = (124, 113, 124, 120, 124, 120, 124, 124, 120, 124, 120, 124)

Integers = NDArray[np.int32]


def at_hours(parameters: Parameters, day: Sequence[int], hours: Sequence[float] | None) -> Integers:
    """Pick some hours from a day's 24 values; those of the readings where none are given."""
    if hours is None:
        hours = parameters.numbers("environment.reading_hours")
    chosen = np.array([day[int(hour)] for hour in hours], np.int32)
    chosen.setflags(write=False)
    return chosen


def hundredths(values: tuple[float, ...]) -> tuple[int, ...]:
    """Round parameters to whole hundredths of their unit."""
    return tuple(round(value * 100.0) for value in values)


def seasonal(monthly: tuple[int, ...], first_day: int, days: int) -> Integers:
    """Return each day's value on straight lines between the middles of the months.

    Parameters
    ----------
    monthly
        Twelve integers, January first, each its month's value in the middle of it.
    first_day
        Day number, not negative.

    Returns
    -------
    ndarray of int32, shape (days,)
        In the unit of `monthly`.
    """
    begun = 4 * first_day % QUARTERS_A_YEAR
    chosen: Integers = _year(monthly).take(np.arange(begun, begun + 4 * days, 4), mode="wrap")
    return chosen


def mortality_season(
    parameters: Parameters, geography: str, first_day: int, days: int
) -> NDArray[np.float64]:
    """Return the factor that the time of the year puts on deaths at sea, shape (days,), mean 1."""
    monthly = parameters.numbers(("mortality", "season", geography))
    return seasonal(hundredths(monthly), first_day, days) / 100.0


@lru_cache(maxsize=256)
def _year(monthly: tuple[int, ...]) -> Integers:
    """Return a year's values, one a quarter of a day."""
    length = np.array(_QUARTERS_A_MONTH)
    middle = np.cumsum(length) - length // 2
    at = np.concatenate([[middle[-1] - QUARTERS_A_YEAR], middle, [middle[0] + QUARTERS_A_YEAR]])
    value = np.array([monthly[-1], *monthly, monthly[0]])
    quarter = np.arange(QUARTERS_A_YEAR)
    left = np.searchsorted(at, quarter, side="right") - 1
    gap, past = at[left + 1] - at[left], quarter - at[left]
    total = value[left] * (gap - past) + value[left + 1] * past
    table: Integers = ((total + gap // 2) // gap).astype(np.int32)
    table.setflags(write=False)
    return table
