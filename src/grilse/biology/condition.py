"""Condition: how stout a fish is, and so how long; length follows from weight and K."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from grilse.biology.curve import Curve, curve_of
from grilse.biology.growth import cube_root_g
from grilse.ground.parameters import Parameters

__all__ = ["condition_factor", "length_cm"]


def condition_factor(parameters: Parameters, stage_key: str, weight_g: ArrayLike) -> Any:
    """Return Fulton's mean condition factor of a stage's fish by their mean weight.

    Parameters
    ----------
    weight_g
        Mean weight, g; outside the stage's table the nearest entry holds.

    Returns
    -------
    float or ndarray of float64
        K = 100 W / L^3 in 100 g/cm3: fry 0.9-1.1, parr 1.1-1.3, smolt 1.0-1.15, post-smolt
        1.1-1.25, adult 1.15-1.45 (adults Glover 2009).
    """
    return _curve(parameters, stage_key)(weight_g)


def length_cm(weight_g: ArrayLike, k: ArrayLike) -> Any:
    """Return the fork length of fish: L = (100 W / K)^(1/3).

    Parameters
    ----------
    weight_g
        Weight, g, not negative.
    k
        Condition factor, 0.5 to 2.5.
    """
    return cube_root_g(100.0 * np.asarray(weight_g, np.float64) / np.asarray(k, np.float64))


@lru_cache(maxsize=64)
def _curve(parameters: Parameters, stage_key: str) -> Curve:
    table = parameters.table(("condition", "stage", stage_key, "k"))
    return curve_of(table, "weight_g", "k")
