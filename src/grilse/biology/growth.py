r"""Growth by thermal growth coefficient: the one kernel of planner and simulator.

In cube roots of weight growth is a sum (Iwama & Tautz 1981)::

    W2^(1/3) = W1^(1/3) + sum over days of TGC/1000 * T * response(T) * recovery(day)

with W in grams and T the day's mean in degC. ``response`` is the bell that TGC follows with
temperature (Jobling 2003, Aquac. Res. 34:581; Handeland 2008, Aquaculture 283:36): a parabola,
never below 0, and 1 at the stage's reference temperature. ``recovery`` is the slow start after
a transfer to sea: a ramp up to 1.

Only IEEE + - * / and exact scaling by powers of two are used: all processors agree to the bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from grilse.ground.parameters import Parameters

__all__ = [
    "StageGrowth",
    "Stretch",
    "cube_root_g",
    "cube_root_gain",
    "days_to_weight",
    "egg_weight_g",
    "expected_cube_root",
    "stage_growth",
    "weight_g",
]

Floats = NDArray[np.float64]
Stretch = tuple["StageGrowth", ArrayLike]

_NEWTON_STEPS = 5


@dataclass(frozen=True, slots=True)
class StageGrowth:
    """How a stage grows in a geography.

    Attributes
    ----------
    tgc_per_1000dd
        Thermal growth coefficient at the reference temperature, g^(1/3) per 1000 degC d.
    peak_temp_c, curvature_per_c2
        Where the coefficient is greatest, and how fast it falls with the squared distance.
    reference_temp_c
        Where the response is 1.
    recovery_days, recovery_start
        Days until growth is full after entering the stage, and the share that it starts from.
    """

    tgc_per_1000dd: float
    peak_temp_c: float
    curvature_per_c2: float
    reference_temp_c: float
    recovery_days: float = 0.0
    recovery_start: float = 1.0

    @property
    def scale(self) -> float:
        """Gain per degC and day, where the parabola is 1."""
        off = self.reference_temp_c - self.peak_temp_c
        return self.tgc_per_1000dd / 1000.0 / (1.0 - self.curvature_per_c2 * off * off)


@lru_cache(maxsize=256)
def stage_growth(parameters: Parameters, stage_key: str, geography: str) -> StageGrowth:
    """Return the growth of a stage in a geography, by default where the file names neither."""
    path = ("growth", "stage", stage_key, geography)
    own = ("tgc_per_1000dd", "reference_temp_c", "recovery_days", "recovery_start")
    return StageGrowth(
        peak_temp_c=parameters.number("growth.response.peak_temp_c"),
        curvature_per_c2=parameters.number("growth.response.curvature_per_c2"),
        **{name: parameters.number((*path, name)) for name in own},
    )


def egg_weight_g(parameters: Parameters) -> float:
    """Return the mean weight of an egg on delivery, in g."""
    return parameters.number("delivery.egg_weight_g")


def cube_root_gain(growth: StageGrowth, temp_c: ArrayLike, day_of_stage: ArrayLike) -> Any:
    """Return a day's gain in the cube root of weight.

    Parameters
    ----------
    growth
        Of the stage.
    temp_c
        Mean temperature of the day, degC, -2 to 30; below 0 nothing grows.
    day_of_stage
        Days since the fish entered the stage, 0 the first; broadcast against `temp_c`.

    Returns
    -------
    float or ndarray of float64
        g^(1/3) a day, never negative.
    """
    temp = np.maximum(np.asarray(temp_c, np.float64), 0.0)
    off = temp - growth.peak_temp_c
    bell = np.maximum(1.0 - growth.curvature_per_c2 * (off * off), 0.0)
    return (growth.scale * temp * bell * _recovery(growth, day_of_stage))[()]


def _recovery(growth: StageGrowth, day_of_stage: ArrayLike) -> Floats:
    """Return the share of full growth, rising evenly from `recovery_start`."""
    day = np.asarray(day_of_stage, np.float64)
    if growth.recovery_days <= 0.0:
        return np.ones_like(day)
    missing = np.maximum(1.0 - day / growth.recovery_days, 0.0)
    share: Floats = 1.0 - (1.0 - growth.recovery_start) * missing
    return share


def weight_g(cube_root: ArrayLike) -> Any:
    """Return the weight in g whose cube root, in g^(1/3), is given."""
    x = np.asarray(cube_root, np.float64)
    return (x * x * x)[()]


def cube_root_g(weight_g: ArrayLike) -> Any:
    """Return the cube root of weights, g^(1/3), the same on every processor.

    Newton steps from a straight line over one octave of cubes, after exact scaling by powers of
    eight. Relative error below 1e-15.

    Raises
    ------
    ValueError
        Where a weight is negative or not finite.
    """
    w = np.asarray(weight_g, np.float64)
    if not ((w >= 0.0) & (w < np.inf)).all():
        raise ValueError("weights must be finite and not negative")
    mantissa, exponent = np.frexp(w)
    third = -(-exponent // 3)
    m = np.ldexp(mantissa, exponent - 3 * third)
    x = 0.43 + 0.6 * m
    for _ in range(_NEWTON_STEPS):
        x = (x + x + m / (x * x)) / 3.0
    return np.where(w > 0.0, np.ldexp(x, third), 0.0)[()]


def expected_cube_root(stretches: Iterable[Stretch], start: float) -> Floats:
    """Return the cube root of weight day by day, over any plan of stages.

    Parameters
    ----------
    stretches
        Stages in the order of life: each one's growth and its daily mean temperatures, degC.
    start
        Cube root of weight on the first day, g^(1/3).

    Returns
    -------
    ndarray of float64, shape (days + 1,)
        Entry i is the cube root after i days; the first is `start`.
    """
    gains = [np.atleast_1d(_gains(growth, temps)) for growth, temps in stretches]
    return np.cumsum(np.concatenate([np.array([start]), *gains]))


def days_to_weight(stretches: Sequence[Stretch], start: float, weight_g: float) -> int | None:
    """Return after how many days the expected weight first reaches `weight_g`; None if never.

    Parameters are those of `expected_cube_root`.
    """
    reached = expected_cube_root(stretches, start) >= cube_root_g(weight_g)
    return int(reached.argmax()) if reached.any() else None


def _gains(growth: StageGrowth, temp_c: ArrayLike) -> Floats:
    temps = np.asarray(temp_c, np.float64)
    gains: Floats = cube_root_gain(growth, temps, np.arange(len(temps)))
    return gains
