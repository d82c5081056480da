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

__all__ = ["Lice", "Rates", "rates"]

Floats = NDArray[np.float64]

_COLDEST, _HOTTEST = -300, 3000
_QUANTUM = 1 << 24
"""Logistic values are rounded to so fine a part of 1: their last bits differ by processor."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What becomes of the lice of one week by the next, shape (weeks,) or single numbers.

    Attributes
    ----------
    sessile_stay
        Share of sessile lice that are still sessile.
    sessile_to_mobile
        Mobile lice from each sessile one counted.
    mobile_stay, mobile_to_female
        Share of mobile lice that are mobile still, and that are adult females.
    female_stay
        Share of adult females that live.
    """

    sessile_stay: float
    sessile_to_mobile: Floats
    mobile_stay: Floats
    mobile_to_female: Floats
    female_stay: float

    def week(self, week: int) -> Rates:
        """Return one week's rates."""
        return Rates(
            self.sessile_stay,
            self.sessile_to_mobile[week],
            self.mobile_stay[week],
            self.mobile_to_female[week],
            self.female_stay,
        )


@dataclass(frozen=True, slots=True)
class Lice:
    """Mean lice a fish, each of shape (rings,); none is ever below zero.

    Attributes
    ----------
    sessile, mobile, female
        Salmon lice: attached, mobile other than adult females, and adult females.
    caligus
        Mobile Caligus elongatus.
    """

    sessile: Floats
    mobile: Floats
    female: Floats
    caligus: Floats

    def a_week_later(
        self, rates: Rates, settled: Floats, caligus_stay: float, caligus_came: Floats
    ) -> Lice:
        """Return the lice a week on.

        Parameters
        ----------
        rates
            Of the week.
        settled, caligus_came
            New sessile lice, and new Caligus, a fish, shape (rings,).
        caligus_stay
            Share of Caligus that stay.
        """
        return Lice(
            rates.sessile_stay * self.sessile + settled,
            rates.mobile_stay * self.mobile + rates.sessile_to_mobile * self.sessile,
            rates.female_stay * self.female + rates.mobile_to_female * self.mobile,
            caligus_stay * self.caligus + caligus_came,
        )

    def treated(self, mobile_left: Floats, sessile_left: Floats) -> Lice:
        """Return what a treatment leaves; the shares are 1 where there was none."""
        return Lice(
            self.sessile * sessile_left,
            self.mobile * mobile_left,
            self.female * mobile_left,
            self.caligus * mobile_left,
        )


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
    return Rates(
        _stage(parameters, "sessile_survival"),
        _stage(parameters, "mobiles_a_sessile") * to_mobile[place],
        survival * (1.0 - moulted),
        moulted * (share * (survival + female_stay)),
        female_stay,
    )


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
