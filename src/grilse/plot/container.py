"""Panels of one container: every reading of its sensors, their faults, meals and deaths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from grilse.plot.canvas import Panel, colour
from grilse.plot.reader import Reader
from grilse.plot.subject import Subject

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["DEAD", "MEALS", "readings"]

_READINGS = """
SELECT reading_time::TIMESTAMP AS time, value::DOUBLE AS value
FROM environmental_reading r JOIN stay USING (batch_id, assignment_id)
WHERE parameter = $parameter AND reading_time >= $first::TIMESTAMP
  AND reading_time < $end::TIMESTAMP ORDER BY 1"""

_PARAMETERS = """
SELECT parameter, any_value(unit) FROM sensor
WHERE container_id IN (SELECT container_id FROM stay) GROUP BY 1
ORDER BY min(sensor_id)"""

_FAULTS = """
SELECT kind, greatest(first_date, $first::DATE) AS first, least(end_date, $end::DATE) AS until
FROM sensor_fault f JOIN stay USING (batch_id, assignment_id)
WHERE parameter = $parameter AND first_date < $end AND end_date > $first ORDER BY 2"""

_MEALS = """
SELECT feeding_time::TIMESTAMP AS time, amount_kg::DOUBLE AS kilos
FROM feeding_event JOIN stay USING (batch_id, assignment_id)
WHERE feeding_time >= $first::TIMESTAMP AND feeding_time < $end::TIMESTAMP ORDER BY 1"""

_DEAD = """
SELECT event_date AS day, sum(dead_count)::DOUBLE AS dead
FROM mortality_event JOIN stay USING (batch_id, assignment_id)
WHERE event_date >= $first AND event_date < $end GROUP BY 1 ORDER BY 1"""

_SHORT = 40
"""Days up to which each reading is marked."""


def readings(reader: Reader) -> list[Panel]:
    """Return a panel for each parameter that sensors of the container measure."""
    found = reader.rows(_PARAMETERS)
    return [
        _readings(str(parameter), str(unit), place)
        for place, (parameter, unit) in enumerate(found)
    ]  # fmt: skip


def _readings(parameter: str, unit: str, place: int) -> Panel:
    def draw(axes: Axes, reader: Reader, subject: Subject) -> None:
        asked = {"parameter": parameter, "first": subject.span.first, "end": subject.span.end}
        told = reader.columns(_READINGS, **asked)
        time, value = _broken(told["time"], told["value"])
        marker = "." if subject.span.days <= _SHORT else None
        axes.plot(time, value, color=colour(place), linewidth=0.7, marker=marker, markersize=4)
        if not reader.lacking(("sensor_fault",)):
            _faults(axes, reader, asked)

    return Panel(f"{parameter}, {unit}", ("environmental_reading",), draw, 0.9)


def _broken(
    time: NDArray[Any],
    value: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Break the line where more than a day lies between two readings."""
    far = np.flatnonzero(np.diff(time) > np.timedelta64(26, "h")) + 1
    return np.insert(time, far, time[far]), np.insert(value, far, np.nan)


def _faults(axes: Axes, reader: Reader, asked: dict[str, object]) -> None:
    told = reader.columns(_FAULTS, **asked)
    for kind, shade in (("GAP", "#b3261e"), ("DRIFT", "#e6c34a")):
        label: str | None = f"sensor {kind.lower()}"
        for place in np.flatnonzero(told["kind"] == kind):
            axes.axvspan(told["first"][place], told["until"][place], color=shade, alpha=0.18,
                         linewidth=0, label=label)  # fmt: skip
            label = None
    if len(told["kind"]):
        axes.legend(loc="upper right", ncols=2)


def _meals(axes: Axes, reader: Reader, subject: Subject) -> None:
    told = reader.columns(_MEALS, first=subject.span.first, end=subject.span.end)
    axes.vlines(told["time"], 0, told["kilos"], color=colour(4), linewidth=0.8)
    axes.set_ylim(bottom=0)


def _dead(axes: Axes, reader: Reader, subject: Subject) -> None:
    told = reader.columns(_DEAD, first=subject.span.first, end=subject.span.end)
    axes.bar(
        told["day"].astype("M8[D]"), told["dead"], 1, align="edge", color="#5f6a72", linewidth=0
    )


MEALS = Panel("a meal, kg", ("feeding_event",), _meals, 0.9)
DEAD = Panel("dead a day", ("mortality_event",), _dead, 0.7)
