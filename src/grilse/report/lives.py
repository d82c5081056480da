"""Each batch in depth, week by week: what it weighs, how many live, what died, what it was fed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grilse.report.rows import WEEK, Rows
from grilse.report.series import by_group, figures, packed, rounded

__all__ = ["Life", "lives"]

Life = dict[str, Any]

_CAUSES = 6
"""Causes of death that are told apart for a batch; the others are added up."""

_LAST_DAY = "isodow({}) = 7"
"""Weeks are told as they stand on their last day, Sunday."""


_SURE = 1.96
"""Standard errors on either side that hold 95 % of truths."""


@dataclass(frozen=True)
class _Series:
    """A query for columns by batch and week."""

    name: str
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    sql: str


_BY_WEEK = (
    _Series(
        "true", ("true_daily_state",), ("fish", "grams"),
        f"""
        SELECT batch_id, {WEEK.format("state_date")} AS week,
               sum(population_count)::DOUBLE AS fish,
               sum(population_count * avg_weight_g)::DOUBLE / nullif(sum(population_count), 0)
               AS grams
        FROM true_daily_state WHERE {_LAST_DAY.format("state_date")}
        GROUP BY ALL ORDER BY 1, 2""",
    ),
    _Series(
        "sampled", ("growth_sample",), ("grams", "scatter", "fish"),
        f"""
        SELECT batch_id, {WEEK.format("sample_date")} AS week, sum(sample_size)::DOUBLE AS fish,
               sum(sample_size * avg_weight_g)::DOUBLE / sum(sample_size) AS grams,
               sum(sample_size * std_weight_g)::DOUBLE / sum(sample_size) AS scatter
        FROM growth_sample GROUP BY ALL ORDER BY 1, 2""",
    ),
    _Series(
        "expected", ("scenario", "scenario_projection"), ("grams", "fish"),
        f"""
        WITH pinned AS (
            SELECT batch_id, min(start_date) AS begins FROM scenario WHERE is_pinned GROUP BY 1
        )
        SELECT p.batch_id, {WEEK.format("p.projection_date")} AS week,
               arg_max(p.avg_weight_g, s.is_pinned)::DOUBLE AS grams,
               arg_max(p.population_count, s.is_pinned)::DOUBLE AS fish
        FROM scenario_projection p JOIN scenario s USING (scenario_id)
        LEFT JOIN pinned ON pinned.batch_id = p.batch_id
        WHERE {_LAST_DAY.format("p.projection_date")}
          AND (s.is_pinned OR begins IS NULL OR p.projection_date < begins)
        GROUP BY ALL ORDER BY 1, 2""",
    ),
    _Series(
        "analysed", ("analysis_batch_day",), ("fish", "grams", "low", "high"),
        f"""
        SELECT batch_id, {WEEK.format("state_date")} AS week, population_count::DOUBLE AS fish,
               avg_weight_g::DOUBLE AS grams,
               greatest(avg_weight_g - {_SURE} * weight_se_g, 0)::DOUBLE AS low,
               (avg_weight_g + {_SURE} * weight_se_g)::DOUBLE AS high
        FROM analysis_batch_day WHERE population_count > 0 AND {_LAST_DAY.format("state_date")}
        ORDER BY 1, 2""",
    ),
    _Series(
        "coming", ("analysis_projection",), ("grams", "low", "high"),
        f"""
        SELECT batch_id, {WEEK.format("projection_date")} AS week, avg_weight_g::DOUBLE AS grams,
               low_weight_g::DOUBLE AS low, high_weight_g::DOUBLE AS high
        FROM analysis_projection WHERE {_LAST_DAY.format("projection_date")} ORDER BY 1, 2""",
    ),
    _Series(
        "fed", ("feeding_event",), ("kilos",),
        f"""
        SELECT batch_id, {WEEK.format("feeding_time")} AS week, sum(amount_kg)::DOUBLE AS kilos
        FROM feeding_event GROUP BY ALL ORDER BY 1, 2""",
    ),
    _Series(
        "harvested", ("harvest_event",), ("fish", "kilos"),
        f"""
        SELECT batch_id, {WEEK.format("event_date")} AS week, sum(fish_count)::DOUBLE AS fish,
               sum(live_weight_kg)::DOUBLE AS kilos
        FROM harvest_event GROUP BY ALL ORDER BY 1, 2""",
    ),
    _Series(
        "culled", ("cull_event",), ("fish",),
        f"""
        SELECT batch_id, {WEEK.format("event_date")} AS week, sum(fish_count)::DOUBLE AS fish
        FROM cull_event GROUP BY ALL ORDER BY 1, 2""",
    ),
    _Series(
        "escaped", ("escape_event",), ("fish",),
        f"""
        SELECT batch_id, {WEEK.format("event_date")} AS week, sum(fish_count)::DOUBLE AS fish
        FROM escape_event GROUP BY ALL ORDER BY 1, 2""",
    ),
)  # fmt: skip
"""The pinned scenario is told, and before it begins the one from the start."""

_STANDING = """
SELECT batch_id, status, datediff('day', DATE '1970-01-01', end_date) AS ended,
       population_count AS fish, avg_weight_g::DOUBLE AS grams
FROM batch ORDER BY 1"""

_DEAD = f"""
SELECT batch_id, cause, {WEEK.format("event_date")} AS week, sum(dead_count)::DOUBLE AS fish
FROM mortality_event GROUP BY ALL ORDER BY 1, 2, 3"""

_MOVED = """
SELECT batch_id, datediff('day', DATE '1970-01-01', transfer_date) AS day,
       s.stage_order - 1 AS stage, transferred_count AS fish, mortality_count AS dead,
       1000 * transferred_biomass_kg::DOUBLE / nullif(transferred_count, 0) AS grams
FROM transfer_workflow JOIN stage s ON s.stage_id = to_stage_id ORDER BY 1, 2"""


_OUTLOOK = """
SELECT batch_id, datediff('day', DATE '1970-01-01', harvest_date)::DOUBLE AS harvest,
       datediff('day', DATE '1970-01-01', earliest_date)::DOUBLE AS earliest,
       datediff('day', DATE '1970-01-01', latest_date)::DOUBLE AS latest,
       datediff('day', DATE '1970-01-01', scenario_harvest_date)::DOUBLE AS expected,
       harvest_biomass_kg::DOUBLE AS kilos
FROM analysis_outlook ORDER BY 1"""


def lives(rows: Rows, numbers: Container[int]) -> dict[int, Life]:
    """Return each of these batches in depth, as far as the dataset has the tables.

    Series are packed by the number of the week; single happenings are lists of rows.
    """
    found: dict[int, Life] = defaultdict(dict)
    for number, name, part in _parts(rows):
        if number in numbers and part is not None:
            found[number][name] = part
    return dict(found)


def _parts(rows: Rows) -> Iterator[tuple[int, str, Any]]:
    """Yield what is known of batches: number, name of the part, and the part."""
    for number, standing in _standing(rows):
        yield number, "stands", standing
    for series in _BY_WEEK:
        if rows.has(*series.tables):
            yield from _by_week(rows, series)
    if rows.has("mortality_event"):
        yield from _dead(rows)
    if rows.has("transfer_workflow", "stage"):
        yield from _moved(rows)
    if rows.has("analysis_outlook"):
        yield from _outlook(rows)


def _standing(rows: Rows) -> Iterator[tuple[int, Life]]:
    found = rows.ask(_STANDING)
    for number, status, ended, fish, grams in zip(*found.values(), strict=True):
        yield int(number), {
            "status": str(status), "ended": rounded(float(ended), 9),
            "fish": rounded(float(fish), 9), "grams": rounded(float(grams)),
        }  # fmt: skip


def _by_week(rows: Rows, series: _Series) -> Iterator[tuple[int, str, Any]]:
    found = rows.ask(series.sql)
    columns = [found[name] for name in series.columns]
    for number, week, *parts in by_group(found["batch_id"], found["week"], *columns):
        yield (
            int(number),
            series.name,
            {name: packed(week, part) for name, part in zip(series.columns, parts, strict=True)},
        )


def _dead(rows: Rows) -> Iterator[tuple[int, str, Any]]:
    """Yield the weekly deaths of each batch by cause, the causes of most deaths first."""
    found = rows.ask(_DEAD)
    columns = (found[name] for name in ("batch_id", "cause", "week", "fish"))
    for number, cause, week, fish in by_group(*columns):
        yield int(number), "dead", _by_cause(cause, week, fish)


def _by_cause(
    cause: NDArray[Any], week: NDArray[Any], fish: NDArray[Any]
) -> list[dict[str, Any]]:  # fmt: skip
    runs = list(by_group(cause, week, fish))
    runs.sort(key=lambda run: (-float(run[2].sum()), str(run[0])))
    told = [{"cause": str(name), "fish": packed(at, died)} for name, at, died in runs[:_CAUSES]]
    others = runs[_CAUSES:]
    if others:
        weeks = np.concatenate([at for _, at, _ in others])
        died = np.concatenate([fish for _, _, fish in others])
        places, where = np.unique(weeks, return_inverse=True)
        told.append({"cause": "", "fish": packed(places, np.bincount(where, weights=died))})
    return told


def _moved(rows: Rows) -> Iterator[tuple[int, str, Any]]:
    found = rows.ask(_MOVED)
    names = ("day", "stage", "fish", "dead", "grams")
    for number, *columns in by_group(found["batch_id"], *(found[name] for name in names)):
        moves = [dict(zip(names, figures(row, 9), strict=True)) for row in
                 zip(*columns, strict=True)]  # fmt: skip
        yield int(number), "moved", [move | {"grams": _short(move["grams"])} for move in moves]


def _outlook(rows: Rows) -> Iterator[tuple[int, str, Any]]:
    """Yield when a living batch is expected to reach its harvest weight."""
    found = rows.ask(_OUTLOOK)
    names = list(found)[1:]
    for number, *values in zip(*found.values(), strict=True):
        yield int(number), "outlook", dict(zip(names, figures(values, 9), strict=True))


def _short(value: float | None) -> float | int | None:
    return None if value is None else rounded(value)
