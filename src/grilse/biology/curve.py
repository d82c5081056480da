"""Curves given by points: straight lines between them, level outside; all processors agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from grilse.ground.parameters import Table

__all__ = ["Curve", "curve_of"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """A piecewise linear function.

    Attributes
    ----------
    x, y
        Its points, x rising, shape (points,); a single point is a constant.
    slope
        Rise of each piece, shape (points - 1,).
    """

    x: Floats
    y: Floats
    slope: Floats

    def __call__(self, x: ArrayLike) -> Any:
        """Return y at each x, in the shape of x; outside the points the nearest one's y.

        Additions and multiplications alone, so that every processor gives the same bits.
        """
        within = np.minimum(np.maximum(np.asarray(x, np.float64), self.x[0]), self.x[-1])
        if len(self.slope) == 0:
            return np.full_like(within, self.y[0])[()]
        piece = self.x[1:-1].searchsorted(within, "right")
        return (self.y.take(piece) + (within - self.x.take(piece)) * self.slope.take(piece))[()]


def curve_of(table: Table, x: str, y: str) -> Curve:
    """Return the curve through two columns of a table."""
    along, up = np.array(table[x], np.float64), np.array(table[y], np.float64)
    return Curve(along, up, np.diff(up) / np.diff(along))
