"""Rows of what is planned for a batch: due by the schedule and its first scenario, done or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from grilse.expand.forecast import Projection, forecasts, from_start
from grilse.expand.grid import Columns, from_rows
from grilse.schedule.model import BatchPlan
from grilse.simulate.state import BatchState, StayState
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue.activity import ACTIVITY_STATUSES, ACTIVITY_TYPES, PLANNED_ACTIVITY
from grilse.tables.schema import Table

__all__ = ["activities", "expectations"]


@dataclass(frozen=True, slots=True)
class _Task:
    """Something due on a day of life.

    `done` is the day it was done, where that is told; `is_void` says that it need not be any more.
    """

    kind: str
    due: int
    note: str
    done: int | None = None
    is_void: bool = False


def expectations(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield a batch's scenarios with their days, and what is planned by the first of them."""
    projection = from_start(world, state)
    yield from forecasts(world, state, projection)
    yield from activities(world, state, projection)


def activities(
    world: World, state: BatchState, projection: Projection
) -> Iterator[tuple[Table, Columns]]:
    """Yield what is planned for a batch, by type and due date."""
    plan = state.plan
    tasks = [
        *_transfers(state),
        *_gradings(world, state),
        *_vaccination(world, state, projection),
        *_samplings(world, plan),
        *_treatments(world, state),
        _harvest(state, projection),
    ]
    tasks.sort(key=lambda task: (ACTIVITY_TYPES.index(task.kind), task.due))
    rows = [
        _row(world, state, task, ordinal)
        for _, alike in groupby(tasks, key=lambda task: task.kind)
        for ordinal, task in enumerate(alike)
    ]
    yield PLANNED_ACTIVITY, from_rows(rows)


def _transfers(state: BatchState) -> Iterator[_Task]:
    for index, stay in enumerate(state.plan.stays[1:], start=1):
        done = stay.start_day if index < len(state.stays) else None
        yield _Task("TRANSFER", stay.start_day, f"to {stay.stage} in {stay.place}", done)


def _gradings(world: World, state: BatchState) -> Iterator[_Task]:
    for index, stay in enumerate(state.plan.stays):
        at = ("grading", "stage", stay.stage)
        day = int(world.parameters.number((*at, "day")))
        if world.parameters.number((*at, "cull_share")) > 0.0 and day < stay.days:
            lived = state.stays[index] if index < len(state.stays) else None
            days = [] if lived is None else np.flatnonzero(lived.culled.any(axis=0)).tolist()
            done = stay.start_day + days[0] if days else None
            yield _Task("GRADING", stay.start_day + day, f"{stay.stage}", done)


def _vaccination(world: World, state: BatchState, projection: Projection) -> Iterator[_Task]:
    grams = world.parameters.number("activity.vaccination_weight_g")
    due = projection.day_of_weight(grams)
    if due is not None:
        done = state.stays[-1].vaccinated_on if state.stays else None
        yield _Task("VACCINATION", due, f"by injection, at {grams:g} g", done)


def _samplings(world: World, plan: BatchPlan) -> Iterator[_Task]:
    """Yield samplings in all stages that are fed."""
    every = int(world.parameters.number("activity.sampling_every_days"))
    for stay in plan.stays:
        if world.stages[stay.stage].fcr > 0.0:
            for due in range(stay.start_day + every, stay.end_day, every):
                yield _Task("SAMPLING", due, "weight and condition")


def _treatments(world: World, state: BatchState) -> Iterator[_Task]:
    """Yield treatments at sea, planned at even steps: each is done by the first about its time.

    Where lice stay below the limit for as long, none is needed.
    """
    every = int(world.parameters.number("activity.treatment_every_days"))
    for index, stay in enumerate(state.plan.stays):
        if world.stages[stay.stage].environment == "sea water":
            lived = state.stays[index] if index < len(state.stays) else None
            made = [] if lived is None else _treated_on(lived)
            for due in range(stay.start_day + every, stay.end_day, every):
                first, end = due - every // 2, due - every // 2 + every
                done = next((day for day in made if first <= day < end), None)
                is_void = done is None and end <= state.lived_days
                yield _Task("TREATMENT", due, "against sea lice", done, is_void)


def _treated_on(stay: StayState) -> list[int]:
    """Return the days of life on which some container was treated."""
    if stay.lice is None:
        return []
    given = stay.lice.treatments
    made = given.is_made & (given.day < stay.present_days[given.row])
    return [stay.start_day + day for day in np.unique(given.day[made]).tolist()]


def _harvest(state: BatchState, projection: Projection) -> _Task:
    due = projection.first_day + projection.days - 1
    done = None
    if state.status == "COMPLETED":
        last = state.stays[-1]
        days = np.flatnonzero(last.harvested.any(axis=0)).tolist()
        done = last.start_day + days[0] if days else None
    return _Task("HARVEST", due, "all rings", done)


def _row(world: World, state: BatchState, task: _Task, ordinal: int) -> dict[str, object]:
    plan = state.plan
    kind = ACTIVITY_TYPES.index(task.kind)
    stay = next(s for s in reversed(plan.stays) if s.start_day <= task.due)
    status, done = _standing(state, task)
    return {
        "planned_activity_id": keys.activity_id(plan.number, kind, ordinal),
        "batch_id": plan.number,
        "scenario_id": keys.scenario_id(plan.number, 0),
        "activity_type": kind,
        "stage_id": world.stages[stay.stage].order,
        "due_date": plan.start + task.due,
        "status": ACTIVITY_STATUSES.index(status),
        "completed_date": None if done is None else plan.start + done,
        "note": task.note,
    }


def _standing(state: BatchState, task: _Task) -> tuple[str, int | None]:
    """Return the status of a task, and the day of life it was done."""
    if task.done is not None:
        return "COMPLETED", task.done
    if task.is_void:
        return "CANCELLED", None
    told = task.kind in ("TRANSFER", "GRADING", "VACCINATION", "TREATMENT", "HARVEST")
    if state.status == "COMPLETED":
        last = state.stays[-1]
        is_past = task.due < last.start_day + int(last.present_days.max())
        return ("COMPLETED", task.due) if is_past and not told else ("CANCELLED", None)
    if not told and task.due < state.lived_days:
        return "COMPLETED", task.due
    return "PENDING", None
