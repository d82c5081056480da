"""Sea lice: counted every week, never below none; treated with cause, and where there is cause."""

from __future__ import annotations

from grilse.tables.catalogue.lice import LICE_SEXES, LICE_SPECIES, LICE_STAGES, LICE_TYPES
from grilse.verify.check import check
from grilse.verify.derived import share
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]

_KINDS = ", ".join(
    f"('{LICE_SPECIES[kind.species]}', '{LICE_SEXES[kind.sex]}', '{LICE_STAGES[kind.stage]}')"
    for kind in LICE_TYPES
)

_MEANS = """
SELECT c.batch_id, w.stage_id, w.geography, count_date, limit_milli,
       (sum(lice_count) * 1000)::BIGINT AS lice_milli, sum(c.fish_counted)::BIGINT AS fish,
       count(*) AS rings, any_value(reserve_days) AS reserve_days,
       any_value(longest_withholding) AS longest_withholding
FROM female_lice c JOIN whereabouts w USING (assignment_id)
JOIN lice_rule r ON r.geography = w.geography AND r.month = month(count_date) GROUP BY ALL
"""
"""Each count of a batch in one stage: adult females on all its fish, and the limit in force."""


@check(
    "lice.limits",
    "The limits told are those of the parameters.",
    needs=("lice_limit", "geography"),
)
def limits(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'lice_limit', NULL, lice_limit_id,
               format('{} in month {} in {}; the parameters say {}', limit_per_fish, l.month,
                      said(name), said(limit_milli / 1000))
        FROM lice_limit l LEFT JOIN geography g USING (geography_id)
        LEFT JOIN lice_rule r ON r.geography = name AND r.month = l.month
        WHERE (limit_per_fish * 1000)::BIGINT <> limit_milli
           OR l.month NOT BETWEEN 1 AND 12
        """,
        ("lice_limit",),
    )


@check(
    "lice.counts",
    "A count tells each kind of lice once, of the same fish, and never less than none.",
    needs=("lice_count",),
    by_stretch=True,
)
def counts(evidence: Evidence) -> Tally:
    return evidence.faults(
        f"""
        WITH each AS (
            SELECT batch_id, assignment_id, count_date, min(lice_count_id) AS key,
                   count(*) AS n, count(DISTINCT (species, sex, stage)) AS kinds,
                   bool_and((species, sex, stage) IN ({_KINDS})) AS are_known,
                   min(fish_counted) AS least, max(fish_counted) AS most
            FROM lice_count GROUP BY ALL
        )
        SELECT 'lice_count', batch_id, key,
               format('{{}} rows of {{}} kinds on {{}}, of {{}} to {{}} fish', n, kinds, count_date,
                      least, most)
        FROM each WHERE n <> {len(LICE_TYPES)} OR kinds <> n OR NOT are_known OR least <> most
        UNION ALL
        SELECT 'lice_count', batch_id, lice_count_id,
               format('{{}} lice on {{}} fish, told as {{}} a fish', lice_count, fish_counted,
                      lice_per_fish)
        FROM lice_count
        WHERE lice_count < 0 OR fish_counted <= 0
           OR abs(lice_per_fish::DOUBLE * fish_counted - lice_count) > 0.00051 * fish_counted
        """,
        ("lice_count",),
        is_kept=evidence.is_clear("lice.counts", "lice_count"),
    )


@check(
    "lice.weekly",
    "Lice are counted in each ring a week after the fish came, and every week from then on.",
    needs=("lice_count", "assignment", "true_daily_state"),
    by_stretch=True,
)
def weekly(evidence: Evidence) -> Tally:
    # A ring is counted while it has the fish of a count, and if at first it had ten times as many.
    return evidence.faults(
        """
        WITH at_sea AS (
            SELECT w.*, fish_counted FROM whereabouts w
            JOIN lice_rule r ON r.geography = w.geography AND r.month = 1
            WHERE environment = 'sea water' AND initial_count >= 10 * fish_counted
              AND w.batch_id IN (SELECT batch_id FROM true_daily_state)
        ), due AS (
            SELECT batch_id, a.assignment_id, s.state_date + 1 AS day
            FROM at_sea a JOIN true_daily_state s USING (batch_id, assignment_id)
            WHERE (s.state_date + 1 - start_date) % 7 = 0 AND s.state_date + 1 < until
              AND s.population_count >= fish_counted
        ), there AS (SELECT DISTINCT batch_id, assignment_id, count_date AS day FROM lice_count)
        SELECT 'lice_count', coalesce(d.batch_id, t.batch_id), NULL,
               format('assignment {} on {}: {}', coalesce(d.assignment_id, t.assignment_id),
                      coalesce(d.day, t.day),
                      if(t.day IS NULL, 'not counted', 'counted, but not due'))
        FROM due d FULL JOIN there t USING (batch_id, assignment_id, day)
        WHERE d.day IS NULL OR t.day IS NULL
        """,
        ("lice_count",),
    )


@check(
    "lice.cause",
    "A treatment follows within a week a count that passed the limit then in force.",
    needs=("treatment", "lice_count", "assignment"),
)
def cause(evidence: Evidence) -> Tally:
    share(evidence.session, "female_lice")
    return evidence.faults(
        f"""
        WITH means AS ({_MEANS})
        SELECT 'treatment', t.batch_id, treatment_id,
               format('on {{}} for a count of {{}}, {{}} a fish, limit {{}}; counted then: '
                      '{{}}, limit {{}}', treatment_date, t.count_date, lice_per_fish,
                      limit_per_fish, said(lice_milli / 1000 / fish), said(limit_milli / 1000))
        FROM treatment t JOIN whereabouts w USING (assignment_id)
        LEFT JOIN means m ON m.batch_id = t.batch_id AND m.stage_id = w.stage_id
                         AND m.count_date = t.count_date
        WHERE fish IS NULL OR treatment_date NOT BETWEEN t.count_date + 1 AND t.count_date + 6
           OR lice_milli <= limit_milli * fish
           OR (limit_per_fish * 1000)::BIGINT <> limit_milli
           OR abs(lice_per_fish::DOUBLE * fish * 1000 - lice_milli) > 0.51 * fish
        """,
        ("treatment",),
    )


@check(
    "lice.acted_on",
    "Where a count passed the limit, fish were treated or their harvest begun within a week.",
    needs=("treatment", "lice_count", "assignment", "harvest_event"),
)
def acted_on(evidence: Evidence) -> Tally:
    share(evidence.session, "female_lice")
    # Just before its planned end a batch is not treated any more: the harvest cannot wait.
    return evidence.faults(
        f"""
        WITH means AS ({_MEANS}), ends AS (
            SELECT batch_id, stage AS code, max(if(is_open, NULL, end_date)) AS end_date
            FROM planned_stay GROUP BY ALL
        ), begun AS (SELECT batch_id, min(event_date) AS day FROM harvest_event GROUP BY 1)
        SELECT 'lice_count', m.batch_id, NULL,
               format('{{}} adult females a fish on {{}}, limit {{}}: nothing was done',
                      lice_milli / 1000 / fish, count_date, limit_milli / 1000)
        FROM means m JOIN stage s USING (stage_id)
        LEFT JOIN ends e ON e.batch_id = m.batch_id AND e.code = s.code
        LEFT JOIN begun b ON b.batch_id = m.batch_id
        WHERE lice_milli > limit_milli * fish AND count_date + 7 < $as_of
          AND (b.day IS NULL OR b.day > count_date + 7)
          AND (e.end_date IS NULL
               OR count_date + 7 + reserve_days + longest_withholding <= e.end_date)
          AND NOT EXISTS (SELECT 1 FROM treatment t
                          WHERE t.batch_id = m.batch_id AND t.count_date = m.count_date)
        """,
        ("lice_count",),
    )


@check(
    "lice.withholding",
    "No fish are harvested within the days that a treatment withholds them.",
    needs=("treatment", "harvest_event"),
    by_stretch=True,
)
def withholding(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'treatment', batch_id, treatment_id,
               format('on {}, withheld {} days, to be harvested from {}', treatment_date,
                      withholding_days, harvest_from)
        FROM treatment WHERE harvest_from <> treatment_date + withholding_days
        UNION ALL
        SELECT DISTINCT 'harvest_event', h.batch_id, harvest_event_id,
               format('on {}; treated on {}, not to be harvested before {}', event_date,
                      treatment_date, harvest_from)
        FROM harvest_event h JOIN treatment t USING (assignment_id)
        WHERE event_date >= treatment_date AND event_date < harvest_from
        """,
        ("treatment", "harvest_event"),
    )


@check(
    "lice.deaths",
    "Fish die of delousing on the days after a treatment alone.",
    needs=("treatment", "mortality_event", "assignment"),
    by_stretch=True,
)
def deaths(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'mortality_event', m.batch_id, mortality_event_id,
               format('{} died of delousing on {}; no treatment shortly before', dead_count,
                      event_date)
        FROM mortality_event m JOIN whereabouts w USING (assignment_id)
        JOIN lice_rule r ON r.geography = w.geography AND r.month = 1
        WHERE cause = 'DELOUSING'
          AND NOT EXISTS (SELECT 1 FROM treatment t WHERE t.assignment_id = m.assignment_id
                          AND event_date >= treatment_date
                          AND event_date < treatment_date + death_days)
        """,
        ("mortality_event",),
    )


@check(
    "lice.fasting",
    "Fish are not fed on the day that they are handled for a treatment.",
    needs=("treatment", "feeding_event"),
    by_stretch=True,
)
def fasting(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'feeding_event', f.batch_id, feeding_event_id,
               format('{} kg on {}, the day of a {} treatment', amount_kg, feeding_time::DATE,
                      method)
        FROM treatment t JOIN feeding_event f USING (assignment_id)
        WHERE feeding_time >= treatment_date::TIMESTAMP
          AND feeding_time < (treatment_date + 1)::TIMESTAMP AND method <> 'IN_FEED'
        """,
        ("treatment",),
    )


@check(
    "lice.planned",
    "A treatment that was planned is told as done on a day when one was.",
    needs=("treatment", "planned_activity"),
)
def planned(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'planned_activity', p.batch_id, planned_activity_id,
               format('due {}, told as done on {}: nothing was treated then', due_date,
                      completed_date)
        FROM planned_activity p
        WHERE activity_type = 'TREATMENT' AND status = 'COMPLETED'
          AND NOT EXISTS (SELECT 1 FROM treatment t WHERE t.batch_id = p.batch_id
                          AND treatment_date = completed_date)
        """,
        ("planned_activity",),
    )


CHECKS = (limits, counts, weekly, cause, acted_on, withholding, deaths, fasting, planned)
