"""The verb run: a schedule becomes a dataset in a folder, or goes on where it stopped."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path

from grilse.api.assembling import (
    group_entries,
    marks,
    saved,
    tasks_by_size,
    tasks_of,
    work_of,
)
from grilse.api.choosing import chosen_whole
from grilse.api.logged import logged
from grilse.api.preparing import Job
from grilse.api.room import telling_room
from grilse.api.sharing import cluster_at, demand_shared
from grilse.dataset import destination as place
from grilse.dataset import segments
from grilse.dataset.layout import ASIDE, DEMAND, HOUSE, MANIFEST
from grilse.dataset.manifest import Manifest
from grilse.dataset.parts import Part, open_part, part_of
from grilse.dataset.records import read_records
from grilse.dataset.views import connect, make_views
from grilse.ground.errors import BadInput, Problem
from grilse.plan.saturation import Saturation, measure
from grilse.run.cluster import Cluster
from grilse.run.progress import Progress, Silent, showing
from grilse.run.result import RunResult
from grilse.run.run import run_segments
from grilse.run.slices import Queue, SliceTally, SliceTotals
from grilse.run.status import noting
from grilse.run.task import PATIENCE, Patience
from grilse.run.usage import allowed_processors
from grilse.schedule.partitions import slices
from grilse.sinks.aside import AsideSink
from grilse.sinks.null import NullSink
from grilse.sinks.parquet import ParquetSink
from grilse.sinks.protocol import Sink
from grilse.tables.catalogue import TABLES

__all__ = [
    "RunReport",
    "check_workers",
    "finished",
    "noted",
    "run",
    "run_to_nothing",
    "sink_of",
    "told",
    "viewed",
]

_MOST_WORKERS = 1024
_NOT_IN_PARTS = Problem(
    "R-PART",
    "a part of a dataset cannot replace, update or mend it",
    mend="Give --overwrite, --update or --only-failed without --partition",
)
_NO_SLICES = Problem(
    "R-SCHEDULER",
    "slices are for the workers of one machine",
    mend="Leave --use-partitions out: a cluster gives each worker what comes next",
)


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
    part
        The part that was made, or None for the whole.
    slices
        What came of each slice, by name, where the schedule's partitions were used.
    """

    root: Path
    result: RunResult
    skipped: int
    manifest: Manifest
    statuses: Mapping[str, int]
    saturation: Saturation
    part: Part | None = None
    slices: Mapping[str, SliceTotals] = field(default_factory=dict)

    @property
    def next_verb(self) -> str:
        """What is to be done with the dataset next."""
        return "verify" if self.part is None else "finalise"


def run(
    job: Job,
    to: str | PathLike[str],
    *,
    workers: int | None = None,
    overwrite: bool = False,
    update: bool = False,
    only_failed: bool = False,
    part: Part | str | None = None,
    patience: Patience = PATIENCE,
    progress: bool = False,
    log_dir: str | PathLike[str] | None = None,
    logs: bool = True,
    use_partitions: bool = False,
    scheduler: str | None = None,
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
    only_failed
        Whether just the segments of batches that failed are made.
    part
        Which part of the dataset to make, ``3/24``; `finalise` joins them.
    patience
        With batches that fail or take long.
    progress
        Whether to tell on standard error how far it is.
    log_dir, logs
        Folder of the logs, ``logs`` in the dataset where none is named, and whether to keep any.
    use_partitions
        Whether each of the slices that the schedule names is made whole by one worker.
    scheduler
        Address of a Dask scheduler, whose workers make the segments; they see the folder.

    Raises
    ------
    BadInput
        If `workers` is not from 1 to 1024, or the options do not go together.
    DestinationError
        If the folder holds something else, or cannot be written; nothing half-written stays.
    MissingExtra, ClusterError
        If a cluster is asked for, and its package or its scheduler is not there.
    """
    check_workers(workers)
    chosen_part = part_of(part) if isinstance(part, str) else part
    if chosen_part and (overwrite or update or only_failed):
        raise BadInput(_NOT_IN_PARTS)
    root, batches = Path(to), job.schedule.batches
    if scheduler is not None and use_partitions:
        raise BadInput(_NO_SLICES)
    slice_of = _slices(job) if use_partitions else {}
    with (
        cluster_at(scheduler, workers) as cluster,
        telling_room(job, root),
        _opened(job, root, chosen_part, overwrite, update, only_failed) as destination,
    ):
        if cluster is not None:
            cluster.refuse_unseen((root / MANIFEST).absolute())
        whole = work_of(job, _sink_for(job, root, cluster), destination, patience)
        tasks = list(tasks_of(job, destination))
        to_make = sum(batch.number > 0 for task in tasks for batch in task.batches)
        there = sum(n > 0 for record in destination.done.values() for n in record.batches)
        near = None if cluster is None else (root / DEMAND).absolute()
        with demand_shared(whole, near) as work, told(to_make, progress) as shown:
            at_work = workers if cluster is None else cluster.workers
            noting_it = noted(root, chosen_part, shown, to_make, there, at_work)
            with noting_it as note, logged(job, root, log_dir, keep=logs) as log:
                tally = SliceTally(slice_of, log)
                queue = Queue(tasks, slice_of or None)
                result = run_segments(
                    work, queue, workers=workers, cluster=cluster, progress=note, log=tally
                )
        if chosen_part is None:
            manifest = finished(job, destination)
            statuses = _statuses(root) if "batch" in job.tables else {}
        else:
            manifest, statuses = replace(destination.manifest, totals=result.tables), {}
    measured = measure(job.farm, batches, job.schedule.as_of)
    done = len(destination.done)
    return RunReport(
        root, result, done, manifest, statuses, measured, chosen_part, tally.totals
    )  # fmt: skip


def _slices(job: Job) -> dict[int, str]:
    """Return the name of each batch's slice, by its number, in the order of the slices."""
    parts = slices(job.schedule)
    return {batch.number: part.name for part in parts for batch in part.batches}


def _opened(
    job: Job, root: Path, part: Part | None, overwrite: bool, update: bool, only_failed: bool
) -> AbstractContextManager[place.Destination]:
    """Return the hold of the destination, or of a part of it."""
    entries, groups, texts = job.entries, group_entries(job), saved(job)
    if part is not None:
        return open_part(root, part, job.inputs, entries, texts, entries=entries, groups=groups)
    return place.open_destination(
        root, job.inputs, entries, texts, entries=entries, groups=groups,
        overwrite=overwrite, update=update, only_failed=only_failed,
    )  # fmt: skip


def noted(
    root: Path, part: Part | None, shown: Progress | None, batches: int, there: int,
    workers: int | None,
) -> AbstractContextManager[Progress]:  # fmt: skip
    """Return the note of progress that `status` reads."""
    which = "" if part is None else f".part-{part.index:04d}-of-{part.parts:04d}"
    path = root / HOUSE / f"status{which}.json"
    count = workers or allowed_processors()
    return noting(path, shown or Silent(), batches=batches, there=there, workers=count)


def sink_of(job: Job, root: Path) -> ParquetSink:
    """Return the sink of a dataset's files, as the job wants them."""
    writing, usual = job.writing, ParquetSink(root, marks(job))
    return replace(
        usual,
        compression=writing.compression or usual.compression,
        row_group_rows=writing.row_group_rows or usual.row_group_rows,
    )


def _sink_for(job: Job, root: Path, cluster: Cluster | None) -> Sink:
    """Return the sink for workers here, or for those of a cluster, who may be taken for lost."""
    if cluster is None:
        return sink_of(job, root)
    there = root.absolute()
    return AsideSink(sink_of(job, there), there / ASIDE)


def finished(job: Job, destination: place.Destination) -> Manifest:
    """Add up a dataset that is held, and make its views."""
    manifest = place.finish(destination)
    viewed(job, destination.root)
    return manifest


def viewed(job: Job, root: Path) -> None:
    """Make the views of a dataset."""
    make_views(root, [TABLES[name] for name in job.tables], read_records(root), marks(job))


def run_to_nothing(job: Job, *, workers: int | None = None, progress: bool = False) -> RunResult:
    """Make a job's rows, count and fingerprint them, and write nothing: for measuring."""
    check_workers(workers)
    size = segments.segment_size(max((b.number for b in job.schedule.batches), default=1))
    whole = work_of(job, NullSink(), None)
    with demand_shared(whole) as work, told(len(job.schedule.batches), progress) as shown:
        return run_segments(work, tasks_by_size(job, size), workers=workers, progress=shown)


def check_workers(workers: int | None) -> None:
    """Refuse a number of workers that cannot be."""
    if workers is not None:
        chosen_whole("workers", workers, 1, _MOST_WORKERS)


def told(batches: int, is_told: bool) -> AbstractContextManager[Progress | None]:
    """Return what shows progress on standard error, if it is to be told."""
    return showing(batches, sys.stderr, is_shown=True) if is_told else nullcontext()


def _statuses(root: Path) -> dict[str, int]:
    with connect(root) as rows:
        found = rows.execute("SELECT status, count(*) FROM batch GROUP BY ALL ORDER BY ALL")
        return dict(found.fetchall())
