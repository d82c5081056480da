"""Rows of some stores: purchases, lots, what feedings ate of them, and the daily level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grilse.biology.ration import pellets
from grilse.ground.days import MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR
from grilse.ground.draws import Draws
from grilse.ground.parameters import Parameters
from grilse.ledger.book import EXPRESS, Lot, Order, keep_book
from grilse.ledger.demand import BatchDemand, Call, Feedings, gathered
from grilse.ledger.fifo import eaten
from grilse.ledger.line import lines
from grilse.ledger.price import Price, prices
from grilse.ledger.rule import STEPS_PER_KG, Rule, rule_of
from grilse.tables import keys
from grilse.tables.catalogue import feed as tables
from grilse.tables.schema import Table

__all__ = ["StoreInfo", "store_rows"]

_KEYS_A_DAY = 256

Columns = Mapping[str, Any]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """A store whose book is kept.

    Attributes
    ----------
    store_id
        Id of its hall or area.
    geography, place
        Names by which its draws are keyed.
    capacity_kg
        Most that it holds.
    """

    store_id: int
    geography: str
    place: str
    capacity_kg: float


@dataclass(frozen=True, slots=True)
class _Kept:
    """A store with its book: orders with their prices, lots, and what of each line was drawn."""

    store: StoreInfo
    origin: int
    orders: Sequence[Order]
    paid: Mapping[Order, Price]
    lots: Sequence[Lot]
    draw: Whole


def store_rows(
    stores: Sequence[StoreInfo],
    demands: Iterable[BatchDemand],
    parameters: Parameters,
    draws: Draws,
    as_of: int,
) -> Iterator[tuple[Table, Columns]]:
    """Yield the rows of some stores, each table at most once, keys ascending.

    Parameters
    ----------
    stores
        Whose ids follow each other.
    demands
        Of every batch that draws on any of them, by ascending number; what they want of other
        stores is left aside.
    parameters, draws
        The rule, the prices and the keyed source of chance.
    as_of
        Day number up to which books are kept.
    """
    places = range(stores[0].store_id, stores[-1].store_id + 1)
    fed, calls = gathered(demands, places)
    kept = [_keep(store, fed, calls, parameters, draws, as_of) for store in stores]
    books = [book for book in kept if book is not None]
    yield from _bought(books, rule_of(parameters))
    if len(fed.event_id):
        yield tables.FEED_CONSUMPTION, _consumed(books, fed, parameters)
    yield from _stocks(books)


def _keep(
    store: StoreInfo,
    fed: Feedings,
    every_call: Iterable[Call],
    parameters: Parameters,
    draws: Draws,
    as_of: int,
) -> _Kept | None:
    """Keep a store's book; None where no batch ever wanted anything of it."""
    mine = np.flatnonzero(fed.place_id == store.store_id)
    calls = [call for call in every_call if call.place_id == store.store_id]
    days = [call.day for call in calls]
    days += [int(fed.day[mine].min())] if len(mine) else []
    if not days:
        return None
    origin = min(days)
    draw, foreseen = _by_day(fed, mine, len(pellets(parameters)), origin, as_of - origin)
    capacity_10g = int(store.capacity_kg * STEPS_PER_KG)
    rule, called = rule_of(parameters), _called(calls, origin)
    feeds = {feed for wanted in called.values() for feed, _ in wanted}
    held = lines(draw, foreseen, feeds, capacity_10g, rule)
    orders, lots = keep_book(held, called, capacity_10g, rule, as_of - origin)
    names = (store.geography, store.place)
    paid = dict(zip(orders, prices(parameters, draws, names, orders, origin), strict=True))
    return _Kept(store, origin, orders, paid, lots, draw)


def _by_day(fed: Feedings, rows: Whole, feeds: int, origin: int, days: int) -> tuple[Whole, Whole]:
    """Add up by feed and day what was fed, and what is known to be wanted still."""
    cell = fed.feed[rows] * days + (fed.day[rows] - origin)
    amount = fed.amount_10g[rows].astype(np.float64)
    # Sums of whole numbers below 2**53 are exact in doubles, in any order.
    both = [
        np.bincount(cell, weights, minlength=feeds * days).astype(np.int64).reshape(feeds, days)
        for weights in (amount, amount * fed.horizon[rows])
    ]
    return both[0], both[1]


def _called(calls: Iterable[Call], origin: int) -> dict[int, list[tuple[int, int]]]:
    """Gather calls by day of the store, each feed once a day."""
    wanted: dict[int, dict[int, int]] = {}
    for call in calls:
        feeds = wanted.setdefault(call.day - origin, {})
        feeds[call.feed] = feeds.get(call.feed, 0) + call.daily_10g
    return {day: sorted(feeds.items()) for day, feeds in wanted.items()}


def _bought(books: Sequence[_Kept], rule: Rule) -> Iterator[tuple[Table, Columns]]:
    orders = [(book, order) for book in books for order in _in_key_order(book.orders)]
    if orders:
        yield tables.FEED_PURCHASE, _purchases(orders)
    lots = [
        (book, lot)
        for book in books
        for lot in sorted(book.lots, key=lambda lot: (*_key_of(lot.order), lot.part))
    ]
    if lots:
        yield tables.FEED_LOT, _lots(lots, rule)


def _in_key_order(orders: Iterable[Order]) -> list[Order]:
    return sorted(orders, key=_key_of)


def _key_of(order: Order) -> tuple[int, int, int]:
    return order.feed, order.day, order.kind


def _purchases(orders: Sequence[tuple[_Kept, Order]]) -> Columns:
    day = np.array([book.origin + order.day for book, order in orders])
    amount = np.array([order.amount_10g for _, order in orders])
    return {
        "purchase_id": _purchase_ids(orders),
        "order_date": day,
        "due_date": day + np.array([order.due - order.day for _, order in orders]),
        "reason": np.array([order.kind for _, order in orders]),
        **_bought_columns(orders, amount),
    }


def _lots(lots: Sequence[tuple[_Kept, Lot]], rule: Rule) -> Columns:
    orders = [(book, lot.order) for book, lot in lots]
    day = np.array([book.origin + lot.day for book, lot in lots])
    purchase, part = _purchase_ids(orders), np.array([lot.part for _, lot in lots])
    return {
        "lot_id": keys.lot_id(purchase, part),
        "arrival_date": day,
        "purchase_id": purchase,
        "is_express": np.array([lot.order.kind == EXPRESS for _, lot in lots]),
        "expiry_date": day + rule.shelf_days,
        **_bought_columns(orders, np.array([lot.amount_10g for _, lot in lots])),
    }


def _bought_columns(orders: Sequence[tuple[_Kept, Order]], amount: Whole) -> Columns:
    price = np.array([book.paid[order][1] for book, order in orders])
    return {
        "store_id": np.array([book.store.store_id for book, _ in orders]),
        "feed_id": np.array([order.feed + 1 for _, order in orders]),
        "supplier_id": np.array([book.paid[order][0] + 1 for book, order in orders]),
        "quantity_kg": amount,
        "price_eur": price,
        "cost_eur": amount * price,
    }


def _purchase_ids(orders: Sequence[tuple[_Kept, Order]]) -> Whole:
    store = np.array([book.store.store_id for book, _ in orders])
    feed = np.array([order.feed + 1 for _, order in orders])
    day = np.array([book.origin + order.day for book, order in orders])
    kind = np.array([order.kind for _, order in orders])
    return keys.purchase_id(keys.stock_id(store, feed, day), kind)


def _consumed(books: Sequence[_Kept], fed: Feedings, parameters: Parameters) -> Columns:
    feeds = len(pellets(parameters))
    lots = [
        (book, lot) for book in books for lot in sorted(book.lots, key=lambda lot: lot.order.feed)
    ]
    # Sorted by feed alone, lots stay in the order in which they came.
    lot_line = np.array([book.store.store_id * feeds + lot.order.feed for book, lot in lots])
    lot_amount = np.array([lot.amount_10g for _, lot in lots])
    lot_id = keys.lot_id(
        _purchase_ids([(book, lot.order) for book, lot in lots]),
        np.array([lot.part for _, lot in lots]),
    )
    hours = np.array(parameters.numbers("feeding.meal_hours"), np.int64)
    line = fed.place_id * feeds + fed.feed
    first = int(lot_line.min())
    pieces = eaten(
        line - first,
        (fed.day - int(fed.day.min())) * len(hours) + fed.meal,
        fed.amount_10g,
        lot_line - first,
        lot_amount,
    )
    of = pieces.feeding
    event = fed.event_id[of]
    time = fed.day * MICROSECONDS_PER_DAY + hours[fed.meal] * MICROSECONDS_PER_HOUR
    return _in_order(
        "consumption_id",
        {
            "consumption_id": keys.consumption_id(event, pieces.piece),
            "feeding_time": time[of],
            "batch_id": fed.batch[of],
            "feeding_event_id": event,
            "lot_id": lot_id[pieces.lot],
            "amount_kg": pieces.amount,
        },
    )


def _in_order(key: str, columns: dict[str, Whole]) -> Columns:
    """Put rows into the order of a key that ascends but within a container's day, in place.

    A day's second meal has a lesser key than what its first one ate of a second lot. Few days are
    so: only they are moved.
    """
    back = np.flatnonzero(np.diff(columns[key]) < 0)
    if len(back):
        day = columns[key] // _KEYS_A_DAY
        days = np.unique(day[back])
        ends = zip(*(np.searchsorted(day, days, side) for side in ("left", "right")), strict=True)
        moved = np.concatenate([np.arange(first, end) for first, end in ends])
        order = moved[np.argsort(columns[key][moved], kind="stable")]
        for column in columns.values():
            column[moved] = column[order]
    return columns


def _stocks(books: Sequence[_Kept]) -> Iterator[tuple[Table, Columns]]:
    parts = [part for book in books for part in _stock(book)]
    if parts:
        yield (
            tables.FEED_STOCK,
            {name: np.concatenate([part[name] for part in parts]) for name in parts[0]},
        )


def _stock(book: _Kept) -> Iterator[dict[str, Whole]]:
    """Yield the days on which each feed of a store came or was eaten."""
    feeds, days = book.draw.shape
    received = np.zeros((feeds, days), np.int64)
    for lot in book.lots:
        received[lot.order.feed, lot.day] += lot.amount_10g
    for feed in np.flatnonzero(received.any(axis=1)):
        level = np.cumsum(received[feed] - book.draw[feed])
        there = np.flatnonzero((received[feed] > 0) | (book.draw[feed] > 0))
        store, date = np.full(len(there), book.store.store_id), book.origin + there
        yield {
            "stock_id": keys.stock_id(store, feed + 1, date),
            "stock_date": date,
            "store_id": store,
            "feed_id": np.full(len(there), feed + 1),
            "received_kg": received[feed][there],
            "fed_kg": book.draw[feed][there],
            "level_kg": level[there],
        }
