"""Ration: what the fish of a stage are fed, and the pellet they take."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from grilse.ground.parameters import Parameters

__all__ = ["Pellet", "feed_index", "pellets", "ration_kg", "specific_feeding_rate_pct"]


class Pellet(NamedTuple):
    """A feed by the size of its pellet.

    Attributes
    ----------
    pellet_mm
        Diameter of the pellet.
    from_weight_g
        Least mean weight of the fish it is for.
    """

    pellet_mm: float
    from_weight_g: float


def ration_kg(gain_kg: ArrayLike, fcr: ArrayLike) -> Any:
    """Return the feed that a gain in biomass takes: gain x FCR, never negative.

    Parameters
    ----------
    gain_kg
        Gain in biomass, kg; a loss takes none.
    fcr
        Biological feed conversion, kg feed per kg gain, 0.7 to 2; 0 where fish are not fed.
    """
    return (np.maximum(np.asarray(gain_kg, np.float64), 0.0) * np.asarray(fcr, np.float64))[()]


def specific_feeding_rate_pct(weight_g: ArrayLike, gain_g: ArrayLike, fcr: ArrayLike) -> Any:
    """Return the day's feed in per cent of biomass: SFR = SGR x FCR for a day's gain.

    Parameters
    ----------
    weight_g
        Weight at the start of the day, g, above 0.
    gain_g
        Gain of the day, g.
    fcr
        Biological feed conversion.
    """
    gain = np.asarray(gain_g, np.float64) / np.asarray(weight_g, np.float64)
    return (100.0 * gain * np.asarray(fcr, np.float64))[()]


@lru_cache(maxsize=32)
def pellets(parameters: Parameters) -> tuple[Pellet, ...]:
    """Return the pellets there are, smallest first (FAO table, Lall 2009)."""
    table = parameters.table("feeding.pellets")
    rows = zip(map(float, table["pellet_mm"]), map(float, table["from_weight_g"]), strict=True)
    return tuple(Pellet(mm, grams) for mm, grams in rows)


def feed_index(parameters: Parameters, weight_g: ArrayLike) -> NDArray[np.intp]:
    """Return the place in `pellets` of the feed that fish of a mean weight take.

    Parameters
    ----------
    weight_g
        Mean weight, g; fish at a feed's least weight take it.
    """
    return _limits_g(parameters).searchsorted(np.asarray(weight_g, np.float64), "right")


@lru_cache(maxsize=32)
def _limits_g(parameters: Parameters) -> NDArray[np.float64]:
    """Return the weights from which on the pellets but the first are taken."""
    limits = np.array([pellet.from_weight_g for pellet in pellets(parameters)[1:]], np.float64)
    limits.setflags(write=False)
    return limits
