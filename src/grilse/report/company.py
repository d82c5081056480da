"""The company month by month: stock, biomass, deaths, feed and harvest, by geography."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grilse.report.rows import Columns, Rows
from grilse.report.series import by_group, packed, rounded
from grilse.report.subject import Subject

__all__ = ["company_panel"]

_MONTH = "(year({0}) * 12 + month({0}) - 1)"
"""The number of a date's month, from January of year 0."""

_STOCK = f"""
SELECT g.name AS geography, s.stage_order - 1 AS stage, {_MONTH.format("t.state_date")} AS month,
       sum(t.population_count)::DOUBLE AS fish, sum(t.biomass_kg)::DOUBLE / 1000 AS tonnes
FROM true_daily_state t JOIN stage s USING (stage_id) JOIN batch b USING (batch_id)
JOIN geography g USING (geography_id)
WHERE t.state_date = last_day(t.state_date) GROUP BY ALL ORDER BY 1, 2, 3"""

_DEAD = f"""
SELECT g.name AS geography, s.environment = 'sea water' AS sea, m.cause,
       {_MONTH.format("m.event_date")} AS month, sum(m.dead_count)::DOUBLE AS fish
FROM mortality_event m JOIN assignment a USING (assignment_id) JOIN stage s USING (stage_id)
JOIN batch b ON b.batch_id = m.batch_id JOIN geography g USING (geography_id)
GROUP BY ALL ORDER BY 1, 2, 3, 4"""

_FED = f"""
SELECT g.name AS geography, {_MONTH.format("f.feeding_time")} AS month,
       sum(f.amount_kg)::DOUBLE / 1000 AS tonnes
FROM feeding_event f JOIN batch b USING (batch_id) JOIN geography g USING (geography_id)
GROUP BY ALL ORDER BY 1, 2"""

_BOUGHT = """
SELECT year(arrival_date) AS year, sum(cost_eur)::DOUBLE AS eur,
       sum(quantity_kg)::DOUBLE / 1000 AS tonnes
FROM feed_lot GROUP BY ALL ORDER BY 1"""

_HARVESTED = """
SELECT g.name AS geography, year(h.event_date) AS year, sum(h.live_weight_kg)::DOUBLE / 1000
       AS tonnes, sum(h.fish_count)::DOUBLE AS fish, count(DISTINCT h.batch_id) AS batches
FROM harvest_event h JOIN batch b USING (batch_id) JOIN geography g USING (geography_id)
GROUP BY ALL ORDER BY 1, 2"""

_SOLD = """
SELECT g.name AS geography, year(f.event_date) AS year, sum(f.amount_eur)::DOUBLE AS eur
FROM fact_harvest f JOIN batch b USING (batch_id) JOIN geography g USING (geography_id)
GROUP BY ALL ORDER BY 1, 2"""

_STANDING = """
SELECT status, count(*) AS batches, sum(population_count)::DOUBLE AS fish,
       sum(population_count * avg_weight_g)::DOUBLE / 1e6 AS tonnes
FROM batch GROUP BY ALL ORDER BY 1"""


def company_panel(subject: Subject) -> dict[str, Any] | None:
    """Return the company's figures; None where the dataset has no batch with rows."""
    rows = subject.rows
    if rows is None or not rows.has("batch"):
        return None
    return {
        "standing": list(_each(rows.ask(_STANDING))),
        "stock": _stock(rows),
        "dead": _dead(rows),
        "fed": _fed(rows),
        "bought": list(_each(rows.ask(_BOUGHT))) if rows.has("feed_lot") else [],
        "harvest": _harvest(rows),
    }


def _each(found: Columns) -> Iterator[dict[str, Any]]:
    """Yield an answer's rows, numbers to six digits."""
    names = list(found)
    for values in zip(*found.values(), strict=True):
        yield {name: _value(value) for name, value in zip(names, values, strict=True)}


def _value(value: Any) -> Any:
    is_number = isinstance(value, (int, float, np.integer, np.floating))
    return rounded(float(value), 6) if is_number else value


def _stock(rows: Rows) -> list[dict[str, Any]]:
    """Return fish and tonnes at the end of each month, by geography and stage."""
    if not rows.has("true_daily_state", "geography", "stage"):
        return []
    found = rows.ask(_STOCK)
    keys = np.array([f"{g}\0{s}" for g, s in zip(found["geography"], found["stage"], strict=True)])
    return [
        {
            "geography": geography[0],
            "stage": int(stage[0]),
            "fish": packed(month, fish),
            "tonnes": packed(month, tonnes),
        }
        for _, geography, stage, month, fish, tonnes in by_group(
            keys, found["geography"], found["stage"], found["month"], found["fish"],
            found["tonnes"],
        )
    ]  # fmt: skip


def _dead(rows: Rows) -> list[dict[str, Any]]:
    """Return the fish that died in each month, by geography, water and cause."""
    if not rows.has("mortality_event", "assignment", "geography", "stage"):
        return []
    found = rows.ask(_DEAD)
    names = ("geography", "sea", "cause")
    keys = np.array(["\0".join(map(str, key)) for key in zip(*map(found.get, names), strict=True)])
    return [
        {
            "geography": geography[0],
            "sea": bool(sea[0]),
            "cause": cause[0],
            "fish": packed(month, fish),
        }
        for _, geography, sea, cause, month, fish in by_group(
            keys, *(found[name] for name in (*names, "month", "fish"))
        )
    ]


def _fed(rows: Rows) -> list[dict[str, Any]]:
    if not rows.has("feeding_event", "geography"):
        return []
    found = rows.ask(_FED)
    return [
        {"geography": geography, "tonnes": packed(month, tonnes)}
        for geography, month, tonnes in by_group(
            found["geography"], found["month"], found["tonnes"]
        )
    ]


def _harvest(rows: Rows) -> list[dict[str, Any]]:
    """Return each geography's harvest by year, with what it brought where that is known."""
    if not rows.has("harvest_event", "geography"):
        return []
    sold = list(_each(rows.ask(_SOLD))) if rows.has("fact_harvest") else []
    brought = {(row["geography"], row["year"]): row["eur"] for row in sold}
    return [
        row | {"eur": brought.get((row["geography"], row["year"]))}
        for row in _each(rows.ask(_HARVESTED))
    ]
