"""Health: one vaccination, after a fast; outbreaks, samples, scores and journal that agree."""

from __future__ import annotations

from grilse.tables.catalogue.health import WELFARE_INDICATORS
from grilse.verify.bands import limit
from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]

_SCORES = tuple(WELFARE_INDICATORS)


@check(
    "health.vaccination",
    "A batch is vaccinated once, all its containers on one day, on land and at the right size.",
    needs=("vaccination", "assignment"),
)
def vaccination(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH each AS (
            SELECT v.*, w.environment, w.start_date, w.until,
                   min(vaccination_date) OVER (PARTITION BY v.batch_id) AS first_date,
                   count(*) OVER (PARTITION BY v.assignment_id) AS times
            FROM vaccination v LEFT JOIN whereabouts w USING (assignment_id)
        )
        SELECT 'vaccination', batch_id, vaccination_id,
               format('{} fish of {} g on {}, {}; the batch was on {}, this container {} times',
                      fish_count, avg_weight_g, vaccination_date, said(environment), first_date,
                      times)
        FROM each
        WHERE environment IS DISTINCT FROM 'fresh water' OR vaccination_date <> first_date
           OR times > 1 OR vaccination_date NOT BETWEEN start_date AND until - 1
           OR avg_weight_g NOT BETWEEN $least AND $most OR fish_count <= 0 OR dose_ml <= 0
        """,
        ("vaccination",),
        least=limit("vaccination_least_g"),
        most=limit("vaccination_most_g"),
    )


@check(
    "health.fasting",
    "Fish are not fed on the day of their vaccination, nor on the days before it.",
    needs=("vaccination", "feeding_event"),
)
def fasting(evidence: Evidence) -> Tally:
    parameters, path = evidence.source.parameters, "vaccination.fast_days"
    days = int(parameters.number(path)) if parameters.has(path) else 0
    return evidence.faults(
        """
        SELECT 'feeding_event', f.batch_id, feeding_event_id,
               format('{} kg on {}; vaccinated on {}', amount_kg, feeding_time, vaccination_date)
        FROM feeding_event f JOIN vaccination v USING (assignment_id)
        WHERE feeding_time::DATE BETWEEN vaccination_date - $days::INTEGER AND vaccination_date
        """,
        ("vaccination",),
        days=days,
    )


@check(
    "health.outbreaks",
    "Outbreaks of a disease follow each other, and their dead are among those told to be its own.",
    needs=("disease_outbreak", "mortality_event", "assignment"),
)
def outbreaks(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        WITH told AS (
            SELECT o.disease_outbreak_id, sum(m.dead_count) AS dead
            FROM disease_outbreak o JOIN whereabouts w
              ON w.batch_id = o.batch_id AND w.stage_id = o.stage_id
            JOIN mortality_event m ON m.assignment_id = w.assignment_id AND m.cause = o.disease
             AND m.event_date BETWEEN o.first_date AND coalesce(o.last_date, $as_of::DATE)
            GROUP BY 1
        ), each AS (
            SELECT o.*, coalesce(dead, 0) AS dead,
                   lag(coalesce(last_date, DATE '9999-01-01')) OVER (
                       PARTITION BY batch_id, stage_id, disease ORDER BY first_date) AS before
            FROM disease_outbreak o LEFT JOIN told USING (disease_outbreak_id)
        )
        SELECT 'disease_outbreak', batch_id, disease_outbreak_id,
               format('{} from {} to {}, after one that ended {}: {} dead, {} of them told',
                      disease, first_date, said(last_date), said(before), dead_count, dead)
        FROM each
        WHERE dead_count > dead OR last_date < first_date OR first_date <= before
           OR first_date >= $as_of OR last_date >= $as_of OR container_count < 1
        """,
        ("disease_outbreak",),
    )


@check(
    "health.laboratory",
    "A sample is of fish that were there; its result comes later, and tells cycles where it can.",
    needs=("lab_sample", "assignment"),
)
def laboratory(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'lab_sample', s.batch_id, lab_sample_id,
               format('{} by {}: {}, {} cycles; taken {}, told {}; the fish were there from {} to '
                      '{}', disease, method, result, said(ct_value), sample_date, result_date,
                      said(start_date), said(until))
        FROM lab_sample s LEFT JOIN whereabouts w USING (assignment_id)
        WHERE result_date < sample_date OR fish_count < 1 OR start_date IS NULL
           OR sample_date NOT BETWEEN start_date AND until - 1
           OR (ct_value IS NOT NULL) <> (method = 'PCR' AND result = 'POSITIVE')
           OR ct_value NOT BETWEEN 5 AND 45
        """,
        ("lab_sample",),
    )


@check(
    "health.scores",
    "Scores of welfare go from 0 to 3, and a sample's figures are those of its fish.",
    needs=("welfare_sample", "welfare_observation"),
    by_stretch=True,
)
def scores(evidence: Evidence) -> Tally:
    least, most = (f"{word}({', '.join(_SCORES)})" for word in ("least", "greatest"))
    of_fish = evidence.faults(
        f"""
        SELECT 'welfare_observation', batch_id, welfare_observation_id,
               format('scores from {{}} to {{}}', {least}, {most})
        FROM welfare_observation WHERE {least} < 0 OR {most} > 3
        """,
        ("welfare_observation",),
        is_kept=evidence.is_clear("health.scores", "welfare_observation"),
    )
    return of_fish + evidence.faults(
        f"""
        SELECT 'welfare_sample', s.batch_id, s.welfare_sample_id,
               format('{{}} fish, mean {{}}, {{}} marked; its fish are {{}}, {{}}, {{}}',
                      sample_size, avg_score, fish_marked, said(fish), said(mean), said(o.marked))
        FROM welfare_sample s LEFT JOIN (
            SELECT welfare_sample_id, sum(row_count)::BIGINT AS fish,
                   sum(marked)::BIGINT AS marked, sum(score) / (fish * {len(_SCORES)}) AS mean
            FROM welfare_observation_run GROUP BY 1
        ) o USING (welfare_sample_id)
        WHERE fish IS DISTINCT FROM sample_size OR o.marked IS DISTINCT FROM fish_marked
           OR abs(mean - avg_score::DOUBLE) > 0.00051
        """,
        ("welfare_sample",),
    )


@check(
    "health.sizes",
    "No fish of a welfare sample is thinner or rounder than a salmon can be.",
    needs=("welfare_observation",),
    by_stretch=True,
)
def sizes(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'welfare_observation', batch_id, welfare_observation_id,
               format('{} g and {} cm', weight_g, length_cm)
        FROM welfare_observation
        WHERE weight_g <= 0 OR length_cm <= 0
           OR 100 * weight_g::DOUBLE / pow(length_cm::DOUBLE, 3) NOT BETWEEN
              $least * (1 - 0.02 / length_cm::DOUBLE) AND $most * (1 + 0.02 / length_cm::DOUBLE)
        """,
        ("welfare_observation",),
        is_kept=evidence.is_clear("health.sizes", "welfare_observation"),
        least=limit("condition_least"),
        most=limit("condition_most"),
    )


@check(
    "health.journal",
    "What the journal tells as found by the laboratory was found, and came on that day.",
    needs=("journal_entry", "lab_sample"),
)
def journal(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'journal_entry', j.batch_id, journal_entry_id,
               format('{} on {}: no such result came', entry, entry_date)
        FROM journal_entry j
        WHERE category = 'DIAGNOSIS' AND NOT EXISTS (
            SELECT 1 FROM lab_sample s WHERE s.assignment_id = j.assignment_id
               AND s.result_date = j.entry_date AND s.result = 'POSITIVE')
        """,
        ("journal_entry",),
    )


CHECKS = (vaccination, fasting, outbreaks, laboratory, scores, sizes, journal)
