"""What a schedule asks for happens, is listed with the rows it touched, and touches no others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from grilse.biology.checks import CAUSES
from grilse.biology.parameters import clean_parameters
from grilse.expand.batch import batch_rows
from grilse.ground.errors import BadInput
from grilse.schedule.injected import EVENT_TYPES, SENSORS, injected_events, with_events
from grilse.schedule.model import BatchPlan, Schedule
from grilse.simulate.batch import simulate
from grilse.simulate.world import World
from grilse.tables.catalogue import TABLES
from grilse.tables.catalogue.events import MORTALITY_CAUSES
from grilse.tables.catalogue.injected import INJECTED_TYPES
from grilse.tables.catalogue.reference import PARAMETERS

HALL = "FI-FW-01-Hall-C"
JUDGED = [name for name in TABLES if TABLES[name].event_date and name != "environmental_reading"]


def rows(world: World, plan: BatchPlan, events: list[dict[str, Any]]) -> dict[str, list[Any]]:
    given = replace(plan, extra={"events": events} if events else {})
    made = batch_rows(world, simulate(world, given), frozenset(TABLES))
    return {table.name: pa.Table.from_batches([chunk]).to_pylist() for table, chunk in made}


@pytest.fixture(scope="module")
def small(life_plan: BatchPlan) -> BatchPlan:
    stays = tuple(replace(stay, containers=stay.containers[:2]) for stay in life_plan.stays[:4])
    return replace(life_plan, eggs=40_000, stays=stays, open_ended=False)


@pytest.fixture(scope="module")
def young(world: World, small: BatchPlan) -> World:
    return replace(world, as_of=small.start + 320)


@pytest.fixture(scope="module")
def plain(young: World, small: BatchPlan) -> dict[str, list[Any]]:
    return rows(young, small, [])


@pytest.mark.parametrize("event", [
    {"type": "data_entry_error", "kind": "double_count", "start": 200, "days": 4},
    {"type": "data_entry_error", "kind": "missing_day", "start": 200, "days": 4, "where": HALL},
    {"type": "data_entry_error", "kind": "wrong_unit", "start": 190, "days": 10},
    {"type": "data_entry_error", "kind": "mistyped_weight", "start": 190, "days": 10},
    {"type": "sensor_outage", "start": 200, "days": 4, "parameter": "co2"},
    {"type": "sensor_drift", "start": 200, "days": 9, "severity": 3},
], ids=lambda event: event.get("kind", event["type"]))  # fmt: skip
def test_only_listed_rows_differ(
    young: World, small: BatchPlan, plain: dict[str, list[Any]], event: dict[str, Any]
) -> None:
    told = rows(young, small, [event])
    ranges = [(r["table_name"], r["first_key"], r["last_key"]) for r in told["injected_event"]]
    assert ranges
    found = 0
    for name in set(plain) | set(told):
        if name in ("injected_event", "batch"):
            continue
        key = TABLES[name].primary_key[0]
        before = {row[key]: row for row in plain.get(name, [])}
        after = {row[key]: row for row in told.get(name, [])}
        for each in set(before) | set(after):
            if before.get(each) != after.get(each):
                assert any(t == name and a <= each <= b for t, a, b in ranges), (name, each)
                found += 1
    assert found


def test_an_outage_leaves_no_reading_and_is_told_as_a_silent_sensor(
    young: World, small: BatchPlan
) -> None:
    event = {"type": "sensor_outage", "start": 200, "days": 4, "where": f"{HALL}/FI-FW-01-C-C01"}
    told = rows(young, small, [event])
    faults = [row for row in told["sensor_fault"] if row["end_date"].toordinal() - 719163
              == small.start + 204]  # fmt: skip
    assert {row["parameter"] for row in faults} >= {"temperature", "oxygen", "ph"}
    silent = {row["sensor_id"] for row in faults}
    for row in told["environmental_reading"]:
        day = row["reading_time"].date().toordinal() - 719163 - small.start
        assert not (row["sensor_id"] in silent and 200 <= day < 204)


def test_oxygen_falls_where_it_is_asked_to_and_nowhere_else(
    young: World, small: BatchPlan, plain: dict[str, list[Any]]
) -> None:
    event = {"type": "oxygen_drop", "start": 200, "days": 3, "where": "FI-FW-01-C-C01"}
    told = rows(young, small, [event])
    before = {row["reading_id"]: row for row in plain["environmental_reading"]}
    fell = set()
    for row in told["environmental_reading"]:
        if row["parameter"] == "oxygen" and row["value"] < before[row["reading_id"]]["value"]:
            day = row["reading_time"].date().toordinal() - 719163 - small.start
            fell.add((row["container_id"], day))
    assert {day for _, day in fell} >= {200, 201, 202}
    assert len({container for container, day in fell if day in (200, 201, 202)}) == 1


@pytest.mark.parametrize(("severity", "least", "most"), [(1, 0.5, 0.75), (2, 0.1, 0.4), (9, 0, 0)])
def test_a_bad_drop_leaves_hardly_any_oxygen_and_the_next_tank_what_it_had(
    young: World, small: BatchPlan, plain: dict[str, list[Any]],
    severity: float, least: float, most: float,
) -> None:  # fmt: skip
    where = {"start": 200, "days": 3, "where": "FI-FW-01-C-C01"}
    told = rows(young, small, [{"type": "oxygen_drop", "severity": severity, **where}])
    before = {row["reading_id"]: float(row["value"]) for row in plain["environmental_reading"]}
    middle, changed = [], set()
    for row in told["environmental_reading"]:
        day = row["reading_time"].date().toordinal() - 719163 - small.start
        had, has = before[row["reading_id"]], float(row["value"])
        if row["parameter"] == "oxygen" and day == 201 and has != had:
            middle.append(has / had)
            changed.add(row["container_id"])
    assert len(middle) == 6
    assert least <= min(middle) <= max(middle) <= most
    assert len(changed) == 1


def test_a_farms_event_is_given_to_the_batches_in_its_place(small: BatchPlan) -> None:
    other = replace(small, batch_id="SCO-1", number=2, geography="Scotland")
    shared = [{"type": "outbreak", "where": "Scotland", "start": "2022-03-01", "days": 9}]
    schedule = Schedule({"events": shared}, (small, other), small.start + 300, 1)
    given = with_events(schedule)
    assert "events" not in given.metadata
    assert "events" not in given.batches[0].extra
    assert [event.type for event in injected_events(given.batches[1])] == ["outbreak"]
    assert with_events(given) == given


@pytest.mark.parametrize("event", [
    "outbreak", {"type": "earthquake", "start": 5}, {"type": "escape"},
    {"type": "escape", "start": 5, "days": 0}, {"type": "escape", "start": 5, "severity": -1},
    {"type": "escape", "start": 5, "severity": float("nan")}, {"type": "escape", "start": "soon"},
    {"type": "escape", "start": 5, "wheer": "x"}, {"type": "escape", "start": 5, "where": ["x"]},
    {"type": "data_entry_error", "start": 5, "kind": "typo"}, {"type": ["escape"], "start": 5},
    {"type": "escape", "start": 5, "kind": "wrong_unit"},
    {"type": "sensor_outage", "start": 5, "parameter": "oxigen"},
    {"type": "sensor_drift", "start": 5, "parameter": ["ph"]},
    {"type": "outbreak", "start": 5, "cause": "plague"},
    {"type": "outbreak", "start": 5, "where": "FI-SEA-0l"},
    {"type": "outbreak", "start": 5, "where": "SCO-1"},
])  # fmt: skip
def test_an_event_that_cannot_be_read_is_refused(small: BatchPlan, event: Any) -> None:
    schedule = Schedule({}, (replace(small, extra={"events": [event]}),), small.start, 1, "s.yaml")
    with pytest.raises(BadInput, match=r"s\.yaml.*S-EVENT"):
        with_events(schedule)


@pytest.mark.parametrize("where", ["Norway", "FI-SEA-0l", "FAR-9999-001"])
def test_a_farms_event_at_a_place_that_no_batch_names_is_refused(
    small: BatchPlan, where: str
) -> None:
    shared = [
        {"type": "outbreak", "where": "farm", "start": "2022-03-01"},
        {"type": "outbreak", "where": where, "start": "2022-03-01"},
    ]
    schedule = Schedule({"events": shared}, (small,), small.start, 1, "s.yaml")
    with pytest.raises(BadInput, match=f"no batch of the schedule .* {where}"):
        with_events(schedule)


def test_both_lists_of_types_agree() -> None:
    assert EVENT_TYPES == INJECTED_TYPES
    assert SENSORS == PARAMETERS
    assert set(CAUSES) <= set(MORTALITY_CAUSES)


def test_a_clean_run_has_no_fault_but_those_asked_for(young: World, small: BatchPlan) -> None:
    clean = replace(young, parameters=clean_parameters(young.parameters))
    assert "sensor_fault" not in rows(clean, small, [])
    event = {"type": "sensor_drift", "start": 200, "days": 4, "parameter": "ph"}
    assert {r["parameter"] for r in rows(clean, small, [event])["sensor_fault"]} == {"ph"}
