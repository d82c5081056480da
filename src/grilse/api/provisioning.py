"""The verb prepare: what batches want of feed stores is written once, for runs to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

from grilse.api.prepared import hold_prepared, settle_prepared
from grilse.api.preparing import Job
from grilse.api.running import check_workers, told
from grilse.dataset import segments
from grilse.ledger.demand_file import demand_file
from grilse.production import leave_demand
from grilse.run.result import RunResult
from grilse.run.run import run_segments
from grilse.run.task import PATIENCE, BatchTask, Patience, SegmentTask, Work
from grilse.sinks.null import NullSink

__all__ = ["Provision", "provision"]


@dataclass(frozen=True)
class Provision:
    """What was prepared.

    Attributes
    ----------
    folder
        Where.
    result
        Of the batches whose demand was written now.
    batches, there
        How many there are, and of how many it was there before.
    byte_count
        Of all files.
    """

    folder: Path
    result: RunResult
    batches: int
    there: int
    byte_count: int

    @property
    def is_complete(self) -> bool:
        """Whether runs can use it."""
        return not self.result.failures and not self.result.is_stopped


def provision(
    job: Job,
    to: str | PathLike[str],
    *,
    workers: int | None = None,
    overwrite: bool = False,
    patience: Patience = PATIENCE,
    progress: bool = False,
) -> Provision:
    """Write what each batch of a job wants of feed stores, so that runs need not work it out.

    Parts of a dataset that are made apart each need it of nearly all batches. Rows are the same
    with it and without.

    Parameters
    ----------
    to
        A folder: not there yet, empty, or one that was being prepared for equal inputs.
    workers
        Processes; as many as there are processors allowed where none are given.
    overwrite
        Whether what was prepared for other inputs is replaced.
    patience
        With batches that fail or take long.
    progress
        Whether to tell on standard error how far it is.

    Raises
    ------
    BadInput
        If the folder was prepared for other inputs, or `workers` is not from 1 to 1024.
    DestinationError
        If the folder holds something else, or cannot be written.
    """
    check_workers(workers)
    folder = Path(to)
    hold_prepared(folder, job.provided_for, overwrite=overwrite)
    tasks = list(_tasks(job, folder))
    left = sum(len(task.batches) for task in tasks)
    production = replace(job.production, handover=str(folder.absolute()))
    work = Work(leave_demand, production, {}, NullSink(), patience=patience)
    with told(left, progress) as shown:
        result = run_segments(work, tasks, workers=workers, progress=shown)
    size = sum(path.stat().st_size for path in folder.iterdir())
    batches = len(job.schedule.batches)
    report = Provision(folder, result, batches, batches - left, size)
    if report.is_complete:
        settle_prepared(folder, job.provided_for)
    return report


def _tasks(job: Job, folder: Path) -> Iterator[SegmentTask]:
    """Yield the batches whose demand is not there, as many together as a dataset would have."""
    left = {
        batch.number: batch
        for batch in job.schedule.batches
        if not demand_file(folder, batch.number).exists()
    }
    size = segments.segment_size(max(left, default=1))
    for index, numbers in segments.numbers_by_segment(left, size).items():
        tasks = (BatchTask(n, left[n].batch_id, job.entries[n], left[n]) for n in numbers)
        yield SegmentTask(segments.segment_name(index), tuple(tasks))
