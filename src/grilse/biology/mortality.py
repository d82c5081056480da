"""Base mortality: what dies in a stage on an ordinary day, and of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from grilse.biology.curve import Curve, curve_of
from grilse.ground.parameters import DEFAULT, Parameters

__all__ = ["DAYS_PER_MONTH", "StageMortality", "cause_shares", "daily_hazard", "stage_mortality"]

DAYS_PER_MONTH = 30.4375
"""Mean length of a month, by which a loss a month becomes one a day."""


@dataclass(frozen=True, eq=False, slots=True)
class StageMortality:
    """How a stage dies in a geography.

    Attributes
    ----------
    base_per_day
        Part of the fish that die on a day on which every factor is 1.
    by_day, by_weight, by_temperature
        Factors by day of the stage, mean weight (g) and temperature (degC).
    """

    base_per_day: float
    by_day: Curve
    by_weight: Curve
    by_temperature: Curve


@lru_cache(maxsize=256)
def stage_mortality(parameters: Parameters, stage_key: str, geography: str) -> StageMortality:
    """Return the mortality of a stage in a geography, by default where the file names neither."""
    path = ("mortality", "stage", stage_key, geography)
    percent = parameters.number((*path, "base_pct_per_month"))
    return StageMortality(
        percent / 100.0 / DAYS_PER_MONTH,
        curve_of(parameters.table((*path, "by_day")), "day", "factor"),
        curve_of(parameters.table((*path, "by_weight")), "weight_g", "factor"),
        curve_of(parameters.table((*path, "by_temperature")), "temp_c", "factor"),
    )


def daily_hazard(
    parameters: Parameters,
    stage_key: str,
    geography: str,
    weight_g: ArrayLike,
    temp_c: ArrayLike,
    day_of_stage: ArrayLike,
    season: ArrayLike = 1.0,
) -> Any:
    """Return the part of the fish that is expected to die on a day: base x factors.

    Parameters
    ----------
    weight_g
        Mean weight, g, 0.05 to 15000.
    temp_c
        Mean temperature of the day, degC, 0 to 25.
    day_of_stage
        Days since the fish entered the stage, 0 the first.
    season
        The site's factor for the time of the year, see ``site.season.mortality_season``.

    Returns
    -------
    float or ndarray of float64
        0 to 1, in the shape that the arguments broadcast to. Additions and multiplications alone.
    """
    how = stage_mortality(parameters, stage_key, geography)
    of_day = how.base_per_day * how.by_day(day_of_stage) * how.by_temperature(temp_c)
    factors = of_day * np.asarray(season, np.float64) * how.by_weight(weight_g)
    return np.minimum(factors, 1.0)[()]


@lru_cache(maxsize=256)
def cause_shares(
    parameters: Parameters, stage_key: str, geography: str = DEFAULT
) -> Mapping[str, float]:
    """Return the causes of a stage's ordinary deaths and their shares, which add up to 1."""
    table = parameters.table(("mortality", "stage", stage_key, geography, "cause"))
    names, parts = map(str, table["name"]), map(float, table["share"])
    return dict(zip(names, parts, strict=True))
