"""Conservation: every fish that came is dead, culled, moved on, gone or there, in whole fish."""

from __future__ import annotations

from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]

_BOOKS = (
    "batch", "assignment", "creation_action", "transfer_action", "mortality_event", "harvest_event",
    "cull_event", "escape_event",
)  # fmt: skip
"""All tables that fish are booked in."""


@check(
    "conservation.eggs",
    "A batch's eggs are those delivered, and those put into containers.",
    needs=("batch", "creation_workflow", "creation_action"),
)
def eggs(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH put AS (SELECT batch_id, sum(egg_count) AS eggs FROM creation_action GROUP BY 1)
        SELECT 'creation_workflow', c.batch_id, creation_workflow_id,
               format('{} eggs delivered, {} put into containers, {} in the batch', c.egg_count,
                      said(eggs), said(b.egg_count))
        FROM creation_workflow c LEFT JOIN put USING (batch_id) LEFT JOIN batch b USING (batch_id)
        WHERE c.egg_count IS DISTINCT FROM eggs OR c.egg_count IS DISTINCT FROM b.egg_count
        """,
        ("creation_workflow", "creation_action"),
    )


@check(
    "conservation.entries",
    "Fish put into a container are those delivered or brought by transfers.",
    needs=_BOOKS,
)
def entries(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'assignment', batch_id, assignment_id,
               format('{} fish at first; {} came by delivery, {} by transfer', initial_count,
                      coalesce(laid, 0), coalesce(came, 0))
        FROM whereabouts LEFT JOIN assignment_tally USING (assignment_id)
        WHERE initial_count <> coalesce(laid + came, 0)
        """,
        ("assignment", "creation_action", "transfer_action"),
    )


@check(
    "conservation.assignment",
    "Fish put into a container died, were culled, escaped, left, were harvested, or are there.",
    needs=_BOOKS,
)
def assignment(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'assignment', batch_id, assignment_id,
               format('{} fish at first; {} died, {} moved on, {} lost in transfer, {} harvested, '
                      '{} culled, {} escaped, '
                      '{} there', initial_count, coalesce(dead, 0), coalesce(moved, 0),
                      coalesce(lost, 0), coalesce(harvested, 0), coalesce(culled, 0),
                      coalesce(escaped, 0),
                      if(is_active, population_count, 0))
        FROM whereabouts LEFT JOIN assignment_tally USING (assignment_id)
        WHERE initial_count <> coalesce(dead + moved + lost + harvested + culled + escaped, 0)
                               + if(is_active, population_count, 0)
        """,
        _BOOKS,
    )


@check(
    "conservation.last_known",
    "A container left behind tells the fish that were there at last.",
    needs=_BOOKS,
)
def last_known(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH last_harvest AS (
            SELECT h.assignment_id, sum(fish_count) AS fish
            FROM harvest_event h JOIN whereabouts w USING (assignment_id)
            WHERE event_date = departure_date - 1 GROUP BY 1
        )
        SELECT 'assignment', batch_id, assignment_id,
               format('{} fish told, {} left at last', population_count,
                      coalesce(moved + lost, 0) + coalesce(fish, 0))
        FROM whereabouts LEFT JOIN assignment_tally USING (assignment_id)
             LEFT JOIN last_harvest USING (assignment_id)
        WHERE NOT is_active
          AND population_count <> coalesce(moved + lost, 0) + coalesce(fish, 0)
        """,
        ("assignment",),
    )


@check(
    "conservation.batch",
    "A batch's eggs died, were lost, culled, harvested, escaped, or are fish alive.",
    needs=_BOOKS,
)
def batch(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH gone AS (
            SELECT batch_id, sum(n)::BIGINT AS fish FROM (
                SELECT batch_id, dead_on_arrival AS n FROM creation_action
                UNION ALL SELECT batch_id, sum(dead_count) FROM mortality_event GROUP BY 1
                UNION ALL SELECT batch_id, mortality_count FROM transfer_action
                UNION ALL SELECT batch_id, sum(fish_count) FROM harvest_event GROUP BY 1
                UNION ALL SELECT batch_id, sum(fish_count) FROM cull_event GROUP BY 1
                UNION ALL SELECT batch_id, sum(fish_count) FROM escape_event GROUP BY 1
            ) GROUP BY 1
        )
        SELECT 'batch', batch_id, batch_id,
               format('{} eggs; {} dead, lost or harvested, {} alive', egg_count,
                      coalesce(fish, 0), population_count)
        FROM batch LEFT JOIN gone USING (batch_id)
        WHERE status <> 'PLANNED' AND egg_count <> coalesce(fish, 0) + population_count
        """,
        _BOOKS,
    )


@check(
    "conservation.daily",
    "A day's fish are those of the day before less the dead and the harvested.",
    needs=("true_daily_state", "assignment"),
    by_stretch=True,
)
def daily(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'true_daily_state', batch_id, state_id,
               format('{} fish; {} before, {} died, {} removed', population_count, before,
                      mortality_count, removed_count)
        FROM (
            SELECT t.*, coalesce(lag(t.population_count) OVER (
                            PARTITION BY assignment_id ORDER BY state_date),
                        w.initial_count) AS before
            FROM true_daily_state t JOIN whereabouts w USING (assignment_id)
        ) WHERE population_count <> before - mortality_count - removed_count
        """,
        ("true_daily_state",),
        is_kept=evidence.is_clear("conservation.daily", "true_daily_state"),
    )


@check(
    "conservation.events",
    "The true state's deaths, harvest and feed are those of the events.",
    needs=(
        "true_daily_state",
        "mortality_event",
        "harvest_event",
        "feeding_event",
        "cull_event",
        "escape_event",
    ),
    by_stretch=True,
)
def events(evidence: Evidence) -> Tally:
    # Looked for only where the books do not balance. A day's key is made anew from what the row
    # tells, and all is added as doubles: whole numbers of fish and of steps of 10 g are exact in
    # them, and added in half the time of decimals.
    return evidence.faults(
        """
        WITH told AS (
            SELECT assignment_id * 65536 + (state_date - DATE '1970-01-01') AS day,
                   mortality_count::DOUBLE AS dead, removed_count::DOUBLE AS removed,
                   feed_kg::DOUBLE * 100 AS feed FROM true_daily_state
            UNION ALL
            SELECT assignment_id * 65536 + (event_date - DATE '1970-01-01'), -dead_count, 0, 0
            FROM mortality_event
            UNION ALL
            SELECT assignment_id * 65536 + (event_date - DATE '1970-01-01'), 0, -fish_count, 0
            FROM harvest_event
            UNION ALL
            SELECT assignment_id * 65536 + (event_date - DATE '1970-01-01'), 0, -fish_count, 0
            FROM cull_event
            UNION ALL
            SELECT assignment_id * 65536 + (event_date - DATE '1970-01-01'), 0, -fish_count, 0
            FROM escape_event
            UNION ALL
            SELECT assignment_id * 65536 + (feeding_time::DATE - DATE '1970-01-01'), 0, 0,
                   -amount_kg::DOUBLE * 100 FROM feeding_event
        ), sums AS (
            SELECT day, sum(dead) AS dead, sum(removed) AS removed, round(sum(feed)) AS feed
            FROM told GROUP BY day
        )
        SELECT 'true_daily_state', w.batch_id,
               s.day // 65536 * 4096 + s.day % 65536 - (w.birth - DATE '1970-01-01'),
               format('assignment {} on {}: the state has {} more dead, {} more removed, {} kg '
                      'more feed than the events', s.day // 65536,
                      DATE '1970-01-01' + (s.day % 65536)::INTEGER, dead, removed, feed / 100)
        FROM sums s LEFT JOIN whereabouts w ON w.assignment_id = s.day // 65536
        WHERE dead <> 0 OR removed <> 0 OR feed <> 0
        """,
        (
            "true_daily_state",
            "mortality_event",
            "harvest_event",
            "feeding_event",
            "cull_event",
            "escape_event",
        ),
        is_kept=evidence.balances("dead", "removed", "feed"),
    )


@check(
    "conservation.never_rises",
    "A batch never has more fish than it had the day before.",
    needs=("true_daily_state",),
    by_stretch=True,
)
def never_rises(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH alive AS (
            SELECT batch_id, state_date, sum(population_count)::BIGINT AS fish
            FROM true_daily_state GROUP BY ALL
        )
        SELECT 'true_daily_state', batch_id, NULL,
               format('{} fish on {}, {} the day before', fish, state_date, before)
        FROM (SELECT *, coalesce(lag(fish) OVER (PARTITION BY batch_id ORDER BY state_date),
                                 fish) AS before FROM alive)
        WHERE fish > before
        """,
        ("true_daily_state",),
    )


@check(
    "conservation.lots",
    "A harvest's lots add up to it, in fish and in weight.",
    needs=("harvest_event", "harvest_lot"),
)
def lots(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH lots AS (
            SELECT harvest_event_id, sum(fish_count) AS fish,
                   sum((live_weight_kg * 100)::BIGINT) AS weight,
                   bool_or(gutted_weight_kg > live_weight_kg) AS is_heavier
            FROM harvest_lot GROUP BY 1
        )
        SELECT 'harvest_event', h.batch_id, harvest_event_id,
               format('{} fish and {} kg; its lots {} fish and {} kg', fish_count, live_weight_kg,
                      said(fish), said(weight / 100))
               || if(is_heavier, ', one heavier gutted than alive', '')
        FROM harvest_event h LEFT JOIN lots USING (harvest_event_id)
        WHERE fish_count IS DISTINCT FROM fish
           OR (live_weight_kg * 100)::BIGINT IS DISTINCT FROM weight OR is_heavier
        """,
        ("harvest_event", "harvest_lot"),
    )


_COUNTED = (
    ("mortality_event", "mortality_event_id", "dead_count", 1),
    ("harvest_event", "harvest_event_id", "fish_count", 1),
    ("harvest_lot", "harvest_lot_id", "fish_count", 1),
    ("cull_event", "cull_event_id", "fish_count", 1),
    ("escape_event", "escape_event_id", "fish_count", 1),
    ("growth_sample", "growth_sample_id", "sample_size", 1),
    ("feeding_event", "feeding_event_id", "amount_kg", 0.01),
    ("transfer_action", "transfer_action_id", "transferred_count + mortality_count", 1),
    ("assignment", "assignment_id", "initial_count", 0),
    ("assignment", "assignment_id", "population_count", 0),
    ("true_daily_state", "state_id", "population_count", 0),
    ("transfer_action", "transfer_action_id", "transferred_count", 0),
    ("transfer_action", "transfer_action_id", "mortality_count", 0),
    ("creation_action", "creation_action_id", "dead_on_arrival", 0),
)
"""What is counted, and the least of it that makes a row."""


@check(
    "conservation.counts",
    "No row tells of no fish, of no feed, or of less than none.",
    by_stretch=True,
)
def counts(evidence: Evidence) -> Tally:
    tally = Tally()
    for table, key, count, least in _COUNTED:
        if evidence.has(table):
            tally += evidence.faults(
                f"SELECT '{table}', batch_id, {key}, format('{count} is {{}}', {count}) "
                f"FROM {table} WHERE {count} < {least}",
                (table,),
                is_kept=evidence.is_clear("conservation.counts", table),
            )
    return tally


CHECKS = (
    eggs, entries, assignment, last_known, batch, daily, events, never_rises, lots, counts,
)  # fmt: skip
