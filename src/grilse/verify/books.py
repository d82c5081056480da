"""Two accounts of one thing, day by day, compared without being laid side by side.

The true state tells how many fish died in a container on a day; so do the events of that day. Each
amount is multiplied by a number that its assignment and day make (a mix of their bits), and all are
added up modulo 2**64. If both accounts tell the same on every day, their sums are equal; if they
differ anywhere, the sums are equal by chance once in 2**64. So millions of rows are compared at the
price of adding them up, and only where sums differ need the days be looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from grilse.verify.runs import Runs

__all__ = ["ACCOUNTS", "EATEN", "Books", "accounts_of", "differences"]

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
}
"""For each table, its accounts and the columns that tell them."""

EATEN = "eaten"
"""The account of what each feeding gave, and what was eaten of lots by it."""

_BY_FEEDING = {"feeding_event": "amount_kg", "feed_consumption": "amount_kg"}
_DEBIT = frozenset({"true_daily_state", "feed_consumption"})
"""Tables that tell an account a second time; what they tell is taken from the others'."""

Books = Mapping[str, int]

_DAYS = 1 << 16
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFT = np.uint64(31)


def accounts_of(rows: Runs) -> Books:
    """Add up the accounts that some rows tell; empty for tables that tell none."""
    books: dict[str, int] = {}
    columns = ACCOUNTS.get(rows.table.name)
    if columns is not None and rows.time is not None:
        days = rows.columns["assignment_id"].astype(np.int64) * _DAYS + rows.time
        weight = _mixed(days)
        books = {account: _sum(rows, name, weight) for account, name in columns.items()}
    if rows.table.name in _BY_FEEDING:
        weight = _mixed(rows.columns["feeding_event_id"])
        books[EATEN] = _sum(rows, _BY_FEEDING[rows.table.name], weight)
    return books


def _sum(rows: Runs, name: str, weight: NDArray[np.uint64]) -> int:
    return int((rows.columns[name].astype(np.uint64) * weight).sum(dtype=np.uint64))


def _mixed(values: NDArray[np.int64]) -> NDArray[np.uint64]:
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
