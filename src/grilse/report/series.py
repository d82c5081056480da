"""Series by week or month, packed for the page: a first place, and a value for each place after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Packed", "by_group", "figures", "packed", "rounded"]

Packed = dict[str, Any]
"""``{"s": first place, "v": values}``: a value that is missing is None."""


def rounded(value: float, digits: int = 4) -> float | int | None:
    """Return a number to so many significant digits, whole where it can be; None for NaN."""
    if not np.isfinite(value):
        return None
    found = float(f"{value:.{digits}g}")
    return int(found) if found.is_integer() else found


def figures(values: Sequence[float] | NDArray[Any], digits: int = 4) -> list[float | int | None]:
    """Return numbers to so many significant digits; None in place of NaN."""
    return [rounded(float(value), digits) for value in values]


def packed(places: NDArray[Any], values: NDArray[Any], digits: int = 4) -> Packed | None:
    """Pack a series; None where it has no value.

    Parameters
    ----------
    places
        Whole numbers in any order, each at most once.
    values
        As many numbers; NaN where one is missing.
    digits
        Significant digits to keep.
    """
    good = np.isfinite(np.asarray(values, dtype=float))
    if not good.any():
        return None
    at = np.asarray(places, dtype=np.int64)[good]
    first = int(at.min())
    laid = np.full(int(at.max()) - first + 1, np.nan)
    laid[at - first] = np.asarray(values, dtype=float)[good]
    return {"s": first, "v": figures(laid, digits)}


def by_group(keys: NDArray[Any], *columns: NDArray[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield each key with its part of every column; rows of one key must stand together."""
    if not len(keys):
        return
    edges = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    starts = np.concatenate(([0], edges))
    ends = np.concatenate((edges, [len(keys)]))
    for start, end in zip(starts, ends, strict=True):
        yield (keys[start], *(column[start:end] for column in columns))
