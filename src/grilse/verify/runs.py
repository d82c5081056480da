"""Runs: rows that follow each other and point at the same things, told as one.

A table of 130 million readings has some 200,000 runs, one a sensor and stay; a row that is out of
place makes runs of its own. So a run stands for its rows in every rule about whose they are and
where, and only what differs within a run is looked at row by row: here that keys, times and days
of life agree, and that a sensor's readings ascend in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from grilse.ground.days import MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR
from grilse.tables.schema import Table
from grilse.verify.measures import MEASURES, Columns, Measure
from grilse.verify.verdict import EXAMPLES, Fault, Tally

__all__ = [
    "DAY_PARTS", "MISSING", "READINGS", "SINGLE", "Columns", "Runs", "run_columns", "run_schema",
    "tally_of",
]  # fmt: skip

READINGS = "environmental_reading"

DAY_PARTS: Mapping[str, int] = {
    "growth_sample": 1,
    "harvest_event": 1,
    "cull_event": 1,
    "escape_event": 1,
    "true_daily_state": 1,
    "mortality_event": 256,
    "feeding_event": 256,
    "lice_count": 256,
    "treatment": 1,
    "vaccination": 1,
    "welfare_sample": 1,
    "journal_entry": 256,
}
"""Tables whose keys tell assignment and day of life, and how many rows a day can have."""

SINGLE = frozenset({("feed_consumption", "feeding_event_id")})
"""Columns that point elsewhere in nearly every row, so that no run would be longer than a row."""

MISSING = np.iinfo(np.int64).min
"""What stands in columns of integers for no value."""

_MEASURES = ("row_count", "first_key", "last_key", "first_us", "last_us", "origin_us",
             "key_assignment", "key_parameter")  # fmt: skip
_SHARES = ("least_share", "most_share")
_DAYS, _HOURS, _DAY_HOURS = 4096, 65_536, 24


def run_columns(table: Table) -> tuple[str, ...]:
    """Name the columns that the rows of a run share: those that point at other tables.

    Left out are those of `SINGLE`.
    """
    shared = tuple(
        column.name
        for column in table.columns
        if column.references and (table.name, column.name) not in SINGLE
    )
    return (*shared, "parameter") if table.name == READINGS else shared


def run_schema(table: Table) -> pa.Schema:
    """Return the columns of a table's runs.

    After the shared ones come the rows, the first and last key, the least and greatest time in
    microseconds, midnight of the batch's first day as the key tells it, and the assignment and
    parameter in the key; then what `MEASURES` tells of a table's runs, and of oxygen the least and
    greatest share of what the water holds.
    """
    fields = [
        pa.field(name, pa.string() if name == "parameter" else pa.int64())
        for name in run_columns(table)
    ]
    fields += [pa.field(name, pa.int64()) for name in _MEASURES]
    fields += [pa.field(name, kind) for name, (kind, _) in _measures_of(table)]
    if table.name == READINGS:
        fields += [pa.field(name, pa.float32()) for name in _SHARES]
    return pa.schema(fields)


def _measures_of(table: Table) -> Iterable[tuple[str, Measure]]:
    return MEASURES.get(table.name, {}).items()


@dataclass(frozen=True)
class Runs:
    """The rows of a row group, cut into runs.

    Attributes
    ----------
    table
        Whose rows they are.
    columns
        Every column but texts as the integers that it is stored as, categories as places in
        their words, `MISSING` for no value.
    """

    table: Table
    columns: Columns

    @property
    def key(self) -> NDArray[Any]:
        """The primary key of each row."""
        return self.columns[self.table.primary_key[0]]

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each run begins, shape (runs,)."""
        change = np.zeros(len(self.key), bool)
        change[0] = True
        for name in run_columns(self.table):
            values = self.columns[name]
            change[1:] |= values[1:] != values[:-1]
        return np.flatnonzero(change)

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """Where each run ends, shape (runs,)."""
        return np.append(self.starts[1:], len(self.key))

    @cached_property
    def goes_on(self) -> NDArray[np.bool_]:
        """Whether each row from the second on is of the same run as the one before it."""
        same = np.ones(len(self.key), bool)
        same[self.starts] = False
        return same[1:]

    @cached_property
    def time(self) -> NDArray[np.int64] | None:
        """When each row happened: microseconds for readings, days for others; None for states."""
        name = self.table.event_date
        if name is None:
            return None
        is_time = self.table.column(name).kind == "timestamp"
        values = self.columns[name]
        if self.table.name == READINGS or not is_time:
            return values
        return values // MICROSECONDS_PER_DAY

    @cached_property
    def _hour_of_life(self) -> NDArray[np.uint16]:
        """The part of a reading's key that says when: its lowest sixteen bits."""
        keys = np.ascontiguousarray(self.key).astype("<i8", copy=False)
        return keys.view("<u2")[::4]

    @cached_property
    def _origin(self) -> NDArray[np.int64] | None:
        """For each row its time less what its key tells of it, in the unit of `time`."""
        if self.time is None:
            return None
        if self.table.name == READINGS:
            told = self._hour_of_life.astype(np.int64)
            told *= MICROSECONDS_PER_HOUR
        elif self.table.name in DAY_PARTS:
            told = self.key // DAY_PARTS[self.table.name] % _DAYS
        else:
            return None
        return np.subtract(self.time, told, out=told)

    def off_key(self) -> Tally:
        """Find rows whose time is not the one that their key tells, as it is for those before."""
        if self._origin is None:
            return Tally()
        off = np.flatnonzero((self._origin[1:] != self._origin[:-1]) & self.goes_on) + 1
        return tally_of(
            self.table, self.columns, off,
            lambda i: "its time is not that of its key, unlike in the row before or after it",
        )  # fmt: skip

    def out_of_time(self, hours: tuple[int, ...]) -> Tally:
        """Find readings no later than the one before them in their series, or off the hours."""
        time = self.columns["reading_time"]
        late = np.flatnonzero((time[1:] <= time[:-1]) & self.goes_on) + 1
        listed = np.zeros(_HOURS, bool)
        for hour in hours:
            listed[hour::_DAY_HOURS] = True
        off = np.flatnonzero(~listed[self._hour_of_life])
        allowed = ", ".join(map(str, hours))
        return tally_of(
            self.table, self.columns, late, lambda i: "not later than the reading before it"
        ) + tally_of(
            self.table, self.columns, off,
            lambda i: f"taken at hour {self._hour_of_life[i] % _DAY_HOURS}, not at {allowed} h",
        )  # fmt: skip

    def rows(self, shares: NDArray[np.float32] | None = None) -> pa.RecordBatch:
        """Return the runs as rows of `run_schema`.

        Parameters
        ----------
        shares
            Of readings, the least and greatest share of solubility, shape (runs, 2).
        """
        made = {**self._shared(), **self._measures()}
        for name, (_, measure) in _measures_of(self.table):
            made[name] = measure(self.columns, (self.starts, self.ends))
        if shares is not None:
            made["least_share"], made["most_share"] = shares[:, 0], shares[:, 1]
        schema = run_schema(self.table)
        arrays = [_array(made.get(field.name), field.type, len(self.starts)) for field in schema]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _shared(self) -> dict[str, NDArray[Any]]:
        columns = {name: self.columns[name][self.starts] for name in run_columns(self.table)}
        if "parameter" in columns:
            words = np.array([*self.table.column("parameter").values, "?"], object)
            columns["parameter"] = words[columns["parameter"]]
        return columns

    def _measures(self) -> dict[str, NDArray[Any]]:
        first, last = self.key[self.starts].astype(np.int64), self.key[self.ends - 1]
        made = {"row_count": self.ends - self.starts, "first_key": first, "last_key": last}
        if self.time is not None:
            unit = 1 if self.table.name == READINGS else MICROSECONDS_PER_DAY
            made["first_us"] = np.minimum.reduceat(self.time, self.starts).astype(np.int64) * unit
            made["last_us"] = np.maximum.reduceat(self.time, self.starts).astype(np.int64) * unit
            if self._origin is not None:
                made["origin_us"] = self._origin[self.starts] * unit
        if self.table.name == READINGS:
            made["key_assignment"], made["key_parameter"] = first >> 20, (first >> 16) & 15
        elif self.table.name in DAY_PARTS:
            made["key_assignment"] = first // (DAY_PARTS[self.table.name] * _DAYS)
        return made


def _array(values: NDArray[Any] | None, kind: pa.DataType, rows: int) -> pa.Array:
    if values is None:
        return pa.nulls(rows, kind)
    if kind == pa.int64():
        return pa.array(values.astype(np.int64), kind, mask=values == MISSING)
    return pa.array(values, kind, from_pandas=True)


def tally_of(
    table: Table, columns: Columns, rows: NDArray[np.int64], what: Callable[[int], str]
) -> Tally:
    """Make a tally of faulty rows: all counted, a few of them told."""
    keys, batches = columns[table.primary_key[0]], columns.get("batch_id")
    examples = tuple(
        Fault(table.name, None if batches is None else int(batches[i]), int(keys[i]), what(int(i)))
        for i in rows[:EXAMPLES]
    )
    return Tally(0, len(rows), examples)
