"""Rates of growth as observed: FCR, TGC and SGR of the days up to each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from grilse.analysis.arrays import Bools, Floats, Ints, Numbers
from grilse.analysis.observations import Stays
from grilse.analysis.settings import setting

__all__ = ["Rates", "growth_ratio_log", "masked", "rates", "told_fcr"]

_MOST_FCR = 20.0
"""Feed over a gain of next to nothing tells nothing."""

_KILOS_A_10G = 0.01


@dataclass(frozen=True)
class Rates:
    """Scaled integers, masked where there is nothing to tell, shape (rows,)."""

    observed_fcr: np.ma.MaskedArray
    tgc_per_1000dd: np.ma.MaskedArray
    sgr_pct_per_day: np.ma.MaskedArray

    @property
    def columns(self) -> Mapping[str, np.ma.MaskedArray]:
        """The columns of these names."""
        return {
            "observed_fcr": self.observed_fcr,
            "tgc_per_1000dd": self.tgc_per_1000dd,
            "sgr_pct_per_day": self.sgr_pct_per_day,
        }


def rates(stays: Stays, root: Floats, temp_c: Floats, grown_kg: Floats, feed_10g: Ints) -> Rates:
    """Return the rates of up to `rates.days` days within a stay; of less than half, none."""
    days = int(setting("rates.days"))
    span = np.minimum(stays.day + 1, days)
    is_told = 2 * span >= days
    evening = stays.morning + 1
    now, then = root[evening], root[evening - span]
    warmth = _summed(np.maximum(temp_c, 0.0), span)
    feed, gain = _summed(feed_10g * _KILOS_A_10G, span), _summed(grown_kg, span)
    tgc = 1000.0 * np.divide(now - then, warmth, out=np.zeros(len(now)), where=warmth > 0.0)
    sgr = 100.0 * growth_ratio_log(then, now) / span
    return Rates(
        told_fcr(feed, gain, is_told),
        masked(tgc * 10_000.0, is_told & (warmth > 0.0)),
        masked(sgr * 10_000.0, is_told),
    )


def told_fcr(feed_kg: Floats, gain_kg: Floats, is_told: Bools) -> np.ma.MaskedArray:
    """Return feed over gain in thousandths, where there is both."""
    some = (feed_kg > 0.0) & (gain_kg > 0.0)
    fcr = np.divide(feed_kg, gain_kg, out=np.zeros(len(feed_kg)), where=some)
    return masked(fcr * 1000.0, is_told & some & (fcr < _MOST_FCR))


def growth_ratio_log(then: Floats, now: Floats) -> Floats:
    """Return the natural logarithm of the ratio of two weights, from their cube roots.

    ln(W2/W1) = 6 atanh((x2 - x1)/(x2 + x1)), by its series: within 1e-8 while fish grow to not
    more than eight times their weight, and the same on every processor.
    """
    total = now + then
    z = np.divide(now - then, total, out=np.zeros(len(total)), where=total > 0.0)
    square, term, result = z * z, z.copy(), z.copy()
    for odd in range(3, 31, 2):
        term = term * square
        result = result + term / odd
    return 6.0 * result


def masked(value: Numbers, is_told: Bools) -> np.ma.MaskedArray:
    """Return scaled values as whole numbers, masked where nothing is told."""
    whole = np.rint(np.where(is_told, value, 0.0)).astype(np.int64)
    return np.ma.masked_array(whole, ~np.asarray(is_told, bool))


def _summed(amount: Numbers, span: Ints) -> Floats:
    """Return the sum of each row's last `span` rows, itself included."""
    total = np.concatenate([[0.0], np.cumsum(amount)])
    row = np.arange(1, len(total))
    summed: Floats = total[row] - total[row - span]
    return summed
