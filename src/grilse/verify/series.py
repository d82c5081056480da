"""Readings as series: a row group of them cut into runs that share all but key, time and value.

Readings are two thirds of a dataset. A sound row group of one batch has some four hundred runs,
one a sensor; a row that is out of place makes runs of its own. So a run stands for its rows in
every rule about whose they are and where, and only what differs within a run is looked at row by
row: that keys and times ascend, that they agree, and that oxygen can be in that water.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from grilse.ground.days import MICROSECONDS_PER_HOUR
from grilse.tables.catalogue.reference import PARAMETERS
from grilse.verify.solubility import COLDEST_MILLI_C, HOTTEST_MILLI_C, solubility_by_milli_c
from grilse.verify.verdict import EXAMPLES, Fault, Tally

__all__ = ["RUN_SCHEMA", "OxygenRule", "Series"]

Integers = NDArray[Any]

_HOURS = 65_536
_DAY_HOURS = 24
_TEMPERATURE, _OXYGEN = PARAMETERS.index("temperature"), PARAMETERS.index("oxygen")
_TABLE = "environmental_reading"
_SHARED = ("batch_id", "assignment_id", "container_id", "sensor_id")

RUN_SCHEMA = pa.schema(
    [
        *((name, pa.int64()) for name in _SHARED),
        ("parameter", pa.string()),
        *((name, pa.int64()) for name in ("readings", "first_key", "last_key", "first_us",
                                          "last_us", "origin_us", "key_parameter")),
        ("key_assignment", pa.int64()),
        *((name, pa.int32()) for name in ("least", "most")),
        *((name, pa.float32()) for name in ("least_share", "most_share")),
    ]
)  # fmt: skip
"""Columns of a run; `first_us` and `last_us` are its least and greatest time."""


@dataclass(frozen=True)
class OxygenRule:
    """What oxygen may be.

    Attributes
    ----------
    salinity
        By container id, the least and the greatest salinity of its water in g/kg.
    least_share, most_share
        Bounds as shares of solubility.
    slack_mg_l
        What rounding may add or take.
    """

    salinity: Mapping[int, tuple[float, float]]
    least_share: float
    most_share: float
    slack_mg_l: float


@dataclass(frozen=True)
class Series:
    """The readings of a row group.

    Attributes
    ----------
    columns
        Every column as integers: microseconds, thousandths, parameters as their place in
        `PARAMETERS`.
    hours
        Hours of the day at which readings are taken.
    """

    columns: Mapping[str, Integers]
    hours: tuple[int, ...]

    @cached_property
    def starts(self) -> Integers:
        """Where each run begins, shape (runs,)."""
        change = np.zeros(len(self.columns["reading_id"]), bool)
        change[0] = True
        for name in (*_SHARED, "parameter"):
            values = self.columns[name]
            change[1:] |= values[1:] != values[:-1]
        return np.flatnonzero(change)

    @cached_property
    def ends(self) -> Integers:
        """Where each run ends, shape (runs,)."""
        return np.append(self.starts[1:], len(self.columns["reading_id"]))

    @cached_property
    def _within(self) -> NDArray[np.bool_]:
        """Whether each row from the second on is of the same run as the one before it."""
        same = np.ones(len(self.columns["reading_id"]), bool)
        same[self.starts] = False
        return same[1:]

    @cached_property
    def _hour_of_life(self) -> Integers:
        """The part of the key that says when: its lowest sixteen bits."""
        keys = np.ascontiguousarray(self.columns["reading_id"]).astype("<i8", copy=False)
        return keys.view("<u2")[::4]

    @cached_property
    def _origin_us(self) -> Integers:
        """For each row its time less its hour of life: midnight of the batch's first day."""
        hours = self._hour_of_life.astype(np.int64)
        hours *= MICROSECONDS_PER_HOUR
        return np.subtract(self.columns["reading_time"], hours, out=hours)

    def out_of_time(self) -> Tally:
        """Find rows that are not later than the one before them in their series, or off the hours."""
        time = self.columns["reading_time"]
        late = np.flatnonzero((time[1:] <= time[:-1]) & self._within) + 1
        listed = np.zeros(_HOURS, bool)
        for hour in self.hours:
            listed[hour::_DAY_HOURS] = True
        off = np.flatnonzero(~listed[self._hour_of_life])
        hours = ", ".join(map(str, self.hours))
        return self._tally(late, lambda i: "not later than the reading before it") + self._tally(
            off, lambda i: f"taken at hour {self._hour_of_life[i] % _DAY_HOURS}, not at {hours} h"
        )

    def off_key(self) -> Tally:
        """Find rows whose time is not the one that their key tells."""
        origin = self._origin_us
        off = np.flatnonzero((origin[1:] != origin[:-1]) & self._within) + 1
        return self._tally(
            off, lambda i: "its time is not the hour of life that its key tells, unlike before"
        )

    def oxygen(self, rule: OxygenRule) -> tuple[Tally, NDArray[np.float32]]:
        """Hold oxygen against the temperature read at the same time.

        Returns
        -------
        tuple
            The faults, and for each run the least and greatest share of solubility, NaN for runs
            of other parameters, shape (runs, 2).
        """
        shares = np.full((len(self.starts), 2), np.nan, np.float32)
        parameter = self.columns["parameter"][self.starts]
        assignment = self.columns["assignment_id"][self.starts]
        warmth: dict[int, list[int]] = {}
        for run in np.flatnonzero(parameter == _TEMPERATURE):
            warmth.setdefault(int(assignment[run]), []).append(int(run))
        tally = Tally()
        for run in np.flatnonzero(parameter == _OXYGEN):
            found, shares[run] = self._oxygen_run(
                int(run), warmth.get(int(assignment[run]), []), rule
            )
            tally += found
        return tally, shares

    def _oxygen_run(
        self, run: int, warmth: list[int], rule: OxygenRule
    ) -> tuple[Tally, tuple[float, float]]:
        """Judge one run of oxygen by the runs of temperature of the same assignment."""
        first, end = int(self.starts[run]), int(self.ends[run])
        milli_c, is_there = self._temperature_at(self.columns["reading_time"][first:end], warmth)
        mg_l = self.columns["value"][first:end] * np.float32(0.001)
        container = int(self.columns["container_id"][first])
        fresh, salty = rule.salinity.get(container, (0.0, 0.0))
        place = np.clip(milli_c, COLDEST_MILLI_C, HOTTEST_MILLI_C) - COLDEST_MILLI_C
        holds_most = solubility_by_milli_c(fresh)[place]
        holds_least = holds_most if salty == fresh else solubility_by_milli_c(salty)[place]
        low = mg_l < rule.least_share * holds_least - rule.slack_mg_l
        high = mg_l > rule.most_share * holds_most + rule.slack_mg_l
        wrong = np.flatnonzero((low | high) & is_there) + first
        alone = np.flatnonzero(~is_there) + first
        share = (mg_l / holds_least)[is_there]
        found = self._tally(wrong, lambda i: self._too_much(i, milli_c[i - first], mg_l[i - first]))
        found += self._tally(alone, lambda i: "no temperature was read there at the same time")
        bounds = (float(share.min()), float(share.max())) if len(share) else (np.nan, np.nan)
        return found + Tally(end - first), bounds

    def _too_much(self, _row: int, milli_c: int, mg_l: float) -> str:
        holds = solubility_by_milli_c(0.0)[np.clip(milli_c, COLDEST_MILLI_C, HOTTEST_MILLI_C)
                                           - COLDEST_MILLI_C]  # fmt: skip
        return (
            f"oxygen {mg_l:.2f} mg/l cannot be in water of {milli_c / 1000:.2f} degC "
            f"(fresh water holds {holds:.2f})"
        )

    def _temperature_at(
        self, time: Integers, warmth: list[int]
    ) -> tuple[Integers, NDArray[np.bool_]]:
        """Return the temperature read at each time, and whether one was."""
        values, times = self.columns["value"], self.columns["reading_time"]
        for run in warmth:
            stretch = slice(int(self.starts[run]), int(self.ends[run]))
            if np.array_equal(times[stretch], time):
                return values[stretch], np.ones(len(time), bool)
        rows = np.concatenate([np.arange(self.starts[run], self.ends[run]) for run in warmth]
                              or [np.empty(0, np.int64)])  # fmt: skip
        if not len(rows):
            return np.zeros(len(time), np.int64), np.zeros(len(time), bool)
        rows = rows[np.argsort(times[rows], kind="stable")]
        at = np.minimum(np.searchsorted(times[rows], time), len(rows) - 1)
        return values[rows[at]], times[rows[at]] == time

    def runs(self, shares: NDArray[np.float32]) -> pa.RecordBatch:
        """Return the runs as rows of `RUN_SCHEMA`."""
        c, starts = self.columns, self.starts
        keys, time, value = c["reading_id"], c["reading_time"], c["value"]
        words = np.array([*PARAMETERS, "?"], object)
        made = {
            **{name: c[name][starts] for name in _SHARED},
            "parameter": words[c["parameter"][starts]],
            "readings": self.ends - starts,
            "first_key": keys[starts],
            "last_key": keys[self.ends - 1],
            "first_us": np.minimum.reduceat(time, starts),
            "last_us": np.maximum.reduceat(time, starts),
            "origin_us": self._origin_us[starts],
            "key_parameter": (keys[starts] >> 16) & 15,
            "key_assignment": keys[starts] >> 20,
            "least": np.minimum.reduceat(value, starts),
            "most": np.maximum.reduceat(value, starts),
            "least_share": shares[:, 0],
            "most_share": shares[:, 1],
        }
        arrays = [pa.array(made[field.name], field.type, from_pandas=True) for field in RUN_SCHEMA]
        return pa.RecordBatch.from_arrays(arrays, schema=RUN_SCHEMA)

    def _tally(self, rows: Integers, what: Any) -> Tally:
        examples = tuple(
            Fault(_TABLE, int(self.columns["batch_id"][i]), int(self.columns["reading_id"][i]),
                  what(int(i)))
            for i in rows[:EXAMPLES]
        )  # fmt: skip
        return Tally(0, len(rows), examples)
