"""What came of a run: segment by segment, and as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grilse.dataset.records import SegmentRecord
from grilse.tables.totals import Totals, add_totals

__all__ = ["BatchFailure", "BatchStory", "RunResult", "SegmentResult", "joined"]


@dataclass(frozen=True, slots=True)
class BatchFailure:
    """Why a batch was left out.

    Attributes
    ----------
    number, batch_id
        Its number and id in the schedule.
    reason
        One line.
    traceback
        Where it happened; empty where its worker died.
    """

    number: int
    batch_id: str
    reason: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class BatchStory:
    """How the making of a batch went, for its log.

    Attributes
    ----------
    seconds
        From its begin to its end, every attempt included.
    output
        What was printed meanwhile.
    warnings
        Of which it was warned, one line each.
    """

    seconds: float
    output: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """What came of one segment.

    Attributes
    ----------
    record
        What it holds, and what came of each of its batches.
    failures
        Of the batches left out.
    batch_rows
        Rows a table of each batch made, by number.
    cpu_seconds
        That the process spent on it.
    peak_bytes
        Most memory that the process has held until then.
    stories
        How the making of each batch went, by number.
    """

    record: SegmentRecord
    failures: tuple[BatchFailure, ...]
    batch_rows: Mapping[int, Mapping[str, int]]
    cpu_seconds: float
    peak_bytes: int
    stories: Mapping[int, BatchStory] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of all its tables."""
        return sum(totals.rows for totals in self.record.tables.values())


@dataclass(frozen=True, slots=True)
class RunResult:
    """What came of a run; segments that were there before are not in it.

    Attributes
    ----------
    segments, batches
        How many were made.
    failures
        Batches left out, by number.
    tables, bytes
        Rows and fingerprint, and size, by table, of what this run wrote.
    is_stopped
        Whether it was asked to stop before its end.
    workers
        Processes that made segments; 1 is this one.
    restarts
        Workers that died and were replaced.
    wall_seconds
        From the first segment's start to the last one's end.
    parent_cpu_seconds, worker_cpu_seconds
        Of this process without the making of segments, and of all workers with their start.
    parent_peak_bytes, worker_peak_bytes
        Most memory held by this process, and by the worker that held most.
    """

    segments: int
    batches: int
    failures: tuple[BatchFailure, ...]
    tables: Mapping[str, Totals]
    bytes: Mapping[str, int]
    is_stopped: bool
    workers: int
    restarts: int
    wall_seconds: float
    parent_cpu_seconds: float
    worker_cpu_seconds: float
    parent_peak_bytes: int
    worker_peak_bytes: int

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(totals.rows for totals in self.tables.values())


def joined(first: RunResult, then: RunResult) -> RunResult:
    """Return what came of two runs, one after the other, as one."""
    sizes = {
        table: first.bytes.get(table, 0) + then.bytes.get(table, 0)
        for table in {**first.bytes, **then.bytes}
    }
    return RunResult(
        first.segments + then.segments,
        first.batches + then.batches,
        (*first.failures, *then.failures),
        add_totals((first.tables, then.tables)),
        sizes,
        first.is_stopped or then.is_stopped,
        max(first.workers, then.workers),
        first.restarts + then.restarts,
        first.wall_seconds + then.wall_seconds,
        first.parent_cpu_seconds + then.parent_cpu_seconds,
        first.worker_cpu_seconds + then.worker_cpu_seconds,
        max(first.parent_peak_bytes, then.parent_peak_bytes),
        max(first.worker_peak_bytes, then.worker_peak_bytes),
    )
