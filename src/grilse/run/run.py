"""A run: every segment made, progress told, the results added up."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from grilse.run.cluster import Cluster, Crew
from grilse.run.pool import Pool
from grilse.run.progress import Progress, Silent
from grilse.run.result import BatchFailure, RunResult, SegmentResult
from grilse.run.slices import Listener
from grilse.run.stop import listening
from grilse.run.task import SegmentTask, Work
from grilse.run.usage import allowed_processors, children_cpu_seconds, cpu_seconds, peak_bytes
from grilse.tables.totals import Totals, add_totals

__all__ = ["run_segments"]


@dataclass(slots=True)
class _Sums:
    """What is kept of the results: nothing that grows with the batches but their failures."""

    segments: int = 0
    batches: int = 0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    failures: list[BatchFailure] = field(default_factory=list)
    tables: dict[str, Totals] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)

    def add(self, result: SegmentResult) -> None:
        self.segments += 1
        self.batches += sum(number > 0 for number in result.batch_rows)
        self.cpu_seconds += result.cpu_seconds
        self.peak_bytes = max(self.peak_bytes, result.peak_bytes)
        self.failures += result.failures
        self.tables = add_totals([self.tables, result.record.tables])
        for table, size in result.record.bytes.items():
            self.bytes[table] = self.bytes.get(table, 0) + size


def run_segments(
    work: Work,
    tasks: Iterable[SegmentTask],
    *,
    workers: int | None = None,
    cluster: Cluster | None = None,
    progress: Progress | None = None,
    log: Listener | None = None,
) -> RunResult:
    """Make segments and say what came of it.

    Parameters
    ----------
    work
        What all segments share.
    tasks
        The segments to make; read as workers become free.
    workers
        How many processes; by default as many as there are processors allowed. 1 makes all in
        this process.
    cluster
        Whose workers make the segments in place of processes of this machine.
    progress
        Told of every segment.
    log
        Told of every segment: a log, or a tally of slices.

    Returns
    -------
    RunResult
        Also when a stop was asked for: then the segments in hand were finished or undone, and no
        other was begun.

    Raises
    ------
    DestinationError
        If the destination cannot be written.
    ClusterError
        If the cluster cannot be reached any longer.
    KeyboardInterrupt
        If a stop was asked for twice: what was in hand is undone.
    """
    count = (workers or allowed_processors()) if cluster is None else cluster.workers
    told, sums = progress or Silent(), _Sums()
    wall, own, children = time.monotonic(), cpu_seconds(), children_cpu_seconds()
    with listening() as stop:
        pool = Pool(work, count, stop) if cluster is None else Crew(cluster, work, stop)
        for result in pool.results(tasks):
            sums.add(result)
            if log is not None:
                log.segment(result)
            batches = sum(number > 0 for number in result.record.batches)
            told.advance(batches, result.rows, len(result.failures))
        is_stopped = stop.is_asked
    own, children = cpu_seconds() - own, children_cpu_seconds() - children
    is_here = count == 1 and cluster is None
    in_process = sums.cpu_seconds if is_here else 0.0
    elsewhere = sums.cpu_seconds if is_here or cluster is not None else children
    return RunResult(
        segments=sums.segments,
        batches=sums.batches,
        failures=tuple(sorted(sums.failures, key=lambda failure: failure.number)),
        tables=sums.tables,
        bytes=dict(sorted(sums.bytes.items())),
        is_stopped=is_stopped,
        workers=count,
        restarts=pool.restarts,
        wall_seconds=time.monotonic() - wall,
        parent_cpu_seconds=own - in_process,
        worker_cpu_seconds=elsewhere,
        parent_peak_bytes=peak_bytes(),
        worker_peak_bytes=sums.peak_bytes,
    )
