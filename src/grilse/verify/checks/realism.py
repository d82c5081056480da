"""Realism: what the rows add up to, beside the bands of the trade.

Each figure is measured batch by batch, from every batch that has lived so far, and told as the
mean of a geography with the range of 5 to 95 % of its batches. The figures inform; none fails a
dataset.
"""

from __future__ import annotations

from grilse.verify.bands import band, unit
from grilse.verify.check import Check
from grilse.verify.evidence import Evidence
from grilse.verify.runs import READINGS
from grilse.verify.verdict import Figure, Tally

__all__ = ["CHECKS"]

_SEA = "environment = 'sea water'"


def _measure(evidence: Evidence, name: str, sql: str, looked: tuple[str, ...]) -> Tally:
    """Measure a figure by a query that returns batch, geography id, value.

    Batches in which the schedule asked for events are left out.
    """
    has_asked = evidence.has("injected_event")
    asked = "AND batch_id NOT IN (SELECT batch_id FROM injected_event)" if has_asked else ""
    found = evidence.session.all(
        f"""
        SELECT g.name, avg(value), quantile_cont(value, 0.05), quantile_cont(value, 0.95), count(*)
        FROM ({sql}) AS each(batch_id, geography_id, value) JOIN geography g USING (geography_id)
        WHERE value IS NOT NULL {asked} GROUP BY ALL ORDER BY 1
        """
    )
    figures = tuple(
        Figure(name, unit(name, place), place, mean, low, high, *band(name, place), batches)
        for place, mean, low, high, batches in found
    )
    return Tally(sum(map(evidence.rows, looked)), figures=figures)


def _figure(name: str, meaning: str, sql: str, *looked: str) -> Check:
    def rule(evidence: Evidence) -> Tally:
        return _measure(evidence, name, sql, looked)

    needs = tuple(dict.fromkeys((*looked, "batch", "assignment", "geography")))
    return Check(f"realism.{name}", meaning, rule, needs, "info")


def _weight_at(day: int) -> Check:
    return _figure(
        f"weight_day_{day}",
        f"Mean weight on day {day} of life.",
        f"""
        SELECT batch_id, any_value(geography_id),
               sum(t.avg_weight_g::DOUBLE * t.population_count) / sum(t.population_count)
        FROM true_daily_state t JOIN batch USING (batch_id)
        WHERE day_number = {day} AND t.population_count > 0 GROUP BY 1
        """,
        "true_daily_state",
    )


_FIRST_FEEDING = """
SELECT w.batch_id, any_value(w.geography_id),
       sum(w.avg_weight_g * w.population_count) / sum(w.population_count)
FROM whereabouts w JOIN planned_stay USING (assignment_id)
WHERE stage_index = 0 AND NOT is_last AND NOT is_active AND w.population_count > 0 GROUP BY 1
"""

_ENTRY = f"""
SELECT w.batch_id, any_value(w.geography_id) AS geography_id, sum(transferred_count) AS fish,
       sum(transferred_count * t.avg_weight_g::DOUBLE) / sum(transferred_count) AS grams
FROM transfer_action t JOIN whereabouts w ON w.assignment_id = dest_assignment_id
JOIN whereabouts s ON s.assignment_id = source_assignment_id
WHERE w.{_SEA} AND s.environment <> w.environment AND transferred_count > 0 GROUP BY 1
"""
"""Fish and mean weight of each batch as it came to sea."""

_SEA_TRANSFER = f"SELECT batch_id, geography_id, grams FROM ({_ENTRY})"

_HARVESTED = "batch_id IN (SELECT batch_id FROM batch WHERE status = 'COMPLETED')"

_TGC = f"""
WITH came AS (
    SELECT dest_assignment_id AS assignment_id,
           sum(transferred_count * avg_weight_g::DOUBLE) / sum(transferred_count) AS grams
    FROM transfer_action WHERE transferred_count > 0 GROUP BY 1
), warmth AS (
    SELECT assignment_id, sum(temp_c::DOUBLE) AS degree_days FROM true_daily_state GROUP BY 1
)
SELECT batch_id, any_value(geography_id),
       sum(initial_count * 1000 * (cbrt(avg_weight_g) - cbrt(grams)) / degree_days)
       / sum(initial_count)
FROM whereabouts JOIN came USING (assignment_id) JOIN warmth USING (assignment_id)
WHERE {_SEA} AND {_HARVESTED} GROUP BY 1
"""

_HARVEST_WEIGHT = f"""
SELECT batch_id, any_value(geography_id), sum(live_weight_kg::DOUBLE) / sum(fish_count)
FROM harvest_event JOIN batch USING (batch_id) WHERE {_HARVESTED} GROUP BY 1
"""

_HARVEST_CV = f"""
WITH last_sample AS (
    SELECT assignment_id, arg_max(100 * std_weight_g::DOUBLE / avg_weight_g::DOUBLE, sample_date)
           AS cv
    FROM growth_sample WHERE avg_weight_g > 0 GROUP BY 1
)
SELECT batch_id, any_value(geography_id), avg(cv)
FROM whereabouts JOIN last_sample USING (assignment_id) WHERE {_SEA} AND {_HARVESTED} GROUP BY 1
"""

_CONDITION = f"""
SELECT w.batch_id, any_value(geography_id), avg(condition_factor::DOUBLE)
FROM growth_sample g JOIN whereabouts w USING (assignment_id) WHERE {_SEA} GROUP BY 1
"""

_SURVIVAL = f"""
SELECT batch_id, e.geography_id, 100.0 * fish / egg_count
FROM ({_ENTRY}) e JOIN batch USING (batch_id)
"""

_SEA_LOSS = f"""
SELECT batch_id, any_value(geography_id), 100.0 * sum(dead) / sum(initial_count)
FROM whereabouts JOIN assignment_tally USING (assignment_id) WHERE {_SEA} AND {_HARVESTED}
GROUP BY 1
"""

_UNKNOWN = """
SELECT batch_id, any_value(geography_id),
       100.0 * sum(dead_count) FILTER (cause = 'UNKNOWN') / sum(dead_count)
FROM mortality_event JOIN batch USING (batch_id) GROUP BY 1
"""

_EFCR = f"""
WITH fed AS (
    SELECT f.batch_id, sum(amount_kg::DOUBLE) AS kilos
    FROM feeding_event f JOIN whereabouts USING (assignment_id) WHERE {_SEA} GROUP BY 1
), cut AS (SELECT batch_id, sum(live_weight_kg::DOUBLE) AS kilos FROM harvest_event GROUP BY 1)
SELECT batch_id, e.geography_id, fed.kilos / (cut.kilos - e.fish * e.grams / 1000)
FROM ({_ENTRY}) e JOIN fed USING (batch_id) JOIN cut USING (batch_id) WHERE {_HARVESTED}
"""


def _sea_reading(parameter: str, value: str) -> str:
    """Return the query for a figure of each batch's readings of one parameter at sea."""
    return f"""
    SELECT r.batch_id, any_value(geography_id), {value}
    FROM environmental_reading_run r JOIN whereabouts USING (assignment_id)
    WHERE parameter = '{parameter}' AND {_SEA} GROUP BY 1
    """


CHECKS = (
    _figure("first_feeding_weight", "Mean weight at first feeding.", _FIRST_FEEDING, "assignment"),
    _weight_at(172),
    _weight_at(260),
    _weight_at(350),
    _figure("sea_transfer_weight", "Mean weight at sea transfer.", _SEA_TRANSFER,
            "transfer_action"),
    _figure("cycle_tgc", "Growth at sea, by the sum of daily temperatures.", _TGC,
            "true_daily_state", "transfer_action"),
    _figure("harvest_weight", "Mean live weight at harvest.", _HARVEST_WEIGHT, "harvest_event"),
    _figure("harvest_weight_cv", "Scatter of individual weights in the last samples.", _HARVEST_CV,
            "growth_sample"),
    _figure("adult_condition", "Mean condition factor K of adults.", _CONDITION, "growth_sample"),
    _figure("egg_to_smolt_survival", "Share of eggs that came to sea as smolts.", _SURVIVAL,
            "transfer_action"),
    _figure("sea_loss", "Share of smolts that died at sea.", _SEA_LOSS, "mortality_event"),
    _figure("unknown_cause_share", "Share of the dead whose cause is not known.", _UNKNOWN,
            "mortality_event"),
    _figure("sea_efcr", "Feed at sea over what was produced there.", _EFCR, "feeding_event",
            "harvest_event", "transfer_action"),
    _figure("sea_temperature_lowest", "Lowest temperature read at sea.",
            _sea_reading("temperature", "min(least) / 1000.0"), READINGS),
    _figure("sea_temperature_highest", "Highest temperature read at sea.",
            _sea_reading("temperature", "max(most) / 1000.0"), READINGS),
    _figure("sea_oxygen_lowest", "Lowest oxygen read at sea, as a share of what the water holds.",
            _sea_reading("oxygen", "100.0 * min(least_share)"), READINGS),
    _figure("sea_oxygen_highest", "Highest oxygen read at sea, as a share of what the water holds.",
            _sea_reading("oxygen", "100.0 * max(most_share)"), READINGS),
)  # fmt: skip
"""The figures, in the order of a life."""
