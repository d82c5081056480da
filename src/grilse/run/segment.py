"""Making one segment: its batches one after the other, a failing one left out, its record last."""

from __future__ import annotations

from traceback import format_exc

from grilse.dataset.records import BatchRecord, SegmentRecord
from grilse.ground.errors import DestinationError
from grilse.run.result import BatchFailure, SegmentResult
from grilse.run.task import BatchTask, SegmentTask, Work
from grilse.run.usage import cpu_seconds, peak_bytes
from grilse.sinks.protocol import SegmentWriter, Written
from grilse.tables.totals import Totals

__all__ = ["make_segment", "segment_lost"]


def make_segment(work: Work, task: SegmentTask) -> SegmentResult:
    """Make a segment, keep it, and write its record.

    Raises
    ------
    DestinationError
        If the sink cannot write: then nothing of the segment is kept.
    """
    before = cpu_seconds()
    writer = work.sink.begin(task.segment)
    try:
        failures = {}
        for batch in task.batches:
            failure = _make_batch(work, writer, batch)
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
    return SegmentResult(record, failed, batch_rows, cpu_seconds() - before, peak_bytes())


def segment_lost(task: SegmentTask, reason: str) -> SegmentResult:
    """Return the result of a segment that no worker lived to make: all its batches failed."""
    failures = {
        batch.number: BatchFailure(batch.number, batch.batch_id, reason) for batch in task.batches
    }
    record = _record(task, failures, Written({}, {}, {}))
    return SegmentResult(record, tuple(failures.values()), {}, 0.0, 0)


def _make_batch(work: Work, writer: SegmentWriter, batch: BatchTask) -> BatchFailure | None:
    writer.begin_batch(batch.number)
    try:
        for table, chunk in work.make(work.context, batch.plan):
            writer.write(work.tables[table], chunk)
    except DestinationError:
        raise
    except Exception as error:
        writer.drop_batch()
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        return BatchFailure(batch.number, batch.batch_id, reason, format_exc())
    writer.end_batch()
    return None


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
