"""Overdispersed counts: negative binomial numbers from 16-bit words, by a table of quantiles.

A count of many animals on a few hosts varies more than a Poisson one. With mean m and size r its
variance is m + m^2/r. The probabilities follow from the first by

    p(0) = (r / (r + m))^r,   p(j + 1) = p(j) * (r + j) / (j + 1) * m / (r + m)

(Johnson, Kemp & Kotz 2005, Univariate discrete distributions, ch. 5). With a whole r this is
+ - * / alone, so that every processor makes the same table.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST_SIZE", "counted"]

MOST_SIZE = 500
"""Largest size that the table is exact for; beyond it a count is as good as Poisson."""

_LEAST_MEAN, _MOST_MEAN, _STEP = 0.03, 160.0, 1.04
_LEVELS = 4096
_SHIFT = 4
"""Words have 16 bits, quantiles 12."""

_ENOUGH = 1.0 - 0.25 / _LEVELS


class _Quantiles(NamedTuple):
    """Means, the bounds between them, and the counts of each, shape (means, levels)."""

    mean: NDArray[np.float64]
    bound: NDArray[np.float64]
    counts: NDArray[np.int16]


def counted(mean: NDArray[np.float64], size: int, words: NDArray[np.uint16]) -> NDArray[np.int64]:
    """Return a count for each mean.

    Parameters
    ----------
    mean
        Expected counts, not negative; taken to the nearest of a scale of steps of 4 %, and above
        its end in proportion.
    size
        The r above, 1 to `MOST_SIZE`: the smaller, the more counts scatter.
    words
        A 16-bit word for each, in the shape of `mean`.
    """
    table = _quantiles(size)
    place = np.searchsorted(table.bound, mean)
    found: NDArray[np.int64] = table.counts[place, words >> _SHIFT].astype(np.int64)
    if mean.max(initial=0.0) > _MOST_MEAN:
        beyond = mean > _MOST_MEAN
        found[beyond] = np.rint(found[beyond] * (mean[beyond] / table.mean[-1])).astype(np.int64)
    return found


@lru_cache(maxsize=4)
def _quantiles(size: int) -> _Quantiles:
    steps = [0.0, _LEAST_MEAN]
    while steps[-1] < _MOST_MEAN:
        steps.append(steps[-1] * _STEP)
    mean = np.array(steps)
    level = (np.arange(_LEVELS) + 0.5) / _LEVELS
    below = _cumulated(mean, size)
    count = np.stack([np.searchsorted(row, level, side="right") for row in below])
    bound = (mean[:-1] + mean[1:]) / 2.0
    return _Quantiles(mean, bound, count.astype(np.int16))


def _cumulated(mean: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return the probability of at most 0, 1, 2 ... for each mean, shape (means, counts)."""
    share, ratio = size / (size + mean), mean / (size + mean)
    chance = np.ones_like(mean)
    for _ in range(size):
        chance = chance * share
    total, rows = chance, [chance]
    number = 0
    while total.min() < _ENOUGH:
        chance = chance * ((size + number) / (number + 1.0)) * ratio
        total = total + chance
        rows.append(total)
        number += 1
    return np.ascontiguousarray(np.array(rows).T)
