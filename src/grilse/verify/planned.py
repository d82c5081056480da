"""What the schedule fixes, as tables to hold rows against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from grilse.schedule.model import Schedule
from grilse.tables import keys

__all__ = ["planned_batches", "planned_stays"]

_GRAMS_PER_KG = 1000


def planned_batches(schedule: Schedule) -> pa.Table:
    """Return a row a batch: ``planned_batch``."""
    plans = schedule.batches
    return pa.table(
        {
            "batch_id": pa.array([plan.number for plan in plans], pa.int64()),
            "batch_number": pa.array([plan.batch_id for plan in plans], pa.string()),
            "geography": pa.array([plan.geography for plan in plans], pa.string()),
            "start_date": pa.array([plan.start for plan in plans], pa.int32()).cast(pa.date32()),
            "egg_count": pa.array([plan.eggs for plan in plans], pa.int64()),
            "target_g": pa.array([_grams(plan.harvest_target_kg) for plan in plans], pa.int64()),
            "is_open": pa.array([plan.open_ended for plan in plans], pa.bool_()),
            "stays": pa.array([len(plan.stays) for plan in plans], pa.int64()),
        }
    )


def planned_stays(schedule: Schedule) -> pa.Table:
    """Return a row for each batch, stage and container: ``planned_stay``.

    Its key is the one that the assignment must have; slots count containers in the schedule's
    order.
    """
    columns: dict[str, list[Any]] = {name: [] for name in _STAY_TYPES}
    for plan in schedule.batches:
        slot = 0
        for index, stay in enumerate(plan.stays):
            for place, name in stay.containers:
                row: Mapping[str, Any] = {
                    "assignment_id": keys.assignment_id(plan.number, slot),
                    "batch_id": plan.number,
                    "geography": plan.geography,
                    "place": place,
                    "container": name,
                    "stage": stay.stage,
                    "stage_index": index,
                    "is_last": index == len(plan.stays) - 1,
                    "start_date": plan.start + stay.start_day,
                    "end_date": plan.start + stay.end_day,
                    "is_open": plan.open_ended,
                }
                for key, value in row.items():
                    columns[key].append(value)
                slot += 1
    return pa.table({name: _array(values, _STAY_TYPES[name]) for name, values in columns.items()})


_STAY_TYPES: dict[str, pa.DataType] = {
    "assignment_id": pa.int64(), "batch_id": pa.int64(), "geography": pa.string(),
    "place": pa.string(), "container": pa.string(), "stage": pa.string(),
    "stage_index": pa.int64(), "is_last": pa.bool_(), "start_date": pa.date32(),
    "end_date": pa.date32(), "is_open": pa.bool_(),
}  # fmt: skip


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    is_date = kind == pa.date32()
    return pa.array(values, pa.int32()).cast(kind) if is_date else pa.array(values, kind)


def _grams(kilograms: float | None) -> int | None:
    return None if kilograms is None else round(kilograms * _GRAMS_PER_KG)
