"""The verb run: a schedule becomes a dataset in a folder, or goes on where it stopped."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from grilse.api.assembling import (
    entries_of,
    group_entries,
    marks,
    saved,
    tasks_by_size,
    tasks_of,
    work_of,
)
from grilse.api.choosing import chosen_whole
from grilse.api.preparing import Job
from grilse.api.sharing import demand_shared
from grilse.dataset import destination as place
from grilse.dataset import segments
from grilse.dataset.manifest import Manifest
from grilse.dataset.records import read_records
from grilse.dataset.views import connect, make_views
from grilse.plan.saturation import Saturation, measure
from grilse.run.progress import showing
from grilse.run.result import RunResult
from grilse.run.run import run_segments
from grilse.sinks.null import NullSink
from grilse.sinks.parquet import ParquetSink
from grilse.tables.catalogue import TABLES

__all__ = ["RunReport", "run", "run_to_nothing"]

_MOST_WORKERS = 1024


@dataclass(frozen=True)
class RunReport:
    """What came of a run into a dataset.

    Attributes
    ----------
    root
        The dataset's folder.
    result
        Of the segments made by this run.
    skipped
        Segments that were there, whole and of equal inputs.
    manifest
        What the dataset now holds.
    statuses
        Batches by status, from the rows; empty where the batch table was not written.
    saturation
        Of the schedule.
    """

    root: Path
    result: RunResult
    skipped: int
    manifest: Manifest
    statuses: Mapping[str, int]
    saturation: Saturation


def run(
    job: Job,
    to: str | PathLike[str],
    *,
    workers: int | None = None,
    overwrite: bool = False,
    update: bool = False,
    progress: bool = False,
) -> RunReport:
    """Make a job's dataset in a folder, or go on where a run of equal inputs stopped.

    Parameters
    ----------
    to
        The folder: not there yet, empty, or a dataset of Grilse's.
    workers
        Processes; as many as there are processors allowed where none are given; 1 is this one.
    overwrite
        Whether a dataset of other inputs is replaced.
    update
        Whether a dataset of another schedule is brought up to date: just what changed is made.
    progress
        Whether to tell on standard error how far it is.

    Raises
    ------
    BadInput
        If `workers` is not from 1 to 1024.
    DestinationError
        If the folder holds something else, or cannot be written; nothing half-written stays.
    """
    _check_workers(workers)
    root, batches = Path(to), job.schedule.batches
    entries = entries_of(job)
    with place.open_destination(
        root,
        job.inputs,
        entries,
        saved(job),
        entries=entries,
        groups=group_entries(job),
        overwrite=overwrite,
        update=update,
    ) as destination:
        whole = work_of(job, ParquetSink(root, marks(job)), destination)
        tasks = tasks_of(job, destination)
        with demand_shared(whole) as work, _told(len(batches), progress) as shown:
            result = run_segments(work, tasks, workers=workers, progress=shown)
        manifest = place.finish(destination)
        chosen = [TABLES[name] for name in job.tables]
        make_views(root, chosen, read_records(root), marks(job))
        statuses = _statuses(root) if "batch" in job.tables else {}
    measured = measure(job.farm, batches, job.schedule.as_of)
    return RunReport(root, result, len(destination.done), manifest, statuses, measured)


def run_to_nothing(job: Job, *, workers: int | None = None, progress: bool = False) -> RunResult:
    """Make a job's rows, count and fingerprint them, and write nothing: for measuring."""
    _check_workers(workers)
    size = segments.segment_size(max((b.number for b in job.schedule.batches), default=1))
    whole = work_of(job, NullSink(), None)
    with demand_shared(whole) as work, _told(len(job.schedule.batches), progress) as shown:
        return run_segments(work, tasks_by_size(job, size), workers=workers, progress=shown)


def _check_workers(workers: int | None) -> None:
    if workers is not None:
        chosen_whole("workers", workers, 1, _MOST_WORKERS)


def _told(batches: int, is_told: bool) -> Any:
    return showing(batches, sys.stderr, is_shown=True) if is_told else nullcontext()


def _statuses(root: Path) -> dict[str, int]:
    with connect(root) as rows:
        found = rows.execute("SELECT status, count(*) FROM batch GROUP BY ALL ORDER BY ALL")
        return dict(found.fetchall())
