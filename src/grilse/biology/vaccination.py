"""Vaccination: what it costs fish on the days before and after it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from grilse.biology.curve import curve_of
from grilse.ground.parameters import Parameters

__all__ = ["appetite_around", "hazard_after"]


def appetite_around(parameters: Parameters, since_day: ArrayLike) -> Any:
    """Return what is left of the appetite around a vaccination.

    Parameters
    ----------
    since_day
        Days since it; negative before it.

    Returns
    -------
    float or ndarray of float64
        0 while the fish are starved for it, and on its own day; then up to 1 again.
    """
    since = np.asarray(since_day, np.float64)
    starved = (since >= -parameters.number("vaccination.fast_days")) & (since <= 0.0)
    share = curve_of(parameters.table("vaccination.appetite"), "day", "share")(since)
    return np.where(starved, 0.0, np.where(since > 0.0, share, 1.0))[()]


def hazard_after(parameters: Parameters, since_day: ArrayLike) -> Any:
    """Return the part of the fish that die of it on a day, 0 before it; shape of `since_day`."""
    since = np.asarray(since_day, np.float64)
    pct = curve_of(parameters.table("vaccination.hazard_pct_per_day"), "day", "pct")(since)
    return np.where(since >= 0.0, pct / 100.0, 0.0)[()]
