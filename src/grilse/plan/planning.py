"""The planner: a question about a farm, answered with a schedule or refused whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grilse.biology.parameters import stages as stages_of
from grilse.farm.fingerprint import farm_fingerprint
from grilse.farm.model import Farm
from grilse.ground.draws import Draws
from grilse.ground.errors import BadInput
from grilse.ground.parameters import Parameters
from grilse.plan.explanation import capacity_problem
from grilse.plan.metadata import schedule_metadata
from grilse.plan.naming import (
    BatchName,
    batch_names,
    eggs_delivered,
    harvest_target_g,
    target_range_g,
)
from grilse.plan.policies.saturation import least_staggers, take_stays
from grilse.plan.question import Bottleneck, PlanAnswer, PlanQuestion, StageOfLife
from grilse.plan.region import NoRoomError, Region
from grilse.plan.rules import question_problems
from grilse.plan.saturation import measure
from grilse.schedule.checks import check_schedule
from grilse.schedule.model import BatchPlan, Schedule

__all__ = ["plan", "plan_life"]


def plan_life(question: PlanQuestion, farm: Farm, parameters: Parameters) -> PlanAnswer:
    """Plan with the stages of a parameter file; the metadata name farm and parameters.

    Raises
    ------
    BadInput
        As `plan` does.
    """
    sources = {
        "farm": {
            "name": farm.name, "origin": farm.origin, "fingerprint": farm_fingerprint(farm),
        },
        "parameters": {"fingerprint": parameters.fingerprint},
    }  # fmt: skip
    return plan(question, farm, stages_of(parameters), sources)


def plan(
    question: PlanQuestion,
    farm: Farm,
    stages: Sequence[StageOfLife],
    sources: Mapping[str, Any] | None = None,
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
    problems = question_problems(question, farm, stages)
    if problems:
        raise BadInput(problems)
    batches = tuple(_batches(question, farm, stages))
    saturation = measure(farm, batches, question.as_of)
    bottleneck = _bottleneck(question, farm, stages)
    metadata = schedule_metadata(question, farm, batches, saturation, bottleneck, sources or {})
    schedule = Schedule(metadata, batches, question.as_of, question.seed)
    problems = check_schedule(schedule)
    if problems:
        raise BadInput(problems)
    return PlanAnswer(question, schedule, saturation, bottleneck)


def _bottleneck(question: PlanQuestion, farm: Farm, stages: Sequence[StageOfLife]) -> Bottleneck:
    """Return the group that asks for the longest stagger; a plan that fits leaves none without."""
    staggers = least_staggers(question, farm, stages)
    known = ((least, group) for group, least in staggers.items() if least is not None)
    least, group = max(known, key=lambda item: item[0])
    return Bottleneck(group, least)


def _batches(
    question: PlanQuestion, farm: Farm, stages: Sequence[StageOfLife]
) -> Iterator[BatchPlan]:
    keys = [stage.key for stage in stages]
    regions = {geography.name: Region(geography, keys) for geography in farm.geographies}
    draws = Draws(question.seed)
    for name in batch_names(question, farm):
        try:
            region = regions[name.geography.name]
            yield _batch(question, name, region, stages, draws)
        except NoRoomError as refusal:
            staggers = least_staggers(question, farm, stages)
            problem = capacity_problem(name, refusal, staggers, len(farm.geographies))
            raise BadInput(problem) from refusal


def _batch(
    question: PlanQuestion,
    name: BatchName,
    region: Region,
    stages: Sequence[StageOfLife],
    draws: Draws,
) -> BatchPlan:
    station, stays = take_stays(question, region, name.start, stages)
    low_g, high_g = target_range_g(question, name.geography)
    return BatchPlan(
        batch_id=name.batch_id,
        number=name.number,
        start=name.start,
        eggs=eggs_delivered(name.index),
        duration=min(max(0, question.as_of - name.start), stays[-1].end_day),
        geography=name.geography.name,
        station=station,
        harvest_target_kg=harvest_target_g(draws, name.batch_id, low_g, high_g) / 1000,
        stays=stays,
    )
