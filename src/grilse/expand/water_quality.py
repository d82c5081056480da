"""What the sensors of a stay stand in: the level of each parameter, by container, day and hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Level", "levels"]

Integers = NDArray[np.int32]


@dataclass(frozen=True)
class Level:
    """What a sensor would read without noise, in steps of its resolution.

    Attributes
    ----------
    mean
        Shape (containers or 1, days, hours).
    deviation
        Standard deviation of the sensor's noise, in steps.
    least, most
        Bounds of what it reads, in steps; numbers, or arrays of shape (days, hours).
    step
        The resolution in thousandths of the parameter's unit.
    """

    mean: Integers
    deviation: int
    least: int | Integers
    most: int | Integers
    step: int
