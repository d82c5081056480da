"""Weather of a sea area: pure functions of (area, day, seed), in whole numbers.

A region's fronts and an area's own days make up how stormy a day is: from that come its wind and
waves, its rain and its clouds. The air's warmth, the wind's and the swell's direction go their own
ways.
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
from grilse.site.season import hundredths, seasonal

__all__ = ["Weather", "area_weather"]

Integers = NDArray[np.int32]

_ONE = 1000
_FULL_CIRCLE_DEG = 360
_FRONT, _OWN = 8, 6
"""Tenths of a front and of the area's own scatter in a day's: their squares add up to one."""

_LEAST_WIND_CM_S = 20
_WAVE_CM_PER_M2_S2 = 2.1
"""Height of the waves that a lasting wind of 1 m/s raises in the open: 0.21 U^2 / g."""

_PERIOD_S_PER_ROOT_M = 3.6
_LEAST_PERIOD_S = 1.5


@dataclass(frozen=True, slots=True)
class Weather:
    """Days of an area's weather, int32 of shape (days,) each, in hundredths unless named.

    Attributes
    ----------
    air_centi_c
        Mean temperature of the air, degC.
    wind_cm_s, wind_from_deg
        Mean wind, m/s, and where it blows from, whole degrees.
    rain_centi_mm
        Rain of the day, mm.
    cloud_pct
        How much of the sky is covered, whole per cent.
    wave_cm, wave_period_centi_s, wave_from_deg
        Height and period of the waves, m and s, and where they come from, whole degrees.
    """

    air_centi_c: Integers
    wind_cm_s: Integers
    wind_from_deg: Integers
    rain_centi_mm: Integers
    cloud_pct: Integers
    wave_cm: Integers
    wave_period_centi_s: Integers
    wave_from_deg: Integers


@dataclass(frozen=True, slots=True)
class _Climate:
    """The climate of a geography: months in hundredths, shares in thousandths."""

    air: tuple[int, ...]
    air_sd: int
    wind: tuple[int, ...]
    wind_spread: int
    prevailing_deg: int
    direction_sd_deg: int
    rain_centi_mm: int
    dry_below: int
    cloud_pct: int
    cloud_sd_pct: int
    exposure: int
    exposure_sd: int
    exposure_range: tuple[int, ...]
    memory_per_day: float


def area_weather(
    draws: Draws, parameters: Parameters, geography: str, area: str, first_day: int, days: int
) -> Weather:
    """Return the weather of a sea area.

    Parameters
    ----------
    first_day
        Day number (days since 1970-01-01), not negative. A day's weather does not depend on the
        stretch that is asked for.
    """
    climate, region, place = _climate(parameters, geography), (geography,), (geography, area)

    def scatter(decision: str, name: Sequence[str], sd: int) -> Integers:
        return wander(draws, decision, name, sd, climate.memory_per_day, first_day, days)

    front, own = scatter("weather.front", region, _ONE), scatter("weather.area", place, _ONE)
    storm = (_FRONT * front + _OWN * own) // 10
    wet = (_FRONT * storm + _OWN * scatter("weather.rain", place, _ONE)) // 10
    wind = seasonal(climate.wind, first_day, days) * (_ONE + climate.wind_spread * storm // _ONE)
    wind_cm_s = np.maximum(wind // _ONE, _LEAST_WIND_CM_S)
    wave_cm, period = _waves(draws, climate, place, wind_cm_s)
    sd = climate.direction_sd_deg
    return Weather(
        air_centi_c=seasonal(climate.air, first_day, days)
        + scatter("weather.air", place, climate.air_sd),
        wind_cm_s=wind_cm_s,
        wind_from_deg=_turned(climate, scatter("weather.wind", place, sd)),
        rain_centi_mm=_rain(climate, wet),
        cloud_pct=_held(climate.cloud_pct + climate.cloud_sd_pct * wet // _ONE, 0, 100),
        wave_cm=wave_cm,
        wave_period_centi_s=period,
        wave_from_deg=_turned(climate, scatter("weather.swell", place, sd // 2)),
    )


def _turned(climate: _Climate, by_deg: Integers) -> Integers:
    turned: Integers = (climate.prevailing_deg + by_deg) % _FULL_CIRCLE_DEG
    return turned


def _rain(climate: _Climate, wet: Integers) -> Integers:
    """Return the rain of days: none below a threshold, then as the square of what is above it."""
    above = np.maximum(wet - climate.dry_below, 0).astype(np.int64)
    return (above * above * climate.rain_centi_mm // (_ONE * _ONE)).astype(np.int32)


def _waves(
    draws: Draws, climate: _Climate, place: tuple[str, str], wind_cm_s: Integers
) -> tuple[Integers, Integers]:
    """Return height, cm, and period, hundredths of a second, of the waves that a wind raises."""
    lee = by_place(draws, "weather.exposure", place, climate.exposure_sd, climate.exposure_range)
    wind = wind_cm_s / 100.0
    height_m = wind * wind * (_WAVE_CM_PER_M2_S2 / 100.0 * (climate.exposure + lee) / _ONE)
    period_s = np.maximum(np.sqrt(height_m) * _PERIOD_S_PER_ROOT_M, _LEAST_PERIOD_S)
    whole = (np.rint(values * 100.0).astype(np.int32) for values in (height_m, period_s))
    return next(whole), next(whole)


def _held(values: Integers, least: int, most: int) -> Integers:
    return np.minimum(np.maximum(values, least), most)


@lru_cache(maxsize=64)
def _climate(parameters: Parameters, geography: str) -> _Climate:
    def number(name: str, factor: float = 1.0) -> int:
        return round(parameters.number(("weather", geography, name)) * factor)

    def numbers(name: str) -> tuple[float, ...]:
        return parameters.numbers(("weather", geography, name))

    return _Climate(
        air=hundredths(numbers("air_monthly_c")),
        air_sd=number("air_sd_c", 100.0),
        wind=hundredths(numbers("wind_monthly_m_s")),
        wind_spread=number("wind_spread", _ONE),
        prevailing_deg=number("prevailing_deg"),
        direction_sd_deg=number("direction_sd_deg"),
        rain_centi_mm=number("rain_mm", 100.0),
        dry_below=number("dry_below", _ONE),
        cloud_pct=number("cloud_pct"),
        cloud_sd_pct=number("cloud_sd_pct"),
        exposure=number("exposure", _ONE),
        exposure_sd=number("exposure_sd", _ONE),
        exposure_range=tuple(round(value * _ONE) for value in numbers("exposure_range")),
        memory_per_day=parameters.number(("weather", geography, "memory_per_day")),
    )
