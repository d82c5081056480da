"""For every check a planted fault: it is found and named, and by no other check but those told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from grilse_planting import Case, Faults, Planted, finds, more

from grilse.dataset.manifest import read_manifest, write_manifest
from grilse.dataset.records import BatchRecord, read_records, write_record
from grilse.schedule.reading import read_schedule
from grilse.schedule.writing import dump
from grilse.tables.totals import Totals
from grilse.verify.checks import CHECKS

field = pc.field
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


GROUPS = (
    "structure", "keys", "schedule", "occupancy", "time", "conservation", "transfers", "fish",
    "water",
)  # fmt: skip
"""The groups that look at every case; others look at those of their own alone."""


faults = Faults()

ONE, TWO, THREE = (field("batch_id") == number for number in (1, 2, 3))
EGGS = ONE & (field("stage_id") == 1)


# Structure


@faults.fault("structure.files")
def _(forged: Any) -> Planted:
    stray = forged.root / "feed" / "stray.parquet"
    stray.write_bytes((forged.root / "feed" / "e0001-farm.parquet").read_bytes())
    return "feed/stray.parquet", None, None


@faults.fault("structure.records")
def _(forged: Any) -> Planted:
    manifest = read_manifest(forged.root)
    wrong = replace(manifest.totals["feed"], rows=99)
    (forged.root / "_grilse" / "manifest.json").unlink()
    write_manifest(forged.root, replace(manifest, totals={**manifest.totals, "feed": wrong}))
    return "feed", None, None


@faults.fault("structure.schema", "keys.foreign")
def _(forged: Any) -> Planted:
    rows = forged.rows("feed", "e0001-farm").rename_columns(
        {"pellet_mm": "pellet_inches"}
    )  # fmt: skip
    path = forged.root / "feed" / "e0001-farm.parquet"
    path.unlink()
    pq.write_table(rows, path)
    resize(forged, "feed", "e0001-farm")
    return "feed/e0001-farm.parquet", None, None


@faults.fault("structure.rows")
def _(forged: Any) -> Planted:
    redo(forged, "feed", "e0001-farm", lambda totals: replace(totals, rows=totals.rows + 1))
    return "feed/e0001-farm.parquet", None, None


@faults.fault("structure.fingerprints")
def _(forged: Any) -> Planted:
    before = read_records(forged.root)["e0001-s0000"].tables["creation_workflow"]
    forged.change("creation_workflow", ONE, egg_supplier="Somebody else")
    redo(forged, "creation_workflow", "e0001-s0000", lambda _: before)
    return "creation_workflow/e0001-s0000.parquet", None, None


def resize(forged: Any, table: str, segment: str) -> None:
    """Make a record tell the size that a file has now."""
    record = read_records(forged.root)[segment]
    size = (forged.root / table / f"{segment}.parquet").stat().st_size
    rewrite(forged, replace(record, bytes={**record.bytes, table: size}))


def redo(forged: Any, table: str, segment: str, make: Callable[[Totals], Totals]) -> None:
    """Make a record, and the manifest, tell other totals of a table."""
    record = read_records(forged.root)[segment]
    rewrite(forged, replace(record, tables={**record.tables, table: make(record.tables[table])}))
    forged.add_up()


def rewrite(forged: Any, record: Any) -> None:
    (forged.root / "_grilse" / "segments" / f"{record.segment}.json").unlink()
    write_record(forged.root, record)


faults.row("structure.values", "mortality_event", "mortality_event_id", nth=5, cause="BOREDOM")


# Keys


@faults.fault("keys.primary")
def _(forged: Any) -> Planted:
    row = forged.repeat("creation_workflow", TWO)
    return "creation_workflow", 2, row["creation_workflow_id"]


faults.row("keys.foreign", "feeding_event", "feeding_event_id", nth=7, feed_id=99)


@faults.fault("keys.arithmetic", "keys.foreign")
def _(forged: Any) -> Planted:
    rows = forged.rows("feeding_event", "e0001-s0002")
    last = rows.num_rows - 1
    row = forged.change(
        "feeding_event", THREE, last, feeding_event_id=more("feeding_event_id", 256)
    )
    return "feeding_event", 3, row["feeding_event_id"] + 256


# Schedule


@faults.fault("schedule.made", "structure.failed")
def _(forged: Any) -> Planted:
    record = read_records(forged.root)["e0001-s0003"]
    failed = BatchRecord("SCO-004", record.batches[4].entry, "failed", reason="the test says so")
    rewrite(forged, replace(record, batches={4: failed}))
    return "batch", 4, 4


faults.row("schedule.batches", "batch", "batch_id", THREE, batch_number="FAR-2024-999")


@faults.fault("schedule.assignments")
def _(forged: Any) -> Planted:
    _, _, stay = forged.find("assignment", EGGS)
    at = field("container_id") == stay["container_id"]
    forged.change("container", at, name="FI-FW-01-A-C99")
    return "assignment", 1, stay["assignment_id"]


@faults.fault("schedule.departures")
def _(forged: Any) -> Planted:
    path = forged.root / "_grilse" / "schedule.yaml"
    schedule = read_schedule(path)
    first = schedule.batches[0]
    sea = replace(first.stays[-1], end_day=460)
    shorter = replace(first, stays=(*first.stays[:-1], sea))
    path.unlink()
    path.write_text(dump(replace(schedule, batches=(shorter, *schedule.batches[1:]))))
    _, _, stay = forged.find("assignment", ONE & (field("stage_id") == 6))
    return "assignment", 1, stay["assignment_id"]


@faults.fault("schedule.readings")
def _(forged: Any) -> Planted:
    forged.drop("environmental_reading", ONE & (field("parameter") == "ph"), 100)
    return "environmental_reading", 1, None


faults.row(
    "schedule.deliveries", "creation_workflow", "creation_workflow_id", TWO,
    ("occupancy.members",), actual_date=more("actual_date", DAY),
)  # fmt: skip
faults.row(
    "schedule.transfers", "transfer_workflow", "transfer_workflow_id", ONE,
    ("transfers.stages",), to_stage_id=3,
)  # fmt: skip


@faults.fault("schedule.states", "conservation.events")
def _(forged: Any) -> Planted:
    rows = forged.rows("true_daily_state", "e0001-s0002")
    forged.drop("true_daily_state", THREE, rows.num_rows - 1)
    return "true_daily_state", 3, None


faults.row("schedule.statuses", "batch", "batch_id", ONE, status="ACTIVE")


# Occupancy


@faults.fault(
    "occupancy.single", "occupancy.owner", "occupancy.reading_owner", "schedule.assignments"
)
def _(forged: Any) -> Planted:
    fry = THREE & (field("stage_id") == 2)
    _, _, first = forged.find("assignment", fry)
    second = forged.change("assignment", fry, 1, container_id=first["container_id"])
    return "assignment", 3, second["assignment_id"]


@faults.fault("occupancy.geography", "schedule.batches")
def _(forged: Any) -> Planted:
    forged.change("batch", THREE, geography_id=2)
    _, _, stay = forged.find("assignment", THREE)
    return "assignment", 3, stay["assignment_id"]


faults.row(
    "occupancy.owner", "mortality_event", "mortality_event_id", ONE, nth=20,
    container_id=more("container_id", 1),
)  # fmt: skip
PH = field("parameter") == "ph"
faults.row(
    "occupancy.reading_owner", "environmental_reading", "reading_id", ONE & PH, nth=50,
    container_id=more("container_id", 3), sensor_id=more("sensor_id", 48),
)  # fmt: skip
faults.row(
    "occupancy.sensors", "environmental_reading", "reading_id", ONE & PH, nth=50,
    sensor_id=more("sensor_id", 1),
)  # fmt: skip


@faults.fault("occupancy.members")
def _(forged: Any) -> Planted:
    row = forged.change("individual_growth_observation", ONE, 40, batch_id=2)
    return "individual_growth_observation", 2, row["observation_id"]


# Time

faults.row(
    "time.as_of", "transfer_workflow", "transfer_workflow_id", TWO, planned_date=date(2024, 6, 1)
)


def last_reading(forged: Any, stay: dict[str, Any]) -> dict[str, Any]:
    """Change the last pH of an assignment to a day later, key and all."""
    mine = (field("assignment_id") == stay["assignment_id"]) & PH
    segment = f"e0001-s{stay['batch_id'] - 1:04d}"
    count = forged.rows("environmental_reading", segment).filter(mine).num_rows
    return forged.change(
        "environmental_reading", mine, count - 1,
        reading_id=more("reading_id", 24), reading_time=more("reading_time", DAY),
    )  # fmt: skip


@faults.fault("time.readings_as_of", "time.readings_within")
def _(forged: Any) -> Planted:
    _, _, stay = forged.find("assignment", THREE & field("is_active"))
    row = last_reading(forged, stay)
    return "environmental_reading", 3, row["reading_id"] + 24


@faults.fault("time.readings_within")
def _(forged: Any) -> Planted:
    _, _, stay = forged.find("assignment", EGGS)
    row = last_reading(forged, stay)
    return "environmental_reading", 1, row["reading_id"] + 24


faults.row(
    "time.states", "batch", "batch_id", ONE, ("schedule.statuses",), end_date=date(2024, 6, 2)
)
faults.row(
    "time.reading_hours", "environmental_reading", "reading_id", ONE & PH, nth=50,
    reading_id=more("reading_id", 1), reading_time=more("reading_time", HOUR),
)  # fmt: skip


@faults.fault("time.within_assignment", "conservation.events")
def _(forged: Any) -> Planted:
    _, _, stay = forged.find("assignment", EGGS)
    last = stay["departure_date"] - DAY
    at = (field("assignment_id") == stay["assignment_id"]) & (field("event_date") >= last)
    row = forged.change(
        "mortality_event", at, event_date=stay["departure_date"],
        mortality_event_id=more("mortality_event_id", 256),
    )  # fmt: skip
    return "mortality_event", 1, row["mortality_event_id"] + 256


faults.row(
    "time.transfers", "transfer_action", "transfer_action_id", ONE, ("occupancy.members",),
    transfer_date=more("transfer_date", DAY),
)  # fmt: skip


# Conservation

faults.row(
    "conservation.eggs", "creation_workflow", "creation_workflow_id", ONE,
    egg_count=more("egg_count", 1),
)  # fmt: skip


@faults.fault("conservation.entries", "conservation.batch")
def _(forged: Any) -> Planted:
    row = forged.change("creation_action", ONE, dead_on_arrival=more("dead_on_arrival", 1))
    return "assignment", 1, row["assignment_id"]


@faults.fault("conservation.assignment", "conservation.batch", "conservation.events")
def _(forged: Any) -> Planted:
    row = forged.change("mortality_event", ONE, 3, dead_count=more("dead_count", 1))
    return "assignment", 1, row["assignment_id"]


faults.row(
    "conservation.last_known", "assignment", "assignment_id", EGGS, ("transfers.sources",),
    population_count=more("population_count", 1),
)  # fmt: skip
faults.row(
    "conservation.batch", "batch", "batch_id", THREE, ("schedule.statuses",),
    population_count=more("population_count", 1),
)  # fmt: skip
faults.row(
    "conservation.daily", "true_daily_state", "state_id", EGGS, nth=20,
    population_count=more("population_count", -1),
)  # fmt: skip
faults.row(
    "conservation.events", "true_daily_state", "state_id", ONE & (field("feed_kg") > 0.1), nth=20,
    feed_kg=more("feed_kg", Decimal("-0.01")),
)  # fmt: skip


@faults.fault("conservation.never_rises", "conservation.daily", "fish.biomass")
def _(forged: Any) -> Planted:
    forged.change(
        "true_daily_state", EGGS, 20, population_count=more("population_count", 500)
    )  # fmt: skip
    return "true_daily_state", 1, None


@faults.fault("conservation.lots")
def _(forged: Any) -> Planted:
    row = forged.change("harvest_lot", fish_count=more("fish_count", -1))
    return "harvest_event", 1, row["harvest_event_id"]


faults.row(
    "conservation.counts", "growth_sample", "growth_sample_id", ONE, ("fish.samples",),
    sample_size=0,
)  # fmt: skip


# Transfers


@faults.fault(
    "transfers.shares", "transfers.totals", "conservation.entries", "conservation.assignment",
    "conservation.last_known", "conservation.batch", "transfers.sources",
)  # fmt: skip
def _(forged: Any) -> Planted:
    _, _, ring = forged.find("assignment", TWO & (field("stage_id") == 6))
    into = field("dest_assignment_id") == ring["assignment_id"]
    while forged.rows("transfer_action", "e0001-s0001").filter(into).num_rows:
        forged.drop("transfer_action", into)
    return "assignment", 2, ring["assignment_id"]


faults.row(
    "transfers.totals", "transfer_workflow", "transfer_workflow_id", TWO,
    action_count=more("action_count", 1),
)  # fmt: skip


@faults.fault("transfers.stages")
def _(forged: Any) -> Planted:
    workflow = forged.change("transfer_workflow", TWO, from_stage_id=3)["transfer_workflow_id"]
    _, _, row = forged.find("transfer_action", field("transfer_workflow_id") == workflow)
    return "transfer_action", 2, row["transfer_action_id"]


faults.row(
    "transfers.sources", "transfer_action", "transfer_action_id", TWO,
    source_count_before=more("source_count_before", 1),
)  # fmt: skip
faults.row(
    "transfers.losses", "transfer_workflow", "transfer_workflow_id", TWO, ("transfers.totals",),
    mortality_count=lambda row: row["source_count"] // 20,
    transferred_count=lambda row: row["source_count"] - row["source_count"] // 20,
)  # fmt: skip
faults.row(
    "transfers.weights", "transfer_action", "transfer_action_id", TWO, ("fish.biomass",),
    avg_weight_g=more("avg_weight_g", Decimal("0.002")),
)  # fmt: skip


@faults.fault("transfers.first_day", "fish.biomass", "fish.feed", "fish.weights")
def _(forged: Any) -> Planted:
    _, _, stay = forged.find("assignment", TWO & (field("stage_id") == 2))
    first = field("assignment_id") == stay["assignment_id"]
    row = forged.change("true_daily_state", first, avg_weight_g=more("avg_weight_g", Decimal(1)))
    return "true_daily_state", 2, row["state_id"]


# Fish


@faults.fault("fish.weights", "fish.biomass", "fish.feed")
def _(forged: Any) -> Planted:
    _, _, stay = forged.find("assignment", TWO & (field("stage_id") == 6))
    at = field("assignment_id") == stay["assignment_id"]
    count = forged.rows("true_daily_state", "e0001-s0001").filter(at).num_rows
    row = forged.change(
        "true_daily_state", at, count - 1, avg_weight_g=more("avg_weight_g", Decimal(-100))
    )
    return "true_daily_state", 2, row["state_id"]


faults.row(
    "fish.feed", "true_daily_state", "state_id", TWO & (field("stage_id") == 5),
    ("conservation.events",), nth=10, feed_kg=lambda row: row["feed_kg"] * 10,
)  # fmt: skip
faults.row(
    "fish.biomass", "mortality_event", "mortality_event_id", TWO, nth=9,
    biomass_kg=more("biomass_kg", 1),
)  # fmt: skip
faults.row(
    "fish.meals", "feeding_event", "feeding_event_id", TWO, nth=9,
    feeding_pct=more("feeding_pct", Decimal("0.001")),
)  # fmt: skip
for column in ("avg_weight_g", "std_weight_g", "min_weight_g", "max_weight_g", "avg_length_cm",
               "std_length_cm", "condition_factor"):  # fmt: skip
    faults.row(
        "fish.samples", "growth_sample", "growth_sample_id", TWO, nth=9,
        **{column: more(column, Decimal("0.002"))},
    )  # fmt: skip


@faults.fault("fish.condition", "fish.samples")
def _(forged: Any) -> Planted:
    row = forged.change(
        "individual_growth_observation", TWO, 99, length_cm=lambda row: row["length_cm"] * 3
    )
    return "individual_growth_observation", 2, row["observation_id"]


faults.row(
    "fish.batch_weight", "batch", "batch_id", TWO, avg_weight_g=more("avg_weight_g", Decimal(1))
)


# Water

faults.row(
    "water.oxygen", "environmental_reading", "reading_id", TWO & (field("parameter") == "oxygen"),
    nth=77, value=Decimal(18),
)  # fmt: skip


@faults.fault("water.ranges")
def _(forged: Any) -> Planted:
    _, _, stay = forged.find("assignment", TWO)
    mine = (field("assignment_id") == stay["assignment_id"]) & PH
    _, _, first = forged.find("environmental_reading", mine)
    forged.change("environmental_reading", mine, 77, value=Decimal(14))
    return "environmental_reading", 2, first["reading_id"]


@faults.fault("books.pinned")
def _(forged: Any) -> Planted:
    forged.change("scenario", ONE, is_pinned=lambda row: not row["is_pinned"])
    return "batch", 1, 1


faults.row(
    "books.projection", "scenario", "scenario_id", TWO,
    duration_days=more("duration_days", 1),
)  # fmt: skip
faults.row(
    "books.expectation", "scenario_projection", "projection_id", TWO, nth=200,
    total_feed_kg=more("total_feed_kg", 1),
)  # fmt: skip
faults.row(
    "books.activities", "planned_activity", "planned_activity_id", TWO, status="PENDING",
)  # fmt: skip
faults.row(
    "books.harvest", "fact_harvest", "fact_harvest_id", ONE, nth=2,
    amount_eur=more("amount_eur", 1),
)  # fmt: skip
faults.row(
    "books.waste", "harvest_lot", "harvest_lot_id", ONE, nth=1,
    waste_kg=more("waste_kg", 1),
)  # fmt: skip
faults.row(
    "books.sold", "intercompany_transfer", "intercompany_transfer_id", ONE,
    fish_count=more("fish_count", -1),
)  # fmt: skip


@faults.fault("conservation.assignment", "conservation.batch", "conservation.events")
def _(forged: Any) -> Planted:
    row = forged.change("cull_event", ONE, fish_count=more("fish_count", 1),
                        biomass_kg=lambda row: row["biomass_kg"])  # fmt: skip
    return "assignment", 1, row["assignment_id"]


@faults.fault("schedule.readings")
def _(forged: Any) -> Planted:
    row = forged.drop("sensor_fault", (field("kind") == "GAP") & ONE)
    return "environmental_reading", row["batch_id"], None


@faults.each()
def test_a_planted_fault_is_found_and_named(case: Case, forged: Any) -> None:
    finds(case, forged, {*GROUPS, case.name.partition(".")[0]})


def test_every_check_that_can_fail_a_dataset_has_its_fault() -> None:
    texts = [path.read_text() for path in Path(__file__).parents[1].glob("*/test_*.py")]
    bare = [
        check.name
        for check in CHECKS
        if check.severity == "error" and not any(f'"{check.name}"' in text for text in texts)
    ]
    assert not bare
