"""Freshness: under the policy `ladder` the farm stands ready on the as-of day.

Every stage has its batches, some of them close before a change, and rows reach up to the day
before. A ladder with rungs of its own, or held against another day, is not judged.
"""

from __future__ import annotations

from collections.abc import Callable

from grilse.ground.days import date_of
from grilse.verify.bands import limit, rungs
from grilse.verify.check import Check, check
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]


def _ladder_rule(
    name: str, meaning: str, *needs: str
) -> Callable[[Callable[[Evidence], Tally]], Check]:
    """Make a check of a rule that holds where the usual ladder stands on the as-of day."""

    def made(rule: Callable[[Evidence], Tally]) -> Check:
        def judged(evidence: Evidence) -> Tally:
            reason = _no_ladder(evidence)
            return Tally(reason=reason) if reason else rule(evidence)

        return check(f"freshness.{name}", meaning, needs=needs)(judged)

    return made


def _no_ladder(evidence: Evidence) -> str:
    """Say why the rules of the ladder do not bind, or nothing where they do."""
    schedule, as_of = evidence.source.schedule, evidence.source.as_of_day
    if evidence.source.policy != "ladder":
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
    "stages",
    "On the as-of day every stage of each geography holds its batches of the ladder.",
    "assignment", "batch",
)  # fmt: skip
def stages(evidence: Evidence) -> Tally:
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
    "changes",
    "On the as-of day each change of stage is close before some batches of the ladder.",
    "assignment", "batch",
)  # fmt: skip
def changes(evidence: Evidence) -> Tally:
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
    "rows",
    "On the as-of day the rows of every living batch reach up to the day before.",
    "true_daily_state", "assignment", "batch",
)  # fmt: skip
def rows(evidence: Evidence) -> Tally:
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


CHECKS = (stages, changes, rows)
