"""Rows of both sides, matched by their primary key and compared column by column, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from grilse.compare.result import ONLY_A, ONLY_B, ROWS, Example, Findings
from grilse.compare.tolerance import Tolerances
from grilse.tables.fingerprint import canonical
from grilse.tables.schema import Column, Table

__all__ = ["compare_rows"]

Places = NDArray[np.int64]


@dataclass(frozen=True)
class _Side:
    """Some rows of a table, by ascending key."""

    table: Table
    rows: pa.RecordBatch

    @cached_property
    def order(self) -> Places | None:
        """Places of the rows by ascending key; None where they ascend as they are."""
        key = self._raw(self.table.primary_key[0])
        return None if (key[1:] > key[:-1]).all() else np.argsort(key, kind="stable")

    @cached_property
    def key(self) -> NDArray[np.int64]:
        """Their keys, ascending."""
        return self.column(self.table.primary_key[0])

    @cached_property
    def batch(self) -> NDArray[np.int64] | None:
        """The batch of each row; None where the table has none."""
        return self.column("batch_id") if self.table.has_column("batch_id") else None

    def column(self, name: str) -> NDArray[np.int64]:
        """Return a column's canonical integers, by ascending key."""
        values = self._raw(name)
        return values if self.order is None else values[self.order]

    def _raw(self, name: str) -> NDArray[np.int64]:
        return canonical(self.table.column(name), self.rows.column(name))

    def said(self, name: str, place: int) -> str:
        """Return a value as people write it."""
        row = place if self.order is None else int(self.order[place])
        value = self.rows.column(name)[row].as_py()
        return "none" if value is None else str(value)


@dataclass(frozen=True)
class _Match:
    """Which rows of the two sides have one key: places in either, and what is left over."""

    a: Places | slice
    b: Places | slice
    only_a: Places
    only_b: Places


def compare_rows(
    table: Table, a: pa.RecordBatch, b: pa.RecordBatch, tolerances: Tolerances, most_examples: int
) -> Findings:
    """Compare some rows of a table with those of the other side.

    Parameters
    ----------
    table
        Whose columns they have, in its order and types.
    a, b
        All rows of either side within a range of keys.
    tolerances
        How far apart values may lie.
    most_examples
        Examples of each column.

    Returns
    -------
    Findings
        Of rows that stand more than once on a side the first counts as matched.
    """
    sides = _Side(table, a), _Side(table, b)
    match = _matched(sides[0].key, sides[1].key)
    parts = [
        _missing(sides[0], match.only_a, ONLY_A, most_examples),
        _missing(sides[1], match.only_b, ONLY_B, most_examples),
        *_changed(table, sides, match, tolerances, most_examples),
    ]
    return Findings.joined(parts, most_examples)


def _matched(a: NDArray[np.int64], b: NDArray[np.int64]) -> _Match:
    none = np.empty(0, np.int64)
    if np.array_equal(a, b):
        return _Match(slice(None), slice(None), none, none)
    first_a, first_b = _first_of_its_key(a), _first_of_its_key(b)
    place = np.searchsorted(b, a)
    there = place < len(b)
    there[there] = b[place[there]] == a[there]
    there &= first_a
    in_b = np.zeros(len(b), bool)
    in_b[place[there]] = True
    return _Match(
        np.flatnonzero(there), place[there], np.flatnonzero(~there),
        np.flatnonzero(~(in_b & first_b)),
    )  # fmt: skip


def _first_of_its_key(key: NDArray[np.int64]) -> NDArray[np.bool_]:
    first = np.ones(len(key), bool)
    first[1:] = key[1:] != key[:-1]
    return first


def _missing(side: _Side, places: Places, where: str, most_examples: int) -> Findings:
    """Tell rows that the other side lacks."""
    if not len(places):
        return Findings()
    batch = None if side.batch is None else side.batch[places]
    examples = tuple(
        Example(where, None if batch is None else int(batch[i]), int(side.key[places[i]]))
        for i in range(min(most_examples, len(places)))
    )
    return Findings(_by_batch(batch, len(places), where), {where: examples})


def _by_batch(
    batch: NDArray[np.int64] | None, rows: int, column: str
) -> dict[tuple[int | None, str], int]:
    """Count rows by their batch, under a column's name."""
    if batch is None:
        return {(None, column): rows}
    numbers, counts = np.unique(batch, return_counts=True)
    return {(int(n), column): int(c) for n, c in zip(numbers, counts, strict=True)}


def _changed(
    table: Table,
    sides: tuple[_Side, _Side],
    match: _Match,
    tolerances: Tolerances,
    most_examples: int,
) -> Iterator[Findings]:
    """Yield what differs in each column of the rows that both sides have."""
    any_differs: NDArray[np.bool_] | None = None
    batch = None if sides[0].batch is None else sides[0].batch[match.a]
    for column in table.columns[1:] if table.primary_key[0] == table.columns[0].name else (
        table.columns
    ):  # fmt: skip
        if tolerances.ignores(table.name, column.name):
            continue
        differs = _differs(table, column, sides, match, tolerances)
        if differs is None:
            continue
        any_differs = differs if any_differs is None else any_differs | differs
        places = np.flatnonzero(differs)
        some = None if batch is None else batch[places]
        told = tuple(_examples(column.name, sides, match, places[:most_examples]))
        yield Findings(_by_batch(some, len(places), column.name), {column.name: told})
    if any_differs is not None:
        places = np.flatnonzero(any_differs)
        yield Findings(_by_batch(None if batch is None else batch[places], len(places), ROWS))


def _differs(
    table: Table,
    column: Column,
    sides: tuple[_Side, _Side],
    match: _Match,
    tolerances: Tolerances,
) -> NDArray[np.bool_] | None:
    """Say which matched rows differ in a column by more than is tolerated; None where none does."""
    a, b = sides[0].column(column.name)[match.a], sides[1].column(column.name)[match.b]
    differs: NDArray[np.bool_] = a != b
    if not differs.any():
        return None
    tolerance = tolerances.of(table.name, column.name)
    if tolerance is not None and column.kind not in ("text", "category", "bool"):
        is_missing = _missing_in(sides[0], column, match.a) | _missing_in(
            sides[1], column, match.b
        )  # fmt: skip
        differs &= is_missing | tolerance.exceeded(column, a, b)
    return differs if differs.any() else None


def _missing_in(side: _Side, column: Column, places: Places | slice) -> NDArray[np.bool_]:
    array = side.rows.column(column.name)
    missing: NDArray[np.bool_] = np.asarray(array.is_null())
    missing = missing if side.order is None else missing[side.order]
    found: NDArray[np.bool_] = missing[places]
    return found


def _examples(
    name: str, sides: tuple[_Side, _Side], match: _Match, places: Places
) -> Iterator[Example]:
    at: Callable[[Any, int], int] = lambda side, i: i if isinstance(side, slice) else int(side[i])  # noqa: E731
    for i in map(int, places):
        row_a, row_b = at(match.a, i), at(match.b, i)
        batch = None if sides[0].batch is None else int(sides[0].batch[row_a])
        a, b = sides[0].said(name, row_a), sides[1].said(name, row_b)
        yield Example(name, batch, int(sides[0].key[row_a]), a, b)
