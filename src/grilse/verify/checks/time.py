"""Time: nothing lies ahead of the as-of date, and everything within its assignment's days."""

from __future__ import annotations

from collections.abc import Iterator

from grilse.ground.days import MICROSECONDS_PER_DAY
from grilse.tables.schema import Table
from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.runs import READINGS
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]


@check("time.as_of", "No event is dated on or after the as-of date.")
def as_of(evidence: Evidence) -> Tally:
    tally, as_of_us = Tally(), evidence.source.as_of_day * MICROSECONDS_PER_DAY
    for table, column in _dates(evidence):
        batch = "batch_id" if table.has_column("batch_id") else "NULL"
        tally += evidence.faults(
            f"SELECT '{table.name}', {batch}, {table.primary_key[0]}, "
            f"format('{column} is {{}}, on or after {{}}', {column}, $as_of::DATE) "
            f"FROM {table.name} WHERE {column} >= $as_of",
            (table.name,),
            is_kept=column == table.event_date
            and not evidence.finds(f"SELECT 1 FROM {table.name}_run WHERE last_us >= {as_of_us}"),
        )
    return tally


def _dates(evidence: Evidence) -> Iterator[tuple[Table, str]]:
    """Yield what dates the rows of event tables, but for readings and what may lie ahead."""
    for table in evidence.tables.values():
        if table.event_date and table.name != READINGS:
            for column in table.columns:
                if column.kind in ("date", "timestamp") and column.name not in table.future:
                    yield table, column.name


@check("time.readings_as_of", "No reading is taken on or after the as-of date.", needs=(READINGS,))
def readings_as_of(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'environmental_reading', batch_id, last_key,
               format('taken at {}, on or after {}', make_timestamp(last_us), $as_of::DATE)
        FROM environmental_reading_run WHERE last_us >= epoch_us($as_of::TIMESTAMP)
        """,
        (READINGS,),
    )


@check(
    "time.states",
    "What a state tells as past lies before the as-of date.",
    needs=("assignment", "batch"),
)
def states(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'assignment', batch_id, assignment_id,
               format('from {} to {}, as of {}', start_date, said(departure_date), $as_of::DATE)
        FROM assignment WHERE start_date >= $as_of OR departure_date > $as_of
           OR departure_date <= start_date
        UNION ALL
        SELECT 'batch', batch_id, batch_id, format('ended {}, as of {}', end_date, $as_of::DATE)
        FROM batch WHERE end_date > $as_of OR end_date <= start_date
        """,
        ("assignment", "batch"),
    )


@check(
    "time.reading_hours",
    "A sensor's readings ascend in time, and are taken at the set hours.",
    needs=(READINGS,),
)
def reading_hours(evidence: Evidence) -> Tally:
    return evidence.seen("time.reading_hours") + evidence.faults(
        """
        SELECT 'environmental_reading', batch_id, first_key,
               'not later than the reading before it'
        FROM (SELECT *, lag(last_us) OVER series AS before_us FROM environmental_reading_run
              WINDOW series AS (PARTITION BY assignment_id, parameter ORDER BY first_key))
        WHERE first_us <= before_us
        """,
        (READINGS,),
    )


_DATED = {
    "feeding_event": ("feeding_event_id", "feeding_time::DATE"),
    "mortality_event": ("mortality_event_id", "event_date"),
    "growth_sample": ("growth_sample_id", "sample_date"),
    "harvest_event": ("harvest_event_id", "event_date"),
    "cull_event": ("cull_event_id", "event_date"),
    "escape_event": ("escape_event_id", "event_date"),
    "lice_count": ("lice_count_id", "count_date"),
    "treatment": ("treatment_id", "treatment_date"),
    "sensor_fault": ("sensor_fault_id", "first_date"),
    "true_daily_state": ("state_id", "state_date"),
    "creation_action": ("creation_action_id", "actual_date"),
}
"""Tables of what happens in an assignment: key, and the day it happened."""

_OUTSIDE = """
FROM {}_run r JOIN whereabouts w USING (assignment_id)
WHERE first_us < epoch_us(start_date::TIMESTAMP) OR last_us >= epoch_us(until::TIMESTAMP)
"""
"""Runs of which a row lies outside its assignment's days."""


@check(
    "time.within_assignment",
    "What happens in an assignment happens on one of its days.",
    needs=("assignment",),
)
def within_assignment(evidence: Evidence) -> Tally:
    tally = Tally()
    for table, (key, day) in _DATED.items():
        if evidence.has(table):
            tally += evidence.faults(
                f"""
                SELECT '{table}', t.batch_id, t.{key},
                       format('on {{}}; assignment {{}} is there from {{}} up to {{}}',
                              {day}, assignment_id, w.start_date, w.until)
                FROM {table} t JOIN whereabouts w USING (assignment_id)
                WHERE {day} < w.start_date OR {day} >= w.until
                """,
                (table,),
                is_kept=not evidence.finds(f"SELECT 1 {_OUTSIDE.format(table)}"),
            )
    return tally


@check(
    "time.readings_within",
    "A reading is taken on one of its assignment's days.",
    needs=(READINGS, "assignment"),
)
def readings_within(evidence: Evidence) -> Tally:
    return evidence.faults(
        f"""
        SELECT 'environmental_reading', r.batch_id,
               if(first_us < epoch_us(start_date::TIMESTAMP), first_key, last_key),
               format('taken between {{}} and {{}}; assignment {{}} is there from {{}} up to {{}}',
                      make_timestamp(first_us), make_timestamp(last_us), assignment_id, start_date,
                      until)
        {_OUTSIDE.format(READINGS)}
        """,
        (READINGS,),
    )


@check(
    "time.transfers",
    "A transfer ends its sources and begins its destinations on its day.",
    needs=("transfer_action", "assignment"),
)
def transfers(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'transfer_action', t.batch_id, transfer_action_id,
               format('on {}; the source is left on {}, the destination begun on {}',
                      transfer_date, said(s.departure_date), d.start_date)
        FROM transfer_action t
        JOIN whereabouts s ON s.assignment_id = source_assignment_id
        JOIN whereabouts d ON d.assignment_id = dest_assignment_id
        WHERE transfer_date IS DISTINCT FROM s.departure_date OR transfer_date <> d.start_date
        """,
        ("transfer_action",),
    )


CHECKS = (
    as_of, readings_as_of, states, reading_hours, within_assignment, readings_within, transfers,
)  # fmt: skip
