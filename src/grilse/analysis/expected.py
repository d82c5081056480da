"""What growth is expected of each day, from temperature and feeding, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grilse.analysis.arrays import Floats, Ints
from grilse.analysis.models import Models, StageModel
from grilse.analysis.observations import Observations, Stays
from grilse.analysis.settings import setting
from grilse.analysis.warmth import fade
from grilse.biology.growth import cube_root_gain
from grilse.tables.catalogue.analysis import TEMP_SOURCES

__all__ = ["Expected", "Water", "day_of_year", "expected_gain", "models_of", "stretched", "water"]

_QUARTERS_A_YEAR = 1461

_PROFILE, _NEARBY, _MEASURED = (
    TEMP_SOURCES.index(name) for name in ("PROFILE", "NEARBY", "MEASURED")
)


@dataclass(frozen=True)
class Water:
    """Temperature of each row.

    Attributes
    ----------
    temp_c
        In whole hundredths of a degC, shape (rows,).
    source
        Place in `TEMP_SOURCES` of where it is from.
    """

    temp_c: Floats
    source: Ints


@dataclass(frozen=True)
class Expected:
    """Growth expected of each row's day.

    Attributes
    ----------
    gain
        In the cube root of weight, g^(1/3), shape (rows,).
    variance
        Of what the day's growth is off it.
    """

    gain: Floats
    variance: Floats


def day_of_year(day: Ints) -> Ints:
    """Return the place in the year, from 0 to 365, of day numbers; every year is 365.25 days."""
    return 4 * day % _QUARTERS_A_YEAR // 4


def models_of(seen: Observations, models: Models) -> list[tuple[StageModel, NDArray[np.bool_]]]:
    """Return each stage's model, with the stays that are of it."""
    stage = seen.stays.stage
    return [(models.of(seen.geography, s), stage == s) for s in np.unique(stage).tolist()]


def water(seen: Observations, models: Models) -> Water:
    """Return each day's temperature: read there, read beside it in the batch, or the season's.

    Across days on which no sensor told anything, what the water was off its season's mean passes
    evenly from the last day known to the next; beyond the last it fades away.
    """
    stays = seen.stays
    own = _own(seen)
    temp, source = own.copy(), np.where(np.isnan(own), _PROFILE, _MEASURED)
    for model, mine in models_of(seen, models):
        rows = mine[stays.stay]
        lacking = rows & np.isnan(own)
        if lacking.any():
            first = int(stays.start[mine].min())
            days = int((stays.start + stays.days)[mine].max()) - first
            shared, told = _shared(stays.date[rows] - first, own[rows], days)
            season = model.profile_c[day_of_year(first + np.arange(days))]
            shared = np.where(told, shared, season + _departure(shared - season, told))
            at = stays.date[lacking] - first
            temp[lacking] = shared[at]
            source[lacking] = np.where(told[at], _NEARBY, _PROFILE)
    return Water(np.rint(temp * 100.0) / 100.0, source)


def _own(seen: Observations) -> Floats:
    """Return the mean of each row's own readings, NaN where there are none."""
    stays, told = seen.stays, seen.warmth
    temp = np.full(stays.rows, np.nan)
    place, known = stays.find(told.assignment)
    day = told.date - stays.start[place]
    known &= (day >= 0) & (day < stays.days[place])
    temp[(stays.first[place] + day)[known]] = told.temp_c[known]
    return temp


def _shared(day: Ints, temp: Floats, days: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the mean over containers of each day, and whether any was read."""
    there = ~np.isnan(temp)
    total = np.bincount(day[there], temp[there], days)
    count = np.bincount(day[there], minlength=days)
    return total / np.maximum(count, 1), count > 0


def _departure(away: Floats, told: NDArray[np.bool_]) -> Floats:
    """Return what untold days are off the season's mean."""
    day = np.arange(len(away))
    known = day[told]
    if not len(known):
        return np.zeros(len(away))
    outside = np.maximum(known[0] - day, 0) + np.maximum(day - known[-1], 0)
    filled: Floats = np.interp(day, known, away[told]) * fade(outside.astype(np.float64))
    return filled


def expected_gain(seen: Observations, models: Models, bath: Water) -> Expected:
    """Return the growth that each stage's model expects of the temperature of each day."""
    stays = seen.stays
    gain = np.empty(stays.rows)
    for model, mine in models_of(seen, models):
        rows = mine[stays.stay]
        gain[rows] = cube_root_gain(model.growth, bath.temp_c[rows], stays.day[rows])
    cv = np.where(bath.source == _PROFILE, setting("growth.profile_cv"), setting("growth.daily_cv"))
    return Expected(gain, np.square(cv * gain))


def stretched(stays: Stays, amount: Floats) -> Floats:
    """Add rows' amounts up over each stay's nodes, from 0 at its first, shape (nodes,)."""
    steps = np.zeros(stays.rows + len(stays))
    steps[stays.morning + 1] = amount
    total = np.cumsum(steps)
    return total - np.repeat(total[stays.first_node], stays.days + 1)
