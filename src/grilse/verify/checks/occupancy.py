"""Occupancy: who is where, each alone, in its own geography, with its own sensors."""

from __future__ import annotations

from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.runs import READINGS
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]


@check("occupancy.single", "No container is held twice on a day.", needs=("assignment",))
def single(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'assignment', batch_id, assignment_id,
               format('container {} is held from {}, and by assignment {} up to {}',
                      container_id, start_date, arg_before, reach)
        FROM (
            SELECT *, max(held_to) OVER earlier AS reach,
                   arg_max(assignment_id, held_to) OVER earlier AS arg_before
            FROM (SELECT *, coalesce(departure_date, DATE '9999-12-31') AS held_to FROM assignment)
            WINDOW earlier AS (PARTITION BY container_id ORDER BY start_date, assignment_id
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ) WHERE start_date < reach
        """,
        ("assignment",),
    )


@check(
    "occupancy.geography",
    "A batch never leaves its geography.",
    needs=("assignment", "batch", "container"),
)
def geography(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'assignment', batch_id, assignment_id,
               format('container {} ({}) is in geography {}, the batch in {}',
                      container_id, said(container), said(geography_id), said(batch_geography_id))
        FROM whereabouts WHERE geography_id IS DISTINCT FROM batch_geography_id
        """,
        ("assignment",),
    )


_PLACED = {
    "feeding_event": ("feeding_event_id", True),
    "mortality_event": ("mortality_event_id", True),
    "growth_sample": ("growth_sample_id", False),
    "harvest_event": ("harvest_event_id", True),
    "cull_event": ("cull_event_id", True),
    "lice_count": ("lice_count_id", True),
    "treatment": ("treatment_id", True),
    "escape_event": ("escape_event_id", True),
    "sensor_fault": ("sensor_fault_id", True),
    "true_daily_state": ("state_id", True),
    "creation_action": ("creation_action_id", False),
}
"""Tables of what happens in an assignment: key, and whether they name the container."""


@check(
    "occupancy.owner",
    "A row's batch and container are those of its assignment.",
    needs=("assignment",),
)
def owner(evidence: Evidence) -> Tally:
    tally = Tally()
    for table, (key, has_container) in _PLACED.items():
        if evidence.has(table):
            container = "t.container_id" if has_container else "w.container_id"
            others = f"""
                t JOIN whereabouts w USING (assignment_id)
                WHERE t.batch_id <> w.batch_id OR {container} <> w.container_id
                """
            tally += evidence.faults(
                f"""
                SELECT '{table}', t.batch_id, t.{key},
                       format('batch {{}} in container {{}}; assignment {{}} is batch {{}} in {{}}',
                              t.batch_id, {container}, assignment_id, w.batch_id, w.container_id)
                FROM {table} {others}
                """,
                (table,),
                is_kept=not evidence.finds(f"SELECT 1 FROM {table}_run {others}"),
            )
    return tally


@check(
    "occupancy.reading_owner",
    "A reading's batch and container are those of its assignment.",
    needs=(READINGS, "assignment"),
)
def reading_owner(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'environmental_reading', r.batch_id, first_key,
               format('batch {} in container {}; assignment {} is batch {} in {}',
                      r.batch_id, r.container_id, assignment_id, w.batch_id, w.container_id)
        FROM environmental_reading_run r JOIN whereabouts w USING (assignment_id)
        WHERE r.batch_id <> w.batch_id OR r.container_id <> w.container_id
        """,
        (READINGS,),
    )


@check(
    "occupancy.sensors",
    "A reading's sensor hangs in its container, and measures its parameter.",
    needs=(READINGS, "sensor"),
)
def sensors(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'environmental_reading', batch_id, first_key,
               format('{} in container {}; sensor {} measures {} in {}', r.parameter,
                      r.container_id, sensor_id, s.parameter, s.container_id)
        FROM environmental_reading_run r JOIN sensor s USING (sensor_id)
        WHERE r.container_id <> s.container_id OR r.parameter <> s.parameter
        """,
        (READINGS,),
    )


_MEMBERS = (
    ("individual_growth_observation", "growth_sample", "sample_date"),
    ("harvest_lot", "harvest_event", "event_date"),
    ("transfer_action", "transfer_workflow", "transfer_date"),
    ("creation_action", "creation_workflow", "actual_date"),
)
"""What is part of something: its table, that thing's table, and the day that both tell."""


@check("occupancy.members", "What is part of something belongs to that thing's batch and day.")
def members(evidence: Evidence) -> Tally:
    tally = Tally()
    for table, parent, day in _MEMBERS:
        if evidence.has(table) and evidence.has(parent):
            tally += evidence.faults(
                f"""
                SELECT '{table}', r.batch_id, first_key,
                       format('batch {{}} on {{}}; its {parent} is of batch {{}} on {{}}',
                              r.batch_id, make_timestamp(first_us)::DATE, p.batch_id, p.{day})
                FROM {table}_run r JOIN {parent} p USING ({parent}_id)
                WHERE r.batch_id <> p.batch_id
                   OR first_us <> epoch_us(p.{day}::TIMESTAMP) OR last_us <> first_us
                """,
                (table,),
            )
    return tally


@check(
    "occupancy.limits",
    "No container holds more than it is built for; told, since a plan may not be able to avoid it.",
    needs=("true_daily_state", "assignment", "container"),
    severity="info",
)
def limits(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'true_daily_state', batch_id, state_id,
               format('{} of {} holds {:.1f} t on {}; it is built for {:.1f} t', container, place,
                      kilos / 1000, day, most / 1000)
        FROM (
            SELECT w.batch_id, w.container, w.place, max(r.most_biomass_kg) / 100 AS kilos,
                   arg_max(r.fullest_id, r.most_biomass_kg) AS state_id,
                   DATE '1970-01-01' + arg_max(r.fullest_day, r.most_biomass_kg)::INTEGER AS day,
                   any_value(c.max_biomass_kg)::DOUBLE AS most
            FROM true_daily_state_run r JOIN whereabouts w USING (assignment_id)
            JOIN container c ON c.container_id = w.container_id
            GROUP BY w.assignment_id, 1, 2, 3
        ) WHERE kilos > most
        """,
        ("true_daily_state",),
    )


CHECKS = (single, geography, owner, reading_owner, sensors, members, limits)
