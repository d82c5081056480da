"""What is to be run: the work that all segments share, and the segments one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from grilse.dataset.records import SegmentRecord
from grilse.sinks.protocol import Sink
from grilse.tables.schema import Table

__all__ = ["BatchTask", "Make", "SegmentTask", "Work", "keep_no_record"]

Make = Callable[[Any, Any], Iterable[tuple[str, pa.RecordBatch]]]
"""Makes one batch: ``make(context, plan)`` yields (table name, chunk)."""


def keep_no_record(record: SegmentRecord) -> None:
    """Forget a segment's record: for sinks that keep no dataset."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is the same for every segment; it is sent to each worker once.

    Attributes
    ----------
    make
        Top-level function that makes a batch. Whatever it raises fails that batch alone.
    context
        Its first argument: farm, parameters, seed, options. What it caches there stays with the
        worker.
    tables
        The tables that it may yield, by name.
    sink
        Where chunks go.
    keep
        Called in the worker when a segment is whole, last of all: writes its record.
    """

    make: Make
    context: Any
    tables: Mapping[str, Table]
    sink: Sink
    keep: Callable[[SegmentRecord], None] = keep_no_record


@dataclass(frozen=True, slots=True)
class BatchTask:
    """One batch to make.

    Attributes
    ----------
    number, batch_id
        Its number and id in the schedule; number 0 stands for the farm's own tables.
    entry
        Fingerprint of its entry in the schedule.
    plan
        Second argument of `Work.make`.
    """

    number: int
    batch_id: str
    entry: str
    plan: Any


@dataclass(frozen=True, slots=True)
class SegmentTask:
    """One segment to make: its name, and its batches in the order of their numbers."""

    segment: str
    batches: tuple[BatchTask, ...]
