"""What the schedule's own events must have been listed as: the rows of ``injected_event``.

Worked out anew from the schedule and from where the fish were; keys are made by their arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from grilse.ground.days import day_of
from grilse.schedule.injected import InjectedEvent, injected_events
from grilse.schedule.model import BatchPlan
from grilse.tables.catalogue.reference import PARAMETERS
from grilse.verify.session import Session
from grilse.verify.source import Source

__all__ = ["hold_asked"]

_DAYS, _PARTS, _HOURS = 4096, 256, 24
_SERIES = 1 << 16
_AT_SEA = ("jellyfish", "escape")
_LIVING = ("mortality_event", "feeding_event", "true_daily_state")
_READ = ("environmental_reading", "sensor_fault")
_BOOKS = ("mortality_event", "true_daily_state", "assignment", "batch")
_TOUCHED: Mapping[str, tuple[str, ...]] = {
    "outbreak": _LIVING,
    "jellyfish": _LIVING,
    "heatwave": ("environmental_reading", "feeding_event", "true_daily_state"),
    "oxygen_drop": ("environmental_reading", *_LIVING),
    "sensor_outage": _READ,
    "sensor_drift": _READ,
    "feed_delay": ("feeding_event", "true_daily_state"),
    "escape": ("escape_event", "true_daily_state"),
    "wrong_unit": ("growth_sample",),
    "double_count": _BOOKS,
    "missing_day": _BOOKS,
    "mistyped_weight": ("individual_growth_observation", "growth_sample"),
}
_TELLING: Mapping[str, tuple[str, ...]] = {
    "heatwave": ("temperature", "oxygen"),
    "oxygen_drop": ("oxygen",),
}
"""Which sensors tell of an event; of others those of its parameter, or all."""

_MANY_A_DAY = ("mortality_event", "feeding_event", "individual_growth_observation")
_FIELDS = pa.schema(
    [
        ("batch_id", pa.int64()), ("event_number", pa.int64()), ("event_type", pa.string()),
        ("detail", pa.string()), ("severity", pa.float64()), ("assignment_id", pa.int64()),
        ("first_date", pa.date32()), ("end_date", pa.date32()), ("table_name", pa.string()),
        ("first_key", pa.int64()), ("last_key", pa.int64()),
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Stay:
    """Where some fish of a batch were from day `first` up to `end`, day numbers."""

    assignment_id: int
    names: frozenset[str]
    is_at_sea: bool
    sensors: tuple[str, ...]
    first: int
    end: int


def hold_asked(source: Source, session: Session) -> None:
    """Hold what is to be listed as a table: ``asked_event``, whose rows are as those listed."""
    rows = [
        row
        for plan in source.schedule.batches
        if plan.extra.get("events")
        for row in _rows(plan, _stays(plan, source, session))
    ]
    session.hold("asked_event", pa.Table.from_pylist(rows, _FIELDS))


def _stays(plan: BatchPlan, source: Source, session: Session) -> list[_Stay]:
    found = session.all(
        "SELECT assignment_id, geography, place, container, environment, start_date, until "
        f"FROM whereabouts WHERE batch_id = {plan.number} ORDER BY 1"
    )
    return [_stay(plan, source, *row) for row in found]


def _stay(
    plan: BatchPlan, source: Source, assignment_id: int, geography: str, place: str,
    container: str, environment: str, start: date, until: date,
) -> _Stay:  # fmt: skip
    is_at_sea = environment == "sea water"
    site = place if is_at_sea else plan.station
    names = {geography, site, place, container, f"{place}/{container}", plan.batch_id}
    sensors = source.parameters.texts(("measured", environment))
    return _Stay(assignment_id, frozenset(names), is_at_sea, sensors, day_of(start), day_of(until))


def _rows(plan: BatchPlan, stays: list[_Stay]) -> Iterator[dict[str, Any]]:
    for event in injected_events(plan):
        kind = event.type
        if kind == "data_entry_error":
            kind = event.detail or "wrong_unit"
        for stay in stays:
            first, end = _days(event, stay)
            if first < end:
                for table in _TOUCHED[kind]:
                    for least, most in _ranges(plan, event, stay, table, first, end):
                        yield {
                            "batch_id": plan.number,
                            "event_number": event.number,
                            "event_type": event.type,
                            "detail": event.detail,
                            "severity": round(event.severity * 100) / 100,
                            "assignment_id": stay.assignment_id,
                            "first_date": first,
                            "end_date": end,
                            "table_name": table,
                            "first_key": least,
                            "last_key": most,
                        }


def _days(event: InjectedEvent, stay: _Stay) -> tuple[int, int]:
    """Return the days on which an event befalls a stay, as day numbers, half-open."""
    first, end = max(event.first_day, stay.first), min(event.end_day, stay.end)
    is_spared = event.type in _AT_SEA and not stay.is_at_sea
    if is_spared or not event.meets(stay.names):
        return first, first
    if event.type == "escape":
        return first, min(end, event.first_day + 1)
    return first, end


def _ranges(
    plan: BatchPlan, event: InjectedEvent, stay: _Stay, table: str, first: int, end: int
) -> Iterator[tuple[int, int]]:
    """Yield the ranges of a table's keys, both ends included."""
    day, last = first - plan.start, end - 1 - plan.start
    if table == "batch":
        yield plan.number, plan.number
    elif table == "assignment":
        yield stay.assignment_id, stay.assignment_id
    elif table in _READ:
        for name in stay.sensors:
            if name in _TELLING.get(event.type, (event.detail or name,)):
                series = (stay.assignment_id * 16 + PARAMETERS.index(name) + 1) * _SERIES
                yield series + day * _HOURS, series + last * _HOURS + _HOURS - 1
    else:
        rows = _PARTS if table in _MANY_A_DAY else 1
        origin = stay.assignment_id * _DAYS
        yield (origin + day) * rows, (origin + last) * rows + rows - 1
