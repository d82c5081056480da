"""Rows of a batch's whereabouts: itself, its delivery, its assignments and transfers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grilse.expand.grid import Columns, biomass_10g, from_rows, joined, milligrams
from grilse.simulate.state import BatchState, Floats, Ints, StayState, Transfer
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue import batch as tables
from grilse.tables.schema import Table

__all__ = ["whereabouts"]


def whereabouts(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the rows of a batch, its delivery, its assignments and its transfers."""
    yield tables.BATCH, _batch(world, state)
    if state.delivery is None:
        return
    yield tables.CREATION_WORKFLOW, _creation(world, state)
    yield tables.CREATION_ACTION, _creation_actions(state)
    assignments = joined((_assignments(state, stay) for stay in state.stays), tables.ASSIGNMENT)
    if assignments is not None:
        yield tables.ASSIGNMENT, _without_departure(assignments)
    if state.transfers:
        yield tables.TRANSFER_WORKFLOW, from_rows([_workflow(state, t) for t in state.transfers])
        moved = (_actions(state, move) for move in state.transfers)
        actions = joined(moved, tables.TRANSFER_ACTION)
        if actions is not None:
            yield tables.TRANSFER_ACTION, actions


def _batch(world: World, state: BatchState) -> Columns:
    plan = state.plan
    stay = state.stays[-1] if state.stays else None
    stage = stay.stage if stay else world.stages[plan.stays[0].stage]
    fish, grams = _of_batch(stay) if stay else (np.zeros(1, np.int64), np.zeros(1))
    alive = 0 if state.status == "COMPLETED" else int(fish.sum())
    weighed = int(fish.sum())
    mean = float(np.cumsum(fish * grams)[-1]) / weighed if weighed else 0.0
    end = plan.start + int(_departures(stay).max()) if stay and stay.left.all() else None
    target = plan.harvest_target_kg
    return _row(
        batch_id=plan.number,
        batch_number=plan.batch_id,
        geography_id=_geography_id(world, state),
        species=world.parameters.text("species.name"),
        start_date=plan.start,
        egg_count=plan.eggs,
        status=tables.BATCH_STATUSES.index(state.status),
        stage_id=stage.order,
        population_count=alive,
        avg_weight_g=round(mean * 1000.0),
        harvest_target_kg=None if target is None else round(target * 1000),
        end_date=end,
    )


def _geography_id(world: World, state: BatchState) -> int:
    names = [geography.name for geography in world.farm.geographies]
    return names.index(state.plan.geography) + 1


def _creation(world: World, state: BatchState) -> Columns:
    plan = state.plan
    suppliers = world.parameters.texts("delivery.egg_suppliers")
    word = world.draws.word("delivery.supplier", (plan.batch_id,))
    return _row(
        creation_workflow_id=plan.number,
        batch_id=plan.number,
        workflow_number=f"CRT-{plan.batch_id}",
        egg_supplier=suppliers[word % len(suppliers)],
        planned_date=plan.start,
        actual_date=plan.start,
        egg_count=plan.eggs,
    )


def _creation_actions(state: BatchState) -> Columns:
    assert state.delivery is not None
    plan, first = state.plan, state.stays[0]
    assignment = keys.assignment_id(plan.number, first.slots)
    return {
        "creation_action_id": assignment,
        "creation_workflow_id": plan.number,
        "batch_id": plan.number,
        "assignment_id": assignment,
        "actual_date": plan.start,
        "egg_count": state.delivery.eggs,
        "dead_on_arrival": state.delivery.dead,
    }


def _last_known(stay: StayState) -> tuple[Ints, Floats]:
    """Fish and mean weight of each container as last known: before the last ones left."""
    row, last = np.arange(len(stay.containers)), stay.present_days - 1
    fish = stay.closing[row, last] + stay.harvested[row, last]
    return np.where(stay.left, fish, stay.closing[row, last]), stay.weight_g[row, last]


def _of_batch(stay: StayState) -> tuple[Ints, Floats]:
    """Fish of each container that are still there, or as last known once all have left."""
    fish, grams = _last_known(stay)
    return (fish if stay.left.all() else np.where(stay.left, 0, fish)), grams


def _departures(stay: StayState) -> Ints:
    """Day of life on which each container was free again, or will be, shape (containers,)."""
    return stay.start_day + stay.present_days


def _assignments(state: BatchState, stay: StayState) -> Columns:
    plan = state.plan
    fish, grams = _last_known(stay)
    return {
        "assignment_id": keys.assignment_id(plan.number, stay.slots),
        "batch_id": plan.number,
        "container_id": stay.container_ids,
        "stage_id": np.full(len(fish), stay.stage.order),
        "start_date": np.full(len(fish), plan.start + stay.start_day),
        "departure_date": plan.start + _departures(stay),
        "is_active": ~stay.left,
        "initial_count": stay.initial,
        "population_count": fish,
        "avg_weight_g": milligrams(grams),
        "biomass_kg": biomass_10g(fish, grams),
    }


def _without_departure(columns: dict[str, Any]) -> Columns:
    """Return assignments of which those that are active have no departure."""
    departure = np.ma.masked_array(columns["departure_date"], mask=columns["is_active"])
    return {**columns, "departure_date": departure}


def _workflow(state: BatchState, move: Transfer) -> dict[str, Any]:
    plan = state.plan
    arrived = move.taken - move.dead
    from_stage, to_stage = (state.stays[i].stage for i in (move.from_index, move.to_index))
    return {
        "transfer_workflow_id": keys.transfer_workflow_id(plan.number, move.to_index),
        "batch_id": plan.number,
        "workflow_number": f"TRF-{plan.batch_id}-D{move.day:03d}",
        "from_stage_id": from_stage.order,
        "to_stage_id": to_stage.order,
        "planned_date": plan.start + move.day,
        "transfer_date": plan.start + move.day,
        "source_count": int(move.taken.sum()),
        "transferred_count": int(arrived.sum()),
        "mortality_count": int(move.dead.sum()),
        "transferred_biomass_kg": int(biomass_10g(arrived, move.weight_g).sum()),
        "action_count": len(arrived),
    }


def _actions(state: BatchState, move: Transfer) -> Columns:
    number = state.plan.number
    source, destination = state.stays[move.from_index], state.stays[move.to_index]
    from_slot = source.first_slot + move.source
    to_slot = destination.first_slot + move.destination
    workflow = keys.transfer_workflow_id(number, move.to_index)
    arrived = move.taken - move.dead
    size = len(arrived)
    return {
        "transfer_action_id": keys.transfer_action_id(workflow, from_slot, to_slot),
        "transfer_workflow_id": np.full(size, workflow),
        "batch_id": number,
        "source_assignment_id": keys.assignment_id(number, from_slot),
        "dest_assignment_id": keys.assignment_id(number, to_slot),
        "transfer_date": np.full(size, state.plan.start + move.day),
        "source_count_before": source.closing[move.source, -1] - _taken_before(move),
        "transferred_count": arrived,
        "mortality_count": move.dead,
        "avg_weight_g": milligrams(move.weight_g),
        "transferred_biomass_kg": biomass_10g(arrived, move.weight_g),
        "water_temp_c": np.full(size, destination.temp_centi_c[0]),
    }


def _taken_before(move: Transfer) -> Ints:
    """Fish that earlier moves took from the same source."""
    total = np.cumsum(move.taken) - move.taken
    first = np.searchsorted(move.source, move.source)
    before: Ints = total - total[first]
    return before


def _row(**values: Any) -> Columns:
    return from_rows([values])
