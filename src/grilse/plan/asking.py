"""Asking the other way round: a saturation, a span of years or the tightest fit finds the stagger.

Whatever is asked, what comes of it is a plain question: a number of batches and a stagger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from grilse.farm.model import Farm
from grilse.ground.days import date_of
from grilse.ground.errors import BadInput, Problem
from grilse.plan.bound import (
    GroupBound,
    bottleneck,
    bounds,
    cuts,
    least_stagger,
    own_staggers,
    rounded_up,
)
from grilse.plan.explanation import days_text
from grilse.plan.naming import geographies_planned, last_offset
from grilse.plan.question import (
    DEFAULT_BATCHES_PER_GEOGRAPHY,
    DEFAULT_STAGGER_DAYS,
    YOUNGEST_DAYS,
    PlanQuestion,
)
from grilse.plan.reservation import Reservation

__all__ = ["Wish", "expected_saturation", "resolved"]

_DAYS_A_YEAR = Fraction("365.25")
_STEADY_YEARS = 1
_WIDEST_DAYS = Fraction(3652)
_HALVINGS = 40
_THOUSANDTHS = 1000


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; None where it is left to the planner.

    Attributes
    ----------
    batches
        In each geography.
    stagger_days
        Days from one start to the next.
    saturation
        Overall, in the steady window, above 0 and up to 1.
    years
        From the first start to the last.
    fit
        Whether batches shall start as close together as the farm bears.
    """

    batches: int | None = None
    stagger_days: Fraction | None = None
    saturation: Fraction | None = None
    years: Fraction | None = None
    fit: bool = False


def resolved(
    wish: Wish, question: PlanQuestion, farm: Farm, reserved: Reservation
) -> tuple[PlanQuestion, tuple[str, ...]]:
    """Return the plain question that a wish comes to, and lines that tell what was found.

    Raises
    ------
    BadInput
        Wishes that contradict each other (``P-CONTRADICTION``), that are out of range, or that no
        stagger of this farm can meet between two fixed dates (``P-FIT``).
    """
    problems = [*_contradictions(wish, question), *_out_of_range(wish)]
    if problems:
        raise BadInput(problems)
    if question.ladder_days:
        return replace(question, batches_per_geography=len(question.ladder_days)), ()
    part = replace(farm, geographies=geographies_planned(question, farm))
    if not part.geographies:
        return question, ()
    found = bounds(question, part, reserved)
    asked = replace(
        question,
        batches_per_geography=_least_one(wish.batches),
        stagger_days=Fraction(DEFAULT_STAGGER_DAYS),
        hoped_saturation=wish.saturation,
        hoped_years=wish.years,
    )
    paced, told = _paced(wish, asked, part, found, reserved)
    counted = _counted(wish, paced, part, found)
    _within_dates(wish, counted, part, found)
    return counted, told


def _least_one(batches: int | None) -> int:
    return DEFAULT_BATCHES_PER_GEOGRAPHY if batches is None else batches


def _contradictions(wish: Wish, question: PlanQuestion) -> Iterator[Problem]:
    given = {
        "--batches": wish.batches is not None,
        "--stagger": wish.stagger_days is not None,
        "--saturation": wish.saturation is not None,
        "--years": wish.years is not None,
        "--fit": wish.fit,
    }
    named = [option for option, is_given in given.items() if is_given]
    if question.ladder_days:
        if named:
            yield _contradiction(named, "the rungs of a ladder say when each batch starts")
        return
    pace = [option for option in named if option in ("--stagger", "--saturation", "--fit")]
    if len(pace) > 1:
        yield _contradiction(pace, "each of them decides how close together batches start")
    if wish.batches is not None and wish.years is not None and pace:
        listed = ["--batches", "--years", *pace]
        yield _contradiction(listed, "any two of number, span and pace decide the third")


def _contradiction(options: Sequence[str], reason: str) -> Problem:
    return Problem(
        "P-CONTRADICTION",
        f"these options ask for the same thing twice: {reason}",
        found=" ".join(options),
        mend="Leave one of them out",
    )


def _out_of_range(wish: Wish) -> Iterator[Problem]:
    if wish.saturation is not None and not 0 < wish.saturation <= 1:
        found = f"--saturation {float(wish.saturation):g}"
        yield Problem(
            "P-SATURATION", "a saturation is a share", found=found, allowed="above 0, up to 1"
        )
    if wish.years is not None and not 0 < wish.years <= 200:
        found = f"--years {float(wish.years):g}"
        yield Problem("P-YEARS", "no span for a plan", found=found, allowed="above 0, up to 200")


def _paced(
    wish: Wish,
    question: PlanQuestion,
    farm: Farm,
    found: Sequence[GroupBound],
    reserved: Reservation,
) -> tuple[PlanQuestion, tuple[str, ...]]:
    """Return the question with its stagger."""
    least = least_stagger(question, found, len(farm.geographies))
    if wish.stagger_days is not None:
        return replace(question, stagger_days=wish.stagger_days), ()
    if least is not None and wish.fit:
        return _tightest(question, found, least), ()
    if least is not None and wish.saturation is not None:
        return _by_saturation(question, farm, found, reserved, least, wish.saturation)
    span = _span_days(wish, question)
    if span is not None and wish.batches is not None:
        return replace(question, stagger_days=_spread(wish, question, farm, span, least)), ()
    return question, ()


def _tightest(question: PlanQuestion, found: Sequence[GroupBound], least: Fraction) -> PlanQuestion:
    paced = replace(question, stagger_days=rounded_up(least))
    if question.interleave:
        return paced
    return replace(paced, own_staggers=own_staggers(found))


def _span_days(wish: Wish, question: PlanQuestion) -> Fraction | None:
    """Return the days from first to last start that are asked for; None where they are open."""
    if wish.years is not None:
        return wish.years * _DAYS_A_YEAR
    if question.start is not None and question.as_of - YOUNGEST_DAYS > question.start:
        return Fraction(question.as_of - YOUNGEST_DAYS - question.start)
    return None


def _spread(
    wish: Wish, question: PlanQuestion, farm: Farm, span: Fraction, least: Fraction | None
) -> Fraction:
    """Return the stagger that spreads the batches over a span.

    Years are filled whole; two dates that leave room for the usual stagger, or for the least that
    the farm bears if that is wider, are not stretched.
    """
    turns = question.batches_per_geography * question.turns(len(farm.geographies))
    if wish.years is not None:
        return rounded_up(span / turns)
    steps = turns - 1
    usual = max(Fraction(DEFAULT_STAGGER_DAYS), rounded_up(least or Fraction(0)))
    return min(usual, Fraction(floor(span / steps * 10_000), 10_000)) if steps else usual


def _by_saturation(
    question: PlanQuestion,
    farm: Farm,
    found: Sequence[GroupBound],
    reserved: Reservation,
    least: Fraction,
    hoped: Fraction,
) -> tuple[PlanQuestion, tuple[str, ...]]:
    """Find the widest stagger that leaves the farm as full as hoped, by halving."""
    low, high = rounded_up(least), _WIDEST_DAYS
    most = expected_saturation(replace(question, stagger_days=low), farm, found, reserved)
    if most < hoped:
        limit = bottleneck(question, found, len(farm.geographies))
        name = limit.group.name if limit else "the farm"
        told = (
            f"told        {float(hoped):.1%} cannot be had: at the least stagger that {name} bears,"
            f" {days_text(least)} days, the farm is {float(most):.1%} full"
        )
        return replace(question, stagger_days=low), (told,)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        share = expected_saturation(replace(question, stagger_days=middle), farm, found, reserved)
        low, high = (middle, high) if share >= hoped else (low, middle)
    stagger = max(rounded_up(least), Fraction(floor(low * _THOUSANDTHS), _THOUSANDTHS))
    return replace(question, stagger_days=stagger), ()


def expected_saturation(
    question: PlanQuestion, farm: Farm, found: Sequence[GroupBound], reserved: Reservation
) -> Fraction:
    """Return the saturation that a question comes to in a steady state, overall.

    A group in which a batch holds c containers for D days, with a start every x days, has ``c D/x``
    of them held; at sea c is the mean over the berths.
    """
    geographies = len(farm.geographies)
    cut = cuts(question, found, geographies)
    held = Fraction(0)
    for each in found:
        where, stage = each.group.geography, each.group.stage
        stays = {stage.key: stage.default_days for stage in reserved.longest(where)}
        count = Fraction(question.containers_a_stage)
        if each.group.kind == "area":
            count = _rings_a_batch(question, each, cut[where, stage])
        full = count * stays[stage] / question.spacing_days(where, geographies)
        held += min(full, Fraction(each.group.containers))
    containers = sum(1 for _ in farm.containers())
    return held / containers if containers else Fraction(0)


def _rings_a_batch(
    question: PlanQuestion, each: GroupBound, cut: Sequence[Sequence[int]]
) -> Fraction:
    if question.policy == "biosecure":
        return Fraction(each.group.containers, max(1, each.berths))
    berths = [rings for place in cut for rings in place]
    return Fraction(sum(berths), max(1, len(berths)))


def _counted(
    wish: Wish, question: PlanQuestion, farm: Farm, found: Sequence[GroupBound]
) -> PlanQuestion:
    """Return the question with its number of batches."""
    if wish.batches is not None or question.stagger_days <= 0:
        return question
    pace = max(question.spacing_days(each.name, len(farm.geographies)) for each in farm.geographies)
    if wish.years is not None:
        batches = floor(wish.years * _DAYS_A_YEAR / pace)
    elif wish.fit or wish.saturation is not None:
        span = _span_days(wish, question)
        life = _longest_life(found)
        days = span if span is not None else life + _STEADY_YEARS * _DAYS_A_YEAR
        batches = floor(days / pace) if span is not None else ceil(days / pace)
    else:
        return question
    return replace(question, batches_per_geography=max(1, batches))


def _longest_life(found: Sequence[GroupBound]) -> int:
    days: Counter[str] = Counter()
    for each in found:
        days[each.group.geography] += each.held_days
    return max(days.values(), default=0)


def _within_dates(
    wish: Wish, question: PlanQuestion, farm: Farm, found: Sequence[GroupBound]
) -> None:
    """Refuse a number that two fixed dates cannot hold, with what would fit."""
    fixed = question.start is not None or wish.years is not None
    free = wish.stagger_days is None and wish.saturation is None
    span = _span_days(wish, question) if fixed and free and wish.batches is not None else None
    limit = bottleneck(question, found, len(farm.geographies))
    if span is None or limit is None:
        return
    geographies = len(farm.geographies)
    least = limit.least_stagger_days
    tight = last_offset(_tightest(question, found, least), geographies)
    if question.stagger_days >= least and tight <= span:
        return
    turns = question.turns(geographies)
    most = max(0, floor((span / rounded_up(least) + 1) / turns))
    first = date_of(question.start) if question.start is not None else "the first start"
    last = date_of(question.start + floor(span)) if question.start is not None else "the last"
    raise BadInput(
        Problem(
            "P-FIT",
            f"{limit.group.name}: {question.batches_per_geography} batches in each geography do "
            f"not fit from {first} to {last}",
            found=f"{floor(span)} days for {question.batches_per_geography * turns} starts in turn,"
            f" one in {days_text(span / max(1, question.batches_per_geography * turns - 1))} days",
            allowed=f"one start in {days_text(least)} days, which is {tight} days for so many",
            mend=f"Use --batches {most} or fewer, or begin {tight - floor(span)} days earlier or "
            "end as much later, or choose fewer --rings or shorter stages if they are the limit",
        )
    )
