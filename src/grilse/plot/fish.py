"""Panels of the fish themselves: weight, number, and what they died of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from grilse.plot.canvas import Panel, colour
from grilse.plot.reader import Columns, Reader
from grilse.plot.subject import Subject
from grilse.tables.catalogue.events import MORTALITY_CAUSES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["COUNT", "DEATHS", "SEA_WEIGHT", "WEIGHT"]

_DAYS = """
SELECT label, state_date AS day, sum(population_count)::DOUBLE AS fish,
       sum(population_count * avg_weight_g::DOUBLE) / nullif(sum(population_count), 0) AS grams
FROM true_daily_state JOIN stay USING (batch_id, assignment_id)
WHERE state_date >= $first AND state_date < $end GROUP BY ALL ORDER BY label, day"""

_SAMPLES = """
SELECT sample_date AS day, avg_weight_g::DOUBLE AS grams
FROM growth_sample g JOIN stay USING (batch_id, assignment_id)
WHERE sample_date >= $first AND sample_date < $end ORDER BY 1"""

_EXPECTED = """
SELECT s.kind, projection_date AS day, avg_weight_g::DOUBLE AS grams, population_count AS fish
FROM scenario_projection JOIN scenario s USING (scenario_id, batch_id)
WHERE s.batch_id IN (SELECT batch_id FROM stay) AND projection_date >= $first
  AND projection_date < $end ORDER BY s.kind, day"""

_DEAD = """
WITH alive AS (
    SELECT state_date AS day, sum(population_count + mortality_count + removed_count) AS fish
    FROM true_daily_state JOIN stay USING (batch_id, assignment_id)
    WHERE state_date >= $first AND state_date < $end AND environment IN $where GROUP BY 1
), week AS (
    SELECT (day - $first::DATE) // $step AS week, max(fish)::DOUBLE AS fish
    FROM alive GROUP BY 1
), dead AS (
    SELECT (event_date - $first::DATE) // $step AS week, cause,
           sum(dead_count)::DOUBLE AS dead
    FROM mortality_event JOIN stay USING (batch_id, assignment_id)
    WHERE event_date >= $first AND event_date < $end AND environment IN $where GROUP BY ALL
)
SELECT week, cause, 100 * dead / fish AS pct FROM dead JOIN week USING (week) ORDER BY week"""

_MOST_CAUSES, _MOST_STRIKING = 5, 5
_LONG = 60
"""Days beyond which deaths are told by the week."""


def _bounds(subject: Subject) -> dict[str, Any]:
    return {"first": subject.span.first, "end": subject.span.end}


def _weight(axes: Axes, reader: Reader, subject: Subject) -> None:
    _weights(axes, reader, subject, 1.0)
    if subject.stages:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.legend(loc="lower right", ncols=4)


def _sea_weight(axes: Axes, reader: Reader, subject: Subject) -> None:
    _weights(axes, reader, subject, 1000.0)
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left", ncols=1)


def _weights(axes: Axes, reader: Reader, subject: Subject, grams: float) -> None:
    """Draw weights in so many grams: of the samples, as expected, and as they were."""
    days = reader.columns(_DAYS, **_bounds(subject))
    if not reader.lacking(("growth_sample",)):
        samples = reader.columns(_SAMPLES, **_bounds(subject))
        axes.plot(samples["day"], samples["grams"] / grams, ".", color="#999999", markersize=2.2,
                  label="samples, a ring or tank each", zorder=1)  # fmt: skip
    if subject.stages and not reader.lacking(("scenario", "scenario_projection")):
        _expected(axes, reader.columns(_EXPECTED, **_bounds(subject)), grams)
    for place, label in enumerate(subject.labels):
        mine = days["label"] == label
        axes.plot(days["day"][mine], days["grams"][mine] / grams, color=colour(place), label=label)


def _expected(axes: Axes, told: Columns, grams: float) -> None:
    for place, kind in enumerate(dict.fromkeys(told["kind"].tolist())):
        mine = told["kind"] == kind
        label = f"expected {kind.lower().replace('_', ' ')}"
        axes.plot(told["day"][mine], told["grams"][mine] / grams, color=colour(place + 1),
                  label=label, linestyle="--", linewidth=1.0)  # fmt: skip


def _count(axes: Axes, reader: Reader, subject: Subject) -> None:
    days = reader.columns(_DAYS, **_bounds(subject))
    for place, label in enumerate(subject.labels):
        mine = days["label"] == label
        axes.plot(days["day"][mine], days["fish"][mine] / 1e6, color=colour(place), label=label)
    axes.set_ylim(bottom=0)
    if len(subject.labels) > 1:
        axes.legend(loc="upper right", ncols=min(len(subject.labels), 8))


def _deaths(axes: Axes, reader: Reader, subject: Subject, where: str) -> None:
    step = 7 if subject.span.days > _LONG else 1
    told = reader.columns(_DEAD, step=step, where=[where], **_bounds(subject))
    if not len(told["pct"]):
        return
    weeks = int(told["week"].max()) + 1
    day = np.datetime64(subject.span.first) + np.timedelta64(step, "D") * np.arange(weeks)
    floor = np.zeros(weeks)
    for cause, place in _by_share(told):
        height = np.zeros(weeks)
        mine = np.isin(told["cause"], cause)
        np.add.at(height, told["week"][mine].astype(int), told["pct"][mine])
        name = cause[0].lower().replace("_", " ") if len(cause) == 1 else "others"
        axes.bar(day, height, step, floor, align="edge", color=place, label=name, linewidth=0)
        floor += height
    _cut(axes, floor, day, step)
    axes.legend(loc="upper right", ncols=10, handlelength=1.0)


def _by_share(told: Columns) -> list[tuple[list[str], str]]:
    """Group the causes: those that most fish died of, or died of at once, alone; largest first."""
    total = {cause: told["pct"][told["cause"] == cause].sum() for cause in set(told["cause"])}
    worst = {cause: told["pct"][told["cause"] == cause].max() for cause in total}
    ranked = sorted(total, key=lambda cause: (-total[cause], cause))
    striking = sorted(total, key=lambda cause: (-worst[cause], cause))[:_MOST_STRIKING]
    alone = [c for i, c in enumerate(ranked) if i < _MOST_CAUSES or c in striking]
    rest = [c for c in ranked if c not in alone]
    shown = [([cause], _cause_colour(cause)) for cause in alone]
    return [*shown, *([(rest, "#cccccc")] if rest else [])]


_CAUSE_COLOURS = {
    "UNKNOWN": "#b5b5b5", "NATURAL": "#8fb3d9", "HANDLING": "#e6c34a", "DELOUSING": "#d9681d",
    "DISEASE": "#c77fb5", "PD": "#b3261e", "CMS": "#7a1fa2", "GILL_DISEASE": "#2c8a3d",
    "WINTER_ULCER": "#1795a5", "JELLYFISH": "#f29cb7", "ENVIRONMENT": "#1f5fa8",
    "FAILED_FEEDING": "#a3845f", "NON_VIABLE": "#e8d5b7", "DEFORMITY": "#9a9a17",
    "PREDATION": "#4b4b4b", "MATURATION": "#d7a6e8", "VACCINATION": "#00695c", "LICE": "#5d4037",
}  # fmt: skip


def _cause_colour(cause: str) -> str:
    known = _CAUSE_COLOURS.get(cause)
    return known or colour(MORTALITY_CAUSES.index(cause) if cause in MORTALITY_CAUSES else 7)


def _cut(axes: Axes, height: NDArray[Any], day: NDArray[Any], step: int) -> None:
    """Cut a few towering bars, and write their height at their foot: the rest stays readable."""
    usual = float(np.quantile(height[height > 0], 0.95)) if (height > 0).any() else 1.0
    axes.set_ylim(0, 1.25 * float(height.max()))
    if height.max() <= 2.5 * usual:
        return
    axes.set_ylim(0, 1.8 * usual)
    over = height > 1.8 * usual
    peaks = over & (height >= np.append(height[1:], 0)) & (height > np.append(0, height[:-1]))
    for place in np.flatnonzero(peaks):
        at = day[place] + np.timedelta64(step // 2, "D")
        axes.annotate(f"{height[place]:.1f}", (at, 1.8 * usual), fontsize=6.5, ha="center",
                      va="top", color="black")  # fmt: skip


def _dead_panel(where: str, what: str, height: float) -> Panel:
    def draw(axes: Axes, reader: Reader, subject: Subject) -> None:
        _deaths(axes, reader, subject, where)

    return Panel(f"dead {what},\n% a week", ("mortality_event", "true_daily_state"), draw, height)


WEIGHT = Panel("mean weight, g", ("true_daily_state",), _weight, 1.2)
COUNT = Panel("fish, millions", ("true_daily_state",), _count, 0.8)
SEA_WEIGHT = Panel("at sea, kg", ("true_daily_state",), _sea_weight, 1.3)
DEATHS = {"fresh water": _dead_panel("fresh water", "on land", 0.9),
          "sea water": _dead_panel("sea water", "at sea", 1.2)}  # fmt: skip
"""By environment: parts of the fish that died, by the week or on short stretches by the day."""
