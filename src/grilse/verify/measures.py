"""What a run tells of its rows, beside whose they are: sums, edges and extremes, table by table.

Rules about a sample's fish, or about the first and the last day of a stay, are kept on these: a
row a run, in place of a second look at every row. Values are integers as they are stored; squares
and shares are doubles, which add up whole numbers exactly up to 2**53.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from grilse.tables.catalogue.health import WELFARE_INDICATORS

__all__ = ["MARKED_SCORE", "MEASURES", "Columns", "Measure", "condition", "scores"]

Columns = Mapping[str, NDArray[Any]]
Bounds = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Where each run begins, and where it ends, shape (runs,) each."""

Measure = tuple[pa.DataType, Callable[[Columns, Bounds], NDArray[Any]]]

MARKED_SCORE = 2
"""A fish with such a score, or a higher one, is marked."""

_CONDITION = 100_000.0
"""100 g/cm3 in thousandths of a gram over hundredths of a centimetre, cubed."""


def condition(columns: Columns) -> NDArray[np.float64]:
    """Return the condition factor K of each fish that was weighed and measured, shape (rows,)."""
    length = columns["length_cm"].astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        k: NDArray[np.float64] = columns["weight_g"] * _CONDITION / (length * length * length)
    return k


def scores(columns: Columns) -> NDArray[Any]:
    """Return the scores of each fish of a welfare sample, shape (indicators, rows)."""
    return np.stack([columns[name] for name in WELFARE_INDICATORS])


def _sum(values: Callable[[Columns], NDArray[Any]], kind: pa.DataType) -> Measure:
    def of(columns: Columns, bounds: Bounds) -> NDArray[Any]:
        made: NDArray[Any] = np.add.reduceat(
            values(columns).astype(kind.to_pandas_dtype(), copy=False), bounds[0]
        )
        return made

    return kind, of


def _least(name: str, kind: pa.DataType) -> Measure:
    return kind, lambda columns, bounds: np.minimum.reduceat(columns[name], bounds[0])


def _most(name: str, kind: pa.DataType) -> Measure:
    return kind, lambda columns, bounds: np.maximum.reduceat(columns[name], bounds[0])


def _edges(*names: str) -> dict[str, Measure]:
    """Return what the first and the last row of a run tell."""
    firsts = {f"first_{name}": (pa.int64(), _first(name)) for name in names}
    lasts = {f"last_{name}": (pa.int64(), _last(name)) for name in names}
    return firsts | lasts


def _first(name: str) -> Callable[[Columns, Bounds], NDArray[Any]]:
    return lambda columns, bounds: columns[name][bounds[0]]


def _last(name: str) -> Callable[[Columns, Bounds], NDArray[Any]]:
    return lambda columns, bounds: columns[name][bounds[1] - 1]


def _at_most(name: str, key: str) -> Measure:
    """Return the key of the row in which a column is greatest; the first of several."""

    def of(columns: Columns, bounds: Bounds) -> NDArray[Any]:
        values = columns[name]
        ends = zip(*(bound.tolist() for bound in bounds), strict=True)
        places = np.array([start + int(values[start:end].argmax()) for start, end in ends])
        found: NDArray[Any] = columns[key][places]
        return found

    return pa.int64(), of


def _of(name: str) -> Callable[[Columns], NDArray[Any]]:
    return lambda columns: columns[name]


def _squared(name: str) -> Callable[[Columns], NDArray[Any]]:
    return lambda columns: columns[name].astype(np.float64) ** 2


def _marked(columns: Columns) -> NDArray[Any]:
    is_marked: NDArray[Any] = scores(columns).max(axis=0) >= MARKED_SCORE
    return is_marked


_INT, _FLOAT = pa.int64(), pa.float64()

MEASURES: Mapping[str, Mapping[str, Measure]] = {
    "environmental_reading": {
        "least": _least("value", pa.int32()),
        "most": _most("value", pa.int32()),
    },
    "true_daily_state": {
        **_edges("population_count", "avg_weight_g", "mortality_count", "removed_count", "feed_kg"),
        "most_biomass_kg": _most("biomass_kg", _INT),
        "fullest_id": _at_most("biomass_kg", "state_id"),
        "fullest_day": _at_most("biomass_kg", "state_date"),
    },
    "analysis_batch_day": _edges("state_date"),
    "analysis_daily_state": _edges("population_count", "avg_weight_g", "state_date"),
    "individual_growth_observation": {
        "last_fish": _most("fish_number", _INT),
        "least_g": _least("weight_g", _INT),
        "most_g": _most("weight_g", _INT),
        "sum_g": _sum(_of("weight_g"), _INT),
        "squares_g": _sum(_squared("weight_g"), _FLOAT),
        "sum_cm": _sum(_of("length_cm"), _INT),
        "squares_cm": _sum(_squared("length_cm"), _FLOAT),
        "sum_k": _sum(condition, _FLOAT),
    },
    "welfare_observation": {
        "marked": _sum(_marked, _INT),
        "score": _sum(lambda columns: scores(columns).sum(axis=0), _INT),
    },
}
"""For each table what its runs tell, by the names of columns of ``T_run``."""
