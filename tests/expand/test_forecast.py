"""Scenarios follow the models; what is planned is done where the as-of date is past it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grilse.biology.growth import egg_weight_g, weight_g
from grilse.expand.activities import expectations
from grilse.expand.forecast import from_start, scenario_models
from grilse.schedule.model import BatchPlan
from grilse.simulate.batch import simulate
from grilse.simulate.state import BatchState
from grilse.simulate.world import World
from grilse.tables.catalogue.activity import ACTIVITY_TYPES
from grilse.tables.schema import chunk


def rows(made: object) -> dict[str, list[dict[str, object]]]:
    return {table.name: chunk(table, columns).to_pylist() for table, columns in made}  # type: ignore[attr-defined]


def test_a_scenario_is_near_what_then_happens(world: World, life: BatchState) -> None:
    projection = from_start(world, life)
    for stay in life.stays[1:5]:
        end = stay.start_day + stay.days - 1
        told = float(weight_g(projection.root[end]))
        assert told == pytest.approx(float(stay.weight_g[:, -1].mean()), rel=0.12)
        alive = stay.closing[:, -1].sum()
        assert projection.alive[end] == pytest.approx(alive, rel=0.05)


def test_it_begins_with_the_eggs_and_ends_with_the_target(world: World, life: BatchState) -> None:
    told = rows(expectations(world, life))
    first, second = told["scenario"]
    assert (first["kind"], second["kind"]) == ("FROM_START", "FROM_SEA")
    assert (first["is_pinned"], second["is_pinned"]) == (False, True)
    assert float(first["initial_weight_g"]) == egg_weight_g(world.parameters)  # type: ignore[arg-type]
    assert second["initial_count"] == life.stays[-1].initial.sum()
    days = [
        day for day in told["scenario_projection"] if day["scenario_id"] == second["scenario_id"]
    ]
    assert len(days) == second["duration_days"]
    assert days[-2]["avg_weight_g"] < 5000 <= days[-1]["avg_weight_g"]  # type: ignore[operator]
    assert days[-1]["total_feed_kg"] == sum(day["feed_kg"] for day in days)  # type: ignore[misc]


def test_a_batch_not_yet_at_sea_has_one_scenario_and_it_does_not_change(
    world: World, life_plan: BatchPlan, life: BatchState
) -> None:
    young = simulate(replace(world, as_of=life_plan.start + 200), life_plan)
    told, later = rows(expectations(world, young)), rows(expectations(world, life))
    assert [row["is_pinned"] for row in told["scenario"]] == [True]
    days = [d for d in later["scenario_projection"] if d["scenario_id"] == 4]
    assert told["scenario_projection"] == days
    unborn = simulate(replace(world, as_of=life_plan.start - 5), life_plan)
    assert rows(expectations(world, unborn))["scenario_projection"] == days


def test_what_is_due_is_done_where_the_as_of_date_is_past_it(
    world: World, life_plan: BatchPlan
) -> None:
    at = 300
    young = simulate(replace(world, as_of=life_plan.start + at), life_plan)
    told = rows(expectations(world, young))["planned_activity"]
    assert {row["activity_type"] for row in told} == set(ACTIVITY_TYPES)
    for row in told:
        due = (row["due_date"] - told[0]["due_date"]).days  # type: ignore[operator]
        assert (row["completed_date"] is None) == (row["status"] != "COMPLETED")
        if row["activity_type"] == "SAMPLING":
            first = told[0]["due_date"]
            assert first is not None
            assert (row["status"] == "COMPLETED") == (due + 90 < at)
    ids = [row["planned_activity_id"] for row in told]
    assert ids == sorted(set(ids))


def test_what_a_batch_no_longer_lived_to_see_is_cancelled(world: World, life: BatchState) -> None:
    told = rows(expectations(world, life))["planned_activity"]
    assert life.status == "COMPLETED"
    assert {row["status"] for row in told} <= {"COMPLETED", "CANCELLED"}
    harvest = next(row for row in told if row["activity_type"] == "HARVEST")
    assert harvest["status"] == "COMPLETED"


def test_models_tell_each_stage_of_each_geography(world: World) -> None:
    told = rows(scenario_models(world))
    assert len(told["scenario_model"]) == 2 * 6
    assert len(told["temperature_profile"]) == 2 * 6 * 366
    sea = [r for r in told["temperature_profile"] if r["scenario_model_id"] == 64 + 6]
    assert np.argmax([r["temp_c"] for r in sea]) in range(200, 270)
