"""Events asked for: all that the schedule asks for is listed, happened, and nothing else did."""

from __future__ import annotations

from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.injected import hold_asked
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]

_LISTED = "injected_event"
_COLUMNS = (
    "batch_id, event_number, event_type, detail, severity, assignment_id, first_date, end_date, "
    "table_name, first_key, last_key"
)


@check(
    "injected.listed",
    "What the schedule asks for is listed with the rows that it touched, and nothing else is.",
    needs=(_LISTED, "assignment", "batch"),
)
def listed(evidence: Evidence) -> Tally:
    hold_asked(evidence.source, evidence.session)
    return evidence.faults(
        f"""
        WITH told AS (
            SELECT {_COLUMNS.replace("severity", "severity::DOUBLE AS severity")},
                   injected_event_id FROM {_LISTED}
        ), wanted AS (
            SELECT {_COLUMNS} FROM asked_event
        ), pair AS (
            SELECT coalesce(t.batch_id, w.batch_id) AS batch_id, injected_event_id,
                   coalesce(t.event_type, w.event_type) AS event_type,
                   coalesce(t.table_name, w.table_name) AS tbl,
                   coalesce(t.assignment_id, w.assignment_id) AS assignment_id,
                   w.batch_id IS NULL AS is_more, t.batch_id IS NULL AS is_less
            FROM told t FULL JOIN wanted w
            ON ({", ".join(f"t.{name}" for name in _COLUMNS.split(", ") if name != "detail")})
             = ({", ".join(f"w.{name}" for name in _COLUMNS.split(", ") if name != "detail")})
             AND t.detail IS NOT DISTINCT FROM w.detail
        )
        SELECT '{_LISTED}', batch_id, injected_event_id,
               format('{{}} of assignment {{}}, rows of {{}}: {{}}', event_type, assignment_id,
                      tbl, if(is_less, 'asked for, and not listed', 'listed, and not asked for'))
        FROM pair WHERE is_more OR is_less
        """,
        (_LISTED,),
    )


_GONE = (
    ("sensor_outage", None, "environmental_reading", "reading_id"),
    ("feed_delay", None, "feeding_event", "feeding_event_id"),
    ("data_entry_error", "missing_day", "mortality_event", "mortality_event_id"),
)
"""What an event leaves no row of."""


@check(
    "injected.silent",
    "Where sensors fail, feed is late or a day is forgotten, there is no row.",
    needs=(_LISTED, "environmental_reading", "feeding_event", "mortality_event"),
)
def silent(evidence: Evidence) -> Tally:
    tally = Tally()
    for event, detail, table, key in _GONE:
        which = "" if detail is None else f"AND detail = '{detail}'"
        listing = f"FROM {_LISTED} WHERE event_type = '{event}' AND table_name = '{table}' {which}"
        tally += evidence.faults(
            f"""
            SELECT '{_LISTED}', min(i.batch_id), injected_event_id,
                   format('{event} from {{}} to {{}}, and {{}} rows of {table}', min(first_date),
                          min(end_date), count(*))
            FROM whole.{table} t JOIN (SELECT * {listing}) i USING (assignment_id)
            WHERE {key} BETWEEN first_key AND last_key GROUP BY injected_event_id
            """,
            (),
            is_kept=not evidence.finds(f"SELECT 1 {listing}"),
        )
    return tally + Tally(evidence.rows(_LISTED))


@check(
    "injected.faults",
    "A sensor that is to fail is told as a fault of its kind.",
    needs=(_LISTED, "sensor_fault"),
)
def faults(evidence: Evidence) -> Tally:
    # A silent sensor does not tell that it drifts.
    return evidence.faults(
        f"""
        SELECT '{_LISTED}', batch_id, injected_event_id,
               format('{{}} from {{}} to {{}} of assignment {{}}: no fault tells of it', event_type,
                      first_date, end_date, assignment_id)
        FROM {_LISTED} i WHERE table_name = 'sensor_fault' AND NOT EXISTS (
            FROM sensor_fault f WHERE f.assignment_id = i.assignment_id
            AND sensor_fault_id BETWEEN first_key AND last_key
            AND (kind = 'GAP' OR i.event_type = 'sensor_drift'))
        """,
        (_LISTED,),
    )


@check(
    "injected.mistakes",
    "A mistake asked for was made: double counts, kilograms for grams, a zero too many.",
    needs=(_LISTED, "mortality_event", "true_daily_state", "growth_sample",
           "individual_growth_observation"),
)  # fmt: skip
def mistakes(evidence: Evidence) -> Tally:
    return evidence.faults(
        f"""
        WITH mistake AS (
            FROM {_LISTED} WHERE event_type = 'data_entry_error'
        ), dead AS (
            SELECT assignment_id, event_date, sum(dead_count) AS dead FROM whole.mortality_event
            WHERE assignment_id IN (SELECT assignment_id FROM mistake) GROUP BY ALL
        ), fish AS (
            SELECT growth_sample_id, max(weight_g) FILTER (fish_number = 1) AS first,
                   avg(weight_g) FILTER (fish_number > 1) AS others
            FROM whole.individual_growth_observation
            WHERE growth_sample_id // 4096 IN (SELECT assignment_id FROM mistake) GROUP BY ALL
        )
        SELECT '{_LISTED}', i.batch_id, injected_event_id,
               format('{{}} dead on {{}}, told are {{}}', mortality_count, event_date, dead)
        FROM mistake i JOIN dead USING (assignment_id) JOIN whole.true_daily_state s
             ON s.assignment_id = i.assignment_id AND state_date = event_date
        WHERE detail = 'double_count' AND table_name = 'mortality_event'
          AND event_date >= first_date AND event_date < end_date AND dead <> 2 * mortality_count
          AND NOT EXISTS (
              FROM mistake m WHERE m.assignment_id = i.assignment_id
              AND m.injected_event_id <> i.injected_event_id AND m.table_name = i.table_name
              AND event_date >= m.first_date AND event_date < m.end_date)
        UNION ALL
        SELECT '{_LISTED}', i.batch_id, injected_event_id,
               format('a sample of {{}} g on {{}}; the fish are of {{}} g', g.avg_weight_g,
                      sample_date, s.avg_weight_g)
        FROM mistake i JOIN whole.growth_sample g USING (assignment_id)
        JOIN whole.true_daily_state s
             ON s.assignment_id = i.assignment_id AND state_date = sample_date
        WHERE coalesce(detail, 'wrong_unit') = 'wrong_unit' AND table_name = 'growth_sample'
          AND sample_date >= first_date AND sample_date < end_date
          AND g.avg_weight_g * 100 > s.avg_weight_g
        UNION ALL
        SELECT '{_LISTED}', i.batch_id, injected_event_id,
               format('the first fish of sample {{}} has {{}} g, the others {{}} g on average',
                      growth_sample_id, first, others)
        FROM mistake i JOIN fish ON growth_sample_id BETWEEN first_key AND last_key
        WHERE detail = 'mistyped_weight' AND table_name = 'growth_sample' AND first < 3 * others
        """,
        (_LISTED,),
    )


@check(
    "injected.escapes",
    "Fish escape where it was asked for, from nets that held enough of them, and nowhere else.",
    needs=(_LISTED, "escape_event", "true_daily_state", "harvest_event"),
)
def escapes(evidence: Evidence) -> Tally:
    # Of a container at least half of the share asked for gets away, unless its harvest has begun.
    share = evidence.source.parameters.number("injected.escape.share")
    return evidence.faults(
        f"""
        WITH net AS (
            SELECT * FROM {_LISTED} WHERE event_type = 'escape' AND table_name = 'escape_event'
        ), harvest AS (
            SELECT assignment_id, min(event_date) AS began FROM harvest_event GROUP BY ALL
        )
        SELECT '{_LISTED}', i.batch_id, injected_event_id,
               format('nothing escaped of assignment {{}} on {{}}; {{}} fish were left',
                      i.assignment_id, first_date, population_count)
        FROM net i JOIN whole.true_daily_state s
             ON s.assignment_id = i.assignment_id AND state_date = first_date
        LEFT JOIN harvest h ON h.assignment_id = i.assignment_id
        WHERE least($share * severity * 0.5, 1) * population_count >= 1
          AND coalesce(began > first_date, true)
          AND NOT EXISTS (FROM escape_event WHERE escape_event_id BETWEEN first_key AND last_key)
        UNION ALL
        SELECT 'escape_event', e.batch_id, NULL,
               format('{{}} fish got away from assignment {{}} on {{}}, which nobody asked for',
                      fish_count, e.assignment_id, event_date)
        FROM escape_event e WHERE NOT EXISTS (
            FROM net WHERE escape_event_id BETWEEN first_key AND last_key)
        """,
        (_LISTED, "escape_event"),
        share=share,
    )


CHECKS = (listed, silent, faults, mistakes, escapes)
