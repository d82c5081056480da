"""Water temperature: a pure function of (site, day, seed), in whole hundredths of a degC.

Sea: the month's mean, plus what the year, the area's year, the region's weather and the area's
own weather differ by. Land: the stage's set point, plus what the month, the station, its year and
the hall's day differ by. Both are held within a range. Integers throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from grilse.biology.parameters import stages
from grilse.ground.draws import Draws
from grilse.ground.parameters import Parameters
from grilse.site.scatter import by_place, by_year, wander
from grilse.site.season import at_hours, hundredths, seasonal

__all__ = ["diurnal", "hatchery_temperature", "mean_temperature", "sea_temperature"]

Integers = NDArray[np.int32]
Range = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Sea:
    """The sea of a geography, in hundredths of a degC."""

    monthly: Range
    year_sd: int
    year_range: Range
    area_year_sd: int
    area_year_range: Range
    weather_sd: int
    area_weather_sd: int
    memory_per_day: float
    bounds: Range


@dataclass(frozen=True, slots=True)
class _Hatchery:
    """A stage's water on land in a geography, in hundredths of a degC."""

    monthly: Range
    year_sd: int
    year_range: Range
    station_sd: int
    station_range: Range
    day_sd: int
    memory_per_day: float
    bounds: Range


def sea_temperature(
    draws: Draws, parameters: Parameters, geography: str, area: str, first_day: int, days: int
) -> Integers:
    """Return the daily mean temperature of a sea area.

    Parameters
    ----------
    geography, area
        Names of the place; all rings of an area share its water.
    first_day
        Day number (days since 1970-01-01), not negative.

    Returns
    -------
    ndarray of int32, shape (days,)
        Hundredths of a degC. A day's value does not depend on the stretch that is asked for.
    """
    sea, region, place = _sea(parameters, geography), (geography,), (geography, area)
    span = first_day, days
    total = seasonal(sea.monthly, *span)
    total += by_year(draws, "water.year", region, sea.year_sd, sea.year_range, *span)
    total += by_year(draws, "water.area_year", place, sea.area_year_sd, sea.area_year_range, *span)
    total += wander(draws, "water.weather", region, sea.weather_sd, sea.memory_per_day, *span)
    total += wander(draws, "water.area", place, sea.area_weather_sd, sea.memory_per_day, *span)
    return _held(total, sea.bounds)


def hatchery_temperature(
    draws: Draws,
    parameters: Parameters,
    geography: str,
    station: str,
    hall: str,
    stage_key: str,
    first_day: int,
    days: int,
) -> Integers:
    """Return the daily mean temperature in a hall while a stage is in it.

    Parameters
    ----------
    geography, station, hall
        Names of the place; all tanks of a hall share its water.
    stage_key
        The stage whose set point is kept.
    first_day
        Day number (days since 1970-01-01), not negative.

    Returns
    -------
    ndarray of int32, shape (days,)
        Hundredths of a degC. A day's value does not depend on the stretch that is asked for.
    """
    land, site = _hatchery(parameters, geography, stage_key), (geography, station)
    span, place = (first_day, days), (geography, station, hall)
    total = seasonal(land.monthly, *span)
    total += by_place(draws, "water.station", site, land.station_sd, land.station_range)
    total += by_year(draws, "water.station_year", site, land.year_sd, land.year_range, *span)
    total += wander(draws, "water.hall", place, land.day_sd, land.memory_per_day, *span)
    return _held(total, land.bounds)


def mean_temperature(
    parameters: Parameters, geography: str, stage_key: str, first_day: int, days: int
) -> NDArray[np.float64]:
    """Return the temperature to be expected, without any draw: for planner and scenario.

    Parameters
    ----------
    stage_key
        Its environment says whether the water is the sea's or a hatchery's.
    first_day
        Day number (days since 1970-01-01), not negative.

    Returns
    -------
    ndarray of float64, shape (days,)
        degC.
    """
    at_sea = _environment(parameters, stage_key) == "sea water"
    water = _sea(parameters, geography) if at_sea else _hatchery(parameters, geography, stage_key)
    return _held(seasonal(water.monthly, first_day, days), water.bounds) / 100.0


def diurnal(
    parameters: Parameters, environment: str, hours: Sequence[float] | None = None
) -> Integers:
    """Return what the hour adds to the day's mean, hundredths of a degC, shape (hours,).

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
    day = hundredths(parameters.numbers(("water", "diurnal", environment)))
    return at_hours(parameters, day, hours)


def _held(values: Integers, bounds: Range) -> Integers:
    low, high = bounds
    return np.minimum(np.maximum(values, low), high)


@lru_cache(maxsize=64)
def _sea(parameters: Parameters, geography: str) -> _Sea:
    at = ("water", "sea", geography)
    return _Sea(
        monthly=hundredths(parameters.numbers((*at, "monthly_mean_c"))),
        year_sd=_hundredth(parameters, (*at, "year_sd_c")),
        year_range=hundredths(parameters.numbers((*at, "year_range_c"))),
        area_year_sd=_hundredth(parameters, (*at, "area_year_sd_c")),
        area_year_range=hundredths(parameters.numbers((*at, "area_year_range_c"))),
        weather_sd=_hundredth(parameters, (*at, "weather_sd_c")),
        area_weather_sd=_hundredth(parameters, (*at, "area_weather_sd_c")),
        memory_per_day=parameters.number((*at, "memory_per_day")),
        bounds=hundredths(parameters.numbers((*at, "range_c"))),
    )


@lru_cache(maxsize=256)
def _hatchery(parameters: Parameters, geography: str, stage_key: str) -> _Hatchery:
    stage = ("water", "hatchery", "stage", stage_key, geography)
    at = ("water", "hatchery", "variation", geography)
    mean = _hundredth(parameters, (*stage, "mean_c"))
    offset = hundredths(parameters.numbers((*at, "monthly_offset_c")))
    return _Hatchery(
        monthly=tuple(mean + month for month in offset),
        year_sd=_hundredth(parameters, (*at, "year_sd_c")),
        year_range=hundredths(parameters.numbers((*at, "year_range_c"))),
        station_sd=_hundredth(parameters, (*at, "station_sd_c")),
        station_range=hundredths(parameters.numbers((*at, "station_range_c"))),
        day_sd=_hundredth(parameters, (*at, "day_sd_c")),
        memory_per_day=parameters.number((*at, "memory_per_day")),
        bounds=hundredths(parameters.numbers((*stage, "range_c"))),
    )


def _hundredth(parameters: Parameters, path: tuple[str, ...]) -> int:
    return hundredths((parameters.number(path),))[0]


def _environment(parameters: Parameters, stage_key: str) -> str:
    return next(stage.environment for stage in stages(parameters) if stage.key == stage_key)
