"""What a summary asks of the rows: a query a section, and the tables that it needs.

They ask the tables by their names and columns alone, so that any database that holds them can
answer. Figures of cycles are of batches that are over: their fish have all left.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["QUESTIONS", "Question"]

_PLACED = """
placed AS (
    SELECT a.assignment_id, a.batch_id, g.name AS geography, s.environment, a.departure_date,
           a.population_count, a.biomass_kg::DOUBLE AS biomass_kg
    FROM assignment a JOIN stage s USING (stage_id) JOIN batch b USING (batch_id)
    JOIN geography g USING (geography_id)
)"""

_SMOLTS = """
smolts AS (
    SELECT t.batch_id, sum(t.transferred_count) AS fish,
           sum(t.transferred_biomass_kg::DOUBLE) AS kilos
    FROM transfer_action t
    JOIN placed source ON source.assignment_id = t.source_assignment_id
    JOIN placed dest ON dest.assignment_id = t.dest_assignment_id
    WHERE source.environment = 'fresh water' AND dest.environment = 'sea water' GROUP BY 1
)"""


@dataclass(frozen=True, slots=True)
class Question:
    """A section of a summary.

    Attributes
    ----------
    name, title
        For programs, and for people.
    needs
        Tables without which it cannot be asked.
    sql
        The query; its columns are named with their units.
    """

    name: str
    title: str
    needs: tuple[str, ...]
    sql: str


QUESTIONS = (
    Question(
        "batches",
        "Batches by status and stage",
        ("batch", "stage"),
        """
        SELECT status::VARCHAR AS status, s.name AS stage, count(*) AS batches,
               sum(population_count)::BIGINT AS fish
        FROM batch b JOIN stage s USING (stage_id)
        GROUP BY 1, 2, stage_order ORDER BY 1, stage_order
        """,
    ),
    Question(
        "harvest",
        "Harvest by year and geography",
        ("harvest_event", "harvest_lot", "batch", "geography"),
        """
        WITH gutted AS (
            SELECT harvest_event_id, sum(gutted_weight_kg::DOUBLE) AS kilos
            FROM harvest_lot GROUP BY 1
        )
        SELECT year(h.event_date) AS year, g.name AS geography,
               count(DISTINCT h.batch_id) AS batches, sum(fish_count)::BIGINT AS fish,
               round(sum(live_weight_kg::DOUBLE) / 1000, 1) AS live_t,
               round(sum(gutted.kilos) / 1000, 1) AS gutted_t,
               round(sum(live_weight_kg::DOUBLE) / sum(fish_count), 3) AS mean_live_kg
        FROM harvest_event h LEFT JOIN gutted USING (harvest_event_id)
        JOIN batch USING (batch_id) JOIN geography g USING (geography_id)
        GROUP BY 1, 2 ORDER BY 1, 2
        """,
    ),
    Question(
        "cycles",
        "Cycles that are over, by year of their end and geography",
        ("harvest_lot", "batch", "geography", "assignment", "stage", "transfer_action"),
        f"""
        WITH {_PLACED}, {_SMOLTS}, cut AS (
            SELECT batch_id, sum(gutted_weight_kg::DOUBLE) AS kilos FROM harvest_lot GROUP BY 1
        )
        SELECT year(b.end_date) AS year, g.name AS geography, count(*) AS batches,
               sum(egg_count)::BIGINT AS eggs, sum(smolts.fish)::BIGINT AS smolts,
               round(100 * sum(smolts.fish) / sum(egg_count), 1) AS egg_to_smolt_pct,
               round(sum(cut.kilos) / sum(smolts.fish), 2) AS gutted_kg_per_smolt
        FROM batch b JOIN smolts USING (batch_id) JOIN cut USING (batch_id)
        JOIN geography g USING (geography_id)
        WHERE status = 'COMPLETED' GROUP BY 1, 2 ORDER BY 1, 2
        """,
    ),
    Question(
        "mortality",
        "Deaths by year, geography and water",
        ("mortality_event", "assignment", "stage", "batch", "geography"),
        f"""
        WITH {_PLACED}
        SELECT year(event_date) AS year, geography, environment::VARCHAR AS water,
               sum(dead_count)::BIGINT AS dead, round(sum(m.biomass_kg::DOUBLE) / 1000, 1) AS dead_t
        FROM mortality_event m JOIN placed USING (assignment_id)
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
    ),
    Question(
        "causes",
        "Causes of death",
        ("mortality_event",),
        """
        SELECT cause::VARCHAR AS cause, sum(dead_count)::BIGINT AS dead,
               round(100 * sum(dead_count) / sum(sum(dead_count)) OVER (), 1) AS share_pct,
               round(sum(biomass_kg::DOUBLE) / 1000, 1) AS dead_t
        FROM mortality_event GROUP BY 1 ORDER BY 2 DESC, 1
        """,
    ),
    Question(
        "sea_loss",
        "Loss at sea of cycles that are over",
        ("mortality_event", "assignment", "stage", "batch", "geography", "transfer_action"),
        f"""
        WITH {_PLACED}, {_SMOLTS}, dead AS (
            SELECT m.batch_id, sum(dead_count) AS fish
            FROM mortality_event m JOIN placed USING (assignment_id)
            WHERE environment = 'sea water' GROUP BY 1
        )
        SELECT g.name AS geography, count(*) AS batches,
               round(100 * sum(dead.fish) / sum(smolts.fish), 1) AS dead_pct,
               round(min(100 * dead.fish / smolts.fish), 1) AS least_pct,
               round(max(100 * dead.fish / smolts.fish), 1) AS most_pct
        FROM batch JOIN smolts USING (batch_id) JOIN dead USING (batch_id)
        JOIN geography g USING (geography_id) WHERE status = 'COMPLETED' GROUP BY 1 ORDER BY 1
        """,
    ),
    Question(
        "feed_conversion",
        "Economic feed conversion at sea of cycles that are over",
        ("feeding_event", "harvest_event", "assignment", "stage", "batch", "geography",
         "transfer_action"),
        f"""
        WITH {_PLACED}, {_SMOLTS}, fed AS (
            SELECT f.batch_id, sum(amount_kg::DOUBLE) AS kilos
            FROM feeding_event f JOIN placed USING (assignment_id)
            WHERE environment = 'sea water' GROUP BY 1
        ), cut AS (
            SELECT batch_id, sum(live_weight_kg::DOUBLE) AS kilos FROM harvest_event GROUP BY 1
        )
        SELECT g.name AS geography, count(*) AS batches, round(sum(fed.kilos) / 1000, 1) AS feed_t,
               round(sum(cut.kilos - smolts.kilos) / 1000, 1) AS produced_t,
               round(sum(fed.kilos) / sum(cut.kilos - smolts.kilos), 3) AS fcr_kg_per_kg
        FROM batch JOIN fed USING (batch_id) JOIN cut USING (batch_id) JOIN smolts USING (batch_id)
        JOIN geography g USING (geography_id) WHERE status = 'COMPLETED' GROUP BY 1 ORDER BY 1
        """,
    ),
    Question(
        "lice",
        "Adult female salmon lice a fish, by year and geography",
        ("lice_count", "batch", "geography"),
        """
        SELECT year(count_date) AS year, g.name AS geography, count(*) AS counts,
               round(avg(lice_per_fish::DOUBLE), 3) AS mean_per_fish,
               round(max(lice_per_fish::DOUBLE), 2) AS most_per_fish
        FROM lice_count l JOIN batch USING (batch_id) JOIN geography g USING (geography_id)
        WHERE l.species::VARCHAR = 'LEPEOPHTHEIRUS_SALMONIS' AND l.sex::VARCHAR = 'FEMALE'
        AND l.stage::VARCHAR = 'ADULT' GROUP BY 1, 2 ORDER BY 1, 2
        """,
    ),
)  # fmt: skip
"""In the order in which they are told."""
