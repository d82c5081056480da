"""Fish: they grow and never shrink, eat where they grow, and weigh what their numbers say."""

from __future__ import annotations

from grilse.verify.bands import limit
from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]


@check(
    "fish.weights",
    "Mean weight never falls while fish stay where they are.",
    needs=("true_daily_state",),
    by_stretch=True,
)
def weights(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'true_daily_state', batch_id, state_id,
               format('{} g on {}, {} g the day before', avg_weight_g, state_date, before_g)
        FROM (SELECT *, lag(avg_weight_g) OVER (PARTITION BY assignment_id ORDER BY state_date)
                        AS before_g FROM true_daily_state)
        WHERE avg_weight_g < before_g
        """,
        ("true_daily_state",),
        is_kept=evidence.is_clear("fish.weights", "true_daily_state"),
    )


@check(
    "fish.feed",
    "Fish are fed where they gain, and no more than their gain explains.",
    needs=("true_daily_state",),
    by_stretch=True,
)
def feed(evidence: Evidence) -> Tally:
    # A weight is told to the milligram, and feed in steps of 10 g: so much is no fault.
    return evidence.faults(
        """
        SELECT 'true_daily_state', batch_id, state_id,
               format('{} kg fed to {} fish that went from {} g to {} g', feed_kg,
                      population_count, said(before_g), avg_weight_g)
        FROM (SELECT *, lag(avg_weight_g) OVER earlier AS before_g,
                     lag(population_count) OVER earlier AS fish FROM true_daily_state
              WINDOW earlier AS (PARTITION BY assignment_id ORDER BY state_date))
        WHERE feed_kg::DOUBLE > $most * fish * ((avg_weight_g - before_g)::DOUBLE + 0.001 + $slack)
                                / 1000.0 + 0.01
        """,
        ("true_daily_state",),
        is_kept=evidence.is_clear("fish.feed", "true_daily_state"),
        most=limit("feed_per_gain"),
        slack=evidence.slack_g,
    )


_WEIGHED = (
    ("mortality_event", "mortality_event_id", "biomass_kg", "dead_count"),
    ("harvest_event", "harvest_event_id", "live_weight_kg", "fish_count"),
    ("cull_event", "cull_event_id", "biomass_kg", "fish_count"),
    ("escape_event", "escape_event_id", "biomass_kg", "fish_count"),
    ("true_daily_state", "state_id", "biomass_kg", "population_count"),
    ("assignment", "assignment_id", "biomass_kg", "population_count"),
    ("transfer_action", "transfer_action_id", "transferred_biomass_kg", "transferred_count"),
)
"""Tables that tell a number of fish, their mean weight, and what they weigh together."""


@check("fish.biomass", "Biomass is the number of fish times their mean weight.", by_stretch=True)
def biomass(evidence: Evidence) -> Tally:
    tally = Tally()
    for table, key, kilos, fish in _WEIGHED:
        if evidence.has(table):
            tally += evidence.faults(
                f"""
                SELECT '{table}', batch_id, {key},
                       format('{{}} fish of {{}} g cannot weigh {{}} kg', {fish}, avg_weight_g,
                              {kilos})
                FROM {table}
                WHERE misweighed({fish}, avg_weight_g, {kilos}, slack_g := $slack)
                """,
                (table,),
                is_kept=evidence.is_clear("fish.biomass", table),
                slack=evidence.slack_g,
            )
    return tally


@check(
    "fish.meals",
    "A feeding's share of the biomass is what its amount and biomass say.",
    needs=("feeding_event",),
    by_stretch=True,
)
def meals(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'feeding_event', batch_id, feeding_event_id,
               format('{} kg to {} kg of fish is not {} %', amount_kg, biomass_kg, feeding_pct)
        FROM feeding_event
        WHERE biomass_kg <= 0
           OR abs(feeding_pct::DOUBLE - 100 * amount_kg::DOUBLE / biomass_kg::DOUBLE) > 0.0000501
        """,
        ("feeding_event",),
        is_kept=evidence.is_clear("fish.meals", "feeding_event"),
    )


@check(
    "fish.samples",
    "A sample's figures are those of its fish.",
    needs=("growth_sample", "individual_growth_observation"),
)
def samples(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH fish AS (
            SELECT growth_sample_id, sum(row_count)::BIGINT AS n, max(last_fish) AS last,
                   min(least_g) / 1000 AS min_w, max(most_g) / 1000 AS max_w,
                   sum(sum_g)::DOUBLE AS w, sum(squares_g) AS ww, sum(sum_cm)::DOUBLE AS l,
                   sum(squares_cm) AS ll, sum(sum_k) / n AS k
            FROM individual_growth_observation_run GROUP BY 1
        ), sums AS (
            SELECT growth_sample_id, n, last, min_w, max_w, k, w / n / 1000 AS mean_w,
                   l / n / 100 AS mean_l, scatter(n, w, ww) / 1000 AS sd_w,
                   scatter(n, l, ll) / 100 AS sd_l
            FROM fish
        )
        SELECT 'growth_sample', s.batch_id, growth_sample_id,
               format('{} fish, mean {} g, sd {}, {} to {}, mean {} cm, sd {}, K {}; its {} fish: '
                      '{:.3f} g, {:.3f}, {:.3f} to {:.3f}, {:.3f} cm, {:.3f}, {:.3f}',
                      sample_size, avg_weight_g, std_weight_g, min_weight_g, max_weight_g,
                      avg_length_cm, std_length_cm, condition_factor, coalesce(n, 0),
                      coalesce(mean_w, 0), coalesce(sd_w, 0), coalesce(min_w, 0),
                      coalesce(max_w, 0), coalesce(mean_l, 0), coalesce(sd_l, 0), coalesce(k, 0))
        FROM growth_sample s LEFT JOIN sums USING (growth_sample_id)
        WHERE sample_size IS DISTINCT FROM n OR last <> n
           OR abs(avg_weight_g::DOUBLE - mean_w) > 0.000501 + $slack
           OR abs(std_weight_g::DOUBLE - coalesce(sd_w, 0)) > 0.000501 + $slack
           OR abs(min_weight_g::DOUBLE - min_w) > 0.0001
           OR abs(max_weight_g::DOUBLE - max_w) > 0.0001
           OR abs(avg_length_cm::DOUBLE - mean_l) > 0.000501 + $slack
           OR abs(std_length_cm::DOUBLE - coalesce(sd_l, 0)) > 0.000501 + $slack
           OR abs(condition_factor::DOUBLE - k) > 0.000511 + $slack
        """,
        ("growth_sample", "individual_growth_observation"),
        slack=evidence.slack_g,
    )


@check(
    "fish.condition",
    "No fish is thinner or rounder than a fish can be.",
    needs=("individual_growth_observation",),
    by_stretch=True,
)
def condition(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'individual_growth_observation', batch_id, observation_id,
               format('{} g at {} cm is a K of {:.2f}', weight_g, length_cm, k)
        FROM (SELECT *, length_cm::DOUBLE AS cm, 100 * weight_g::DOUBLE / (cm * cm * cm) AS k
              FROM individual_growth_observation)
        WHERE k NOT BETWEEN $least * (1 - $slack / weight_g::DOUBLE)
                        AND $most * (1 + $slack / weight_g::DOUBLE)
        """,
        ("individual_growth_observation",),
        is_kept=evidence.is_clear("fish.condition", "individual_growth_observation"),
        least=limit("condition_least"),
        most=limit("condition_most"),
        slack=evidence.slack_g,
    )


@check(
    "fish.batch_weight",
    "A batch's mean weight is that of its fish, or of the last that left.",
    needs=("batch", "assignment"),
)
def batch_weight(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH last_stage AS (
            SELECT w.batch_id, status,
                   if(status = 'ACTIVE' AND NOT is_active, 0, w.population_count) AS fish,
                   w.avg_weight_g AS grams
            FROM whereabouts w JOIN batch b ON b.batch_id = w.batch_id AND b.stage_id = w.stage_id
        ), told AS (
            SELECT batch_id, sum(fish * grams) / sum(fish) AS mean_g
            FROM last_stage GROUP BY 1 HAVING sum(fish) > 0
        )
        SELECT 'batch', batch_id, batch_id,
               format('{} g; its containers {:.3f} g', avg_weight_g, mean_g)
        FROM batch JOIN told USING (batch_id)
        WHERE abs(avg_weight_g::DOUBLE - mean_g) > 0.0011 + $slack
        """,
        ("batch",),
        slack=evidence.slack_g,
    )


@check(
    "fish.eggs",
    "Eggs and alevins live on their yolk: they do not outgrow it.",
    needs=("true_daily_state", "stage"),
    by_stretch=True,
)
def eggs(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'true_daily_state', batch_id, state_id,
               format('{} g on {}; before its first meal a fish weighs {} g at most', avg_weight_g,
                      state_date, $most)
        FROM true_daily_state JOIN stage USING (stage_id)
        WHERE code = 'egg_alevin' AND avg_weight_g > $most
        """,
        ("true_daily_state",),
        most=limit("yolk_most_g"),
    )


CHECKS = (weights, feed, biomass, meals, samples, condition, batch_weight, eggs)
