"""How much of the readings is written: fewer a day, and daily means before the last days.

What is left out was taken all the same: a reading that is written has the same key, time and value
whatever else is. All readings of a sensor's day lie together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grilse.ground.days import MICROSECONDS_PER_DAY
from grilse.simulate.state import Ints
from grilse.simulate.world import World

__all__ = ["kept_places", "written"]

Arrays = dict[str, NDArray[Any]]


def kept_places(taken: int, written_per_day: int) -> Ints:
    """Return which of a day's readings are written, spread evenly, the first one always."""
    kept = min(taken, written_per_day)
    return np.arange(kept, dtype=np.int64) * taken // max(kept, 1)


def written(world: World, columns: Mapping[str, NDArray[Any]], hours: Ints) -> Arrays:
    """Return the readings to be written of all that were taken.

    Parameters
    ----------
    columns
        Of whole days: each day of a sensor has a reading for each of `hours`.
    hours
        Hours of the day at which readings are taken.

    Returns
    -------
    dict of ndarray
        Before the dense days one reading a sensor and day is left: the first, with the mean of all
        that were taken on that day, to the thousandth.
    """
    taken = len(hours)
    places = kept_places(taken, int(world.parameters.number("environment.written_per_day")))
    dense_days = int(world.parameters.number("environment.dense_days"))
    if len(places) == taken and not dense_days:
        return dict(columns)
    by_day = {name: array.reshape(-1, taken) for name, array in columns.items()}
    if not dense_days:
        return {name: array[:, places].ravel() for name, array in by_day.items()}
    first_dense = (world.as_of - dense_days) * MICROSECONDS_PER_DAY
    is_dense = by_day["reading_time"][:, 0] >= first_dense
    means = np.where(is_dense, by_day["value"][:, 0], _means(by_day["value"]))
    kept = is_dense[:, None] | (places == 0)
    told = {name: array[:, places][kept] for name, array in by_day.items()}
    values = by_day["value"][:, places]
    values[:, 0] = means
    return {**told, "value": values[kept]}


def _means(values: NDArray[Any]) -> Ints:
    """Return the mean of each row of whole numbers, rounded half up."""
    count = values.shape[1]
    total = values.sum(axis=1, dtype=np.int64)
    mean: Ints = (2 * total + count) // (2 * count)
    return mean
