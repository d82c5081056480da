"""Sea lice on a fish from week to week: sessile, mobile and adult female, by temperature.

Stige 2025, mean lice a fish, S sessile (as counted), M other mobiles, F adult females::

    S' = 0.49 S + new
    M' = 0.88 (1 - d2) M + 2.3 d1 S
    F' = 0.61 F + d2 * 0.5 * (0.88 + 0.61) M

with d1 = logistic(-2.4 + 0.37 (T - 9)) and d2 = logistic(-2.1 + 0.037 (T - 9)), T the week's mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from grilse.ground.parameters import Parameters

__all__ = [
    "CALIGUS", "FEMALE", "MOBILE", "SESSILE", "Rates", "a_week_later", "rates", "treated",
]  # fmt: skip

Floats = NDArray[np.float64]

_COLDEST, _HOTTEST = -300, 3000
_QUANTUM = 1 << 24
"""Logistic values are rounded to so fine a part of 1: their last bits differ by processor."""


CALIGUS, FEMALE, MOBILE, SESSILE = 3, 2, 1, 0
"""Places in an array of mean lice a fish, shape (4, rings): salmon lice that are attached, mobile
other than adult females, and adult females; and mobile Caligus elongatus."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What becomes of the lice of one week by the next.

    Attributes
    ----------
    stay
        Share of each that are what they were, shape (weeks, 4, 1).
    moult
        Mobile lice from each sessile one counted, and adult females from each mobile one, shape
        (weeks, 2, 1).
    """

    stay: Floats
    moult: Floats


def a_week_later(
    lice: Floats, rates: Rates, week: int, came: Floats, out: Floats | None = None
) -> Floats:
    """Return the lice a week on.

    Parameters
    ----------
    lice
        Mean lice a fish, shape (4, rings); none is ever below zero.
    rates, week
        Of the weeks, and which of them it is.
    came
        Those that settled in it, in the same shape.
    out
        Where to put them, in the same shape.
    """
    after: Floats = np.multiply(rates.stay[week], lice, out=out)
    after[MOBILE : FEMALE + 1] += rates.moult[week] * lice[SESSILE : MOBILE + 1]
    after += came
    return after


def treated(lice: Floats, left: Floats) -> Floats:
    """Return what a treatment leaves.

    Parameters
    ----------
    left
        Shares of mobile and of sessile lice that it leaves in each ring, 1 where there was none,
        shape (2, rings).
    """
    after: Floats = lice * left[0]
    after[SESSILE] = lice[SESSILE] * left[1]
    return after


def rates(parameters: Parameters, temp_centi_c: ArrayLike) -> Rates:
    """Return the rates at a week's mean temperatures.

    Parameters
    ----------
    temp_centi_c
        Hundredths of a degC, integer, shape (weeks,); held within -3 and 30 degC.
    """
    to_mobile, to_female = _development(parameters)
    place = np.clip(np.asarray(temp_centi_c, np.int64), _COLDEST, _HOTTEST) - _COLDEST
    survival = _stage(parameters, "mobile_survival")
    female_stay = _stage(parameters, "female_survival")
    moulted = to_female[place]
    share = _stage(parameters, "female_share")
    stay = np.empty((len(place), 4, 1))
    stay[:, SESSILE, 0] = _stage(parameters, "sessile_survival")
    stay[:, MOBILE, 0] = survival * (1.0 - moulted)
    stay[:, FEMALE, 0] = female_stay
    stay[:, CALIGUS, 0] = parameters.number("lice.caligus_survival")
    moult = np.empty((len(place), 2, 1))
    moult[:, SESSILE, 0] = _stage(parameters, "mobiles_a_sessile") * to_mobile[place]
    moult[:, MOBILE, 0] = moulted * (share * (survival + female_stay))
    return Rates(stay, moult)


@lru_cache(maxsize=16)
def _development(parameters: Parameters) -> tuple[Floats, Floats]:
    """Return d1 and d2 by hundredth of a degC."""
    off = np.arange(_COLDEST, _HOTTEST + 1) / 100.0 - _stage(parameters, "reference_temp_c")
    return _logistic(parameters, "to_mobile", off), _logistic(parameters, "to_female", off)


def _logistic(parameters: Parameters, name: str, off_c: Floats) -> Floats:
    intercept, slope = (_stage(parameters, f"{name}_{part}") for part in ("intercept", "slope"))
    share: Floats = np.rint(_QUANTUM / (1.0 + np.exp(-(intercept + slope * off_c)))) / _QUANTUM
    share.setflags(write=False)
    return share


def _stage(parameters: Parameters, name: str) -> float:
    return parameters.number(f"lice.stage.{name}")
