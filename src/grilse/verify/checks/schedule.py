"""Schedule: every batch and every stay that it names is there, and nothing that it does not."""

from __future__ import annotations

from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.runs import READINGS
from grilse.verify.verdict import Fault, Tally

__all__ = ["CHECKS"]


@check("schedule.made", "No batch of the schedule was left out for having failed.")
def made(evidence: Evidence) -> Tally:
    failed = evidence.source.failed_batches
    faults = (Fault("batch", n, n, f"failed: {why}") for n, why in sorted(failed.items()))
    return Tally.of(len(evidence.source.schedule.batches), faults)


@check(
    "schedule.batches",
    "The batches are those of the schedule, as it describes them.",
    needs=("batch", "geography"),
)
def batches(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH there AS (
            SELECT batch_id, batch_number, g.name AS geography, start_date, egg_count,
                   (harvest_target_kg * 1000)::BIGINT AS target_g
            FROM batch b LEFT JOIN geography g USING (geography_id)
        )
        SELECT 'batch', coalesce(b.batch_id, p.batch_id), coalesce(b.batch_id, p.batch_id),
               CASE WHEN b.batch_id IS NULL THEN format('batch {} is missing', p.batch_number)
                    WHEN p.batch_id IS NULL THEN 'the schedule has no batch of this number'
                    ELSE format('{} in {} from {}, {} eggs, to {} g; scheduled is {} in {} from '
                                '{}, {} eggs, to {} g', b.batch_number, said(b.geography),
                                b.start_date, b.egg_count, said(b.target_g), p.batch_number,
                                p.geography, p.start_date, p.egg_count, said(p.target_g)) END
        FROM there b FULL JOIN planned_batch p USING (batch_id)
        WHERE (b.batch_number, b.geography, b.start_date, b.egg_count, b.target_g)
              IS DISTINCT FROM
              (p.batch_number, p.geography, p.start_date, p.egg_count, p.target_g)
          AND coalesce(p.batch_id, 0) NOT IN (SELECT batch_id FROM failed_batch)
        """,
        ("batch",),
    )


@check(
    "schedule.assignments",
    "Each assignment is one that the schedule names, and none is missing.",
    needs=("assignment", "batch", "container", "stage"),
)
def assignments(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'assignment', coalesce(w.batch_id, p.batch_id),
               coalesce(w.assignment_id, p.assignment_id),
               CASE WHEN w.assignment_id IS NULL THEN
                        format('missing: {} in {} {} from {}', p.stage, p.place, p.container,
                               p.start_date)
                    WHEN p.assignment_id IS NULL THEN
                        format('{} in {} {} from {}: the schedule names no such stay',
                               said(w.stage), said(w.place), said(w.container), w.start_date)
                    ELSE format('{} in {} {} from {}; scheduled is {} in {} {} from {}',
                                said(w.stage), said(w.place), said(w.container), w.start_date,
                                p.stage, p.place, p.container, p.start_date) END
        FROM whereabouts w FULL JOIN (
            SELECT * FROM planned_stay
            WHERE start_date < $as_of AND batch_id IN (SELECT batch_id FROM batch)
        ) p USING (assignment_id)
        WHERE (w.batch_id, w.geography, w.place, w.container, w.stage, w.start_date)
              IS DISTINCT FROM
              (p.batch_id, p.geography, p.place, p.container, p.stage, p.start_date)
        """,
        ("assignment",),
    )


@check(
    "schedule.departures",
    "Fish leave when the schedule says; those harvested by then at the latest.",
    needs=("assignment",),
)
def departures(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'assignment', w.batch_id, assignment_id,
               format('left on {}, is {}active; scheduled is {}{}', said(departure_date),
                      if(is_active, '', 'not '), if(is_last, 'at the latest ', ''), end_date)
        FROM whereabouts w JOIN planned_stay p USING (assignment_id)
        WHERE is_active <> (departure_date IS NULL)
           OR NOT is_last AND departure_date IS DISTINCT FROM
                              if(end_date < $as_of, end_date, NULL)
           OR is_last AND NOT is_open AND coalesce(departure_date, $as_of) > end_date
        """,
        ("assignment",),
    )


@check(
    "schedule.readings",
    "Each sensor has one reading an hour of reading and day, but for days it is said to be silent.",
    needs=(READINGS, "assignment", "stage", "sensor_fault"),
)
def readings(evidence: Evidence) -> Tally:
    # Before the dense days a day has one reading, its mean.
    dense = evidence.dense_days
    cut = f"($as_of::DATE - {dense})" if dense else "DATE '0001-01-01'"
    return evidence.faults(
        f"""
        WITH silent AS (
            SELECT assignment_id, parameter,
                   count(DISTINCT day) FILTER (day >= {cut})::BIGINT AS days,
                   count(DISTINCT day) FILTER (day < {cut})::BIGINT AS mean_days
            FROM (
                SELECT assignment_id, parameter,
                       unnest(range(first_date::TIMESTAMP, least(end_date, until)::TIMESTAMP,
                                    INTERVAL 1 DAY)) AS day
                FROM sensor_fault f JOIN whereabouts w USING (assignment_id) WHERE kind = 'GAP'
            ) GROUP BY ALL
        ), due AS (
            SELECT assignment_id, batch_id, parameter,
                   (greatest(0, date_diff('day', greatest(start_date, {cut}), until))
                    - coalesce(days, 0)) * {len(evidence.hours)}
                   + greatest(0, date_diff('day', start_date, least(until, {cut})))
                   - coalesce(mean_days, 0) AS readings
            FROM whereabouts JOIN stage_sensor USING (stage)
            LEFT JOIN silent USING (assignment_id, parameter)
        ), there AS (
            SELECT assignment_id, parameter, min(batch_id) AS batch_id,
                   sum(row_count)::BIGINT AS readings
            FROM environmental_reading_run GROUP BY ALL
        )
        SELECT 'environmental_reading', coalesce(d.batch_id, r.batch_id), NULL,
               format('assignment {{}} has {{}} readings of {{}}, due are {{}}',
                      coalesce(d.assignment_id, r.assignment_id), coalesce(r.readings, 0),
                      coalesce(d.parameter, r.parameter), coalesce(d.readings, 0))
        FROM due d FULL JOIN there r USING (assignment_id, parameter)
        WHERE coalesce(d.readings, 0) <> coalesce(r.readings, 0)
        """,
        (READINGS,),
    )


@check(
    "schedule.deliveries",
    "Each batch that has begun has one delivery, shared among its containers.",
    needs=("creation_workflow", "creation_action", "assignment"),
)
def deliveries(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'creation_workflow', coalesce(c.batch_id, p.batch_id), c.creation_workflow_id,
               format('delivered on {}, due on {}', said(c.actual_date), said(p.start_date))
        FROM creation_workflow c FULL JOIN (
            SELECT * FROM planned_batch
            WHERE start_date < $as_of AND batch_id IN (SELECT batch_id FROM batch)
        ) p USING (batch_id)
        WHERE c.actual_date IS DISTINCT FROM p.start_date
        UNION ALL
        SELECT 'creation_action', coalesce(c.batch_id, w.batch_id), c.creation_action_id,
               format('delivery into assignment {}, which is {}',
                      coalesce(c.assignment_id, w.assignment_id),
                      if(c.assignment_id IS NULL, 'missing', 'none of the first stage'))
        FROM creation_action c FULL JOIN (
            SELECT w.* FROM whereabouts w JOIN planned_stay USING (assignment_id)
            WHERE stage_index = 0
        ) w USING (assignment_id)
        WHERE c.assignment_id IS NULL OR w.assignment_id IS NULL
        """,
        ("creation_workflow", "creation_action"),
    )


@check(
    "schedule.transfers",
    "Each stage that a batch has entered but its first was entered by one transfer.",
    needs=("transfer_workflow", "assignment", "stage"),
)
def transfers(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH due AS (
            SELECT DISTINCT p.batch_id, p.stage, p.start_date
            FROM planned_stay p JOIN whereabouts USING (assignment_id) WHERE stage_index > 0
        ), there AS (
            SELECT transfer_workflow_id, batch_id, s.code AS stage, transfer_date AS start_date
            FROM transfer_workflow t LEFT JOIN stage s ON s.stage_id = to_stage_id
        )
        SELECT 'transfer_workflow', coalesce(t.batch_id, d.batch_id), t.transfer_workflow_id,
               format('transfer into {} on {} is {}', coalesce(t.stage, d.stage),
                      coalesce(t.start_date, d.start_date),
                      if(t.batch_id IS NULL, 'missing', 'not scheduled'))
        FROM there t FULL JOIN due d USING (batch_id, stage, start_date)
        WHERE t.transfer_workflow_id IS NULL OR d.batch_id IS NULL
        """,
        ("transfer_workflow",),
    )


@check(
    "schedule.states",
    "The true state is told once for each day of each assignment.",
    needs=("true_daily_state", "assignment"),
)
def states(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH there AS (
            SELECT assignment_id, count(*) AS days FROM true_daily_state GROUP BY 1
        )
        SELECT 'true_daily_state', w.batch_id, NULL,
               format('assignment {} has {} days of state, due are {}',
                      coalesce(w.assignment_id, t.assignment_id), coalesce(days, 0),
                      coalesce(date_diff('day', start_date, until), 0))
        FROM whereabouts w FULL JOIN there t USING (assignment_id)
        WHERE coalesce(days, 0) <> coalesce(date_diff('day', start_date, until), 0)
        """,
        ("true_daily_state",),
    )


@check(
    "schedule.statuses",
    "A batch's status, stage, fish and end are those of its assignments.",
    needs=("batch", "assignment"),
)
def statuses(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH stays AS (
            SELECT batch_id, bool_or(is_active) AS is_active, max(stage_order) AS stage_order,
                   arg_max(stage_id, stage_order) AS stage_id, max(departure_date) AS ended,
                   coalesce(sum(population_count) FILTER (is_active), 0) AS fish,
                   max(stage_index) AS reached
            FROM whereabouts JOIN planned_stay USING (assignment_id, batch_id) GROUP BY 1
        ), due AS (
            SELECT b.*, s.*, p.stays,
                   CASE WHEN s.batch_id IS NULL THEN 'PLANNED' WHEN s.is_active THEN 'ACTIVE'
                        ELSE 'COMPLETED' END AS told
            FROM batch b LEFT JOIN stays s USING (batch_id)
                 LEFT JOIN planned_batch p USING (batch_id)
        )
        SELECT 'batch', batch_id, batch_id,
               format('{} with {} fish, ended {}; its assignments tell {}, {} fish, ended {}',
                      status, population_count, said(end_date), told, coalesce(fish, 0),
                      said(ended))
        FROM due
        WHERE status <> told OR population_count <> coalesce(fish, 0)
           OR end_date IS DISTINCT FROM if(told = 'COMPLETED', ended, NULL)
           OR (told = 'COMPLETED' AND reached < stays - 1)
           OR stage_id <> coalesce(stage_id_1, stage_id)
        """.replace("s.*", "s.is_active, s.stage_id AS stage_id_1, s.ended, s.fish, s.reached"),
        ("batch",),
    )


CHECKS = (
    made, batches, assignments, departures, readings, deliveries, transfers, states, statuses,
)  # fmt: skip
