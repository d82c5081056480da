"""Events asked for: a fault planted in what is listed, or in what it should have touched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.compute as pc
import pytest

from grilse import api
from grilse.verify.checks import CHECKS
from grilse.verify.dataset import Options, verify

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


@pytest.fixture
def asked(told: Path, tmp_path: Path, forging: Callable[[Path], Any]) -> Any:
    """A copy of it in which faults can be planted."""
    root = tmp_path / "dataset"
    shutil.copytree(told, root, copy_function=os.link)
    return forging(root)


def listed(event: str, table: str, detail: str | None = None) -> Any:
    rows = (field("event_type") == event) & (field("table_name") == table)
    return rows if detail is None else rows & (field("detail") == detail)


def within(key: str, row: dict[str, Any]) -> Any:
    return (field(key) >= row["first_key"]) & (field(key) <= row["last_key"])


CASES: dict[str, tuple[str, Callable[[Any], int | None], frozenset[str]]] = {}


def fault(name: str, *others: str) -> Callable[[Callable[[Any], int | None]], None]:
    def add(plant: Callable[[Any], int | None]) -> None:
        CASES[plant.__name__] = name, plant, frozenset(others)

    return add


@fault("injected.listed")
def touched_but_not_listed(data: Any) -> int | None:
    data.drop("injected_event", listed("feed_delay", "feeding_event"))
    return None


@fault("injected.listed", "fish.samples")
def kilograms_that_nobody_is_told_of(data: Any) -> int | None:
    data.drop("injected_event", listed("data_entry_error", "growth_sample"))
    return None


@fault("injected.listed")
def listed_up_to_a_day_too_late(data: Any) -> int | None:
    row = data.change(
        "injected_event", listed("heatwave", "true_daily_state"),
        end_date=lambda row: row["end_date"] + DAY, last_key=lambda row: row["last_key"] + 1,
    )  # fmt: skip
    return int(row["injected_event_id"])


@fault("injected.listed")
def listed_as_worse_than_it_was(data: Any) -> int | None:
    row = data.change(
        "injected_event", listed("outbreak", "mortality_event"),
        severity=lambda row: row["severity"] + 1,
    )  # fmt: skip
    return int(row["injected_event_id"])


@fault("injected.silent", "keys.arithmetic", "keys.foreign")
def listed_as_late_feed_but_fed(data: Any) -> int | None:
    _, _, row = data.find("injected_event", listed("feed_delay", "feeding_event"))
    before = field("feeding_event_id") >= row["first_key"] - 256
    data.change(
        "feeding_event", before & (field("assignment_id") == row["assignment_id"]),
        feeding_event_id=row["first_key"],
    )  # fmt: skip
    return int(row["injected_event_id"])


@fault("injected.silent", "keys.arithmetic", "time.reading_hours")
def a_silent_sensor_that_reads(data: Any) -> int | None:
    _, _, row = data.find("injected_event", listed("sensor_outage", "environmental_reading"))
    data.change(
        "environmental_reading", field("reading_id") > row["last_key"], reading_id=row["last_key"]
    )
    return int(row["injected_event_id"])


@fault("injected.silent", "keys.arithmetic")
def a_forgotten_day_that_is_told(data: Any) -> int | None:
    _, _, row = data.find(
        "injected_event", listed("data_entry_error", "mortality_event", "missing_day")
    )
    data.change(
        "mortality_event", field("mortality_event_id") > row["last_key"],
        mortality_event_id=row["last_key"],
    )  # fmt: skip
    return int(row["injected_event_id"])


@fault("injected.faults")
def a_drift_without_its_fault(data: Any) -> int | None:
    _, _, row = data.find("injected_event", listed("sensor_drift", "sensor_fault"))
    data.drop("sensor_fault", within("sensor_fault_id", row))
    return int(row["injected_event_id"])


@fault("injected.mistakes")
def dead_counted_once(data: Any) -> int | None:
    _, _, row = data.find(
        "injected_event", listed("data_entry_error", "mortality_event", "double_count")
    )
    data.change(
        "mortality_event", within("mortality_event_id", row),
        dead_count=lambda row: row["dead_count"] // 2,
    )  # fmt: skip
    return int(row["injected_event_id"])


@fault("injected.mistakes")
def a_sample_in_grams_after_all(data: Any) -> int | None:
    _, _, row = data.find("injected_event", listed("data_entry_error", "growth_sample"))
    data.change(
        "growth_sample", within("growth_sample_id", row),
        avg_weight_g=lambda row: row["avg_weight_g"] * 1000,
    )  # fmt: skip
    return int(row["injected_event_id"])


@fault("injected.mistakes")
def a_first_fish_of_its_right_weight(data: Any) -> int | None:
    where = listed("data_entry_error", "growth_sample", "mistyped_weight")
    _, _, row = data.find("injected_event", where)
    first = within("growth_sample_id", row) & (field("fish_number") == 1)
    data.change("individual_growth_observation", first, weight_g=lambda row: row["weight_g"] / 10)
    return int(row["injected_event_id"])


@fault("injected.escapes", "conservation.assignment", "conservation.batch")
def a_net_that_nothing_left(data: Any) -> int | None:
    _, _, row = data.find("injected_event", listed("escape", "escape_event"))
    data.drop("escape_event")
    return int(row["injected_event_id"])


@fault("injected.escapes", "conservation.events")
def an_escape_that_nobody_asked_for(data: Any) -> int | None:
    row = data.change(
        "escape_event", event_date=lambda row: row["event_date"] + DAY,
        escape_event_id=lambda row: row["escape_event_id"] + 1,
    )  # fmt: skip
    _, _, listing = data.find("injected_event", listed("escape", "escape_event"))
    assert row["escape_event_id"] == listing["first_key"]
    return int(listing["injected_event_id"])


@fault("conservation.assignment", "conservation.batch")
def an_escape_without_a_loss(data: Any) -> int | None:
    row = data.change("escape_event", fish_count=lambda row: row["fish_count"] + 1)
    return int(row["assignment_id"])


@pytest.mark.parametrize("case", CASES)
def test_a_planted_fault_is_found_and_named(case: str, asked: Any) -> None:
    name, plant, others = CASES[case]
    key = plant(asked)
    verdict = verify(asked.root, Options(only=GROUPS, threads=1))
    found = {result.name: result for result in verdict.failed}
    assert set(found) == {name, *others}
    keys = [example.key for example in found[name].tally.examples]
    assert key in keys, found[name].tally.examples
    assert all(e.what for result in found.values() for e in result.tally.examples)


def test_every_check_of_events_has_its_fault() -> None:
    wanted = {check.name for check in CHECKS if check.name.startswith("injected.")}
    assert {name for name, _, _ in CASES.values()} >= wanted


def test_what_was_asked_for_passes_every_check(told: Path) -> None:
    verdict = verify(told, Options(threads=1, without=("realism",)))
    assert [(r.name, r.tally.examples) for r in verdict.failed] == []
    made = {r.name: r.tally.rows for r in verdict.results if r.name.startswith("injected.")}
    assert len(made) == 5
    assert all(made.values())
