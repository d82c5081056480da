"""Policy: the rows keep what the schedule's policy promised.

Under `biosecure` the rules of the sea are checked; under any other policy, or none, what they speak
of is measured and told beside them, and fails no dataset. Under `ladder` every stage has its
batches on the as-of day. Rules and densities come from the parameters kept beside the dataset.
"""

from __future__ import annotations

from collections.abc import Callable

from grilse.ground.days import date_of
from grilse.verify.bands import limit, rungs
from grilse.verify.check import Check, check
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Figure, Tally

__all__ = ["CHECKS"]

_SEA = "environment = 'sea water'"


def _sea_rule(name: str, meaning: str, unit: str, sql: str, *looked: str) -> Check:
    """Make a check of a query that returns table, batch, key, geography, value, least, most, what.

    A row is at fault where its value is less than `least` or more than `most`.
    """

    def rule(evidence: Evidence) -> Tally:
        if not evidence.session.all("SELECT 1 FROM sea_rule LIMIT 1"):
            return Tally(reason="its parameters name no rules of the sea")
        if _policy(evidence) == "biosecure":
            return evidence.faults(
                f"SELECT tbl, batch, key, what FROM ({sql}) {_COLUMNS} "
                "WHERE value < least OR value > most",
                looked,
            )
        figures = _figures(evidence, name, unit, sql)
        reason = "" if figures else "no area tells anything of it"
        return Tally(sum(map(evidence.rows, looked)), figures=figures, reason=reason)

    needs = tuple(dict.fromkeys((*looked, "assignment", "batch", "container", "area", "geography")))
    return Check(f"policy.{name}", meaning, rule, needs)


_COLUMNS = "AS each(tbl, batch, key, geography, value, least, most, what)"


def _figures(evidence: Evidence, name: str, unit: str, sql: str) -> tuple[Figure, ...]:
    """Measure a rule's value, geography by geography."""
    found = evidence.session.all(
        f"""
        SELECT geography, avg(value)::DOUBLE, quantile_cont(value::DOUBLE, 0.05),
               quantile_cont(value::DOUBLE, 0.95), min(least)::DOUBLE, max(most)::DOUBLE,
               count(DISTINCT batch)
        FROM ({sql}) {_COLUMNS} GROUP BY 1 ORDER BY 1
        """
    )
    policy = _policy(evidence)
    reason = f"the policy is {policy}" if policy else "the schedule names no policy"
    return tuple(
        Figure(name, unit, place, value, low, high, least, most, batches, "biosecure", reason)
        for place, value, low, high, least, most, batches in found
    )


def _policy(evidence: Evidence) -> str | None:
    said = evidence.source.schedule.metadata.get("policy")
    return said if isinstance(said, str) else None


_FISH = f"""
SELECT 'assignment', batch_id, assignment_id, geography, initial_count, 0, most_fish,
       format('ring {{}} of {{}} was given {{:,}} fish; allowed are {{:,}}', container, place,
              initial_count, most_fish)
FROM whereabouts JOIN sea_rule USING (geography) WHERE {_SEA}
"""

_DENSITY = f"""
WITH fullest AS (
    SELECT assignment_id, any_value(w.geography) AS geography, any_value(w.batch_id) AS batch_id,
           any_value(container) AS container, any_value(place) AS place,
           max(100 * t.biomass_kg::DOUBLE / c.volume_m3::DOUBLE / d.most_kg_per_m3) AS share,
           arg_max(struct_pack(id := t.state_id, day := t.state_date, most := d.most_kg_per_m3),
                   t.biomass_kg::DOUBLE / c.volume_m3::DOUBLE / d.most_kg_per_m3) AS peak
    FROM true_daily_state t JOIN whereabouts w USING (assignment_id)
    JOIN container c ON c.container_id = w.container_id
    JOIN sea_density d ON d.geography = w.geography AND t.avg_weight_g::DOUBLE >= d.from_g
         AND t.avg_weight_g::DOUBLE < d.below_g
    WHERE {_SEA} AND t.population_count > 0 GROUP BY 1
)
SELECT 'true_daily_state', batch_id, peak.id, geography, share, 0, 100,
       format('ring {{}} of {{}} holds {{:.2f}} kg/m3 on {{}}; allowed are {{}}', container, place,
              share * peak.most / 100, peak.day, peak.most)
FROM fullest
"""

_SHARED = f"""
WITH stay AS (
    SELECT geography, place, batch_id, min(assignment_id) AS assignment_id,
           min(start_date) AS came, max(until) AS gone
    FROM whereabouts WHERE {_SEA} GROUP BY ALL
), before AS (
    SELECT *, max(gone) OVER earlier AS reach, arg_max(batch_id, gone) OVER earlier AS last_batch
    FROM stay
    WINDOW earlier AS (PARTITION BY geography, place ORDER BY came, batch_id
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), counted AS (
    SELECT *, sum(if(reach IS NULL OR came >= reach, 1, 0)) OVER (
        PARTITION BY geography, place ORDER BY came, batch_id ROWS UNBOUNDED PRECEDING
    ) AS generation FROM before
), told AS (
    SELECT *, date_diff('day', min(came) OVER (PARTITION BY geography, place, generation), came)
              AS apart, date_diff('day', reach, came) AS empty_days
    FROM counted JOIN sea_rule USING (geography)
)
"""
"""The stays of batches in areas; those that overlap are of one generation, or should be."""

_GENERATIONS = f"""
{_SHARED}
SELECT 'assignment', batch_id, assignment_id, geography, apart, 0, window_days,
       format('came to {{}} on {{}}, {{}} days after the eldest that lives there; one generation '
              'comes within {{}}', place, came, apart, window_days)
FROM told
"""

_FALLOW = f"""
{_SHARED}
SELECT 'assignment', batch_id, assignment_id, geography, empty_days, fallow_days, NULL::BIGINT,
       format('came to {{}} on {{}}, {{}} days after batch {{}} left it; it lies fallow for {{}}',
              place, came, empty_days, last_batch, fallow_days)
FROM told WHERE empty_days >= 0
"""


def _ladder_rule(
    name: str, meaning: str, *needs: str
) -> Callable[[Callable[[Evidence], Tally]], Check]:
    """Make a check of a rule that holds where the usual ladder stands on the as-of day."""

    def made(rule: Callable[[Evidence], Tally]) -> Check:
        def judged(evidence: Evidence) -> Tally:
            reason = _no_ladder(evidence)
            return Tally(reason=reason) if reason else rule(evidence)

        return check(f"policy.{name}", meaning, needs=needs)(judged)

    return made


def _no_ladder(evidence: Evidence) -> str:
    """Say why the rules of the ladder do not bind, or nothing where they do."""
    schedule, as_of = evidence.source.schedule, evidence.source.as_of_day
    if _policy(evidence) != "ladder":
        return "the schedule's policy is not ladder"
    if schedule.metadata.get("as_of") not in (date_of(as_of), str(date_of(as_of))):
        return "the ladder was made for another as-of day"
    ages: dict[str, set[int]] = {}
    for plan in schedule.batches:
        ages.setdefault(plan.geography, set()).add(as_of - plan.start)
    if not all(set(rungs()) <= days for days in ages.values()):
        return "the ladder has rungs of its own"
    return ""


_STANDING = """
WITH expected AS (SELECT DISTINCT geography, stage, stage_index, is_last FROM planned_stay),
standing AS (
    SELECT DISTINCT p.geography, p.stage, w.batch_id, p.end_date
    FROM whereabouts w JOIN planned_stay p USING (assignment_id) WHERE w.is_active
)
"""


@_ladder_rule(
    "ladder_stages",
    "On the as-of day every stage of each geography holds its batches of the ladder.",
    "assignment", "batch",
)  # fmt: skip
def ladder_stages(evidence: Evidence) -> Tally:
    return evidence.faults(
        f"""
        {_STANDING}
        SELECT 'assignment', NULL, NULL,
               format('{{}}, {{}}: {{}} there, wanted are {{}} or more', geography, stage,
                      count(batch_id), $least)
        FROM expected LEFT JOIN standing USING (geography, stage)
        GROUP BY geography, stage HAVING count(batch_id) < $least
        """,
        ("assignment",),
        least=int(limit("ladder_batches_a_stage")),
    )


@_ladder_rule(
    "ladder_changes",
    "On the as-of day each change of stage is close before some batches of the ladder.",
    "assignment", "batch",
)  # fmt: skip
def ladder_changes(evidence: Evidence) -> Tally:
    # Counted over the farm: the usual rungs put one batch so close to a change in each geography.
    if len({plan.geography for plan in evidence.source.schedule.batches}) == 1:
        return Tally(reason="the ladder stands in one geography alone")
    return evidence.faults(
        f"""
        {_STANDING}
        SELECT 'assignment', NULL, NULL,
               format('leaving {{}} within {{}} days: {{}}, wanted are {{}} or more', stage, $days,
                      count(DISTINCT batch_id), $least)
        FROM (SELECT DISTINCT stage FROM expected WHERE NOT is_last) LEFT JOIN (
            SELECT * FROM standing WHERE date_diff('day', $as_of, end_date) <= $days
        ) USING (stage)
        GROUP BY stage HAVING count(DISTINCT batch_id) < $least
        """,
        ("assignment",),
        least=int(limit("ladder_batches_a_change")),
        days=int(limit("ladder_change_days")),
    )


@_ladder_rule(
    "ladder_fresh",
    "On the as-of day the rows of every living batch reach up to the day before.",
    "true_daily_state", "assignment", "batch",
)  # fmt: skip
def ladder_fresh(evidence: Evidence) -> Tally:
    return evidence.faults(
        """
        SELECT 'assignment', w.batch_id, w.assignment_id,
               format('its last day of rows is {}, due is the day before {}',
                      said(max(state_date)), $as_of)
        FROM whereabouts w LEFT JOIN true_daily_state USING (assignment_id)
        WHERE w.is_active GROUP BY w.batch_id, w.assignment_id
        HAVING max(state_date) IS NULL OR date_diff('day', max(state_date), $as_of) <> 1
        """,
        ("true_daily_state",),
    )


CHECKS = (
    _sea_rule("fish_a_ring", "No ring is given more fish than biosecurity allows.", "fish",
              _FISH, "assignment"),
    _sea_rule("density", "No ring is denser than biosecurity allows at its fish's weight.",
              "% of the density allowed", _DENSITY, "true_daily_state"),
    _sea_rule("generations", "An area holds one generation at a time.",
              "d after the eldest in its area", _GENERATIONS, "assignment"),
    _sea_rule("fallow", "An area lies fallow before it is stocked again.",
              "d empty before it is stocked", _FALLOW, "assignment"),
    ladder_stages,
    ladder_changes,
    ladder_fresh,
)  # fmt: skip
