"""What fish make of a lack of oxygen: they eat less, and below some saturation they die of it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from numpy.typing import ArrayLike

from grilse.biology.curve import Curve, curve_of
from grilse.ground.parameters import Parameters

__all__ = ["appetite_at", "deaths_at"]


def appetite_at(parameters: Parameters, saturation_pct: ArrayLike) -> Any:
    """Return what a day's oxygen leaves of the appetite, 0 to 1, in the shape of the saturation.

    Parameters
    ----------
    saturation_pct
        Mean of the day, % of saturation.
    """
    return _curve(parameters, "appetite")(saturation_pct)


def deaths_at(parameters: Parameters, saturation_pct: ArrayLike) -> Any:
    """Return the part of the fish that suffocate on a day, 0 to 1, in the shape of the saturation.

    Parameters
    ----------
    saturation_pct
        Mean of the day, % of saturation.
    """
    return _curve(parameters, "deaths")(saturation_pct)


@lru_cache(maxsize=16)
def _curve(parameters: Parameters, of: str) -> Curve:
    return curve_of(parameters.table(("oxygen", "need", of)), "saturation_pct", "share")
