"""Temperature of each day: the mean of its readings, of sensors beside it, or of the season."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grilse.analysis.arrays import Columns, Floats, Ints
from grilse.analysis.settings import setting
from grilse.ground.days import MICROSECONDS_PER_DAY
from grilse.tables.catalogue.reference import PARAMETERS

__all__ = ["Warmth", "daily_means", "fade"]

_TEMPERATURE = PARAMETERS.index("temperature")


@dataclass(frozen=True)
class Warmth:
    """Daily means of temperature readings, each told once, in thousandths of a degC.

    Attributes
    ----------
    assignment, date
        Whose, and the day number, shape (days told,).
    temp_c
        Their mean.
    """

    assignment: Ints
    date: Ints
    temp_c: Floats


def daily_means(readings: Columns) -> Warmth:
    """Return the daily means of the temperature readings among a batch's readings."""
    mine = np.nonzero(readings["parameter"] == _TEMPERATURE)[0]
    assignment, value = readings["assignment_id"][mine], readings["value"][mine]
    date = readings["reading_time"][mine] // MICROSECONDS_PER_DAY
    if not len(mine):
        return Warmth(assignment, date, np.empty(0))
    if not _ascends(assignment, date):
        order = np.lexsort((date, assignment))
        assignment, date, value = assignment[order], date[order], value[order]
    starts = np.concatenate([[True], (assignment[1:] != assignment[:-1]) | (date[1:] != date[:-1])])
    first = np.nonzero(starts)[0]
    total = np.concatenate([[0], np.cumsum(value)])
    ends = np.append(first[1:], len(value))
    mean = (total[ends] - total[first]) / ((ends - first) * 1000.0)
    return Warmth(assignment[first], date[first], mean)


def _ascends(assignment: Ints, date: Ints) -> bool:
    later = assignment[1:] > assignment[:-1]
    return bool((later | ((assignment[1:] == assignment[:-1]) & (date[1:] >= date[:-1]))).all())


def fade(distance: Floats) -> Floats:
    """Return how much of a departure from the season's mean is left so many days away."""
    return 1.0 / (1.0 + distance / setting("temperature.fade_days"))
