"""Two accounts of one thing, day by day, compared without being laid side by side.

The true state tells how many fish died in a container on a day; so do the events of that day. Each
amount is multiplied by a number that its assignment and day make (a mix of their bits), and all are
added up modulo 2**64. If both accounts tell the same on every day, their sums are equal; if they
differ anywhere, the sums are equal by chance once in 2**64. So millions of rows are compared at the
price of adding them up, and only where sums differ need the days be looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grilse.verify.runs import Columns, Runs

__all__ = [
    "ACCOUNTS", "BATCH_DAYS", "EATEN", "EATEN_OF", "Books", "Stores", "accounts_of", "differences",
]  # fmt: skip

ACCOUNTS: Mapping[str, Mapping[str, str]] = {
    "true_daily_state": {
        "dead": "mortality_count",
        "removed": "removed_count",
        "feed": "feed_kg",
    },
    "mortality_event": {"dead": "dead_count"},
    "harvest_event": {"removed": "fish_count"},
    "cull_event": {"removed": "fish_count"},
    "escape_event": {"removed": "fish_count"},
    "feeding_event": {"feed": "amount_kg"},
    "analysis_daily_state": {
        "batch_containers": "",
        "batch_fish": "population_count",
        "batch_kilos": "biomass_kg",
        "batch_dead": "mortality_count",
        "batch_feed": "feed_kg",
    },
    "analysis_batch_day": {
        "batch_containers": "container_count",
        "batch_fish": "population_count",
        "batch_kilos": "biomass_kg",
        "batch_dead": "mortality_count",
        "batch_feed": "feed_kg",
    },
}
"""For each table, its accounts and the columns that tell them; a row tells one without a column."""

BATCH_DAYS = tuple(ACCOUNTS["analysis_batch_day"])
"""The accounts of a batch's days by analysis, as its containers tell them and as it does."""

EATEN, EATEN_OF = "eaten", "eaten_of"
"""The accounts of what each feeding gave, and was eaten of lots: in all, and by feed and store."""

_BY_FEEDING = {"feeding_event": "amount_kg", "feed_consumption": "amount_kg"}
_BY_BATCH = frozenset({"analysis_daily_state", "analysis_batch_day"})
"""Tables whose accounts are of a batch's days, not of an assignment's."""

_DEBIT = frozenset({"true_daily_state", "feed_consumption", "analysis_batch_day"})
"""Tables that tell an account a second time; what they tell is taken from the others'."""

Books = Mapping[str, int]
Words = NDArray[np.uint64]

_DAYS = 1 << 16
_STORES = 1 << 32
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFT = np.uint64(31)


@dataclass(frozen=True)
class Stores:
    """Whose feed is eaten where.

    Attributes
    ----------
    of_container
        The store of each container.
    of_lot
        Feed and store of each lot.
    """

    of_container: Mapping[int, int]
    of_lot: Mapping[int, tuple[int, int]]


def accounts_of(rows: Runs, stores: Stores | None = None) -> Books:
    """Add up the accounts that some rows tell; empty for tables that tell none.

    Parameters
    ----------
    stores
        Whose feed is eaten where; without it nothing is told by feed and store.
    """
    books: dict[str, int] = {}
    columns = ACCOUNTS.get(rows.table.name)
    if columns is not None:
        weight = _mixed(_days(rows))
        books = {account: _sum(rows.columns, name, weight) for account, name in columns.items()}
    if rows.table.name in _BY_FEEDING:
        books |= _eaten(rows, stores)
    return books


def _days(rows: Runs) -> NDArray[np.int64]:
    """Give the day and place of each row a number."""
    if rows.table.name in _BY_BATCH:
        batch = rows.columns["batch_id"].astype(np.int64)
        return batch * _DAYS + rows.columns["state_date"]
    assert rows.time is not None, "tables with accounts by assignment are tables of events"
    return rows.columns["assignment_id"].astype(np.int64) * _DAYS + rows.time


def _sum(columns: Columns, name: str, weight: Words) -> int:
    told = columns[name].astype(np.uint64) * weight if name else weight
    return int(told.sum(dtype=np.uint64))


def _eaten(rows: Runs, stores: Stores | None) -> Books:
    """Add up what was eaten by feedings, and by feed and store, which the rows of a run share."""
    amount = rows.columns[_BY_FEEDING[rows.table.name]].astype(np.uint64)
    weight = _mixed(rows.columns["feeding_event_id"])
    by_run = np.add.reduceat(amount * weight, rows.starts)
    books = {EATEN: int(by_run.sum(dtype=np.uint64))}
    if stores is not None:
        factor = _mixed(_stores(rows, stores))
        books[EATEN_OF] = int((by_run * factor).sum(dtype=np.uint64))
    return books


def _stores(rows: Runs, stores: Stores) -> NDArray[np.int64]:
    """Give feed and store of each run a number; 0 where its container or lot is none."""
    if rows.table.name == "feed_consumption":
        lots = rows.columns["lot_id"][rows.starts].tolist()
        pairs = [stores.of_lot.get(lot) for lot in lots]
    else:
        feeds = rows.columns["feed_id"][rows.starts].tolist()
        places = rows.columns["container_id"][rows.starts].tolist()
        there = [stores.of_container.get(place) for place in places]
        pairs = [
            None if store is None else (feed, store)
            for feed, store in zip(feeds, there, strict=True)
        ]
    return np.array([0 if pair is None else pair[0] * _STORES + pair[1] for pair in pairs])


def _mixed(values: NDArray[np.int64]) -> Words:
    """Mix the bits of each number; 0 stays 0."""
    mixed = values.astype(np.uint64)
    for factor in (_FIRST, _SECOND):
        mixed *= factor
        mixed ^= mixed >> _SHIFT
    return mixed


def differences(parts: Iterable[tuple[str, Books]]) -> list[str]:
    """Name the accounts that do not balance, from the books of all parts with their tables."""
    open_sums: dict[str, int] = {}
    for table, books in parts:
        sign = -1 if table in _DEBIT else 1
        for account, amount in books.items():
            open_sums[account] = open_sums.get(account, 0) + sign * amount
    return [account for account, left in open_sums.items() if left % 2**64]
