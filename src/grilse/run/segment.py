"""Making one segment: its batches one after the other, a failing one left out, its record last."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from traceback import format_exception

from grilse.dataset.records import BatchRecord, SegmentRecord
from grilse.ground.errors import DestinationError
from grilse.run.capture import hearing
from grilse.run.patience import again, time_limit
from grilse.run.result import BatchFailure, BatchStory, SegmentResult
from grilse.run.task import BatchTask, SegmentTask, Work
from grilse.run.usage import cpu_seconds, peak_bytes
from grilse.sinks.protocol import SegmentWriter, Written
from grilse.tables.totals import Totals

__all__ = ["Pulse", "make_segment", "segment_lost"]

Pulse = Callable[[int], bool]
"""Told of each batch before it is made; answers whether a stop was asked for."""

_SECONDS_TO_FINISH = 2.0
"""A segment that would be done by then is finished when a stop is asked for; else it is undone."""


def _no_stop(number: int) -> bool:
    return False


def make_segment(work: Work, task: SegmentTask, pulse: Pulse = _no_stop) -> SegmentResult | None:
    """Make a segment, keep it, and write its record.

    Returns
    -------
    SegmentResult or None
        None if a stop was asked for and the segment was undone.

    Raises
    ------
    DestinationError
        If the sink cannot write: then nothing of the segment is kept.
    """
    before, began = cpu_seconds(), time.monotonic()
    writer = work.sink.begin(task.segment)
    try:
        failures: dict[int, BatchFailure] = {}
        stories: dict[int, BatchStory] = {}
        for index, batch in enumerate(task.batches):
            left = len(task.batches) - index
            if pulse(batch.number) and not _is_soon_done(time.monotonic() - began, index, left):
                writer.abort()
                return None
            start = time.monotonic()
            with hearing() as heard:
                failure = _make_or_leave_out(work, task, writer, batch, pulse)
            stories[batch.number] = BatchStory(
                time.monotonic() - start, heard.output, tuple(heard.warnings)
            )
            if failure:
                failures[batch.number] = failure
        written = writer.commit()
    except BaseException:
        writer.abort()
        raise
    record = _record(task, failures, written)
    work.keep(record)
    batch_rows = {
        number: {table: totals.rows for table, totals in tables.items()}
        for number, tables in written.batches.items()
    }
    failed = tuple(failures.values())
    used = cpu_seconds() - before
    return SegmentResult(record, failed, batch_rows, used, peak_bytes(), stories)


def segment_lost(task: SegmentTask, reason: str) -> SegmentResult:
    """Return the result of a segment that no worker lived to make: all its batches failed."""
    failures = {
        batch.number: BatchFailure(batch.number, batch.batch_id, reason) for batch in task.batches
    }
    record = _record(task, failures, Written({}, {}, {}))
    return SegmentResult(record, tuple(failures.values()), {}, 0.0, 0)


def _is_soon_done(seconds: float, done: int, left: int) -> bool:
    return done > 0 and seconds / done * left <= _SECONDS_TO_FINISH


def _make_or_leave_out(
    work: Work, task: SegmentTask, writer: SegmentWriter, batch: BatchTask, pulse: Pulse
) -> BatchFailure | None:
    if batch.number in task.left_out:
        return BatchFailure(batch.number, batch.batch_id, task.left_out[batch.number])
    attempt = partial(_make_batch, work, writer, batch)
    failure: Exception | None = None
    try:
        attempt()
    except DestinationError:
        raise
    except Exception as error:
        failure = again(attempt, error, work.patience, lambda: pulse(batch.number))
    if failure is None:
        return None
    reason = f"{type(failure).__name__}: {failure}".splitlines()[0]
    return BatchFailure(batch.number, batch.batch_id, reason, "".join(format_exception(failure)))


def _make_batch(work: Work, writer: SegmentWriter, batch: BatchTask) -> None:
    """Make a batch as a whole, or raise and leave nothing of it."""
    writer.begin_batch(batch.number)
    try:
        with time_limit(work.patience.batch_seconds):
            for table, chunk in work.make(work.context, batch.plan):
                writer.write(work.tables[table], chunk)
    except DestinationError:
        raise
    except Exception:
        writer.drop_batch()
        raise
    writer.end_batch()


def _record(
    task: SegmentTask, failures: dict[int, BatchFailure], written: Written
) -> SegmentRecord:
    batches = {}
    for batch in task.batches:
        if batch.number in failures:
            reason = failures[batch.number].reason
            record = BatchRecord(batch.batch_id, batch.entry, "failed", reason=reason)
        else:
            parts = written.batches[batch.number].values()
            record = BatchRecord(batch.batch_id, batch.entry, totals=sum(parts, Totals()))
        batches[batch.number] = record
    return SegmentRecord(task.segment, written.tables, written.bytes, batches)
