"""The planner: a question about a farm, answered with a schedule or refused whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from grilse.biology.parameters import stages as stages_of
from grilse.farm.fingerprint import farm_fingerprint
from grilse.farm.model import Farm
from grilse.ground.draws import Draws
from grilse.ground.errors import BadInput, Problem
from grilse.ground.parameters import Parameters
from grilse.plan.asking import Wish, resolved
from grilse.plan.bound import GroupBound, bottleneck, bounds, cuts
from grilse.plan.customs import harvest_target_range_g, sea_rules
from grilse.plan.explanation import capacity_problem
from grilse.plan.metadata import schedule_metadata
from grilse.plan.naming import (
    MOST_EGGS,
    BatchName,
    batch_names,
    eggs_delivered,
    geographies_planned,
    harvest_target_g,
    target_range_g,
)
from grilse.plan.policies import biosecure, ladder, saturation
from grilse.plan.question import PlanAnswer, PlanQuestion, StageOfLife
from grilse.plan.region import NoRoomError, Region
from grilse.plan.reservation import ByDays, ByWeight, Reservation, with_days
from grilse.plan.rules import question_problems
from grilse.plan.saturation import measure
from grilse.plan.standing import Standing
from grilse.schedule.checks import check_schedule
from grilse.schedule.model import BatchPlan, Schedule, Stay

__all__ = ["asked_of", "life_of", "plan", "plan_life", "reservation", "sources_of"]


def plan_life(
    question: PlanQuestion,
    farm: Farm,
    parameters: Parameters,
    standing: Standing | None = None,
    wish: Wish | None = None,
) -> PlanAnswer:
    """Plan with the stages of a parameter file; the metadata name farm and parameters.

    Parameters
    ----------
    question, farm
        What shall be planned, and what exists.
    parameters
        Stages, harvest targets, and the rules of the sea.
    standing
        Batches that stand already, which the plan goes on from.
    wish
        What is asked for in place of the question's number of batches and stagger.

    Raises
    ------
    BadInput
        As `plan` and `grilse.plan.asking.resolved` do.
    """
    asked = asked_of(question, farm, parameters)
    life = life_of(asked, parameters)
    if asked.policy == ladder.NAME:
        rungs = ladder.ladder_days(asked.ladder_days or ladder.RUNGS, life)
        asked = replace(asked, ladder_days=asked.ladder_days or rungs)
    reserved = reservation(asked, farm, parameters, life)
    told: tuple[str, ...] = ()
    if wish is not None:
        asked, told = resolved(wish, asked, farm, reserved)
    answer = plan(asked, farm, life, sources_of(farm, parameters), reserved, standing)
    return replace(answer, told=told)


def life_of(question: PlanQuestion, parameters: Parameters) -> tuple[StageOfLife, ...]:
    """Return the stages of the parameters, with the days that a question changes.

    Raises
    ------
    BadInput
        It names a stage that there is not (``P-STAGE-DAYS``).
    """
    stages = stages_of(parameters)
    known = [stage.key for stage in stages]
    unknown = [key for key in question.stage_days if key not in known]
    if unknown:
        allowed = ", ".join(known)
        message = "there is no such stage"
        raise BadInput(
            Problem("P-STAGE-DAYS", message, found=f"--stage-days {key}", allowed=allowed)
            for key in unknown
        )
    return with_days(stages, question.stage_days)


def sources_of(farm: Farm, parameters: Parameters) -> dict[str, Any]:
    """Return what a schedule's metadata say of farm and parameters."""
    return {
        "farm": {
            "name": farm.name, "origin": farm.origin, "fingerprint": farm_fingerprint(farm),
        },
        "parameters": {"fingerprint": parameters.fingerprint},
    }  # fmt: skip


def asked_of(question: PlanQuestion, farm: Farm, parameters: Parameters) -> PlanQuestion:
    """Return the question with what parameters say of each geography, where it says nothing."""
    names = [geography.name for geography in farm.geographies]
    targets = {name: harvest_target_range_g(parameters, name) for name in names}
    rules = {name: sea_rules(parameters, name) for name in names}
    return replace(
        question,
        harvest_targets_g=targets | dict(question.harvest_targets_g),
        sea_rules=rules | dict(question.sea_rules),
    )


def reservation(
    question: PlanQuestion, farm: Farm, parameters: Parameters, stages: Sequence[StageOfLife]
) -> Reservation:
    """Return how the stages of a life are reserved, as the question asks."""
    if question.reserve != "weight":
        return ByDays(stages)
    heaviest = {name: high for name, (_, high) in question.harvest_targets_g.items()}
    return ByWeight(parameters, stages, heaviest, question.eggs or MOST_EGGS)


def plan(
    question: PlanQuestion,
    farm: Farm,
    stages: Sequence[StageOfLife],
    sources: Mapping[str, Any] | None = None,
    reserved: Reservation | None = None,
    standing: Standing | None = None,
) -> PlanAnswer:
    """Plan every batch that is asked for, to the last container, or refuse the whole.

    Parameters
    ----------
    question
        What shall be planned.
    farm
        What exists.
    stages
        The stages of a life, in order, with the days reserved for each.
    sources
        What the schedule's metadata shall say of farm and parameters (name and fingerprint);
        nothing of the plan depends on it.
    reserved
        How long each batch reserves its stages; the days of `stages` where there is none.
    standing
        Batches that stand already: they come first in the schedule, as they are, and numbers and
        ids go on from theirs.

    Returns
    -------
    PlanAnswer
        Batches in the order of their numbers. A batch that starts on or after `as_of` is planned
        like any other and has lived for 0 days.

    Raises
    ------
    BadInput
        The question makes no sense (codes of `grilse.plan.rules`), or the farm cannot
        hold the plan (``P-CAPACITY``, with group, first date, wanted and free).
    """
    life = reserved or ByDays(stages)
    begun = standing or Standing(())
    problems = question_problems(question, farm, stages)
    if problems:
        raise BadInput(problems)
    part = replace(farm, geographies=geographies_planned(question, farm))
    found = bounds(question, part, life)
    batches = (*begun.batches, *_batches(question, part, life, found, begun))
    measured = measure(farm, batches, question.as_of)
    least = bottleneck(question, found, len(part.geographies))
    metadata = schedule_metadata(question, farm, batches, measured, least, sources or {})
    schedule = Schedule(metadata, batches, question.as_of, question.seed)
    problems = check_schedule(schedule)
    if problems:
        raise BadInput(problems)
    return PlanAnswer(question, schedule, measured, least)


def _batches(
    question: PlanQuestion,
    farm: Farm,
    reserved: Reservation,
    found: Sequence[GroupBound],
    standing: Standing,
) -> Iterator[BatchPlan]:
    regions = _regions(question, farm, reserved, found, standing)
    policies = {name: _policy(question, region) for name, region in regions.items()}
    draws = Draws(question.seed)
    planned = list(standing.batches)
    for name in batch_names(question, farm, standing.last_indices(farm)):
        where = name.geography.name
        stages = reserved.life(where, name.start)
        try:
            station, stays = policies[where](name.start, stages)
        except NoRoomError as refusal:
            problem = capacity_problem(question, farm, found, planned, name, refusal)
            raise BadInput(problem) from refusal
        planned.append(_batch(question, name, regions[where], draws, station, stays))
        yield planned[-1]


def _regions(
    question: PlanQuestion,
    farm: Farm,
    reserved: Reservation,
    found: Sequence[GroupBound],
    standing: Standing,
) -> dict[str, Region]:
    """Return the books of each geography, with what stands already."""
    cut = cuts(question, found, len(farm.geographies))
    regions = {}
    for geography in farm.geographies:
        name = geography.name
        stages = [stage.key for stage in reserved.longest(name)]
        own = {stage: counts for (where, stage), counts in cut.items() if where == name}
        regions[name] = Region(geography, stages, own)
        regions[name].enter(batch for batch in standing.batches if batch.geography == name)
        regions[name].reserve(hold for hold in standing.holds if hold.geography == name)
    return regions


def _policy(question: PlanQuestion, region: Region) -> Any:
    """Return the function of start and stages that takes the places of a batch."""
    if question.policy == biosecure.NAME:
        generations = biosecure.Generations()
        return partial(_with_generations, question, region, generations)
    return partial(saturation.take_stays, question, region)


def _with_generations(
    question: PlanQuestion,
    region: Region,
    generations: biosecure.Generations,
    start: int,
    stages: Sequence[StageOfLife],
) -> tuple[str, tuple[Stay, ...]]:
    return biosecure.take_stays(question, region, start, stages, generations)


def _batch(
    question: PlanQuestion,
    name: BatchName,
    region: Region,
    draws: Draws,
    station: str,
    stays: tuple[Stay, ...],
) -> BatchPlan:
    low_g, high_g = target_range_g(question, name.geography)
    target_kg = harvest_target_g(draws, name.batch_id, low_g, high_g) / 1000
    eggs = eggs_delivered(name.index)
    if question.policy == biosecure.NAME:
        eggs = biosecure.eggs_for(question, region, stays, target_kg) or eggs
    extra = {"effective_duration": stays[-1].end_day} if question.reserve == "weight" else {}
    return BatchPlan(
        batch_id=name.batch_id,
        number=name.number,
        start=name.start,
        eggs=eggs if question.eggs is None else question.eggs,
        duration=min(max(0, question.as_of - name.start), stays[-1].end_day),
        geography=name.geography.name,
        station=station,
        harvest_target_kg=target_kg,
        stays=stays,
        extra=extra,
    )
