"""What a row may break is found while it is swept, and between the runs of two files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from grilse_planting import failed, more
from hypothesis import given
from hypothesis import strategies as st

from grilse.tables.catalogue import TABLES
from grilse.verify.books import EATEN, EATEN_OF, Stores, accounts_of, differences
from grilse.verify.checks import CHECKS
from grilse.verify.doubts import DOUBTS, doubts_of
from grilse.verify.measures import MEASURES
from grilse.verify.runs import READINGS, Runs
from grilse.verify.source import open_source
from grilse.verify.sweep import sweep

field = pc.field
STATES, ESTIMATES, DAYS = "true_daily_state", "analysis_daily_state", "analysis_batch_day"
AT_SEA = (field("batch_id") == 1) & (field("stage_id") == 6)


def test_a_sound_dataset_is_not_doubted(clean: Path) -> None:
    files = [file for file in open_source(clean).files if file.table.name != READINGS]
    told = {
        (each.file.table.name, name)
        for each in sweep(files, 1, with_fingerprints=False)
        for part in each.parts
        for name in part.doubts
    }
    assert told == set()


def test_every_rule_is_for_a_check_and_a_table_that_there_are() -> None:
    checks = {check.name for check in CHECKS}
    assert set(DOUBTS) | set(MEASURES) <= set(TABLES)
    assert {name for rules in DOUBTS.values() for name in rules} <= checks


def runs_of(table: str, **columns: Any) -> Runs:
    """Make runs of some columns; the others are 1, and days ascend."""
    rows = len(next(iter(columns.values())))
    told = {column.name: np.ones(rows, np.int64) for column in TABLES[table].columns}
    for name in ("state_date", "event_date", "feeding_time"):
        if name in told:
            told[name] = 18_000 + np.arange(rows)
    return Runs(TABLES[table], told | {name: np.array(each) for name, each in columns.items()})


SOUND_DAYS = {
    "population_count": [1000, 990, 985],
    "mortality_count": [3, 10, 5],
    "removed_count": [0, 0, 0],
    "avg_weight_g": [5_000, 5_100, 5_200],
    "biomass_kg": [500, 505, 512],
    "feed_kg": [0, 12, 12],
}


@pytest.mark.parametrize(
    ("column", "values", "doubted"),
    [
        ("population_count", [1000, 991, 985], {"conservation.daily"}),
        ("population_count", [1000, -10, -15], {"conservation.counts", "conservation.daily"}),
        ("state_date", [18_000, 18_002, 18_001], {"conservation.daily", "fish.weights"}),
        ("avg_weight_g", [5_000, 5_100, 5_099], {"fish.weights"}),
        ("feed_kg", [0, 12, 31], {"fish.feed"}),
        ("biomass_kg", [500, 506, 512], {"fish.biomass"}),
        ("feed_kg", [99, 12, 29], set()),
    ],
)
def test_a_day_that_may_break_a_check_is_doubted(
    column: str, values: list[int], doubted: set[str]
) -> None:
    assert doubts_of(runs_of(STATES, **SOUND_DAYS)) == frozenset()
    found = doubts_of(runs_of(STATES, **{**SOUND_DAYS, column: values}))
    assert doubted <= found if doubted else not found


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 30), st.integers(50, 3_000_000)),
             min_size=1, max_size=60),
)  # fmt: skip
def test_a_samples_sums_are_those_of_its_fish(drawn: list[tuple[int, int, int]]) -> None:
    sample, number, weight = np.array(sorted(drawn), np.int64).T
    told = runs_of(
        "individual_growth_observation", growth_sample_id=sample, fish_number=number,
        weight_g=weight, length_cm=number * 100,
    ).rows()  # fmt: skip
    for row in told.to_pylist():
        mine = weight[sample == row["growth_sample_id"]].astype(float)
        assert row["row_count"] == len(mine)
        assert (row["least_g"], row["most_g"], row["sum_g"]) == (mine.min(), mine.max(), mine.sum())
        assert row["squares_g"] == pytest.approx((mine**2).sum(), rel=1e-12)
        k = 100 * (mine / 1000) / number[sample == row["growth_sample_id"]] ** 3.0
        assert row["sum_k"] == pytest.approx(k.sum(), rel=1e-12)


LOTS = Stores({7: 70, 8: 80}, {100: (1, 70), 200: (2, 70), 300: (1, 80)})


def eaten(lots: list[int], amounts: list[int]) -> list[str]:
    """Name what does not balance where a feeding of 50 in container 7 ate of some lots."""
    fed = runs_of("feeding_event", feeding_event_id=[5], container_id=[7], amount_kg=[50])
    ate = runs_of(
        "feed_consumption", feeding_event_id=[5] * len(lots), lot_id=lots, amount_kg=amounts
    )
    parts = [(each.table.name, accounts_of(each, LOTS)) for each in (fed, ate)]
    return [name for name in differences(parts) if name in (EATEN, EATEN_OF)]


def test_a_feeding_is_held_against_the_feed_and_store_of_its_lots() -> None:
    assert eaten([100], [50]) == []
    assert eaten([100, 100], [20, 30]) == []
    assert eaten([100], [49]) == [EATEN, EATEN_OF]
    assert eaten([200], [50]) == [EATEN_OF], "another feed"
    assert eaten([300], [50]) == [EATEN_OF], "another store"
    assert eaten([999], [50]) == [EATEN_OF], "no lot"


def parted(forged: Any, table: str, day: str) -> dict[str, Any]:
    """Move the later days of a stay into another file; return the first row that was moved."""
    here, there = (forged.segments(table)[i] for i in (0, 1))
    rows, others = forged.rows(table, here), forged.rows(table, there)
    _, _, stay = forged.find(table, AT_SEA if "stage_id" in rows.column_names else None)
    owner = "assignment_id" if "assignment_id" in rows.column_names else "batch_id"
    is_moved = pc.and_(
        pc.equal(rows[owner], stay[owner]),
        pc.greater_equal(rows[day], stay[day] + timedelta(days=21)),
    )
    forged.write(table, here, rows.filter(pc.invert(is_moved)).combine_chunks())
    moved = rows.filter(is_moved)
    forged.write(table, there, pa.concat_tables([moved, others]).combine_chunks())
    first: dict[str, Any] = moved.slice(0, 1).to_pylist()[0]
    return first


CHANGES: dict[str, tuple[str, str, dict[str, Callable[[dict[str, Any]], Any]]]] = {
    "conservation.daily": (STATES, "state_id", {"population_count": more("population_count", -1)}),
    "fish.weights": (STATES, "state_id", {"avg_weight_g": more("avg_weight_g", Decimal(-200))}),
    "fish.feed": (STATES, "state_id", {"feed_kg": lambda row: row["feed_kg"] * 10}),
    "analysis.population": (
        ESTIMATES, "analysis_state_id", {"population_count": more("population_count", 500)},
    ),
    "analysis.steps": (
        ESTIMATES, "analysis_state_id", {"avg_weight_g": more("avg_weight_g", Decimal(150))},
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_what_is_wrong_between_two_files_is_found(name: str, forged: Any) -> None:
    table, key, values = CHANGES[name]
    first = parted(forged, table, "state_date")
    assert not failed(forged, name)
    forged.change(table, field(key) == first[key], **values)
    found = failed(forged, name)
    assert first[key] in [example.key for example in found[name].tally.examples]


@pytest.mark.slow
def test_a_batchs_day_that_is_told_in_two_files_is_found(forged: Any) -> None:
    # Each tells a part: together they balance with the containers.
    first = parted(forged, DAYS, "state_date")
    assert not failed(forged, "analysis.batch_days")
    split = ("container_count", "population_count", "biomass_kg", "mortality_count", "feed_kg")
    here, there = forged.segments(DAYS)[:2]
    whole = forged.rows(DAYS, there)
    one = whole.slice(0, 1)
    nothing = {name: 0 if isinstance(first[name], int) else Decimal(0) for name in split}
    nothing |= {"container_count": 1, "batch_day_id": first["batch_day_id"] + 4096}
    row = {**first, **nothing}
    again = pa.Table.from_pylist([row], one.schema.remove_metadata())
    rows = pa.concat_tables([forged.rows(DAYS, here), again.cast(one.schema)]).combine_chunks()
    forged.write(DAYS, here, rows)
    at = field("batch_day_id") == first["batch_day_id"]
    forged.change(DAYS, at, container_count=first["container_count"] - 1)
    assert set(failed(forged, "analysis.batch_days")) == {"analysis.batch_days"}
