"""What was lived, in place of a plan that nobody has: for rows of another application's tables."""

from __future__ import annotations

from grilse.verify.application import Application
from grilse.verify.session import Session

__all__ = ["hold_lived"]

_LIVED_STAYS = """
INSERT INTO planned_stay
SELECT assignment_id, batch_id, geography, place, container, stage,
       dense_rank() OVER (PARTITION BY batch_id ORDER BY stage_order) - 1,
       stage_order = max(stage_order) OVER (), start_date, until, is_active
FROM whereabouts
"""

_LIVED_BATCHES = """
INSERT INTO planned_batch
SELECT b.batch_id, batch_number, g.name, start_date, egg_count,
       (harvest_target_kg * 1000)::BIGINT, status = 'ACTIVE', coalesce(stays, 0)
FROM batch b LEFT JOIN geography g USING (geography_id) LEFT JOIN (
    SELECT batch_id, count(DISTINCT stage_index) AS stays FROM planned_stay GROUP BY 1
) USING (batch_id)
"""


def hold_lived(session: Session, told: Application) -> None:
    """Hold what was lived in place of a plan that nobody has, and what lies beside our tables."""
    session.make(_LIVED_STAYS)
    session.make(_LIVED_BATCHES)
    for name, path in told.beside.items():
        quoted = str(path).replace("'", "''")
        session.make(f"CREATE VIEW {name} AS FROM read_parquet('{quoted}')")
