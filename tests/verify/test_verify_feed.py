"""For every check of feed a planted fault: it is found and named, by no others but those told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from grilse.verify.checks import CHECKS
from grilse.verify.dataset import Options, verify

field = pc.field
KG = EUR = Decimal("0.01")
CAME = field("received_kg").cast(pa.float64()) > 0
Planted = tuple[str, int | None, int]
"""Where a fault was planted: table, batch, key."""

CASES: list[tuple[str, Callable[[Any], Planted], frozenset[str]]] = []


def fault(name: str, *others: str) -> Callable[[Callable[[Any], Planted]], None]:
    def add(plant: Callable[[Any], Planted]) -> None:
        CASES.append((name, plant, frozenset(others)))

    return add


def simple(
    name: str, table: str, key: str, where: Any = None, others: tuple[str, ...] = (),
    nth: int = 0, **values: Any,
) -> None:  # fmt: skip
    """Add a fault that is one row with other values."""

    def plant(forged: Any) -> Planted:
        return table, None, forged.change(table, where, nth, **values)[key]

    fault(name, *others)(plant)


def more(column: str, by: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda row: row[column] + by


@fault("feed.bought", "feed.levels")
def _(forged: Any) -> Planted:
    """A gram lost: the last level of a line is a step less than it should be."""
    _, _, lot = forged.find("feed_lot")
    mine = (field("store_id") == lot["store_id"]) & (field("feed_id") == lot["feed_id"])
    segment, _, _ = forged.find("feed_stock", mine)
    last = pc.max(forged.rows("feed_stock", segment).filter(mine)["stock_id"])
    forged.change("feed_stock", field("stock_id") == last, level_kg=more("level_kg", KG))
    return "feed_lot", None, lot["store_id"]


simple(
    "feed.early", "feed_lot", "lot_id", field("is_express") == False, ("feed.levels",),  # noqa: E712
    arrival_date=more("arrival_date", timedelta(days=4)),
)  # fmt: skip
simple(
    "feed.below_zero", "feed_stock", "stock_id", CAME, ("feed.levels",), nth=2,
    level_kg=Decimal(-1),
)  # fmt: skip


@fault("feed.first_in_first_out")
def _(forged: Any) -> Planted:
    """A feeding that used a lot up and went on to the next ate of the next one alone."""
    went_on = (pc.bit_wise_and(field("consumption_id"), 0xF0)) == 0x10
    _, _, then = forged.find("feed_consumption", went_on)
    before = field("consumption_id") == then["consumption_id"] - 16
    forged.change("feed_consumption", before, lot_id=then["lot_id"])
    return "feed_lot", None, then["lot_id"]


simple("feed.capacity", "feed_store", "store_id", nth=1, capacity_kg=Decimal(100))
simple(
    "feed.levels", "feed_stock", "stock_id", CAME, nth=2,
    fed_kg=more("fed_kg", KG),
)  # fmt: skip
simple("feed.cost", "feed_lot", "lot_id", nth=3, price_eur=more("price_eur", EUR))
simple("feed.cost", "feed_purchase", "purchase_id", nth=3, cost_eur=more("cost_eur", EUR))
simple(
    "feed.deliveries",
    "feed_lot",
    "lot_id",
    nth=3,
    supplier_id=lambda row: row["supplier_id"] % 3 + 1,
)


@fault("feed.feedings")
def _(forged: Any) -> Planted:
    """What one feeding ate is said of another one of the same batch."""
    _, _, other = forged.find("feed_consumption", nth=40)
    row = forged.change("feed_consumption", nth=41, feeding_event_id=other["feeding_event_id"])
    return "feeding_event", row["batch_id"], row["feeding_event_id"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "plant", "others"), CASES, ids=[f"{i}-{name}" for i, (name, *_) in enumerate(CASES)]
)
def test_a_planted_fault_is_found_and_named(
    name: str, plant: Callable[[Any], Planted], others: frozenset[str], forged: Any
) -> None:
    planted = plant(forged)
    verdict = verify(forged.root, Options(only=("feed",), threads=1))
    found = {result.name: result for result in verdict.failed}
    assert set(found) == {name, *others}
    examples = found[name].tally.examples
    assert planted in [(e.table, e.batch, e.key) for e in examples], examples
    assert all(e.what for result in found.values() for e in result.tally.examples)


def test_every_check_of_feed_has_its_fault() -> None:
    wanted = {check.name for check in CHECKS if check.name.startswith("feed.")}
    wanted -= {"feed.priced"}  # Its fault is one of those known from elsewhere.
    assert {name for name, *_ in CASES} == wanted


@pytest.mark.slow
def test_a_dataset_that_nobody_touched_passes(clean: Any) -> None:
    verdict = verify(clean, Options(only=("feed",), threads=1))
    assert [r.name for r in verdict.results if r.verdict != "pass"] == []
    assert all(result.tally.rows > 0 for result in verdict.results)
