"""Events asked for: a fault planted in what is listed, or in what it should have touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.compute as pc
import pytest
from grilse_planting import Case, Faults, Planted, finds, more, passes

from grilse import api

pytestmark = pytest.mark.slow

field = pc.field
DAY = timedelta(days=1)
GROUPS = ("injected", "keys", "schedule", "conservation", "fish", "time", "water")
AREA = "FI-SEA-01"

EVENTS = [
    {"type": "outbreak", "start": 480, "days": 9, "severity": 1.5, "cause": "PD", "where": AREA},
    {"type": "jellyfish", "start": 440, "days": 14},
    {"type": "heatwave", "start": 500, "days": 4, "severity": 0.5},
    {"type": "oxygen_drop", "start": 520, "days": 3, "severity": 1.3},
    {"type": "sensor_outage", "start": 300, "days": 5, "parameter": "co2"},
    {"type": "sensor_drift", "start": 320, "days": 9, "severity": 2, "where": "FI-FW-01-Hall-D"},
    {"type": "feed_delay", "start": 200, "days": 3},
    {"type": "escape", "start": 560, "days": 4, "severity": 2, "where": f"{AREA}-Ring-01"},
    {"type": "escape", "start": 100},
]  # fmt: skip

MISTAKES = [
    {"type": "data_entry_error", "start": 190, "days": 14, "where": "S-FW-01-Hall-C"},
    {"type": "data_entry_error", "kind": "double_count", "start": 210, "days": 3},
    {"type": "data_entry_error", "kind": "double_count", "start": 212, "days": 3},
    {"type": "data_entry_error", "kind": "missing_day", "start": 220, "days": 2},
    {"type": "data_entry_error", "kind": "mistyped_weight", "start": 230, "days": 20},
]  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, lives: SimpleNamespace) -> Path:
    """A dataset in which everything happened that can be asked for."""
    life = lives.life(1, "Faroe Islands", 640, site=1)
    other = lives.life(2, "Scotland", 300, site=1, last=4)
    root = tmp_path_factory.mktemp("asked") / "dataset"
    schedule = lives.schedule(
        replace(life, extra={"events": EVENTS}), replace(other, extra={"events": MISTAKES})
    )
    assert not api.run(api.prepare(schedule), root, workers=1).result.failures
    return root


def listed(event: str, table: str, detail: str | None = None) -> Any:
    rows = (field("event_type") == event) & (field("table_name") == table)
    return rows if detail is None else rows & (field("detail") == detail)


def within(key: str, row: dict[str, Any]) -> Any:
    return (field(key) >= row["first_key"]) & (field(key) <= row["last_key"])


def event(row: dict[str, Any]) -> Planted:
    return "injected_event", row["batch_id"], row["injected_event_id"]


faults = Faults()


@faults.fault("injected.listed")
def touched_but_not_listed(data: Any) -> Planted:
    row = data.drop("injected_event", listed("feed_delay", "feeding_event"))
    return "injected_event", row["batch_id"], None


@faults.fault("injected.listed", "fish.samples")
def kilograms_that_nobody_is_told_of(data: Any) -> Planted:
    row = data.drop("injected_event", listed("data_entry_error", "growth_sample"))
    return "injected_event", row["batch_id"], None


@faults.fault("injected.listed")
def listed_up_to_a_day_too_late(data: Any) -> Planted:
    row = data.change(
        "injected_event", listed("heatwave", "true_daily_state"),
        end_date=more("end_date", DAY), last_key=more("last_key", 1),
    )  # fmt: skip
    return event(row)


@faults.fault("injected.listed")
def listed_as_worse_than_it_was(data: Any) -> Planted:
    row = data.change(
        "injected_event", listed("outbreak", "mortality_event"),
        severity=more("severity", 1),
    )  # fmt: skip
    return event(row)


@faults.fault("injected.silent", "keys.arithmetic", "keys.foreign")
def listed_as_late_feed_but_fed(data: Any) -> Planted:
    _, _, row = data.find("injected_event", listed("feed_delay", "feeding_event"))
    before = field("feeding_event_id") >= row["first_key"] - 256
    data.change(
        "feeding_event", before & (field("assignment_id") == row["assignment_id"]),
        feeding_event_id=row["first_key"],
    )  # fmt: skip
    return event(row)


@faults.fault("injected.silent", "keys.arithmetic", "time.reading_hours")
def a_silent_sensor_that_reads(data: Any) -> Planted:
    _, _, row = data.find("injected_event", listed("sensor_outage", "environmental_reading"))
    data.change(
        "environmental_reading", field("reading_id") > row["last_key"], reading_id=row["last_key"]
    )
    return event(row)


@faults.fault("injected.silent", "keys.arithmetic")
def a_forgotten_day_that_is_told(data: Any) -> Planted:
    _, _, row = data.find(
        "injected_event", listed("data_entry_error", "mortality_event", "missing_day")
    )
    data.change(
        "mortality_event", field("mortality_event_id") > row["last_key"],
        mortality_event_id=row["last_key"],
    )  # fmt: skip
    return event(row)


@faults.fault("injected.faults")
def a_drift_without_its_fault(data: Any) -> Planted:
    _, _, row = data.find("injected_event", listed("sensor_drift", "sensor_fault"))
    data.drop("sensor_fault", within("sensor_fault_id", row))
    return event(row)


@faults.fault("injected.mistakes")
def dead_counted_once(data: Any) -> Planted:
    _, _, row = data.find(
        "injected_event", listed("data_entry_error", "mortality_event", "double_count")
    )
    data.change(
        "mortality_event", within("mortality_event_id", row),
        dead_count=lambda row: row["dead_count"] // 2,
    )  # fmt: skip
    return event(row)


@faults.fault("injected.mistakes")
def a_sample_in_grams_after_all(data: Any) -> Planted:
    _, _, row = data.find("injected_event", listed("data_entry_error", "growth_sample"))
    data.change(
        "growth_sample", within("growth_sample_id", row),
        avg_weight_g=lambda row: row["avg_weight_g"] * 1000,
    )  # fmt: skip
    return event(row)


@faults.fault("injected.mistakes")
def a_first_fish_of_its_right_weight(data: Any) -> Planted:
    where = listed("data_entry_error", "growth_sample", "mistyped_weight")
    _, _, row = data.find("injected_event", where)
    first = within("growth_sample_id", row) & (field("fish_number") == 1)
    data.change("individual_growth_observation", first, weight_g=lambda row: row["weight_g"] / 10)
    return event(row)


@faults.fault("injected.escapes", "conservation.assignment", "conservation.batch")
def a_net_that_nothing_left(data: Any) -> Planted:
    _, _, row = data.find("injected_event", listed("escape", "escape_event"))
    data.drop("escape_event")
    return event(row)


@faults.fault("injected.escapes", "conservation.events")
def an_escape_that_nobody_asked_for(data: Any) -> Planted:
    row = data.change(
        "escape_event", event_date=more("event_date", DAY),
        escape_event_id=more("escape_event_id", 1),
    )  # fmt: skip
    _, _, listing = data.find("injected_event", listed("escape", "escape_event"))
    assert row["escape_event_id"] == listing["first_key"]
    return event(listing)


@faults.fault("conservation.assignment", "conservation.batch")
def an_escape_without_a_loss(data: Any) -> Planted:
    row = data.change("escape_event", fish_count=more("fish_count", 1))
    return "assignment", row["batch_id"], row["assignment_id"]


@faults.each()
def test_a_planted_fault_is_found_and_named(case: Case, told: Path, forge: Any) -> None:
    finds(case, forge(told), GROUPS)


def test_every_check_of_events_has_its_fault() -> None:
    assert not faults.lacks("injected")


def test_what_was_asked_for_passes_every_check(told: Path) -> None:
    passes(told, "injected")
