"""Books: what is expected, planned, sold and asked for agrees with itself and with the fish."""

from __future__ import annotations

from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]


@check("books.pinned", "Each batch has scenarios, and pins one of them.",
       needs=("batch", "scenario"))  # fmt: skip
def pinned(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'batch', b.batch_id, b.batch_id,
               format('{} scenarios are pinned', count(s.scenario_id) FILTER (is_pinned))
        FROM batch b LEFT JOIN scenario s USING (batch_id) GROUP BY b.batch_id
        HAVING count(s.scenario_id) FILTER (is_pinned) <> 1
        """,
        ("batch", "scenario"),
    )


@check("books.projection", "A scenario tells each of its days once, from its first to its last.",
       needs=("scenario", "scenario_projection"))  # fmt: skip
def projection(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH told AS (
            SELECT scenario_id, count(*) AS days, min(projection_date) AS first,
                   max(projection_date) AS last FROM scenario_projection GROUP BY 1
        )
        SELECT 'scenario', s.batch_id, scenario_id,
               format('{} days from {}, harvest {}; told are {} from {} to {}', duration_days,
                      start_date, harvest_date, said(days), said(first), said(last))
        FROM scenario s LEFT JOIN told USING (scenario_id)
        WHERE duration_days IS DISTINCT FROM days OR start_date IS DISTINCT FROM first
           OR harvest_date IS DISTINCT FROM last OR last - first + 1 <> days
        """,
        ("scenario", "scenario_projection"),
    )


@check("books.expectation", "In a scenario fish die and grow alone, and feed adds up.",
       needs=("scenario_projection",), by_stretch=True)  # fmt: skip
def expectation(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'scenario_projection', batch_id, projection_id,
               format('{} fish of {} g, {} kg, {} kg of feed in all', population_count,
                      avg_weight_g, biomass_kg, total_feed_kg)
        FROM (SELECT *, lag(population_count) OVER days AS fish, lag(avg_weight_g) OVER days AS g,
                     lag(total_feed_kg) OVER days AS fed FROM scenario_projection
              WINDOW days AS (PARTITION BY scenario_id ORDER BY projection_date))
        WHERE population_count > fish OR avg_weight_g < g
           OR total_feed_kg <> feed_kg + coalesce(fed, 0)
           OR misweighed(population_count, avg_weight_g, biomass_kg)
        """,
        ("scenario_projection",),
    )


@check("books.activities", "What is done was done before the as-of date, and nothing else.",
       needs=("planned_activity",))  # fmt: skip
def activities(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'planned_activity', batch_id, planned_activity_id,
               format('{} due {}, {}, done {}', activity_type, due_date, status,
                      said(completed_date))
        FROM planned_activity
        WHERE (status = 'COMPLETED') <> (completed_date IS NOT NULL)
           OR completed_date >= $as_of
        """,
        ("planned_activity",),
    )


@check("books.harvest", "What a lot brought is its weight times the price told.",
       needs=("harvest_lot", "fact_harvest"))  # fmt: skip
def harvest(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'fact_harvest', f.batch_id, fact_harvest_id,
               format('{} fish, {} kg at {} is {} EUR; the lot has {} fish, {} kg', f.fish_count,
                      quantity_kg, unit_price_eur, amount_eur, said(l.fish_count),
                      said(gutted_weight_kg))
        FROM fact_harvest f LEFT JOIN harvest_lot l ON harvest_lot_id = fact_harvest_id
        WHERE f.fish_count IS DISTINCT FROM l.fish_count
           OR quantity_kg IS DISTINCT FROM gutted_weight_kg OR f.grade IS DISTINCT FROM l.grade
           OR f.event_date IS DISTINCT FROM l.event_date
           OR mispriced(quantity_kg, unit_price_eur, amount_eur)
        """,
        ("fact_harvest",),
    )


@check("books.waste", "A lot's gutted weight and waste are its live weight.",
       needs=("harvest_lot",))  # fmt: skip
def waste(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'harvest_lot', batch_id, harvest_lot_id,
               format('{} kg; {} gutted, {} waste', live_weight_kg, gutted_weight_kg, waste_kg)
        FROM harvest_lot WHERE live_weight_kg <> gutted_weight_kg + waste_kg OR waste_kg < 0
        """,
        ("harvest_lot",),
    )


@check("books.sold", "What was sold to go to sea is what went, at the price told.",
       needs=("transfer_workflow", "intercompany_transfer"))  # fmt: skip
def sold(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'intercompany_transfer', i.batch_id, intercompany_transfer_id,
               format('{} fish, {} kg at {} is {} EUR; {} fish and {} kg were moved', fish_count,
                      quantity_kg, unit_price_eur, amount_eur, said(transferred_count),
                      said(transferred_biomass_kg))
        FROM intercompany_transfer i
        LEFT JOIN transfer_workflow w ON transfer_workflow_id = intercompany_transfer_id
        WHERE fish_count IS DISTINCT FROM transferred_count
           OR quantity_kg IS DISTINCT FROM transferred_biomass_kg
           OR i.transfer_date IS DISTINCT FROM w.transfer_date
           OR mispriced(quantity_kg, unit_price_eur, amount_eur)
           OR from_company_id = to_company_id
        """,
        ("intercompany_transfer",),
    )


CHECKS = (pinned, projection, expectation, activities, harvest, waste, sold)
