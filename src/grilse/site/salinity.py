"""Salinity at sea: a pure function of (area, day, seed), in whole hundredths of g/kg.

The month's level, less the freshets: what of a day-to-day scatter stands above a threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from grilse.ground.draws import NORMAL_ONE, Draws
from grilse.ground.parameters import Parameters
from grilse.site.scatter import wander
from grilse.site.season import hundredths, seasonal

__all__ = ["sea_salinity"]

Integers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Salt:
    """Salinity of a geography's sea, hundredths of g/kg; the threshold in units of the draws."""

    monthly: tuple[int, ...]
    freshet_sd: int
    threshold: int
    memory_per_day: float
    bounds: tuple[int, ...]


def sea_salinity(
    draws: Draws, parameters: Parameters, geography: str, area: str, first_day: int, days: int
) -> Integers:
    """Return the daily mean salinity of a sea area.

    Parameters
    ----------
    first_day
        Day number (days since 1970-01-01), not negative.

    Returns
    -------
    ndarray of int32, shape (days,)
        Hundredths of g/kg. A day's value does not depend on the stretch that is asked for.
    """
    salt = _salt(parameters, geography)
    rain = wander(
        draws, "salinity", (geography, area), NORMAL_ONE, salt.memory_per_day, first_day, days
    )
    freshet = np.maximum(rain - salt.threshold, 0) * salt.freshet_sd // NORMAL_ONE
    low, high = salt.bounds
    total: Integers = seasonal(salt.monthly, first_day, days) - freshet
    return np.minimum(np.maximum(total, low), high)


@lru_cache(maxsize=64)
def _salt(parameters: Parameters, geography: str) -> _Salt:
    at = ("salinity", geography)
    return _Salt(
        monthly=hundredths(parameters.numbers((*at, "monthly_mean"))),
        freshet_sd=hundredths((parameters.number((*at, "freshet_sd")),))[0],
        threshold=round(parameters.number((*at, "freshet_threshold")) * NORMAL_ONE),
        memory_per_day=parameters.number((*at, "memory_per_day")),
        bounds=hundredths(parameters.numbers((*at, "range"))),
    )
