"""Defects that generated data are known for: each is planted, and its check finds it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from grilse.api.comparing import diff
from grilse.dataset.records import read_records, write_record
from grilse.verify.dataset import Options, verify

field = pc.field
ONE, TWO = (field("batch_id") == number for number in (1, 2))
AT_SEA, EGGS = field("stage_id") == 6, field("stage_id") == 1

Plant = Callable[[Any], object]
DEFECTS: dict[str, tuple[str, Plant]] = {}
"""Each defect in words: the check that must find it, and how it is planted."""


def defect(words: str, check: str) -> Callable[[Plant], Plant]:
    def add(plant: Plant) -> Plant:
        DEFECTS[words] = (check, plant)
        return plant

    return add


def rewrite(forged: Any, table: str, change: Callable[[pa.Table], pa.Table]) -> None:
    for segment in forged.segments(table):
        forged.write(table, segment, change(forged.rows(table, segment)).combine_chunks())


def with_column(
    rows: pa.Table, name: str, value: Callable[[dict[str, Any]], Any]
) -> pa.Table:  # fmt: skip
    place = rows.schema.get_field_index(name)
    kind = rows.schema.field(place)
    values = pa.array([value(row) for row in rows.to_pylist()], kind.type)
    return rows.set_column(place, kind, values)


@defect("a ring got no transfer action", "transfers.shares")
def _(forged: Any) -> None:
    ring = forged.find("assignment", ONE & AT_SEA)[2]["assignment_id"]
    forged.drop("transfer_action", field("dest_assignment_id") == ring)


@defect("half the fish are booked as transfer deaths", "transfers.losses")
def _(forged: Any) -> None:
    half = {
        "transferred_count": lambda row: row["transferred_count"] // 2,
        "mortality_count": lambda row: row["transferred_count"] - row["transferred_count"] // 2,
    }
    forged.change("transfer_action", ONE, **half)
    forged.change("transfer_workflow", ONE, **half)


@defect("eggs grow to 20 g", "fish.eggs")
def _(forged: Any) -> None:
    forged.change("true_daily_state", ONE & EGGS, 80, avg_weight_g=Decimal("20.000"))


@defect("daily population rises at a stage change", "conservation.never_rises")
def _(forged: Any) -> None:
    forged.change(
        "true_daily_state", ONE & (field("stage_id") == 2), 0,
        population_count=lambda row: row["population_count"] + 25_000,
    )  # fmt: skip


@defect("a ring holds more than its limit, and nobody says so", "occupancy.limits")
def _(forged: Any) -> None:
    forged.change("true_daily_state", ONE & AT_SEA, 20, biomass_kg=Decimal("900000.00"))


@defect("feed is eaten years before it was delivered", "feed.early")
def _(forged: Any) -> None:
    later = timedelta(days=730)
    forged.change("feed_lot", field("is_express") == False,  # noqa: E712
                  arrival_date=lambda row: row["arrival_date"] + later)  # fmt: skip


@defect("feed comes at no cost", "feed.priced")
def _(forged: Any) -> None:
    free = {"price_eur": Decimal("0.00"), "cost_eur": Decimal(0)}
    order = forged.change("feed_lot", **free)["purchase_id"]
    forged.change("feed_purchase", field("purchase_id") == order, **free)


@defect("a silo goes over its capacity", "feed.capacity")
def _(forged: Any) -> None:
    where = field("received_kg").cast(pa.float64()) > 0
    forged.change("feed_stock", where, received_kg=Decimal("900000.00"))


@defect("growth stands at a cap while feeding goes on", "fish.feed")
def _(forged: Any) -> None:
    def capped(rows: pa.Table) -> pa.Table:
        return with_column(
            rows, "avg_weight_g", lambda row: min(row["avg_weight_g"], Decimal("300.000"))
        )

    rewrite(forged, "true_daily_state", capped)


@defect("fish of 245 cm", "fish.condition")
def _(forged: Any) -> None:
    forged.change("individual_growth_observation", ONE, 5, length_cm=Decimal("245.00"))


@defect("temperature never follows the season", "water.season")
def _(forged: Any) -> None:
    def even(rows: pa.Table) -> pa.Table:
        place = rows.schema.get_field_index("value")
        kind = rows.schema.field(place)
        is_warmth = pc.equal(rows["parameter"].cast(pa.string()), "temperature")
        plain = rows["value"].cast(pa.decimal128(9, 3))
        same = pa.scalar(Decimal("8.000"), pa.decimal128(9, 3))
        return rows.set_column(place, kind, pc.if_else(is_warmth, same, plain).cast(kind.type))

    rewrite(forged, "environmental_reading", even)


@defect("a failed batch leaves half its rows behind", "structure.failed")
def _(forged: Any) -> None:
    segment = forged.segments("feeding_event")[0]
    record = read_records(forged.root)[segment]
    failed = {n: replace(b, status="failed", reason="disk") for n, b in record.batches.items()}
    (forged.root / "_grilse" / "segments" / f"{segment}.json").unlink()
    write_record(forged.root, replace(record, batches=failed))
    forged.drop("feeding_event")


@pytest.fixture(scope="module")
def long_life(clean: Path, lives: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A life of more than a year at sea, so that its water has its seasons."""
    from grilse import api

    root = tmp_path_factory.mktemp("long") / "dataset"
    plan = lives.life(1, "Faroe Islands", 900, site=1, tanks=1, rings=1, target_kg=9.0,
                      sea_days=440)  # fmt: skip
    api.run(api.prepare(lives.schedule(plan)), root, workers=1, logs=False)
    return root


@pytest.mark.parametrize("words", DEFECTS, ids=list(DEFECTS))
def test_a_known_defect_is_found(words: str, forged: Any, long_life: Path, tmp_path: Path) -> None:
    name, plant = DEFECTS[words]
    if name == "water.season":
        forged = replace(forged, root=Path(shutil.copytree(long_life, tmp_path / "long")))
    plant(forged)
    (after,) = verify(forged.root, Options(only=(name,), threads=1)).results
    assert after.tally.faults > 0
    assert after.verdict == ("inform" if after.severity == "info" else "fail")
    assert after.tally.examples[0].what


def test_where_nothing_is_planted_nothing_is_found(clean: Path, long_life: Path) -> None:
    names = [name for name, _ in DEFECTS.values()]
    for root in (clean, long_life):
        found = verify(root, Options(only=names, threads=1)).results
        assert {result.name for result in found} == set(names)
        assert [result.name for result in found if result.tally.faults] == []


def test_two_runs_of_one_plan_that_differ_are_told_apart(clean: Path, forged: Any) -> None:
    assert diff(clean, forged.root).is_equal
    forged.change("true_daily_state", ONE, 7, temp_c=lambda row: row["temp_c"] + 1)
    assert not diff(clean, forged.root).is_equal
