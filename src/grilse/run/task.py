"""What is to be run: the work that all segments share, and the segments one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from grilse.dataset.records import SegmentRecord
from grilse.sinks.protocol import Sink
from grilse.tables.schema import Table

__all__ = ["PATIENCE", "BatchTask", "Make", "Patience", "SegmentTask", "Work", "keep_no_record"]

Make = Callable[[Any, Any], Iterable[tuple[str, pa.RecordBatch]]]
"""Makes one batch: ``make(context, plan)`` yields (table name, chunk)."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How much trouble a batch may make before it is left out.

    Attributes
    ----------
    retries
        How often a batch that failed is made again.
    batch_seconds
        How long one batch may take; None for as long as it likes.
    first_pause_seconds, longest_pause_seconds
        Before a retry there is a pause of random length, whose bound doubles from the first of
        these to the second.
    """

    retries: int = 2
    batch_seconds: float | None = 300.0
    first_pause_seconds: float = 0.2
    longest_pause_seconds: float = 10.0


PATIENCE = Patience()
"""What a run has where nothing else is asked for."""


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
    patience
        With batches that fail.
    """

    make: Make
    context: Any
    tables: Mapping[str, Table]
    sink: Sink
    keep: Callable[[SegmentRecord], None] = keep_no_record
    patience: Patience = PATIENCE


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
    """One segment to make.

    Attributes
    ----------
    segment
        Its name.
    batches
        In the order of their numbers.
    left_out
        Why a batch is not even tried, by number: its workers have died of it.
    """

    segment: str
    batches: tuple[BatchTask, ...]
    left_out: Mapping[int, str] = field(default_factory=dict)
