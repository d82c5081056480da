"""Events that a person asks for: read from a schedule, checked, and given to their batches.

A batch's own stand under its ``events``; those of the metadata's ``events`` are given to every
batch that is in their place, so that a batch's rows follow from its own entry alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grilse.biology.checks import CAUSES
from grilse.ground.days import day_of
from grilse.ground.errors import BadInput, Problem
from grilse.schedule.model import BatchPlan, Schedule

__all__ = [
    "AT_SEA", "EVENT_TYPES", "MISTAKES", "SENSORS", "InjectedEvent", "Met", "events_met",
    "injected_events", "with_events",
]  # fmt: skip

EVENT_TYPES = (
    "outbreak", "jellyfish", "heatwave", "oxygen_drop", "sensor_outage", "sensor_drift",
    "feed_delay", "escape", "data_entry_error",
)  # fmt: skip
"""What can be asked for."""

AT_SEA = ("jellyfish", "escape")
"""What can befall fish in rings alone."""

MISTAKES = ("wrong_unit", "double_count", "missing_day", "mistyped_weight")
"""Kinds of errors of data entry."""

SENSORS = ("temperature", "oxygen", "ph", "co2", "nitrite", "nitrate", "ammonia")
"""Parameters whose sensors can fail."""

_DETAILS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "outbreak": ("cause", CAUSES),
    "jellyfish": ("cause", CAUSES),
    "oxygen_drop": ("cause", CAUSES),
    "sensor_outage": ("parameter", SENSORS),
    "sensor_drift": ("parameter", SENSORS),
    "data_entry_error": ("kind", MISTAKES),
}
"""What can be told of an event beside its size: under which key, and what it can be."""

_KEYS = ("type", "where", "start", "days", "severity")
_MOST_DAYS, _MOST_SEVERITY = 1500, 100.0
_EVERYWHERE = ("farm", "all")


@dataclass(frozen=True, slots=True)
class InjectedEvent:
    """An event asked for, as it meets one batch.

    Attributes
    ----------
    number
        Its place among the batch's events, from 1.
    type
        One of `EVENT_TYPES`.
    where
        Name of a geography, station, hall, area, container or batch; None for all the batch has.
    first_day, end_day
        Day numbers, half-open.
    severity
        1 is an ordinary case of its kind.
    detail
        The kind of a mistake, the parameter of a sensor, or the cause of deaths; None for the
        usual.
    """

    number: int
    type: str
    where: str | None
    first_day: int
    end_day: int
    severity: float
    detail: str | None = None

    def meets(self, names: Iterable[str]) -> bool:
        """Whether it is meant for a place that goes by any of these names."""
        return self.where is None or self.where in _EVERYWHERE or self.where in names


@dataclass(frozen=True, slots=True)
class Met:
    """An event as it meets a stay: rows of containers, and days of the stay, `first` to `end`.

    Attributes
    ----------
    event
        The event.
    rows
        Places of the containers among the stay's.
    began
        Day number of the stay's first day.
    first, end
        Days of the stay.
    """

    event: InjectedEvent
    rows: tuple[int, ...]
    began: int
    first: int
    end: int

    @property
    def course(self) -> NDArray[np.float64]:
        """How it runs on the days it meets: up to its severity in its middle, and down again."""
        length = self.event.end_day - self.event.first_day
        day = self.began + np.arange(self.first, self.end) - self.event.first_day
        course: NDArray[np.float64] = 1.0 - np.abs(2.0 * day + 1.0 - length) / (length + 1.0)
        return self.event.severity * course


def events_met(
    plan: BatchPlan, began: int, paths: Sequence[Sequence[str]], days: int
) -> tuple[Met, ...]:
    """Return the events that meet some containers on some days of a stay.

    Parameters
    ----------
    began, days
        Day number of the stay's first day, and how many days of it there are.
    paths
        Names of each container: geography, site, place, container.
    """
    if not plan.extra.get("events"):
        return ()
    met = []
    for event in injected_events(plan):
        first, end = max(event.first_day - began, 0), min(event.end_day - began, days)
        rows = tuple(
            row
            for row, path in enumerate(paths)
            if event.meets({*path, "/".join(path[2:]), plan.batch_id})
        )
        if first < end and rows:
            met.append(Met(event, rows, began, first, end))
    return tuple(met)


def injected_events(plan: BatchPlan) -> tuple[InjectedEvent, ...]:
    """Return the events of a batch's entry.

    Raises
    ------
    BadInput
        With every problem of them.
    """
    problems: list[Problem] = []
    found = _events(plan.extra.get("events"), plan.start, plan.batch_id, plan.line, problems)
    if problems:
        raise BadInput(problems)
    return tuple(found)


def with_events(schedule: Schedule) -> Schedule:
    """Give the metadata's events to the batches that they meet, and check all events.

    Raises
    ------
    BadInput
        With every problem of the events, wherever they stand.
    """
    shared = schedule.metadata.get("events")
    problems: list[Problem] = []
    batches = []
    for plan in schedule.batches:
        if plan.extra.get("events"):
            _check_own(plan, problems)
        batches.append(_given(plan, shared, problems) if shared else plan)
    if shared:
        problems += _nowhere(schedule.batches, shared)
    if problems:
        unique = dict.fromkeys(replace(problem, file=schedule.file) for problem in problems)
        raise BadInput(unique)
    metadata = {key: value for key, value in schedule.metadata.items() if key != "events"}
    return replace(schedule, metadata=metadata, batches=tuple(batches))


def _check_own(plan: BatchPlan, problems: list[Problem]) -> None:
    """Add what is wrong with a batch's own events, places where it never is among it."""
    names = _names(plan)
    events = plan.extra["events"]
    for event in _events(events, plan.start, plan.batch_id, plan.line, problems):
        if not event.meets(names):
            line = getattr(events[event.number - 1], "line", None) or plan.line
            problems.append(
                Problem("S-EVENT", "the batch is never at an event's place", batch=plan.batch_id,
                        line=line, found=event.where,
                        allowed="a geography, station, hall, area or container of its own")
            )  # fmt: skip


def _nowhere(batches: Iterable[BatchPlan], shared: Any) -> Iterator[Problem]:
    """Yield the shared events whose place no batch of the schedule is ever at."""
    names = set().union(*map(_names, batches))
    for raw in shared if isinstance(shared, list) else [shared]:
        for event in _events([raw], 0, None, None, []):
            if not event.meets(names):
                yield Problem(
                    "S-EVENT", "no batch of the schedule is ever at an event's place",
                    line=getattr(raw, "line", None), found=event.where,
                    allowed="a geography, station, hall, area, container or batch that it names",
                )  # fmt: skip


def _given(plan: BatchPlan, shared: Any, problems: list[Problem]) -> BatchPlan:
    """Return a batch with the shared events that meet it, after its own."""
    own = plan.extra.get("events") or []
    names = _names(plan)
    life = plan.life
    new = []
    for raw in shared if isinstance(shared, list) else [shared]:
        for event in _events([raw], plan.start, None, None, problems):
            if event.meets(names) and event.first_day < life.end and event.end_day > life.start:
                new.append({**raw, "start": raw["start"]})
    if not new or not isinstance(own, list):
        return plan
    return replace(plan, extra={**plan.extra, "events": [*own, *new]})


def _names(plan: BatchPlan) -> set[str]:
    """Return all names by which a place of a batch can be meant."""
    names = {plan.batch_id, plan.geography, plan.station}
    for stay in plan.stays:
        for place, container in stay.containers:
            names |= {place, container, f"{place}/{container}"}
    return names


def _events(
    raw: Any, start: int, batch: str | None, line: int | None, problems: list[Problem]
) -> Iterator[InjectedEvent]:
    """Yield the events of a list, and add what is wrong with it to `problems`."""
    if raw is None:
        return
    if not isinstance(raw, list):
        problems.append(
            Problem(
                "S-EVENT", "events must be a list", batch=batch, line=line, found=repr(raw)[:60]
            )
        )
        return
    for number, item in enumerate(raw, start=1):
        at = getattr(item, "line", None) or line
        before = len(problems)
        problems += [
            Problem("S-EVENT", text, batch=batch, line=at, found=found, allowed=allowed)
            for text, found, allowed in _faults(item, batch is None)
        ]
        if len(problems) == before:
            yield _event(number, item, start)


def _faults(item: Any, is_shared: bool) -> Iterator[tuple[str, str | None, str | None]]:
    if not isinstance(item, Mapping):
        yield "an event must be a mapping", repr(item)[:60], "type, where, start, days, severity"
        return
    detail, values = _DETAILS.get(str(item.get("type")), ("", ()))
    keys = (*_KEYS, detail) if detail else _KEYS
    for key in item:
        if key not in keys:
            yield "an event has a key that is not known", str(key)[:60], ", ".join(keys)
    if detail in item and item[detail] not in values:
        yield f"an event's {detail} is not known", str(item[detail])[:60], ", ".join(values)
    if item.get("type") not in EVENT_TYPES:
        yield "an event's type is not known", str(item.get("type"))[:60], ", ".join(EVENT_TYPES)
    start = item.get("start")
    is_day = isinstance(start, int) and not isinstance(start, bool) and 0 <= start <= 2730
    if _as_date(start) is None and (is_shared or not is_day):
        allowed = "a date YYYY-MM-DD" + ("" if is_shared else ", or a day of the batch's life")
        yield "an event has no start that can be read", repr(start)[:60], allowed
    days = item.get("days", 1)
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= _MOST_DAYS:
        yield "an event's days are no whole number", repr(days)[:60], f"1 to {_MOST_DAYS}"
    severity = item.get("severity", 1)
    is_number = isinstance(severity, (int, float)) and not isinstance(severity, bool)
    if not is_number or not 0 < severity <= _MOST_SEVERITY:
        yield (
            "an event's severity is no number",
            repr(severity)[:60],
            f"above 0, to {_MOST_SEVERITY:g}",
        )
    where = item.get("where")
    if where is not None and not isinstance(where, (str, int)):
        yield (
            "an event's place is no name",
            repr(where)[:60],
            "a name of the schedule or of the farm",
        )


def _event(number: int, item: Mapping[str, Any], start: int) -> InjectedEvent:
    when = _as_date(item["start"])
    first = start + int(item["start"]) if when is None else day_of(when)
    detail = item.get(_DETAILS[item["type"]][0]) if item["type"] in _DETAILS else None
    where = item.get("where")
    return InjectedEvent(
        number=number,
        type=str(item["type"]),
        where=None if where is None else str(where),
        first_day=first,
        end_day=first + int(item.get("days", 1)),
        severity=float(item.get("severity", 1)),
        detail=None if detail is None else str(detail),
    )


def _as_date(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
