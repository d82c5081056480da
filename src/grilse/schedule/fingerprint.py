"""What a batch's rows depend on, and what a dataset's do, as a short text that names it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import blake2b
from typing import Any

from grilse.schedule.model import BatchPlan, Schedule

__all__ = ["entry_fingerprint", "schedule_fingerprint"]

_DECIDING_EXTRAS = ("source", "anchors", "events", "sea_batch_number_target")
_DIGEST_BYTES = 16


def entry_fingerprint(batch: BatchPlan) -> str:
    """Return the fingerprint of all in a batch's entry that its rows depend on.

    Left out is what no row follows from: lines, notes, what was planned but is not used, and
    `duration`, which says how far the batch had lived when the file was made.
    """
    return _digest(_entry(batch))


def schedule_fingerprint(schedule: Schedule, entries: Iterable[str] | None = None) -> str:
    """Return the fingerprint of a schedule: its seed and its batches, in whatever order.

    The as-of date is left out: it clips the rows and changes none.

    Parameters
    ----------
    entries
        The fingerprints of its batches' entries, where they are known already.
    """
    known = map(entry_fingerprint, schedule.batches) if entries is None else entries
    return _digest(("schedule", schedule.seed, *sorted(known)))


def _entry(batch: BatchPlan) -> tuple[Any, ...]:
    stays = tuple(
        (stay.stage, stay.place, stay.start_day, stay.end_day, stay.containers)
        for stay in batch.stays
    )
    extra = tuple(
        (key, batch.extra[key]) for key in _DECIDING_EXTRAS if batch.extra.get(key) is not None
    )
    target = batch.harvest_target_kg
    who = (batch.batch_id, batch.number, batch.start, batch.eggs, batch.geography, batch.station)
    return (*who, None if target is None else float(target), batch.open_ended, stays, extra)


def _digest(value: Any) -> str:
    return blake2b(_canonical(value).encode(), digest_size=_DIGEST_BYTES).hexdigest()


def _canonical(value: Any) -> str:
    """Write a value so that equal values are written alike, and different ones differently."""
    if isinstance(value, (tuple, list)):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, Mapping):
        pairs = sorted((_canonical(key), _canonical(value[key])) for key in value)
        return "{" + ",".join(f"{key}:{item}" for key, item in pairs) + "}"
    if isinstance(value, date):
        return f"date {value.isoformat()}"
    return repr(value)
