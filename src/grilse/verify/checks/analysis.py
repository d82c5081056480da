"""Growth analysis: whole, in step with itself, never more fish than there were, and no leaps."""

from __future__ import annotations

from grilse.verify.bands import limit
from grilse.verify.books import BATCH_DAYS
from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]

_STATES, _DAYS = "analysis_daily_state", "analysis_batch_day"


@check(
    "analysis.complete",
    "Every assignment with fish is analysed, on every day from its first to its last.",
    needs=(_STATES, "assignment"),
    by_stretch=True,
)
def complete(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH told AS (
            SELECT assignment_id, sum(row_count)::BIGINT AS days,
                   DATE '1970-01-01' + min(first_state_date)::INTEGER AS first,
                   DATE '1970-01-01' + max(last_state_date)::INTEGER AS last
            FROM analysis_daily_state_run GROUP BY 1
        )
        SELECT 'assignment', a.batch_id, a.assignment_id,
               CASE WHEN days IS NULL THEN 'is not analysed'
                    ELSE format('is analysed on {} days of {} to {}', days, first, last) END
        FROM assignment a LEFT JOIN told t USING (assignment_id)
        WHERE a.start_date < $as_of
          AND (days IS NULL OR days <> date_diff('day', first, last) + 1)
        """,
        (_STATES,),
    )


@check(
    "analysis.population",
    "Fish of a container, and of a batch, never grow more by analysis.",
    needs=(_STATES, _DAYS),
    by_stretch=True,
)
def population(evidence: Evidence) -> Tally:
    # A stay may be added to as long as fish are moved into it.
    of_stays = evidence.faults(
        """
        SELECT 'analysis_daily_state', batch_id, analysis_state_id,
               format('{} fish on {}, {} the day before', population_count, state_date, before)
        FROM (SELECT *, lag(population_count) OVER (PARTITION BY assignment_id ORDER BY state_date)
                        AS before FROM analysis_daily_state) s
        WHERE population_count > before AND NOT EXISTS (
            SELECT 1 FROM transfer_action t WHERE t.dest_assignment_id = s.assignment_id
            AND t.transfer_date = s.state_date)
        """,
        (_STATES,),
        is_kept=evidence.is_clear("analysis.population", _STATES),
    )
    return of_stays + evidence.faults(
        """
        SELECT 'analysis_batch_day', batch_id, batch_day_id,
               format('{} fish on {}, {} the day before', population_count, state_date, before)
        FROM (SELECT *, lag(population_count) OVER (PARTITION BY batch_id ORDER BY state_date)
                        AS before FROM analysis_batch_day)
        WHERE population_count > before
        """,
        (_DAYS,),
    )


@check(
    "analysis.steps",
    "Estimated weight makes no leap, within a container, a batch, or at a change of stage.",
    needs=(_STATES, _DAYS, "transfer_action"),
    by_stretch=True,
)
def steps(evidence: Evidence) -> Tally:
    down, up = limit("analysis_step_down_share"), limit("analysis_step_up_share")
    of_stays = evidence.faults(
        """
        SELECT 'analysis_daily_state', batch_id, analysis_state_id,
               format('{} g on {}, {} g the day before', avg_weight_g, state_date, before)
        FROM (SELECT *, lag(avg_weight_g) OVER (PARTITION BY assignment_id ORDER BY state_date)
                        AS before FROM analysis_daily_state)
        WHERE avg_weight_g NOT BETWEEN before * (1 - $down) AND before * (1 + $up)
        """,
        (_STATES,),
        is_kept=evidence.is_clear("analysis.steps", _STATES),
        down=down,
        up=up,
    )
    # A harvest takes the heaviest rings first: the mean of what is left may be another.
    return of_stays + evidence.faults(
        """
        WITH ends AS (
            SELECT assignment_id, arg_min(first_avg_weight_g, first_state_date) / 1000 AS came,
                   arg_min(first_key, first_state_date) AS key,
                   arg_max(last_avg_weight_g, last_state_date) / 1000 AS left_with
            FROM analysis_daily_state_run GROUP BY 1
        ), moves AS (
            SELECT d.key, any_value(t.batch_id) AS batch_id, any_value(d.came) AS came,
                   min(s.left_with) AS least, max(s.left_with) AS most
            FROM transfer_action t JOIN ends s ON s.assignment_id = t.source_assignment_id
            JOIN ends d ON d.assignment_id = t.dest_assignment_id GROUP BY 1
        )
        SELECT 'analysis_daily_state', batch_id, key,
               format('{:.3f} g on the first day, {:.3f} to {:.3f} g where the fish came from',
                      came, least, most)
        FROM moves WHERE came < least * (1 - $down) OR came > most * (1 + $up)
        UNION ALL
        SELECT 'analysis_batch_day', batch_id, batch_day_id,
               format('{} g on {}, {} g the day before', avg_weight_g, state_date, before)
        FROM (SELECT *, lag(avg_weight_g) OVER earlier AS before,
                     lag(population_count) OVER earlier AS fish FROM analysis_batch_day
              WINDOW earlier AS (PARTITION BY batch_id ORDER BY state_date))
        WHERE avg_weight_g NOT BETWEEN before * (1 - $down) AND before * (1 + $up)
          AND population_count >= fish * $stay
        """,
        (_DAYS,),
        down=down,
        up=up,
        stay=limit("analysis_stay_share"),
    )


@check(
    "analysis.biomass",
    "Estimated biomass is fish times weight, and an error is one that can be.",
    needs=(_STATES,),
    by_stretch=True,
)
def biomass(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'analysis_daily_state', batch_id, analysis_state_id,
               format('{} fish of {} g, error {} g, weigh {} kg; confidence {}', population_count,
                      avg_weight_g, weight_se_g, biomass_kg, confidence)
        FROM analysis_daily_state
        WHERE misweighed(population_count, avg_weight_g, biomass_kg)
           OR avg_weight_g <= 0 OR weight_se_g <= 0 OR confidence NOT BETWEEN 0 AND 1
        """,
        (_STATES,),
        is_kept=evidence.is_clear("analysis.biomass", _STATES),
    )


@check(
    "analysis.batch_days",
    "A batch's day is the sum of its containers, and its week ends as its last day does.",
    needs=(_STATES, _DAYS, "analysis_batch_week"),
    by_stretch=True,
)
def batch_days(evidence: Evidence) -> Tally:
    # A day told twice, or of no container, would balance against nothing.
    of_days = evidence.faults(
        """
        WITH sums AS (
            SELECT batch_id, state_date, count(*) AS containers, sum(population_count) AS fish,
                   sum(biomass_kg) AS kilos, sum(mortality_count) AS dead, sum(feed_kg) AS feed
            FROM analysis_daily_state GROUP BY ALL
        )
        SELECT 'analysis_batch_day', coalesce(d.batch_id, s.batch_id), batch_day_id,
               format('{} fish, {} kg, {} dead, {} kg of feed on {}; its containers {} fish, {} kg,'
                      ' {} dead, {} kg', said(d.population_count), said(d.biomass_kg),
                      said(d.mortality_count), said(d.feed_kg), s.state_date, said(fish),
                      said(kilos), said(dead), said(feed))
        FROM analysis_batch_day d FULL JOIN sums s USING (batch_id, state_date)
        WHERE (d.container_count, d.population_count, d.biomass_kg, d.mortality_count, d.feed_kg)
              IS DISTINCT FROM (containers, fish, kilos, dead, feed)
        """,
        (_DAYS,),
        is_kept=evidence.balances(*BATCH_DAYS) and evidence.is_clear("analysis.batch_days", _DAYS),
    )
    return of_days + evidence.faults(
        """
        SELECT 'analysis_batch_week', w.batch_id, batch_week_id,
               format('{} fish at the end of the week of {}; {} on its last day',
                      w.population_count, week_start, said(d.population_count))
        FROM analysis_batch_week w ASOF LEFT JOIN analysis_batch_day d
          ON d.batch_id = w.batch_id AND d.state_date <= w.week_start + 6
        WHERE w.population_count IS DISTINCT FROM d.population_count
        """,
        (),
    )


CHECKS = (complete, population, steps, biomass, batch_days)
