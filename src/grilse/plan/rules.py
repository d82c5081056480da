"""What a question must keep to before any batch is placed: one function a rule, all asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from grilse.farm.model import Farm
from grilse.ground.days import date_of, day_of
from grilse.ground.errors import Problem
from grilse.plan.naming import first_start, geographies_planned, last_offset
from grilse.plan.question import PlanQuestion, StageOfLife
from grilse.tables.keys import MAX_DAYS, MAX_NUMBER

__all__ = ["POLICIES", "question_problems"]

POLICIES = ("saturation", "biosecure", "ladder")
"""Names of the policies."""

_FIRST_DAY = 0
_LAST_DAY = day_of(date(2200, 1, 1))
_MAX_SEED = 2**63 - 1
_MAX_STAGGER_DAYS = 36525
_DATES = f"{date_of(_FIRST_DAY)} to {date_of(_LAST_DAY)}"


def question_problems(
    question: PlanQuestion, farm: Farm, stages: Sequence[StageOfLife]
) -> list[Problem]:
    """Return everything that is wrong with a question; an empty list for a sound one."""
    alone = [
        *_batches(question, len(farm.geographies)),
        *_geographies(question, farm),
        *_policy(question),
        *_stagger(question),
        *_seed(question),
        *_counts(question),
        *_farm(farm),
        *_stages(stages),
    ]
    planned = len(geographies_planned(question, farm))
    return alone or list(_dates(question, planned, stages))


def _batches(question: PlanQuestion, geographies: int) -> Iterator[Problem]:
    most = MAX_NUMBER // max(1, geographies)
    if not 1 <= question.batches_per_geography <= most:
        yield Problem(
            "P-BATCHES",
            "a plan has at least one batch in each geography",
            found=f"--batches {question.batches_per_geography}",
            allowed=f"1 to {most}",
        )


def _geographies(question: PlanQuestion, farm: Farm) -> Iterator[Problem]:
    known = farm.geography_by_name
    for name in question.geographies:
        if name not in known:
            yield Problem(
                "P-GEOGRAPHY",
                "the farm has no geography of that name",
                found=f"--geography {name}",
                allowed=", ".join(known) or "none",
            )


def _policy(question: PlanQuestion) -> Iterator[Problem]:
    if question.policy not in POLICIES:
        yield Problem(
            "P-POLICY",
            "there is no such policy",
            found=f"--policy {question.policy}",
            allowed=", ".join(POLICIES),
        )
    if question.eggs is not None and not 1 <= question.eggs < 2**31:
        yield Problem(
            "P-EGGS",
            "a batch has at least one egg",
            found=f"--eggs {question.eggs}",
            allowed=f"1 to {2**31 - 1:,}",
        )
    if question.ladder_days and min(question.ladder_days) < 0:
        yield Problem(
            "P-LADDER",
            "rungs are days of life on the as-of day",
            found=f"--ladder {min(question.ladder_days)}",
            allowed="0 or more",
        )


def _stagger(question: PlanQuestion) -> Iterator[Problem]:
    if not 0 <= question.stagger_days <= _MAX_STAGGER_DAYS:
        yield Problem(
            "P-STAGGER",
            "the stagger is the days from one start to the next",
            found=f"--stagger {float(question.stagger_days):g}",
            allowed=f"0 to {_MAX_STAGGER_DAYS} days, fractions too",
        )


def _seed(question: PlanQuestion) -> Iterator[Problem]:
    if not 0 <= question.seed <= _MAX_SEED:
        yield Problem(
            "P-SEED",
            "a seed is a whole number of up to 63 bits",
            found=f"--seed {question.seed}",
            allowed=f"0 to {_MAX_SEED}",
        )


def _counts(question: PlanQuestion) -> Iterator[Problem]:
    counts = (question.containers_a_stage, question.batches_an_area, *question.ring_counts)
    if min(counts) < 1 or not question.ring_counts:
        yield Problem(
            "P-COUNT",
            "a batch holds at least one container in every stage",
            found=f"{question.containers_a_stage} on land, {question.ring_counts} at sea",
            allowed="1 or more",
        )


def _farm(farm: Farm) -> Iterator[Problem]:
    codes = [geography.code for geography in farm.geographies]
    if not codes or len(set(codes)) < len(codes):
        yield Problem(
            "P-FARM",
            "a farm to plan for has geographies, each with a code of its own",
            found=", ".join(codes) or "none",
            mend="Give every geography of the farm file its own code",
        )


def _stages(stages: Sequence[StageOfLife]) -> Iterator[Problem]:
    days = sum(stage.default_days for stage in stages)
    if not stages or min(stage.default_days for stage in stages) < 1 or days > MAX_DAYS:
        yield Problem(
            "P-STAGES",
            "a life has stages of at least one day each",
            found=f"{len(stages)} stages, {days} days",
            allowed=f"1 to {MAX_DAYS} days in all",
        )


def _dates(
    question: PlanQuestion, geographies: int, stages: Sequence[StageOfLife]
) -> Iterator[Problem]:
    first = first_start(question, geographies)
    last = first + last_offset(question, geographies)
    end = last + sum(stage.default_days for stage in stages)
    if first < _FIRST_DAY or end > _LAST_DAY:
        yield Problem(
            "P-DATES",
            f"the plan runs over {end - first} days from its first start to its last harvest",
            found=f"first start {_day_text(first)}, last end {_day_text(end)}",
            allowed=_DATES,
            mend="Choose another --start-date or --as-of, fewer --batches or a smaller --stagger",
        )
    if question.as_of <= first:
        yield Problem(
            "P-AS-OF",
            "no batch has started by the as-of day",
            found=f"--as-of {_day_text(question.as_of)}, first start {_day_text(first)}",
            allowed="a day after the first start",
            mend="Choose a later --as-of or an earlier --start-date",
        )


def _day_text(day: int) -> str:
    """Return a day as a date, or in words where the calendar has none for it."""
    if _FIRST_DAY <= day <= _LAST_DAY:
        return str(date_of(day))
    return f"{abs(day - _FIRST_DAY)} days {'before' if day < 0 else 'after'} {date_of(_FIRST_DAY)}"
