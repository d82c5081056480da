"""Panels of the water, as the sensors told it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grilse.plot.canvas import Panel, broken, colour
from grilse.plot.reader import Reader
from grilse.plot.subject import Subject

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["OXYGEN", "TEMPERATURE", "daily"]

_DAILY = """
SELECT reading_time::TIMESTAMP::DATE AS day, min(value)::DOUBLE AS least,
       avg(value)::DOUBLE AS mean, max(value)::DOUBLE AS most
FROM environmental_reading r JOIN stay USING (batch_id, assignment_id)
WHERE parameter = $parameter AND reading_time >= $first::TIMESTAMP
  AND reading_time < $end::TIMESTAMP GROUP BY 1 ORDER BY 1"""


def daily(parameter: str, title: str, place: int) -> Panel:
    """Make a panel of a parameter by the day: the mean of all sensors, and how far they reach."""

    def draw(axes: Axes, reader: Reader, subject: Subject) -> None:
        told = reader.columns(
            _DAILY, parameter=parameter, first=subject.span.first, end=subject.span.end
        )
        day, least, mean, most = broken(told["day"], told["least"], told["mean"], told["most"])
        axes.fill_between(day, least, most, color=colour(place), alpha=0.25, linewidth=0,
                          label="least to greatest")  # fmt: skip
        axes.plot(day, mean, color=colour(place), linewidth=0.9, label="mean")
        axes.legend(loc="upper right", ncols=2)

    return Panel(title, ("environmental_reading",), draw, 0.8)


TEMPERATURE = daily("temperature", "temperature, °C", 1)
OXYGEN = daily("oxygen", "oxygen, mg/l", 0)
