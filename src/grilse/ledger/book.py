"""A store's book: orders, deliveries and shortfalls in simulated time, from event to event.

A day has three parts. In the morning come the deliveries that are due, as far as there is room.
Then the fish are fed; what is missing comes the same day as an express lot and is eaten at once. In
the evening feeds are ordered that batches have given notice of, and lines that are low. Nothing is
decided by what comes later, and the ledger never changes what is fed.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from grilse.ledger.line import Line
from grilse.ledger.rule import Rule

__all__ = ["EXPRESS", "FIRST", "KINDS", "MAX_PARTS", "REORDER", "Lot", "Order", "keep_book"]

FIRST, REORDER, EXPRESS = 0, 1, 2
KINDS = ("FIRST", "REORDER", "EXPRESS")
"""Why something was ordered: a batch called for it, the line was low, the day was short."""

MAX_PARTS = 64
"""Most deliveries of one order."""

_THOUSAND = 1000
_NEVER = 1 << 40


class Order(NamedTuple):
    """An order, by days of the store.

    Attributes
    ----------
    feed, day, kind
        What, on what day, and why (see `KINDS`).
    amount_10g
        How much.
    due
        The day it is to be delivered on.
    """

    feed: int
    day: int
    kind: int
    amount_10g: int
    due: int


class Lot(NamedTuple):
    """A delivery, the whole of an order or the `part`-th part of it, from 0."""

    order: Order
    part: int
    day: int
    amount_10g: int


class _Account:
    """A line as the book has it: what was ordered, what has come, and when it is next due."""

    __slots__ = ("arrived", "drawn", "line", "next_order", "next_short", "ordered")

    def __init__(self, line: Line) -> None:
        self.line = line
        self.ordered = self.arrived = 0
        self.drawn: Callable[[int], int] = line.drawn.item
        self.look_ahead()

    def look_ahead(self) -> None:
        """Find the next days on which it is low and short, if nothing comes before."""
        self.next_order = int(self.line.due.searchsorted(self.ordered))
        self.next_short = int(self.line.drawn.searchsorted(self.arrived, "right"))


@dataclass(slots=True)
class _Delivery:
    """What is still to come of an order."""

    due: int
    order: Order
    rest_10g: int
    part: int = 0


def _turn(delivery: _Delivery) -> tuple[int, int, int]:
    """Return by what it comes: of those of a morning, what was ordered first comes first."""
    return delivery.due, delivery.order.day, delivery.order.kind


class _Book:
    def __init__(self, lines: Iterable[Line], capacity_10g: int, rule: Rule, days: int) -> None:
        self.accounts = {line.feed: _Account(line) for line in lines}
        self.orders: list[Order] = []
        self.lots: list[Lot] = []
        self._capacity = capacity_10g
        self._rule = rule
        self._coming: list[_Delivery] = []
        # Of all lines together: what was ordered, what has come, and what is drawn up to each day.
        self._ordered = self._arrived = 0
        drawn = np.zeros(days + 1, np.int64)
        for account in self.accounts.values():
            drawn[:-1] += account.line.drawn
        self._drawn: Callable[[int], int] = drawn.item

    def next_day(self) -> int:
        """Return the next day on which anything is to be done, calls apart."""
        day = self._coming[0].due if self._coming else _NEVER
        for account in self.accounts.values():
            day = min(day, account.next_order, account.next_short)
        return day

    def pass_day(self, day: int, calls: Sequence[tuple[int, int]]) -> None:
        """Do what is to be done on a day; `calls` are feeds and what of them is expected a day."""
        self._receive(day)
        for account in self.accounts.values():
            if account.next_short == day:
                self._send_for(day, account)
        for feed, daily_10g in calls:
            self._order_first(day, feed, daily_10g)
        for account in self.accounts.values():
            if account.next_order == day:
                self._reorder(day, account)

    def _receive(self, day: int) -> None:
        """Take in what is due, as far as there is room; the rest comes another day."""
        while self._coming and self._coming[0].due <= day:
            delivery = self._coming.pop(0)
            part = self._fitting(day, delivery)
            if part:
                self._arrive(day, delivery, part)
            if delivery.rest_10g:
                delivery.due = day + 1
                insort(self._coming, delivery, key=_turn)

    def _fitting(self, day: int, delivery: _Delivery) -> int:
        # The last entry, that of the day before the first, is 0.
        level = self._arrived - self._drawn(day - 1)
        part = min(delivery.rest_10g, self._capacity - level)
        if part == delivery.rest_10g:
            return part
        least = self._capacity * self._rule.least_delivery // _THOUSAND
        is_worth_it = part >= max(least, 1) and delivery.part < MAX_PARTS - 1
        return part if is_worth_it else 0

    def _arrive(self, day: int, delivery: _Delivery, part: int) -> None:
        self.lots.append(Lot(delivery.order, delivery.part, day, part))
        delivery.rest_10g -= part
        delivery.part += 1
        account = self.accounts[delivery.order.feed]
        account.arrived += part
        self._arrived += part
        account.look_ahead()

    def _send_for(self, day: int, account: _Account) -> None:
        """Order by express what a day is short of: it comes, and is eaten, the same day."""
        short = account.drawn(day) - account.arrived
        order = Order(account.line.feed, day, EXPRESS, short, day)
        self.orders.append(order)
        self.lots.append(Lot(order, 0, day, short))
        account.ordered += short
        account.arrived += short
        self._ordered += short
        self._arrived += short
        account.look_ahead()

    def _order_first(self, day: int, feed: int, daily_10g: int) -> None:
        """Order a feed that batches have called for, if what there is of it does not do."""
        account = self.accounts.get(feed)
        if account is None:
            return
        wanted = daily_10g * self._rule.first_lot_days
        self._order(day, account, FIRST, min(wanted, self._top_up()))

    def _reorder(self, day: int, account: _Account) -> None:
        self._order(day, account, REORDER, int(account.line.target[day]))
        account.look_ahead()

    def _order(self, day: int, account: _Account, kind: int, up_to: int) -> None:
        """Order as much as makes stock and orders so much, in whole packs."""
        held = account.ordered - account.drawn(day)
        # What is in the store in the evening, with what is on order, is taken from its room.
        room = self._capacity - (self._ordered - self._drawn(day))
        least = int(account.line.reorder[day]) + 1 - held if kind == REORDER else 0
        amount = max(min(up_to - held, room), least)
        if amount <= 0:
            return
        pack = self._rule.pack_10g
        packed = -(-amount // pack) * pack
        order = Order(account.line.feed, day, kind, packed, day + self._rule.lead_days)
        self.orders.append(order)
        insort(self._coming, _Delivery(order.due, order, packed), key=_turn)
        account.ordered += packed
        self._ordered += packed
        account.look_ahead()

    def _top_up(self) -> int:
        return self._capacity * self._rule.top_up // _THOUSAND


def keep_book(
    lines: Sequence[Line],
    calls: Mapping[int, Sequence[tuple[int, int]]],
    capacity_10g: int,
    rule: Rule,
    days: int,
) -> tuple[list[Order], list[Lot]]:
    """Return a store's orders and lots.

    Parameters
    ----------
    lines
        Of the store.
    calls
        By day of the store, feeds and what of each is expected a day, each feed once a day.
    capacity_10g
        Of the store: what lies in it never is more.
    rule
        By which it orders.
    days
        Up to which day, from 0, the book is kept.

    Returns
    -------
    tuple of lists
        In the order of their days; a day's express lots come last of its lots.
    """
    book = _Book(lines, capacity_10g, rule, days)
    noticed = sorted(calls)
    while True:
        day = min(book.next_day(), noticed[0] if noticed else _NEVER)
        if day >= days:
            return book.orders, book.lots
        if noticed and noticed[0] == day:
            noticed.pop(0)
        book.pass_day(day, calls.get(day, ()))
