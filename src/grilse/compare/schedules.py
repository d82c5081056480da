"""Two schedules compared: batches that one lacks, and what each batch has that differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from grilse.ground.days import date_of
from grilse.schedule.fingerprint import entry_fingerprint
from grilse.schedule.model import BatchPlan, Schedule, Stay

__all__ = ["BatchDifference", "ScheduleComparison", "compare_schedules"]

_FIELDS = (
    "number", "eggs", "geography", "station", "harvest_target_kg", "open_ended", "duration",
)  # fmt: skip
_WIDEST = 160


@dataclass(frozen=True)
class BatchDifference:
    """A batch that differs.

    Attributes
    ----------
    batch_id
        Its id.
    lines
        What differs, by field: ``(field, in A, in B)``, the field empty where a schedule lacks the
        whole batch.
    """

    batch_id: str
    lines: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ScheduleComparison:
    """What is to be said of two schedules.

    Attributes
    ----------
    a, b
        Their files.
    batches_a, batches_b
        How many they have.
    metadata
        What of the metadata decides rows and differs: ``(field, in A, in B)``.
    differing
        Batches that differ, by id.
    """

    a: str
    b: str
    batches_a: int
    batches_b: int
    metadata: tuple[tuple[str, str, str], ...]
    differing: tuple[BatchDifference, ...]

    @property
    def is_equal(self) -> bool:
        """Whether equal rows follow from them."""
        return not self.metadata and not self.differing


def compare_schedules(a: Schedule, b: Schedule) -> ScheduleComparison:
    """Compare all that rows follow from; order, comments and notes count for nothing."""
    by_id_a = {batch.batch_id: batch for batch in a.batches}
    by_id_b = {batch.batch_id: batch for batch in b.batches}
    found = [
        BatchDifference(name, tuple(_lines(by_id_a.get(name), by_id_b.get(name))))
        for name in sorted({*by_id_a, *by_id_b})
    ]
    return ScheduleComparison(
        a.file or "A",
        b.file or "B",
        len(a.batches),
        len(b.batches),
        tuple(_metadata(a, b)),
        tuple(each for each in found if each.lines),
    )


def _metadata(a: Schedule, b: Schedule) -> Iterator[tuple[str, str, str]]:
    if a.seed != b.seed:
        yield "seed", str(a.seed), str(b.seed)
    if a.as_of != b.as_of:
        yield "as_of", date_of(a.as_of).isoformat(), date_of(b.as_of).isoformat()
    for key in ("farm", "parameters"):
        said = [_fingerprint(each.metadata.get(key)) for each in (a, b)]
        if None not in said and said[0] != said[1]:
            yield f"{key} fingerprint", str(said[0]), str(said[1])
    if (a.metadata.get("events") or []) != (b.metadata.get("events") or []):
        yield "events", _said(a.metadata.get("events")), _said(b.metadata.get("events"))


def _fingerprint(said: Any) -> str | None:
    found = said.get("fingerprint") if isinstance(said, Mapping) else None
    return None if found is None else str(found)


def _lines(a: BatchPlan | None, b: BatchPlan | None) -> Iterator[tuple[str, str, str]]:
    if a is None or b is None:
        yield "", "not there" if a is None else "there", "not there" if b is None else "there"
        return
    if entry_fingerprint(a) == entry_fingerprint(b) and a.duration == b.duration:
        return
    if a.start != b.start:
        yield "start_date", date_of(a.start).isoformat(), date_of(b.start).isoformat()
    for name in _FIELDS:
        was, now = getattr(a, name), getattr(b, name)
        if was != now:
            yield name, _said(was), _said(now)
    stays_a, stays_b = ({stay.stage: stay for stay in batch.stays} for batch in (a, b))
    for stage in dict.fromkeys((*stays_a, *stays_b)):
        yield from _stay(stage, stays_a.get(stage), stays_b.get(stage))
    yield from _extras(a, b)


def _stay(stage: str, a: Stay | None, b: Stay | None) -> Iterator[tuple[str, str, str]]:
    if a is None or b is None:
        yield stage, "none" if a is None else _days(a), "none" if b is None else _days(b)
        return
    if _days(a) != _days(b):
        yield stage, _days(a), _days(b)
    if a.containers != b.containers:
        only_a = [pair for pair in a.containers if pair not in b.containers]
        only_b = [pair for pair in b.containers if pair not in a.containers]
        what = f"{stage} containers"
        if only_a or only_b:
            yield what, _names(only_a), _names(only_b)
        else:
            yield what, "the same", "in another order"


def _extras(a: BatchPlan, b: BatchPlan) -> Iterator[tuple[str, str, str]]:
    """Yield what else the entries say that rows follow from."""
    for key in sorted({*a.extra, *b.extra} - {"stages", "note", "purpose", "effective_duration"}):
        was, now = a.extra.get(key), b.extra.get(key)
        if was == now:
            continue
        if isinstance(was, list) and isinstance(now, list):
            gone = [item for item in was if item not in now]
            new = [item for item in now if item not in was]
            yield key, _items(len(was), gone), _items(len(now), new)
        else:
            yield key, _said(was), _said(now)


def _items(count: int, own: list[Any]) -> str:
    return f"{count} of them" + (f", {_said(own[0])}" if own else "")


def _days(stay: Stay) -> str:
    return f"days {stay.start_day} to {stay.end_day}"


def _names(pairs: list[tuple[str, str]]) -> str:
    names = [name for _, name in pairs]
    return (
        ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "") or "none"
    )


def _said(value: Any) -> str:
    if value is None:
        return "none"
    text = _plain(value)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."


def _plain(value: Any) -> str:
    """Write a value as a schedule has it: dates by ISO 8601, mappings and lists as YAML does."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_plain(each)}" for name, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return value.isoformat() if isinstance(value, date) else str(value)
