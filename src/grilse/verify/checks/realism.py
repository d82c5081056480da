"""Realism: what the rows add up to, beside the bands of the trade.

Most figures are measured batch by batch and told as the mean of a geography's batches that are
over, with the range of 5 to 95 % of them; some on all of its batches together. The figures inform;
none fails a dataset.
"""

from __future__ import annotations

from grilse.verify.check import Check
from grilse.verify.derived import share
from grilse.verify.evidence import Evidence
from grilse.verify.realism import JudgedBy, measured, own_growth, own_targets, pooled, unasked
from grilse.verify.runs import READINGS
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]

_SEA = "environment = 'sea water'"


def _figure(
    name: str, meaning: str, sql: str, *looked: str, judged_by: tuple[JudgedBy, ...] = (),
    of: tuple[str, ...] = (),
) -> Check:  # fmt: skip
    """Make a check of a query that returns batch, geography id, value; `of` are shared tables."""

    def rule(evidence: Evidence) -> Tally:
        share(evidence.session, *of)
        figures = measured(evidence, name, sql, judged_by)
        return Tally(sum(map(evidence.rows, looked)), figures=figures)

    return Check(f"realism.{name}", meaning, rule, _needs(looked), "info")


def _together(name: str, meaning: str, sql: str, *looked: str, of: tuple[str, ...]) -> Check:
    """Make a check of a query that returns geography id, value, its range, and batches.

    ``$unasked`` stands for the condition that leaves out batches with events asked for.
    """

    def rule(evidence: Evidence) -> Tally:
        share(evidence.session, *of)
        figures = pooled(evidence, name, sql.replace("$unasked", unasked(evidence)))
        return Tally(sum(map(evidence.rows, looked)), figures=figures)

    return Check(f"realism.{name}", meaning, rule, _needs(looked), "info")


def _needs(looked: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*looked, "batch", "assignment", "geography")))


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
        judged_by=(own_growth,),
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

_MONTHLY = """
SELECT geography_id, median(pct), quantile_cont(pct, 0.05), quantile_cont(pct, 0.95),
       count(DISTINCT batch_id)
FROM sea_month WHERE true $unasked GROUP BY 1
"""

_TAIL = """
SELECT geography_id, quantile_cont(pct, 0.95) / median(pct), NULL, NULL, count(DISTINCT batch_id)
FROM sea_month WHERE true $unasked GROUP BY 1
"""

_PEAK = """
SELECT geography_id, avg(pct) FILTER (month BETWEEN 8 AND 10)
                     / avg(pct) FILTER (month NOT BETWEEN 8 AND 10),
       NULL, NULL, count(DISTINCT batch_id)
FROM sea_month WHERE true $unasked GROUP BY 1
"""

_LICE = """
SELECT batch_id, any_value(geography_id), sum(lice_count)::DOUBLE / sum(fish_counted)
FROM female_lice JOIN batch USING (batch_id) GROUP BY 1
"""

_LICE_SEASON = """
WITH each AS (
    SELECT geography_id, batch_id, month(count_date) AS month, lice_count, fish_counted AS fish
    FROM female_lice JOIN batch USING (batch_id)
), ratio AS (
    SELECT geography_id, count(DISTINCT batch_id) AS batches,
           sum(lice_count) FILTER (month BETWEEN 9 AND 11)
           / sum(fish) FILTER (month BETWEEN 9 AND 11) AS autumn,
           sum(lice_count) FILTER (month BETWEEN 3 AND 5)
           / sum(fish) FILTER (month BETWEEN 3 AND 5) AS spring
    FROM each WHERE true $unasked GROUP BY 1
)
SELECT geography_id, autumn / nullif(spring, 0), NULL, NULL, batches FROM ratio
"""

_LICE_SCATTER = """
SELECT geography_id, var_samp(lice_count) / nullif(avg(lice_count), 0), NULL, NULL,
       count(DISTINCT batch_id)
FROM female_lice JOIN batch USING (batch_id) WHERE true $unasked GROUP BY 1
"""


def _sea_reading(parameter: str, value: str) -> str:
    """Return the query for a figure of each batch's readings of one parameter at sea."""
    return f"""
    SELECT r.batch_id, any_value(geography_id), {value}
    FROM environmental_reading_run r JOIN whereabouts USING (assignment_id)
    WHERE parameter = '{parameter}' AND {_SEA} GROUP BY 1
    """


_BY_GROWTH = (own_growth,)
_BY_TARGET = (own_targets, own_growth)

CHECKS = (
    _figure("first_feeding_weight", "Mean weight at first feeding.", _FIRST_FEEDING, "assignment",
            judged_by=_BY_GROWTH),
    _weight_at(172),
    _weight_at(260),
    _weight_at(350),
    _figure("sea_transfer_weight", "Mean weight at sea transfer.", _SEA_TRANSFER,
            "transfer_action", judged_by=_BY_GROWTH),
    _figure("cycle_tgc", "Growth at sea, by the sum of daily temperatures.", _TGC,
            "true_daily_state", "transfer_action", judged_by=_BY_GROWTH),
    _figure("harvest_weight", "Mean live weight at harvest.", _HARVEST_WEIGHT, "harvest_event",
            judged_by=_BY_TARGET),
    _figure("harvest_weight_cv", "Scatter of individual weights in the last samples.", _HARVEST_CV,
            "growth_sample"),
    _figure("adult_condition", "Mean condition factor K of adults.", _CONDITION, "growth_sample"),
    _figure("egg_to_smolt_survival", "Share of eggs that came to sea as smolts.", _SURVIVAL,
            "transfer_action"),
    _figure("sea_loss", "Share of smolts that died at sea.", _SEA_LOSS, "mortality_event"),
    _together("monthly_sea_mortality", "Median share of a batch's fish that die in a month at sea.",
              _MONTHLY, "true_daily_state", of=("sea_month",)),
    _together("monthly_sea_mortality_tail", "The worst twentieth of months over the median: "
              "outbreaks make a heavy tail.", _TAIL, "true_daily_state", of=("sea_month",)),
    _together("monthly_sea_mortality_peak", "Months from August to October over the others.",
              _PEAK, "true_daily_state", of=("sea_month",)),
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
    _figure("female_lice", "Adult female lice a fish, mean of a batch's counts.", _LICE,
            "lice_count", of=("female_lice",)),
    _together("female_lice_season", "Adult female lice from September to November over those from "
              "March to May.", _LICE_SEASON, "lice_count", of=("female_lice",)),
    _together("female_lice_scatter", "Variance over mean of the adult females of a count.",
              _LICE_SCATTER, "lice_count", of=("female_lice",)),
)  # fmt: skip
"""The figures, in the order of a life."""
