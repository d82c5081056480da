"""Rows of what a schedule asked for: mistakes made in other tables' rows, and the list of all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grilse.expand.grid import Columns, from_rows, met_by
from grilse.schedule.injected import AT_SEA, MISTAKES, Met
from grilse.simulate.state import BatchState, StayState
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue.injected import INJECTED_EVENT, INJECTED_TYPES
from grilse.tables.catalogue.reference import PARAMETERS
from grilse.tables.schema import Table

__all__ = ["as_entered", "injected"]

_PARTS = 256
_LAST_HOUR = 23
_ROWS_A_BATCH = 1 << 20
_TELLING = ("true_daily_state", "assignment", "batch")
"""Tables whose figures no longer agree with a book that holds a mistake."""

_TOUCHED: Mapping[str, tuple[str, ...]] = {
    "outbreak": ("mortality_event", "feeding_event", "true_daily_state"),
    "jellyfish": ("mortality_event", "feeding_event", "true_daily_state"),
    "heatwave": ("environmental_reading", "feeding_event", "true_daily_state"),
    "oxygen_drop": (
        "environmental_reading", "mortality_event", "feeding_event", "true_daily_state",
    ),
    "sensor_outage": ("environmental_reading", "sensor_fault"),
    "sensor_drift": ("environmental_reading", "sensor_fault"),
    "feed_delay": ("feeding_event", "true_daily_state"),
    "escape": ("escape_event", "true_daily_state"),
}  # fmt: skip
_MISTAKEN: Mapping[str, tuple[str, ...]] = {
    "wrong_unit": ("growth_sample",),
    "double_count": ("mortality_event", *_TELLING),
    "missing_day": ("mortality_event", *_TELLING),
    "mistyped_weight": ("individual_growth_observation", "growth_sample"),
}
_PARTED = ("mortality_event", "feeding_event", "individual_growth_observation")
_SERIES = ("environmental_reading", "sensor_fault")
_HEATED = ("temperature", "oxygen")


@dataclass(frozen=True, slots=True)
class _Spot:
    """A container of a stay on the days of an event: its assignment, and days of life."""

    assignment: int
    first: int
    end: int

    def holds(self, day_key: NDArray[np.int64]) -> NDArray[np.bool_]:
        least, most = (keys.day_key(self.assignment, day) for day in (self.first, self.end))
        inside: NDArray[np.bool_] = (day_key >= least) & (day_key < most)
        return inside


def as_entered(state: BatchState, table: Table, columns: Columns) -> Columns:
    """Return a table's rows as they were entered: with the mistakes that the schedule asks for."""
    change = _CHANGES.get(table.name)
    if change is None or not state.plan.extra.get("events"):
        return columns
    for _, met, spot in _spots(state):
        if met.event.type == "data_entry_error":
            columns = change(columns, spot, _mistake(met))
    return columns


def _mistake(met: Met) -> str:
    return met.event.detail or MISTAKES[0]


def _spots(state: BatchState) -> Iterator[tuple[StayState, Met, _Spot]]:
    """Yield each container that an event meets, while fish are in it."""
    for stay in state.stays:
        for met in met_by(state, stay):
            last = _end(stay, met)
            for row in met.rows:
                end = min(last, int(stay.present_days[row]))
                if met.first < end:
                    own = keys.assignment_id(state.plan.number, stay.first_slot + row)
                    day = stay.start_day
                    yield stay, met, _Spot(own, day + met.first, day + end)


def _end(stay: StayState, met: Met) -> int:
    """Return the day of a stay up to which an event touches rows: fish escape on its first day."""
    event = met.event
    if event.type in AT_SEA and stay.stage.environment != "sea water":
        return met.first
    if event.type == "escape":
        return met.first + int(event.first_day == met.began + met.first)
    return met.end


def _samples(columns: Columns, spot: _Spot, kind: str) -> Columns:
    """Enter kilograms where grams are wanted."""
    if kind != "wrong_unit":
        return columns
    wrong = spot.holds(columns["growth_sample_id"])
    names = ("avg_weight_g", "std_weight_g", "min_weight_g", "max_weight_g")
    return {**columns, **{name: _where(wrong, columns[name], _in_kg) for name in names}}


def _deaths(columns: Columns, spot: _Spot, kind: str) -> Columns:
    """Count the dead twice, or forget a day."""
    wrong = spot.holds(columns["mortality_event_id"] // _PARTS)
    if kind == "double_count":
        twice = {
            n: _where(wrong, columns[n], lambda v: 2 * v) for n in ("dead_count", "biomass_kg")
        }
        return {**columns, **twice}
    if kind == "missing_day":
        return {n: v[~wrong] if np.ndim(v) else v for n, v in columns.items()}
    return columns


def _fish(columns: Columns, spot: _Spot, kind: str) -> Columns:
    """Let a zero slip into the weight of each sample's first fish."""
    if kind != "mistyped_weight":
        return columns
    day = columns["observation_id"] // _PARTS
    wrong = spot.holds(day) & (columns["fish_number"] == 1)
    return {**columns, "weight_g": _where(wrong, columns["weight_g"], lambda v: 10 * v)}


def _where(
    wrong: NDArray[np.bool_], right: NDArray[Any], mistake: Callable[[NDArray[Any]], NDArray[Any]]
) -> NDArray[Any]:
    return np.where(wrong, mistake(right), right)


def _in_kg(milligrams: NDArray[Any]) -> NDArray[Any]:
    return milligrams // 1000


_CHANGES: Mapping[str, Callable[[Columns, _Spot, str], Columns]] = {
    "growth_sample": _samples,
    "mortality_event": _deaths,
    "individual_growth_observation": _fish,
}


def injected(_world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield what the schedule asked for in a batch, with the rows that it touched."""
    rows = []
    for stay, met, spot in _spots(state) if state.plan.extra.get("events") else ():
        for table in _touched(met):
            for least, most in _ranges(state, stay, met, spot, table):
                rows.append(_row(state, met, spot, table, least, most))
    if rows:
        first = state.plan.number * _ROWS_A_BATCH
        numbered = [{"injected_event_id": first + i, **row} for i, row in enumerate(rows)]
        yield INJECTED_EVENT, {**from_rows(numbered), "detail": [row["detail"] for row in rows]}


def _touched(met: Met) -> tuple[str, ...]:
    if met.event.type == "data_entry_error":
        return _MISTAKEN[_mistake(met)]
    return _TOUCHED[met.event.type]


def _ranges(
    state: BatchState, stay: StayState, met: Met, spot: _Spot, table: str
) -> Iterator[tuple[int, int]]:
    """Yield the ranges of a table's keys, both ends included, that an event can have touched."""
    first, last = spot.first, spot.end - 1
    if table == "batch":
        yield state.plan.number, state.plan.number
    elif table == "assignment":
        yield spot.assignment, spot.assignment
    elif table in _SERIES:
        for name in _parameters(stay, met):
            parameter = PARAMETERS.index(name) + 1
            hours = (first * 24, last * 24 + _LAST_HOUR)
            least, most = (keys.reading_id(spot.assignment, parameter, hour) for hour in hours)
            yield least, most
    else:
        least, most = (keys.day_key(spot.assignment, day) for day in (first, last))
        parted = table in _PARTED
        yield (least * _PARTS, most * _PARTS + _PARTS - 1) if parted else (least, most)


def _parameters(stay: StayState, met: Met) -> tuple[str, ...]:
    """Name the parameters whose sensors tell of an event."""
    if met.event.type == "heatwave":
        return tuple(name for name in stay.stage.sensors if name in _HEATED)
    if met.event.type == "oxygen_drop":
        return tuple(name for name in stay.stage.sensors if name == "oxygen")
    return tuple(name for name in stay.stage.sensors if met.event.detail in (None, name))


def _row(
    state: BatchState, met: Met, spot: _Spot, table: str, least: int, most: int
) -> dict[str, Any]:
    event = met.event
    return {
        "batch_id": state.plan.number,
        "event_number": event.number,
        "event_type": INJECTED_TYPES.index(event.type),
        "detail": event.detail,
        "severity": round(event.severity * 100),
        "assignment_id": spot.assignment,
        "first_date": state.plan.start + spot.first,
        "end_date": state.plan.start + spot.end,
        "table_name": table,
        "first_key": least,
        "last_key": most,
    }
