"""Lice pressure: a pure function of (area, day, seed), in whole thousandths of a louse a week.

What settles on a fish from without: from wild fish by the season, and from neighbouring farms by
the season and by where they stand in their cycle of stocking, growing and fallow. Both are spread
by area, year, and the weather of region and area. No batch decides any of it: what a batch's own
lice add is reckoned where the batch is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from grilse.ground.draws import Draws
from grilse.ground.parameters import Parameters
from grilse.site.scatter import by_place, by_year, wander
from grilse.site.season import seasonal

__all__ = ["LicePressure", "lice_pressure"]

Integers = NDArray[np.int32]

_THOUSAND = 1000
_WIDEST = 3 * _THOUSAND
"""Thousandths of the logarithm beyond which pressure is not spread."""

_SPREAD_ONE = 4096
_PHASES = 65536


@dataclass(frozen=True, slots=True)
class LicePressure:
    """What settles on a fish of an area from without, thousandths a week, int32 of shape (days,).

    Attributes
    ----------
    salmonis
        Sessile salmon lice.
    caligus
        Mobile Caligus elongatus.
    """

    salmonis: Integers
    caligus: Integers


@dataclass(frozen=True, slots=True)
class _Habits:
    """Of a geography: monthly levels and the cycle in thousandths, scatter of their logarithms."""

    wild: tuple[int, ...]
    farmed: tuple[int, ...]
    caligus: tuple[int, ...]
    cycle: tuple[int, ...]
    cycle_days: int
    year_sd: int
    area_sd: int
    region_wander_sd: int
    area_wander_sd: int
    memory_per_day: float


def lice_pressure(
    draws: Draws, parameters: Parameters, geography: str, area: str, first_day: int, days: int
) -> LicePressure:
    """Return the pressure of lice on a sea area.

    Parameters
    ----------
    geography, area
        Names of the place; all rings of an area share it.
    first_day
        Day number (days since 1970-01-01), not negative.

    Returns
    -------
    LicePressure
        A day's value does not depend on the stretch that is asked for.
    """
    habits = _habits(parameters, geography)
    span, spread = (first_day, days), _spread(draws, habits, geography, area, first_day, days)
    neighbours = _cycle(draws, habits, (geography, area), first_day, days)
    farmed = seasonal(habits.farmed, *span).astype(np.int64) * neighbours // _THOUSAND
    salmonis = (seasonal(habits.wild, *span) + farmed) * spread // _SPREAD_ONE
    caligus = seasonal(habits.caligus, *span).astype(np.int64) * spread // _SPREAD_ONE
    return LicePressure(salmonis.astype(np.int32), caligus.astype(np.int32))


def _spread(
    draws: Draws, habits: _Habits, geography: str, area: str, first_day: int, days: int
) -> NDArray[np.int64]:
    """Return the factor of place, year and weather, in 1/4096."""
    region, place, memory = (geography,), (geography, area), habits.memory_per_day
    bounds, span = (-_WIDEST, _WIDEST), (first_day, days)
    log = by_year(draws, "lice.year", region, habits.year_sd, bounds, *span)
    log += by_place(draws, "lice.area", place, habits.area_sd, bounds)
    log += wander(draws, "lice.region_weather", region, habits.region_wander_sd, memory, *span)
    log += wander(draws, "lice.area_weather", place, habits.area_wander_sd, memory, *span)
    factor: NDArray[np.int64] = _exponential()[np.clip(log, -_WIDEST, _WIDEST) + _WIDEST]
    return factor


def _cycle(
    draws: Draws, habits: _Habits, place: tuple[str, str], first_day: int, days: int
) -> NDArray[np.int64]:
    """Return how many lice neighbours have by where they are in their cycle, thousandths."""
    level, length = np.array((*habits.cycle, habits.cycle[0]), np.int64), habits.cycle_days
    phase = draws.word("lice.cycle", place) % _PHASES * length // _PHASES
    step, past = np.divmod(
        (first_day + np.arange(days, dtype=np.int64) + phase) % length * len(habits.cycle), length
    )
    cycle: NDArray[np.int64] = (level[step] * (length - past) + level[step + 1] * past) // length
    return cycle


@lru_cache(maxsize=1)
def _exponential() -> NDArray[np.int64]:
    """Return e to so many thousandths, in 1/4096: quantised, so that processors agree."""
    raw = np.exp(np.arange(-_WIDEST, _WIDEST + 1) / _THOUSAND)
    table: NDArray[np.int64] = np.rint(raw * _SPREAD_ONE).astype(np.int64)
    table.setflags(write=False)
    return table


@lru_cache(maxsize=64)
def _habits(parameters: Parameters, geography: str) -> _Habits:
    own = ("lice", "pressure", geography)
    return _Habits(
        wild=_thousandths(parameters.numbers((*own, "wild"))),
        farmed=_thousandths(parameters.numbers((*own, "farmed"))),
        caligus=_thousandths(parameters.numbers((*own, "caligus"))),
        cycle=_thousandths(parameters.numbers("lice.pressure.cycle")),
        cycle_days=int(parameters.number("lice.pressure.cycle_days")),
        year_sd=_thousandth(parameters, "year_sd"),
        area_sd=_thousandth(parameters, "area_sd"),
        region_wander_sd=_thousandth(parameters, "region_wander_sd"),
        area_wander_sd=_thousandth(parameters, "area_wander_sd"),
        memory_per_day=parameters.number("lice.pressure.memory_per_day"),
    )


def _thousandth(parameters: Parameters, name: str) -> int:
    return _thousandths((parameters.number(f"lice.pressure.{name}"),))[0]


def _thousandths(values: tuple[float, ...]) -> tuple[int, ...]:
    return tuple(round(value * _THOUSAND) for value in values)
