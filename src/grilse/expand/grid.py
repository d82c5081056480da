"""Container-days as flat columns: the shape that all daily tables are written in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grilse.schedule.injected import Met, events_met
from grilse.simulate.state import BatchState, Floats, Ints, StayState
from grilse.tables import keys
from grilse.tables.schema import Table, storage_dtype

__all__ = [
    "Columns",
    "Grid",
    "biomass_10g",
    "chosen",
    "empty_columns",
    "from_rows",
    "joined",
    "met_by",
    "milligrams",
]

Columns = Mapping[str, Any]


@dataclass(frozen=True)
class Grid:
    """Some container-days of a stay, in the order of container, then day.

    Attributes
    ----------
    state, stay
        Whose they are.
    row, column
        Place of the container and of the day in the stay's arrays, shape (container-days,).
    """

    state: BatchState
    stay: StayState
    row: Ints
    column: Ints

    @cached_property
    def day_of_life(self) -> Ints:
        """Day of the batch's life."""
        return self.stay.start_day + self.column

    @cached_property
    def date(self) -> Ints:
        """Day number."""
        return self.state.plan.start + self.day_of_life

    @cached_property
    def assignment(self) -> Ints:
        """Key of the assignment."""
        return keys.assignment_id(self.state.plan.number, self.stay.first_slot + self.row)

    @cached_property
    def day_key(self) -> Ints:
        """Key of the container-day."""
        return keys.day_key(self.assignment, self.day_of_life)

    @cached_property
    def container(self) -> Ints:
        """Key of the container."""
        return self.stay.container_ids[self.row]

    def of(self, array: NDArray[Any]) -> NDArray[Any]:
        """Pick these container-days from an array of shape (containers, days)."""
        picked: NDArray[Any] = array.take(self._flat)
        return picked

    @cached_property
    def _flat(self) -> Ints:
        """Place in the stay's arrays laid out as one axis."""
        return self.row * self.stay.days + self.column

    @property
    def place(self) -> dict[str, Any]:
        """The columns that say whose and where: batch, assignment, container."""
        return {
            "batch_id": self.state.plan.number,
            "assignment_id": self.assignment,
            "container_id": self.container,
        }


def chosen(state: BatchState, stay: StayState, mask: NDArray[np.bool_]) -> Grid:
    """Return the container-days of a mask of shape (containers, days)."""
    row = np.repeat(np.arange(len(mask)), np.count_nonzero(mask, axis=1))
    column = np.flatnonzero(mask) - row * mask.shape[1]
    return Grid(state, stay, row, column)


def met_by(state: BatchState, stay: StayState) -> tuple[Met, ...]:
    """Return the events asked for in the schedule that meet a stay."""
    began = state.plan.start + stay.start_day
    return events_met(state.plan, began, [ref.path for ref in stay.containers], stay.days)


def joined(parts: Iterable[Columns], table: Table | None = None) -> dict[str, Any] | None:
    """Join the columns of several stays; None where there is no row. Single values stay single.

    Columns become those of the table where it is given: narrow in the same step.
    """
    whole = [part for part in parts if _length(part)]
    if not whole:
        return None
    return {
        name: _end_to_end([part[name] for part in whole], _storage(table, name))
        if _is_column(first)
        else first
        for name, first in whole[0].items()
    }


@lru_cache(maxsize=1024)
def _storage(table: Table | None, name: str) -> np.dtype[Any] | None:
    return None if table is None else storage_dtype(table.column(name))


def empty_columns(table: Table, size: int) -> dict[str, NDArray[Any]]:
    """Return arrays to fill for a table's columns but its batch, in the types that are written."""
    return {
        column.name: np.empty(size, storage_dtype(column))
        for column in table.columns
        if column.name != "batch_id"
    }


def from_rows(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Turn rows, at least one, into columns; a column with a None in it is masked there."""
    return {name: _column([row[name] for row in rows]) for name in rows[0]}


def _column(values: list[Any]) -> Any:
    told = next((value for value in values if value is not None), None)
    if isinstance(told, str):
        return values
    missing = [value is None for value in values]
    if not any(missing):
        return np.array(values)
    return np.ma.masked_array([0 if value is None else value for value in values], missing)


def _end_to_end(arrays: list[NDArray[Any]], dtype: np.dtype[Any] | None) -> NDArray[Any]:
    if np.ma.MaskedArray in map(type, arrays):
        masked: NDArray[Any] = np.ma.concatenate(arrays)  # type: ignore[no-untyped-call]
        return masked
    return np.concatenate(arrays, dtype=dtype, casting="unsafe")


def milligrams(grams: Floats) -> Ints:
    """Round weights to the milligram."""
    return np.rint(grams * 1000.0).astype(np.int64)


def biomass_10g(fish: Ints, grams: Floats) -> Ints:
    """Return the weight of some fish in steps of 10 g, from their mean weight in g."""
    return np.rint(fish * grams * 0.1).astype(np.int64)


def _length(part: Columns) -> int:
    return next((len(column) for column in part.values() if _is_column(column)), 0)


def _is_column(values: Any) -> bool:
    return isinstance(values, np.ndarray | list)
