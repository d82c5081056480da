"""Why a plan does not fit: group, days, what was wanted, who holds it, and what would do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil, floor

from grilse.farm.model import Farm
from grilse.ground.days import date_of
from grilse.ground.errors import Problem
from grilse.plan.berths import most_berths
from grilse.plan.bound import GroupBound, least_stagger
from grilse.plan.naming import BatchName
from grilse.plan.question import PlanQuestion
from grilse.plan.region import NoRoomError
from grilse.schedule.model import BatchPlan

__all__ = ["capacity_problem", "days_text"]

_HOLDERS_NAMED = 4


def capacity_problem(
    question: PlanQuestion,
    farm: Farm,
    found: Sequence[GroupBound],
    planned: Sequence[BatchPlan],
    name: BatchName,
    refusal: NoRoomError,
) -> Problem:
    """Return the refusal of a plan whose batch `name` found no place for a stage.

    Parameters
    ----------
    question, farm
        What is planned, and the part of the farm that it is planned on.
    found
        What each capacity group bears.
    planned
        The batches that have their places, those that stood before among them.
    name
        The first batch that found none.
    refusal
        What it wanted, and what is held.
    """
    each = next(
        each
        for each in found
        if (each.group.geography, each.group.stage) == (name.geography.name, refusal.stage)
    )
    kind = each.group.kind
    first, last = date_of(refusal.days.start), date_of(refusal.days.end)
    wanted = _counts_text(refusal.counts)
    return Problem(
        code="P-CAPACITY",
        batch=name.batch_id,
        message=f"{each.group.name}: no {kind} has room from {first} to {last}"
        + _fallow(question, each),
        found=f"wanted {wanted} containers of one {kind}, {_free(refusal, kind)}; "
        f"{_holders(planned, name, refusal)}",
        allowed=_allowed(each),
        mend=_mend(question, found, each, len(farm.geographies), name),
    )


def days_text(days: Fraction) -> str:
    """Return days as a decimal that is no less, with three places at most: 450/92 is ``4.892``."""
    return f"{ceil(days * 1000) / 1000:.3f}".rstrip("0").rstrip(".")


def _fallow(question: PlanQuestion, each: GroupBound) -> str:
    rest = question.rest_days(each.group.geography) if each.group.kind == "area" else 0
    return f" and lies empty for {rest} days before and after" if rest else ""


def _counts_text(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    if len(counts) > 2 and high - low + 1 == len(counts):
        return f"{low} to {high}"
    return " or ".join(str(count) for count in counts)


def _free(refusal: NoRoomError, kind: str) -> str:
    """Say how many containers are free in the place that has most, and in the whole group."""
    free = [len(book.free(refusal.days)) for book in refusal.books]
    if not free:
        return f"free 0: the farm has no {kind} for this stage"
    return f"free {max(free)} in the emptiest {kind}, {sum(free)} in all {len(free)}"


def _holders(planned: Sequence[BatchPlan], name: BatchName, refusal: NoRoomError) -> str:
    """Name the batches that hold the group in those days, those that leave it first first."""
    found = [
        (batch.start + stay.end_day, batch.batch_id)
        for batch in planned
        if batch.geography == name.geography.name
        for stay in batch.stays
        if stay.stage == refusal.stage
        and batch.start + stay.start_day < refusal.days.end
        and batch.start + stay.end_day > refusal.days.start
    ]
    if not found:
        return "no batch holds it"
    found.sort()
    named = ", ".join(f"{batch} to {date_of(end)}" for end, batch in found[:_HOLDERS_NAMED])
    more = len(found) - _HOLDERS_NAMED
    return f"held by {named}" + (f" and {more} more" if more > 0 else "")


def _allowed(each: GroupBound) -> str:
    if each.spacing_days is None:
        return "no batch: no place of this group is large enough"
    return f"one start in {days_text(each.spacing_days)} days in this geography"


def _mend(
    question: PlanQuestion,
    found: Sequence[GroupBound],
    each: GroupBound,
    geographies: int,
    name: BatchName,
) -> str:
    """Name the smallest change of stagger, number, rings or days that would fit, one each."""
    if question.ladder_days:
        return "Use fewer days in --ladder, or a larger farm"
    ways = [
        *_wider(question, found, geographies),
        *_fewer(name),
        *_other_rings(question, found, each, geographies),
        *_shorter(question, found, each, geographies),
    ]
    return f"Use {', or '.join(ways or ['a larger farm'])}"


def _wider(question: PlanQuestion, found: Sequence[GroupBound], geographies: int) -> Iterator[str]:
    least = least_stagger(question, found, geographies)
    if least is not None and least > question.stagger_days:
        yield f"--stagger {days_text(least)} or more"


def _fewer(name: BatchName) -> Iterator[str]:
    if name.turn > 1:
        yield f"--batches {name.turn - 1} or fewer"


def _other_rings(
    question: PlanQuestion, found: Sequence[GroupBound], each: GroupBound, geographies: int
) -> Iterator[str]:
    """Name the largest least count of rings by which the sea would bear this stagger."""
    kind = each.group.kind
    if kind != "area" or question.policy == "biosecure":
        return
    if not _others_bear(question, found, kind, geographies):
        return
    seas = [other for other in found if other.group.kind == kind]
    for low in range(min(question.ring_counts) - 1, 0, -1):
        if all(
            sum(most_berths(size, (low,)) for size in sea.group.sizes)
            * question.spacing_days(sea.group.geography, geographies)
            >= sea.held_days
            for sea in seas
        ):
            yield f"--rings {low}..{max(question.ring_counts)}"
            return


def _shorter(
    question: PlanQuestion, found: Sequence[GroupBound], each: GroupBound, geographies: int
) -> Iterator[str]:
    """Name the longest stay by which the groups of the stage would bear this stagger."""
    if question.policy == "biosecure" or question.reserve == "weight":
        return
    stage, kind = each.group.stage, each.group.kind
    same = [other for other in found if other.group.stage == stage]
    days = min(
        floor(question.spacing_days(other.group.geography, geographies) * other.berths)
        for other in same
    )
    others = [other for other in found if other.group.stage != stage]
    if not 0 < days < each.held_days or not _bear(question, others, geographies):
        return
    yield f"--adult-duration {days}" if kind == "area" else f"--stage-days {stage}={days}"


def _others_bear(
    question: PlanQuestion, found: Sequence[GroupBound], kind: str, geographies: int
) -> bool:
    """Whether all groups of the other kind bear the stagger that is asked for."""
    others = [other for other in found if other.group.kind != kind]
    return _bear(question, others, geographies)


def _bear(question: PlanQuestion, groups: Sequence[GroupBound], geographies: int) -> bool:
    return all(
        group.spacing_days is not None
        and group.spacing_days <= question.spacing_days(group.group.geography, geographies)
        for group in groups
    )
