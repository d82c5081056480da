"""Tables that several checks share: where each assignment is, what came of its fish, and others.

Those of `SHARED` are made of large tables, when the first check asks for them.
"""

from __future__ import annotations

from grilse.verify.session import Session

__all__ = ["SHARED", "derive", "share"]

_WHEREABOUTS = """
CREATE TABLE whereabouts AS
SELECT a.assignment_id, a.batch_id, a.container_id, a.stage_id, a.start_date, a.departure_date,
       coalesce(a.departure_date, $as_of) AS until, a.is_active, a.initial_count,
       a.population_count, a.avg_weight_g::DOUBLE AS avg_weight_g,
       b.start_date AS birth, b.geography_id AS batch_geography_id,
       s.code AS stage, s.environment, s.stage_order, c.name AS container,
       coalesce(h.name, r.name) AS place,
       coalesce(t.geography_id, r.geography_id) AS geography_id, g.name AS geography
FROM assignment a
LEFT JOIN batch b ON b.batch_id = a.batch_id
LEFT JOIN stage s ON s.stage_id = a.stage_id
LEFT JOIN container c ON c.container_id = a.container_id
LEFT JOIN hall h ON h.hall_id = c.hall_id
LEFT JOIN station t ON t.station_id = h.station_id
LEFT JOIN area r ON r.area_id = c.area_id
LEFT JOIN geography g ON g.geography_id = coalesce(t.geography_id, r.geography_id)
"""

_TALLY = """
CREATE TABLE assignment_tally AS
WITH part AS (
    SELECT assignment_id, egg_count - dead_on_arrival AS laid, 0 AS came, 0 AS dead, 0 AS moved,
           0 AS lost, 0 AS harvested, 0 AS culled, 0 AS escaped
    FROM creation_action
    UNION ALL
    SELECT dest_assignment_id, 0, transferred_count, 0, 0, 0, 0, 0, 0 FROM transfer_action
    UNION ALL
    SELECT source_assignment_id, 0, 0, 0, transferred_count, mortality_count, 0, 0, 0
    FROM transfer_action
    UNION ALL
    SELECT assignment_id, 0, 0, sum(dead_count), 0, 0, 0, 0, 0 FROM mortality_event GROUP BY 1
    UNION ALL
    SELECT assignment_id, 0, 0, 0, 0, 0, sum(fish_count), 0, 0 FROM harvest_event GROUP BY 1
    UNION ALL
    SELECT assignment_id, 0, 0, 0, 0, 0, 0, sum(fish_count), 0 FROM cull_event GROUP BY 1
    UNION ALL
    SELECT assignment_id, 0, 0, 0, 0, 0, 0, 0, sum(fish_count) FROM escape_event GROUP BY 1
)
SELECT assignment_id, sum(laid)::BIGINT AS laid, sum(came)::BIGINT AS came,
       sum(dead)::BIGINT AS dead, sum(moved)::BIGINT AS moved, sum(lost)::BIGINT AS lost,
       sum(harvested)::BIGINT AS harvested, sum(culled)::BIGINT AS culled,
       sum(escaped)::BIGINT AS escaped
FROM part GROUP BY 1
"""


SHARED = {
    # Adult female salmon lice of each ring and count: limits are for these.
    "female_lice": """
        SELECT batch_id, assignment_id, count_date, fish_counted, lice_count
        FROM whole.lice_count
        WHERE species = 'LEPEOPHTHEIRUS_SALMONIS' AND sex = 'FEMALE' AND stage = 'ADULT'
    """,
    # What was eaten of each lot on each day, in whole steps of 10 g.
    "eaten": """
        SELECT lot_id, feeding_time::DATE AS day, sum(round(amount_kg::DOUBLE * 100)) AS steps,
               min(feeding_time) AS first_time, max(feeding_time) AS last_time
        FROM whole.feed_consumption GROUP BY ALL
    """,
    # What died of each batch at sea in each whole month without a harvest, in per cent.
    "sea_month": """
        WITH ring AS (
            SELECT t.batch_id, assignment_id, date_trunc('month', state_date) AS month,
                   any_value(w.geography_id) AS geography_id, count(*) AS days,
                   sum(mortality_count) AS dead, sum(removed_count) AS removed,
                   sum(t.population_count::BIGINT) AS fish_days
            FROM whole.true_daily_state t JOIN whereabouts w USING (assignment_id)
            WHERE environment = 'sea water' GROUP BY ALL
        )
        SELECT batch_id, any_value(geography_id) AS geography_id, month(month) AS month,
               100.0 * sum(dead) * max(days) / sum(fish_days) AS pct
        FROM ring GROUP BY batch_id, ring.month
        HAVING min(days) = day(last_day(ring.month)) AND sum(removed) = 0 AND sum(fish_days) > 0
    """,
}
"""Queries of whole tables, by the names under which several checks share what they return."""


def share(session: Session, *names: str) -> None:
    """Make some of the tables of `SHARED`, if they are not there yet."""
    for name in names:
        session.make(f"CREATE TABLE IF NOT EXISTS {name} AS {SHARED[name]}")


def derive(session: Session, as_of: str) -> None:
    """Make ``whereabouts`` (a row an assignment) and ``assignment_tally``."""
    session.make(_WHEREABOUTS.replace("$as_of", f"DATE '{as_of}'"))
    session.make(_TALLY)
