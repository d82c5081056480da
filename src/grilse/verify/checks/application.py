"""What only an application's own tables tell, or only they get wrong; made of no dataset."""

from __future__ import annotations

from grilse.verify.bands import limit
from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]


def _has(evidence: Evidence, table: str) -> bool:
    told = evidence.source.application
    return told is not None and table in told.beside


@check(
    "application.costs",
    "Every feeding cost something.",
    needs=("feeding_event",),
)
def costs(evidence: Evidence) -> Tally:
    if not _has(evidence, "feeding_cost"):
        return Tally(reason="nothing tells what a feeding cost")
    return evidence.faults(
        """
        SELECT 'feeding_event', batch_id, feeding_event_id,
               format('{} kg for {} EUR', amount_kg, said(cost_eur))
        FROM feeding_event JOIN feeding_cost USING (feeding_event_id)
        WHERE amount_kg > 0 AND coalesce(cost_eur, 0) <= 0
        """,
        ("feeding_event",),
    )


@check(
    "application.whole",
    "Of a batch that has begun there are stays; while fish are there, rows tell of them.",
    needs=("batch", "assignment", "mortality_event", "feeding_event"),
)
def whole(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH seen AS (
            SELECT assignment_id, max(day) AS last FROM (
                SELECT assignment_id, event_date AS day FROM mortality_event
                UNION ALL SELECT assignment_id, feeding_time::DATE FROM feeding_event
                UNION ALL SELECT assignment_id, make_timestamp(last_us)::DATE
                          FROM environmental_reading_run
                UNION ALL SELECT assignment_id, event_date FROM harvest_event
            ) GROUP BY 1
        )
        SELECT 'batch', b.batch_id, b.batch_id, format('{}, and no stay of it', status)
        FROM batch b ANTI JOIN assignment a USING (batch_id) WHERE status <> 'PLANNED'
        UNION ALL
        SELECT 'assignment', w.batch_id, w.assignment_id,
               format('there until {}; the last that rows tell of it is of {}', until, said(last))
        FROM whereabouts w LEFT JOIN seen USING (assignment_id)
        WHERE w.initial_count > 0
          AND date_diff('day', coalesce(last, start_date), until) > $days
        """,
        ("batch", "assignment"),
        days=int(limit("application_silent_days")),
    )


@check(
    "application.yolk",
    "Eggs and alevins live on their yolk: no weight told of them is that of a fish that has fed.",
    needs=("assignment", "transfer_action", "stage"),
)
def yolk(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH told AS (
            SELECT 'assignment' AS tbl, batch_id, assignment_id, assignment_id AS key, avg_weight_g
            FROM assignment
            UNION ALL
            SELECT 'transfer_action', batch_id, source_assignment_id, transfer_action_id,
                   avg_weight_g::DOUBLE FROM transfer_action
        )
        SELECT tbl, t.batch_id, key, format('{} g', t.avg_weight_g)
        FROM told t JOIN whereabouts w USING (assignment_id)
        WHERE w.stage = 'egg_alevin' AND t.avg_weight_g > $most
        """,
        ("assignment", "transfer_action"),
        most=limit("yolk_most_g"),
    )


@check(
    "application.growth",
    "Fish that are fed grow from one sample to another three months later.",
    needs=("growth_sample", "feeding_event", "assignment"),
)
def growth(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH later AS (
            SELECT s.batch_id, s.assignment_id, s.growth_sample_id, s.sample_date AS day,
                   s.avg_weight_g::DOUBLE AS grams, e.sample_date AS since,
                   e.avg_weight_g::DOUBLE AS before_g
            FROM growth_sample s ASOF JOIN growth_sample e
              ON e.assignment_id = s.assignment_id AND e.sample_date <= s.sample_date - $days
        ), fed AS (
            SELECT l.growth_sample_id, sum(f.feeding_pct::DOUBLE) AS pct
            FROM later l JOIN feeding_event f ON f.assignment_id = l.assignment_id
             AND f.feeding_time >= since AND f.feeding_time < day GROUP BY 1
        )
        SELECT 'growth_sample', batch_id, growth_sample_id,
               format('{} g on {}, {} g on {}; fed {:.0f} % of their weight between', grams, day,
                      before_g, since, pct)
        FROM later JOIN fed USING (growth_sample_id)
        WHERE 100 * (grams / before_g - 1) < pct / $most - $slack
        """,
        ("growth_sample",),
        days=int(limit("application_growth_days")),
        slack=limit("application_growth_slack_pct"),
        most=limit("feed_per_gain"),
    )


CHECKS = (costs, whole, yolk, growth)
