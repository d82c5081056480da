"""Outbreaks at sea: a hazard of place and day, whoever is there, that spreads along the coast.

A disease comes into an area by chance, more often in its season, and from there it may come to
the areas next to it: the further they lie along the coast, the later, the weaker and the less
likely. In each it runs the same course. So what an area is under on a day is a function of the
seed, the area, its neighbours and the day; no fish has a part in it.

Time is cut into blocks of 32 days. In a block an area has at most one introduction of a disease;
the words of a block are the same whatever stretch of days is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from grilse.biology.curve import Curve, curve_of
from grilse.farm.model import Geography
from grilse.ground.draws import SPREAD_ONE, Draws, halves, spread_table
from grilse.ground.parameters import Parameters
from grilse.site.season import hundredths, seasonal

__all__ = ["Arrivals", "Neighbour", "arrivals", "coast_around", "outbreak_pressure"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Neighbour = tuple[str, int]
"""An area, and how many areas along the coast it is away; 0 for the area itself."""

_BLOCK_DAYS = 32
_BLOCKS = 2048
_RANGE = 65536
_DAYS_A_YEAR = 365.25
_FARTHEST = 20
"""Most areas along the coast that a disease can be asked to reach."""


@dataclass(frozen=True, eq=False, slots=True)
class Arrivals:
    """When a disease comes to an area, from wherever, in all of time.

    Attributes
    ----------
    day
        Day numbers, ascending, shape (arrivals,).
    strength
        Pressure at each one's height; 1 is an ordinary outbreak.
    """

    day: Ints
    strength: Floats


@dataclass(frozen=True, eq=False, slots=True)
class _Spread:
    """How a disease comes and goes in a geography."""

    chance: Floats
    strength_sd: float
    reach: int
    days_an_area: float
    share_an_area: float
    course: Curve


def coast_around(geography: Geography, area: str) -> tuple[Neighbour, ...]:
    """Return the areas along the coast around one, itself included, in the farm's order."""
    names = [site.name for site in geography.areas]
    at = names.index(area)
    near = [(name, abs(place - at)) for place, name in enumerate(names)]
    return tuple(each for each in near if each[1] <= _FARTHEST)


def outbreak_pressure(
    draws: Draws,
    parameters: Parameters,
    geography: str,
    coast: tuple[Neighbour, ...],
    disease: str,
    first_day: int,
    days: int,
) -> Floats:
    """Return the pressure of a disease on an area's fish.

    Parameters
    ----------
    coast
        The area with those around it, see `coast_around`.
    disease
        Its name among the parameters' ``disease.kind``.
    first_day
        Day number (days since 1970-01-01), not negative.

    Returns
    -------
    ndarray of float64, shape (days,)
        0 without an outbreak, about 1 at the height of an ordinary one; where one follows on
        another, the greater of them.
    """
    course = _spread(parameters, geography, disease).course
    come = arrivals(draws, parameters, geography, coast, disease)
    first = np.searchsorted(come.day, first_day - int(course.x[-1]))
    last = np.searchsorted(come.day, first_day + days)
    total = np.zeros(days)
    for day, strength in zip(come.day[first:last], come.strength[first:last], strict=True):
        np.maximum(total, strength * course(first_day - day + np.arange(days)), out=total)
    return total


@lru_cache(maxsize=4096)
def arrivals(
    draws: Draws,
    parameters: Parameters,
    geography: str,
    coast: tuple[Neighbour, ...],
    disease: str,
) -> Arrivals:
    """Return when a disease comes to the area in the middle of a stretch of coast."""
    how = _spread(parameters, geography, disease)
    area = next(name for name, away in coast if away == 0)
    parts = [
        _come_from(draws, parameters, geography, source, disease, area, away)
        for source, away in coast
        if away <= how.reach
    ]
    day = np.concatenate([part.day for part in parts])
    strength = np.concatenate([part.strength for part in parts])
    order = np.lexsort((strength, day))
    return Arrivals(day[order], strength[order])


def _come_from(
    draws: Draws, parameters: Parameters, geography: str, source: str, disease: str, area: str,
    away: int,
) -> Arrivals:  # fmt: skip
    """Return when the introductions of one area come to another, as far as they do."""
    block, begun = _introductions(draws, parameters, geography, source, disease)
    if away == 0 or not len(block):
        return begun
    how = _spread(parameters, geography, disease)
    names = (geography, source, disease, area)
    draw = halves(draws.days("outbreak.spread", names, 0, _BLOCKS, 1))[block]
    comes = draw[:, 0] < _RANGE * _power(how.share_an_area, away)
    pace = 0.5 + draw[:, 1] / _RANGE
    late = np.rint(how.days_an_area * away * pace).astype(np.int64)
    weaker = 1.0 - draw[:, 2] / _RANGE / (1.0 + 1.0 / away)
    return Arrivals((begun.day + late)[comes], (begun.strength * weaker)[comes])


@lru_cache(maxsize=4096)
def _introductions(
    draws: Draws, parameters: Parameters, geography: str, area: str, disease: str
) -> tuple[Ints, Arrivals]:
    """Return the blocks of an area's own introductions, and when and how strong they are."""
    how = _spread(parameters, geography, disease)
    draw = halves(draws.days("outbreak", (geography, area, disease), 0, _BLOCKS, 1))
    block = np.flatnonzero(draw[:, 0] < how.chance * _RANGE)
    day = block * _BLOCK_DAYS + draw[block, 1].astype(np.int64) * _BLOCK_DAYS // _RANGE
    strength = spread_table(how.strength_sd)[draw[block, 2]] / SPREAD_ONE
    return block, Arrivals(day, strength)


@lru_cache(maxsize=256)
def _spread(parameters: Parameters, geography: str, disease: str) -> _Spread:
    path = ("disease", "kind", disease)
    rate = parameters.number((*path, "introductions_per_year", geography))
    monthly = hundredths(parameters.numbers((*path, "season", geography)))
    season = seasonal(monthly, 0, _BLOCKS * _BLOCK_DAYS)[_BLOCK_DAYS // 2 :: _BLOCK_DAYS]
    on_average = _mean(monthly)
    a_block = rate * parameters.number("disease.by_chance") * _BLOCK_DAYS / _DAYS_A_YEAR
    return _Spread(
        np.minimum(a_block * season / on_average if on_average else season * 0.0, 1.0),
        parameters.number((*path, "strength_sd")),
        int(parameters.number((*path, "reach_areas"))),
        parameters.number((*path, "days_an_area")),
        parameters.number((*path, "share_an_area")),
        curve_of(parameters.table((*path, "course")), "day", "pressure"),
    )


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)


def _power(share: float, times: int) -> float:
    """Return share to a whole power by multiplication, the same on every processor."""
    power = 1.0
    for _ in range(times):
        power *= share
    return power
