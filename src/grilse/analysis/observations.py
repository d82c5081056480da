"""What is known of a batch: its stays, and the rows of what was seen of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from grilse.analysis.arrays import NONE, Columns, Ints, columns_of, empty_columns
from grilse.analysis.warmth import Warmth, daily_means
from grilse.tables.catalogue import TABLES

__all__ = ["COLUMNS", "NEEDED", "Observations", "Rows", "Stays", "observe"]

Rows = Mapping[str, Sequence[pa.RecordBatch | pa.Table]]
"""Rows of one batch, by table."""

NEEDED = ("batch", "assignment")
"""Tables without which nothing can be told of a batch."""

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "batch": ("batch_id", "geography_id", "start_date", "harvest_target_kg"),
        "assignment": (
            "assignment_id", "container_id", "stage_id", "start_date", "departure_date",
            "initial_count",
        ),
        "creation_action": ("assignment_id", "actual_date", "egg_count", "dead_on_arrival"),
        "transfer_action": (
            "source_assignment_id", "dest_assignment_id", "transfer_date", "transferred_count",
            "mortality_count", "avg_weight_g",
        ),
        "mortality_event": ("assignment_id", "event_date", "dead_count"),
        "cull_event": ("assignment_id", "event_date", "fish_count"),
        "escape_event": ("assignment_id", "event_date", "fish_count"),
        "harvest_event": ("assignment_id", "event_date", "fish_count", "avg_weight_g"),
        "feeding_event": ("assignment_id", "feeding_time", "amount_kg"),
        "growth_sample": (
            "assignment_id", "sample_date", "sample_size", "avg_weight_g", "std_weight_g",
        ),
        "vaccination": ("assignment_id", "vaccination_date", "avg_weight_g"),
        "environmental_reading": ("assignment_id", "reading_time", "parameter", "value"),
        "scenario": (
            "scenario_id", "start_date", "initial_weight_g", "harvest_date", "is_pinned",
        ),
        "scenario_projection": (
            "scenario_id", "projection_date", "stage_id", "population_count", "avg_weight_g",
        ),
    }
)  # fmt: skip
"""Tables of a batch that are looked at, with the columns of each."""


@dataclass(frozen=True)
class Stays:
    """A batch's stays in containers, by ascending assignment.

    Days of all stays lie end to end: day d of stay a is row ``first[a] + d``. Nodes are the
    mornings, and the evening of the last day: node n of stay a is ``first_node[a] + n``.

    Attributes
    ----------
    assignment, container, stage
        Keys, shape (stays,).
    start, days
        Day number of the first day, and how many days are told, shape (stays,).
    initial
        Fish put in, `NONE` where it is not told.
    """

    assignment: Ints
    container: Ints
    stage: Ints
    start: Ints
    days: Ints
    initial: Ints

    def __len__(self) -> int:
        """How many there are."""
        return len(self.assignment)

    @cached_property
    def first(self) -> Ints:
        """Row of each stay's first day."""
        return np.cumsum(self.days) - self.days

    @cached_property
    def first_node(self) -> Ints:
        """Place of each stay's first node."""
        return self.first + np.arange(len(self))

    @cached_property
    def rows(self) -> int:
        """Days of all stays."""
        return int(self.days.sum())

    @cached_property
    def stay(self) -> Ints:
        """Which stay each row is of, shape (rows,)."""
        return np.repeat(np.arange(len(self)), self.days)

    @cached_property
    def day(self) -> Ints:
        """Day of its stay that each row is."""
        return np.arange(self.rows) - self.first[self.stay]

    @cached_property
    def date(self) -> Ints:
        """Day number of each row."""
        return self.start[self.stay] + self.day

    @cached_property
    def morning(self) -> Ints:
        """Node at which each row's day begins; it ends at the next one."""
        return self.first_node[self.stay] + self.day

    def find(self, assignment: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Return the place of each assignment among the stays, and whether it is one of them."""
        place = np.minimum(np.searchsorted(self.assignment, assignment), max(len(self) - 1, 0))
        return place, self.assignment[place] == assignment

    def added(self, assignment: Ints, date: Ints, amount: Ints) -> Ints:
        """Add amounts to the rows of their stays and days, shape (rows,).

        What is dated before a stay or after it counts for its first or last day: nothing is lost.
        Amounts below nothing, and those that are missing, count for nothing.
        """
        place, known = self.find(assignment)
        day = np.clip(date - self.start[place], 0, self.days[place] - 1)
        where = (self.first[place] + day)[known]
        summed = np.bincount(where, np.maximum(amount[known], 0).astype(np.float64), self.rows)
        return np.rint(summed).astype(np.int64)

    def running(self, amount: Any) -> Any:
        """Add amounts of rows up within each stay, row by row."""
        total = np.cumsum(amount)
        before = np.concatenate([np.zeros(1, total.dtype), total])[self.first]
        return total - before[self.stay]


@dataclass(frozen=True)
class Observations:
    """All that was seen of a batch.

    Attributes
    ----------
    batch, geography
        Keys.
    birth
        Day number of the first day of its life.
    target_g
        Mean weight to harvest at, or None.
    as_of
        Day number before which it was looked at.
    stays
        Where its fish were.
    warmth
        What temperature sensors told, day by day.
    rows
        Columns of the other tables; empty ones where a table is not there.
    """

    batch: int
    geography: int
    birth: int
    target_g: float | None
    as_of: int
    stays: Stays
    warmth: Warmth
    rows: Mapping[str, Columns]

    def __getitem__(self, table: str) -> Columns:
        """Return the columns of a table."""
        return self.rows[table]


def observe(rows: Rows, as_of: int) -> Observations | None:
    """Take the rows of a batch.

    Parameters
    ----------
    rows
        Of this batch alone.
    as_of
        Day number: what is not yet over lasts until then.

    Returns
    -------
    Observations or None
        None where no fish have come yet.

    Raises
    ------
    ValueError
        If rows are not what they should be: the message says which.
    """
    told = {name: _columns(name, rows.get(name, ())) for name in COLUMNS}
    batch = told["batch"]
    if len(batch["batch_id"]) != 1:
        raise ValueError(f"{len(batch['batch_id'])} rows of table batch, not one")
    stays = _stays(told["assignment"], as_of)
    if not len(stays):
        return None
    target = int(batch["harvest_target_kg"][0])
    return Observations(
        int(batch["batch_id"][0]),
        int(batch["geography_id"][0]),
        int(batch["start_date"][0]),
        None if target == NONE else float(target),
        as_of,
        stays,
        daily_means(told["environmental_reading"]),
        told,
    )


def _columns(name: str, parts: Sequence[pa.RecordBatch | pa.Table]) -> Columns:
    names = COLUMNS[name]
    found = [columns_of(TABLES[name], part, names) for part in parts if part.num_rows]
    if not found:
        return empty_columns(names)
    if len(found) == 1:
        return found[0]
    return {n: np.concatenate([part[n] for part in found]) for n in names}


def _stays(told: Columns, as_of: int) -> Stays:
    order = np.argsort(told["assignment_id"], kind="stable")
    assignment, start = told["assignment_id"][order], told["start_date"][order]
    if (assignment[1:] == assignment[:-1]).any():
        raise ValueError("an assignment has two rows")
    left = told["departure_date"][order]
    end = np.where(left == NONE, as_of, np.minimum(left, as_of))
    days = end - start
    kept = days > 0
    return Stays(
        assignment[kept], told["container_id"][order][kept], told["stage_id"][order][kept],
        start[kept], days[kept], told["initial_count"][order][kept],
    )  # fmt: skip
