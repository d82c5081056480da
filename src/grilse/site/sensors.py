"""Sensors err: a pure function of (container, parameter, day, seed), in integers.

Time is cut into windows of 128 days. A sensor is calibrated at the start of each and keeps one
offset through it; in a window it may fall silent once, or drift away until it is set right. What
happens in a window also ends in it, so that no window depends on another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from grilse.ground.draws import Draws, halves, normal_table
from grilse.ground.parameters import Parameters

__all__ = ["PARAMETER_LANES", "WINDOW_DAYS", "SensorErrors", "SensorFault", "sensor_errors"]

WINDOW_DAYS = 128
"""Days from one calibration to the next."""

PARAMETER_LANES = 16
"""Words a window: one for each parameter that a container may ever have measured."""

_RANGE = 65536
_DAYS_A_YEAR = 365.25

Integers = NDArray[np.int32]
Days = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SensorFault:
    """A stretch of days on which a sensor tells nothing, or drifts away from the truth.

    Attributes
    ----------
    row, lane
        Place of the container among those asked for, and of the parameter among its lanes.
    kind
        ``GAP`` or ``DRIFT``.
    first_day, end_day
        Day numbers: the first of it, and the one after its last.
    size
        How far it has drifted at its end, in standard deviations of the sensor's noise.
    """

    row: int
    lane: int
    kind: Literal["GAP", "DRIFT"]
    first_day: int
    end_day: int
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class SensorErrors:
    """How the sensors of some containers err.

    Attributes
    ----------
    offset
        From one calibration to the next, in units of 1/4096 standard normal draws, int32 of shape
        (containers, lanes, windows).
    window_days
        How many of the days asked for lie in each window, shape (windows,).
    faults
        Those that touch these days, whole, by container, window and lane.
    """

    offset: Integers
    window_days: NDArray[np.int64]
    faults: tuple[SensorFault, ...]


@dataclass(frozen=True, slots=True)
class _Habits:
    """How often sensors fail, as numbers of 65536 a window, and for how long."""

    gaps: int
    drifts: int
    gap_days: Days
    drift_days: Days
    drift: float


def sensor_errors(
    draws: Draws,
    parameters: Parameters,
    paths: Sequence[Sequence[str]],
    lanes: Sequence[int],
    first_day: int,
    days: int,
) -> SensorErrors:
    """Return what the sensors of some containers err by, and when they fail.

    Parameters
    ----------
    paths
        Names of the containers.
    lanes
        Places of the parameters, 0 to 15, each a sensor's own whichever others there are.
    first_day, days
        Day number, not negative, and how many days, at least one.
    """
    return _errors(draws, parameters, tuple(map(tuple, paths)), tuple(lanes), first_day, days)


# A batch's readings and the list of its faults ask the same, stay by stay.
@lru_cache(maxsize=32)
def _errors(
    draws: Draws,
    parameters: Parameters,
    paths: tuple[tuple[str, ...], ...],
    lanes: tuple[int, ...],
    first_day: int,
    days: int,
) -> SensorErrors:
    last_day = first_day + days
    first = first_day // WINDOW_DAYS
    windows = (last_day - 1) // WINDOW_DAYS - first + 1
    words = np.concatenate(
        [draws.days("sensor", path, first, windows, PARAMETER_LANES) for path in paths]
    )
    parts = halves(words).reshape(len(paths), windows, PARAMETER_LANES, 4)[:, :, list(lanes)]
    offset = normal_table()[parts[..., 3]].transpose(0, 2, 1).astype(np.int32)
    offset.setflags(write=False)
    bounds = (first + np.arange(windows + 1)) * WINDOW_DAYS
    faults = tuple(_faults(parts, _habits(parameters), first, first_day, last_day))
    return SensorErrors(offset, np.diff(bounds.clip(first_day, last_day)), faults)


def _faults(
    parts: NDArray[np.uint16], habits: _Habits, first: int, first_day: int, last_day: int
) -> Iterator[SensorFault]:
    """Yield the faults that touch some days; `parts` begins with window `first`."""
    failing = np.argwhere(parts[..., 0] < habits.gaps + habits.drifts)
    for row, window, lane in failing.tolist():
        chance, when, how, _ = parts[row, window, lane].tolist()
        is_gap = chance < habits.gaps
        least, most = habits.gap_days if is_gap else habits.drift_days
        length = least + (most - least + 1) * how // _RANGE
        start = (first + window) * WINDOW_DAYS + (WINDOW_DAYS - most + 1) * when // _RANGE
        if start >= last_day or start + length <= first_day:
            continue
        if is_gap:
            yield SensorFault(row, lane, "GAP", start, start + length)
        else:
            away = (habits.drift if how % 2 == 1 else -habits.drift) * (0.5 + when / _RANGE)
            yield SensorFault(row, lane, "DRIFT", start, start + length, away)


@lru_cache(maxsize=32)
def _habits(parameters: Parameters) -> _Habits:
    a_window = WINDOW_DAYS / _DAYS_A_YEAR * _RANGE
    return _Habits(
        round(parameters.number("sensor.gaps_per_year") * a_window),
        round(parameters.number("sensor.drifts_per_year") * a_window),
        _days(parameters, "sensor.gap_days"),
        _days(parameters, "sensor.drift_days"),
        parameters.number("sensor.drift"),
    )


def _days(parameters: Parameters, path: str) -> Days:
    least, most = parameters.numbers(path)
    return int(least), int(max(least, most))
