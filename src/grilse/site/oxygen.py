"""Oxygen saturation: a pure function of (site, day, seed), in whole per mille.

The month's level, plus what the place and the day differ by, held within a range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from grilse.ground.draws import Draws
from grilse.ground.parameters import Parameters
from grilse.site.scatter import by_place, wander
from grilse.site.season import at_hours, seasonal

__all__ = ["hatchery_saturation", "missing_oxygen", "saturation_diurnal", "sea_saturation"]

Integers = NDArray[np.int32]
Range = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Level:
    """Saturation on land or at sea in a geography, per mille."""

    monthly: Range
    place_sd: int
    place_range: Range
    day_sd: int
    memory_per_day: float
    bounds: Range


def sea_saturation(
    draws: Draws, parameters: Parameters, geography: str, area: str, first_day: int, days: int
) -> Integers:
    """Return the daily mean saturation of a sea area, per mille, int32 of shape (days,).

    Lower in autumn. `first_day` is a day number, not negative; a day's value does not depend on
    the stretch that is asked for.
    """
    level = _level(parameters, "sea", geography)
    return _saturation(draws, level, (geography, area), first_day, days)


def hatchery_saturation(
    draws: Draws,
    parameters: Parameters,
    geography: str,
    station: str,
    hall: str,
    first_day: int,
    days: int,
) -> Integers:
    """Return the daily mean saturation in a hall, per mille, int32 of shape (days,).

    `first_day` is a day number, not negative; a day's value does not depend on the stretch that
    is asked for.
    """
    level = _level(parameters, "hatchery", geography)
    return _saturation(draws, level, (geography, station, hall), first_day, days)


def saturation_diurnal(
    parameters: Parameters, environment: str, hours: Sequence[float] | None = None
) -> Integers:
    """Return what the hour adds to the day's mean, per mille, int32 of shape (hours,).

    Parameters
    ----------
    environment
        ``fresh water`` or ``sea water``.
    hours
        Hours of the day, 0 to 23 UTC; None for those of the readings.
    """
    return _diurnal(parameters, environment, None if hours is None else tuple(hours))


@lru_cache(maxsize=16)
def _diurnal(parameters: Parameters, environment: str, hours: tuple[float, ...] | None) -> Integers:
    day = _per_mille(parameters.numbers(("oxygen", "diurnal", environment)))
    return at_hours(parameters, day, hours)


def missing_oxygen(parameters: Parameters, course: NDArray[np.float64]) -> Integers:
    """Return what an oxygen drop takes from a place, per mille, by its course: 1 an ordinary one's.

    No place has less oxygen than none: the result is 1000 at most.
    """
    height = parameters.number("injected.oxygen_drop.saturation_pct") * 10.0
    return np.minimum(np.rint(height * course), 1000.0).astype(np.int32)


def _saturation(
    draws: Draws, level: _Level, name: tuple[str, ...], first_day: int, days: int
) -> Integers:
    total = seasonal(level.monthly, first_day, days)
    total += by_place(draws, "oxygen.place", name, level.place_sd, level.place_range)
    total += wander(draws, "oxygen.day", name, level.day_sd, level.memory_per_day, first_day, days)
    low, high = level.bounds
    return np.minimum(np.maximum(total, low), high)


@lru_cache(maxsize=64)
def _level(parameters: Parameters, where: str, geography: str) -> _Level:
    at = ("oxygen", where, geography)
    return _Level(
        monthly=_per_mille(parameters.numbers((*at, "monthly_saturation_pct"))),
        place_sd=_per_mille((parameters.number((*at, "place_sd_pct")),))[0],
        place_range=_per_mille(parameters.numbers((*at, "place_range_pct"))),
        day_sd=_per_mille((parameters.number((*at, "day_sd_pct")),))[0],
        memory_per_day=parameters.number((*at, "memory_per_day")),
        bounds=_per_mille(parameters.numbers((*at, "range_pct"))),
    )


def _per_mille(percent: tuple[float, ...]) -> Range:
    return tuple(round(value * 10.0) for value in percent)
