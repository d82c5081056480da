"""Tables that many checks share: where each assignment is, and what came of its fish."""

from __future__ import annotations

from grilse.verify.session import Session

__all__ = ["derive"]

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


def derive(session: Session, as_of: str) -> None:
    """Make ``whereabouts`` (a row an assignment) and ``assignment_tally``."""
    session.connection.execute(_WHEREABOUTS.replace("$as_of", f"DATE '{as_of}'"))
    session.connection.execute(_TALLY)
