"""Tables of the feed stores: what was ordered, what came, what was eaten of it, what is left."""

from __future__ import annotations

from grilse.tables.columns import batch, category, date, decimal, flag, key, reference, text, time
from grilse.tables.schema import Column, Table

__all__ = [
    "FEED_CONSUMPTION",
    "FEED_LOT",
    "FEED_PURCHASE",
    "FEED_STOCK",
    "FEED_STORE",
    "PURCHASE_REASONS",
    "STORE_KINDS",
    "SUPPLIER",
]

STORE_KINDS = ("silo", "barge")
PURCHASE_REASONS = ("FIRST", "REORDER", "EXPRESS")


def _store() -> Column:
    return reference("store_id", "feed_store.store_id", "The store.", narrow=True)


def _feed() -> Column:
    return reference("feed_id", "feed.feed_id", "The feed.", narrow=True)


def _price() -> Column:
    return decimal("price_eur", 8, 4, "EUR/kg", "Its price a kilogram.")


def _cost(description: str) -> Column:
    return decimal("cost_eur", 18, 6, "EUR", description)


SUPPLIER = Table(
    name="supplier",
    description="Who delivers feed; the names are invented.",
    owner="farm",
    columns=(
        Column("supplier_id", "int32", "Key, by the order of the parameters."),
        text("name", "Its name."),
    ),
    primary_key=("supplier_id",),
    sort=("supplier_id",),
)

FEED_STORE = Table(
    name="feed_store",
    description="A feed store: the silo of a hall, or the barge of an area.",
    owner="farm",
    columns=(
        Column("store_id", "int32", "Key: that of its hall or area."),
        reference("hall_id", "hall.hall_id", "Its hall, on land.", nullable=True, narrow=True),
        reference("area_id", "area.area_id", "Its area, at sea.", nullable=True, narrow=True),
        text("name", "Its name."),
        category("kind", STORE_KINDS, "Silo or barge."),
        decimal("capacity_kg", 14, 2, "kg", "Most feed that it holds."),
    ),
    primary_key=("store_id",),
    sort=("store_id",),
)

FEED_PURCHASE = Table(
    name="feed_purchase",
    description="An order of one feed for one store; it comes as one lot, or as several.",
    owner="store",
    columns=(
        key("purchase_id", "Key: store, feed, order day, reason."),
        date("order_date", "The day it was ordered."),
        date("due_date", "The day it is to be delivered."),
        _store(),
        _feed(),
        reference("supplier_id", "supplier.supplier_id", "Who delivers it.", narrow=True),
        category("reason", PURCHASE_REASONS, "Called for by a batch, low, or short on the day."),
        decimal("quantity_kg", 12, 2, "kg", "How much was ordered."),
        _price(),
        _cost("Quantity times price."),
    ),
    primary_key=("purchase_id",),
    sort=("purchase_id",),
    event_date="order_date",
    future=("due_date",),
)

FEED_LOT = Table(
    name="feed_lot",
    description="A delivery into a store; lots of a feed are eaten in the order they came in, "
    "those of a morning by their keys, express last.",
    owner="store",
    columns=(
        key("lot_id", "Key: purchase, part of it."),
        date("arrival_date", "The day it came, before the first meal."),
        reference("purchase_id", "feed_purchase.purchase_id", "The order."),
        _store(),
        _feed(),
        reference("supplier_id", "supplier.supplier_id", "Who delivered it.", narrow=True),
        flag("is_express", "Whether it came the day it was short, and was eaten at once."),
        decimal("quantity_kg", 12, 2, "kg", "How much came."),
        _price(),
        _cost("Quantity times price."),
        date("expiry_date", "The day it should be eaten by."),
    ),
    primary_key=("lot_id",),
    sort=("lot_id",),
    event_date="arrival_date",
    future=("expiry_date",),
)

FEED_CONSUMPTION = Table(
    name="feed_consumption",
    description="What one feeding ate of one lot.",
    owner="store",
    columns=(
        key("consumption_id", "Key: the feeding's, plus 16 for each older lot it ate from."),
        time("feeding_time", "When it was eaten."),
        batch(),
        reference("feeding_event_id", "feeding_event.feeding_event_id", "The feeding."),
        reference("lot_id", "feed_lot.lot_id", "The lot."),
        decimal("amount_kg", 9, 2, "kg", "How much."),
    ),
    primary_key=("consumption_id",),
    sort=("consumption_id",),
    event_date="feeding_time",
    bulk=True,
)

FEED_STOCK = Table(
    name="feed_stock",
    description="A day on which a feed came into a store or was eaten; else its level stays.",
    owner="store",
    columns=(
        key("stock_id", "Key: store, feed, day."),
        date("stock_date", "The day."),
        _store(),
        _feed(),
        decimal("received_kg", 12, 2, "kg", "What came, express lots included."),
        decimal("fed_kg", 12, 2, "kg", "What was eaten."),
        decimal("level_kg", 12, 2, "kg", "What is left in the evening."),
    ),
    primary_key=("stock_id",),
    sort=("stock_id",),
    event_date="stock_date",
)
