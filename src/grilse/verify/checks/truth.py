"""Growth analysis held against the truth, which it has not seen: only where that is asked for.

A figure is told for all container-days, for each stage, and for days weighed, between weighings and
beyond them; its range is that of 5 to 95 % of batches.
"""

from __future__ import annotations

from grilse.verify.bands import band, unit
from grilse.verify.check import Check, check
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Figure, Tally

__all__ = ["CHECKS", "GROUP"]

GROUP = "truth"
"""Checks of this group are made only where they are asked for."""

_NEEDS = ("analysis_daily_state", "true_daily_state")

_JUDGED = """
SELECT a.batch_id, s.code AS stage, lower(a.weight_source) AS source, s.stage_order,
       100 * (a.avg_weight_g::DOUBLE / t.avg_weight_g::DOUBLE - 1) AS off,
       abs(a.avg_weight_g::DOUBLE - t.avg_weight_g::DOUBLE) <= 1.96 * a.weight_se_g::DOUBLE AS hit,
       100 * a.weight_se_g::DOUBLE / t.avg_weight_g::DOUBLE AS told
FROM whole.analysis_daily_state a
JOIN whole.true_daily_state t ON t.state_id = a.analysis_state_id
JOIN stage s ON s.stage_id = a.stage_id
WHERE t.avg_weight_g > 0
"""

_VALUES = {
    "weight_bias": "avg(off)",
    "weight_error": "sqrt(avg(off * off))",
    "told_error": "sqrt(avg(told * told))",
    "coverage": "100.0 * avg(hit::INT)",
}
_MEANINGS = {
    "weight_bias": "Estimated weight is above the truth by so much in the mean.",
    "weight_error": "Estimated weight is off the truth by so much (root of the mean square).",
    "told_error": "Estimated weight tells so much of an error (root of the mean square).",
    "coverage": "Of the 95 % intervals so many hold the truth.",
}


@check(
    "truth.count",
    "Analysis counts the fish that there are, on every day.",
    needs=_NEEDS,
    by_stretch=True,
)
def count(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'analysis_daily_state', coalesce(a.batch_id, t.batch_id),
               coalesce(analysis_state_id, state_id),
               format('{} fish on {}; in truth {}', said(a.population_count),
                      coalesce(a.state_date, t.state_date), said(t.population_count))
        FROM analysis_daily_state a FULL JOIN true_daily_state t ON state_id = analysis_state_id
        WHERE a.population_count IS DISTINCT FROM t.population_count
        """,
        _NEEDS,
    )


def _measured(name: str) -> Check:
    def rule(evidence: Evidence) -> Tally:
        value = _VALUES[name]
        found = evidence.session.all(
            f"""
            WITH judged AS ({_JUDGED}), spread AS (
                SELECT batch_id, stage, source, stage_order,
                       grouping(stage) = 1 AND grouping(source) = 1 AS is_all, {value} AS value,
                       count(*) AS days, grouping(batch_id) AS over_batches
                FROM judged
                GROUP BY GROUPING SETS ((), (stage, stage_order), (source), (batch_id),
                    (batch_id, stage, stage_order), (batch_id, source))
            )
            SELECT coalesce(stage, source, 'all') AS place,
                   max(value) FILTER (over_batches = 1),
                   quantile_cont(value, 0.05) FILTER (over_batches = 0),
                   quantile_cont(value, 0.95) FILTER (over_batches = 0),
                   count(*) FILTER (over_batches = 0)
            FROM spread GROUP BY stage, source, stage_order
            ORDER BY stage IS NULL AND source IS NULL DESC, source IS NOT NULL, stage_order, source
            """
        )
        figures = tuple(
            Figure(name, unit(name, place), place, value, low, high, *band(name, place), batches)
            for place, value, low, high, batches in found
            if value is not None
        )
        return Tally(sum(map(evidence.rows, _NEEDS)), figures=figures)

    return Check(f"{GROUP}.{name}", _MEANINGS[name], rule, (*_NEEDS, "stage"), "info")


CHECKS = (count, *map(_measured, _VALUES))
