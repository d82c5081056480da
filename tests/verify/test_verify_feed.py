"""For every check of feed a planted fault: it is found and named, by no others but those told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from grilse_planting import Case, Faults, Planted, finds, more, passes

field = pc.field
KG = EUR = Decimal("0.01")
CAME = field("received_kg").cast(pa.float64()) > 0

faults = Faults()


@faults.fault("feed.bought", "feed.levels")
def _(forged: Any) -> Planted:
    """A gram lost: the last level of a line is a step less than it should be."""
    _, _, lot = forged.find("feed_lot")
    mine = (field("store_id") == lot["store_id"]) & (field("feed_id") == lot["feed_id"])
    segment, _, _ = forged.find("feed_stock", mine)
    last = pc.max(forged.rows("feed_stock", segment).filter(mine)["stock_id"])
    forged.change("feed_stock", field("stock_id") == last, level_kg=more("level_kg", KG))
    return "feed_lot", None, lot["store_id"]


faults.row(
    "feed.early", "feed_lot", "lot_id", field("is_express") == False, ("feed.levels",),  # noqa: E712
    arrival_date=more("arrival_date", timedelta(days=4)),
)  # fmt: skip
faults.row(
    "feed.below_zero", "feed_stock", "stock_id", CAME, ("feed.levels",), nth=2,
    level_kg=Decimal(-1),
)  # fmt: skip


@faults.fault("feed.first_in_first_out")
def _(forged: Any) -> Planted:
    """A feeding that used a lot up and went on to the next ate of the next one alone."""
    went_on = (pc.bit_wise_and(field("consumption_id"), 0xF0)) == 0x10
    _, _, then = forged.find("feed_consumption", went_on)
    before = field("consumption_id") == then["consumption_id"] - 16
    forged.change("feed_consumption", before, lot_id=then["lot_id"])
    return "feed_lot", None, then["lot_id"]


faults.row("feed.capacity", "feed_store", "store_id", nth=1, capacity_kg=Decimal(100))
faults.row(
    "feed.levels", "feed_stock", "stock_id", CAME, nth=2,
    fed_kg=more("fed_kg", KG),
)  # fmt: skip
faults.row("feed.cost", "feed_lot", "lot_id", nth=3, price_eur=more("price_eur", EUR))
faults.row("feed.cost", "feed_purchase", "purchase_id", nth=3, cost_eur=more("cost_eur", EUR))
faults.row(
    "feed.deliveries",
    "feed_lot",
    "lot_id",
    nth=3,
    supplier_id=lambda row: row["supplier_id"] % 3 + 1,
)


@faults.fault("feed.feedings")
def _(forged: Any) -> Planted:
    """What one feeding ate is said of another one of the same batch."""
    _, _, other = forged.find("feed_consumption", nth=40)
    row = forged.change("feed_consumption", nth=41, feeding_event_id=other["feeding_event_id"])
    return "feeding_event", row["batch_id"], row["feeding_event_id"]


@pytest.mark.slow
@faults.each()
def test_a_planted_fault_is_found_and_named(case: Case, forged: Any) -> None:
    finds(case, forged, {"feed"})


def test_every_check_of_feed_has_its_fault() -> None:
    # The fault of the one that is left is among those known from elsewhere.
    assert faults.lacks("feed") == {"feed.priced"}


@pytest.mark.slow
def test_a_dataset_that_nobody_touched_passes(clean: Path) -> None:
    passes(clean, "feed", {"feed"})
