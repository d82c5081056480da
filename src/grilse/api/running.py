"""The verb run: a schedule becomes a dataset in a folder, or goes on where it stopped."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

from grilse import __version__
from grilse.api.choosing import chosen_whole
from grilse.api.preparing import Job
from grilse.biology.parameters import builtin_text
from grilse.dataset import destination as place
from grilse.dataset import segments
from grilse.dataset.manifest import FORMAT, Manifest
from grilse.dataset.records import SegmentRecord, read_records, write_record
from grilse.dataset.views import connect, make_views
from grilse.farm.fingerprint import farm_fingerprint
from grilse.farm.model import Farm
from grilse.ground.days import date_of
from grilse.plan.saturation import Saturation, measure
from grilse.production import make
from grilse.run.progress import showing
from grilse.run.result import RunResult
from grilse.run.run import run_segments
from grilse.run.task import BatchTask, SegmentTask, Work
from grilse.schedule.fingerprint import entry_fingerprint
from grilse.schedule.model import BatchPlan
from grilse.schedule.writing import dump
from grilse.sinks.null import NullSink
from grilse.sinks.parquet import ParquetSink
from grilse.sinks.protocol import Sink
from grilse.tables.catalogue import TABLES

__all__ = ["RunReport", "run", "run_to_nothing"]

_FARM_NUMBER = 0
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
    numbers = [batch.number for batch in batches]
    with place.open_destination(
        root, job.inputs, numbers, _saved(job), overwrite=overwrite
    ) as destination:
        work = _work(job, ParquetSink(root, _marks(job)), root)
        tasks = _tasks(job, destination.manifest.segment_size, skip=destination.done)
        with _told(len(batches), progress) as shown:
            result = run_segments(work, tasks, workers=workers, progress=shown)
        manifest = place.finish(destination)
        chosen = [TABLES[name] for name in job.tables]
        make_views(root, chosen, read_records(root), _marks(job))
        statuses = _statuses(root) if "batch" in job.tables else {}
    measured = measure(job.farm, batches, job.schedule.as_of)
    return RunReport(root, result, len(destination.done), manifest, statuses, measured)


def run_to_nothing(job: Job, *, workers: int | None = None, progress: bool = False) -> RunResult:
    """Make a job's rows, count and fingerprint them, and write nothing: for measuring."""
    _check_workers(workers)
    size = segments.segment_size(max((b.number for b in job.schedule.batches), default=1))
    work = _work(job, NullSink(), None)
    with _told(len(job.schedule.batches), progress) as shown:
        return run_segments(work, _tasks(job, size, {}), workers=workers, progress=shown)


def _check_workers(workers: int | None) -> None:
    if workers is not None:
        chosen_whole("workers", workers, 1, _MOST_WORKERS)


def _told(batches: int, is_told: bool) -> Any:
    return showing(batches, sys.stderr, is_shown=True) if is_told else nullcontext()


def _work(job: Job, sink: Sink, root: Path | None) -> Work:
    chosen = {name: TABLES[name] for name in job.tables}
    if root is None:
        return Work(make, job.production, chosen, sink)
    return Work(make, job.production, chosen, sink, partial(write_record, root))


def _tasks(job: Job, size: int, skip: Mapping[str, SegmentRecord]) -> Iterator[SegmentTask]:
    """Yield the segments to make, the farm's own first."""
    farm = segments.farm_segment_name()
    if farm not in skip:
        entry = farm_fingerprint(job.farm)
        yield SegmentTask(farm, (BatchTask(_FARM_NUMBER, "farm", entry, None),))
    by_number = {batch.number: batch for batch in job.schedule.batches}
    for index, numbers in segments.numbers_by_segment(by_number, size).items():
        name = segments.segment_name(index)
        if name not in skip:
            yield SegmentTask(name, tuple(_task(by_number[number]) for number in numbers))


def _task(batch: BatchPlan) -> BatchTask:
    return BatchTask(batch.number, batch.batch_id, entry_fingerprint(batch), batch)


def _marks(job: Job) -> dict[str, str]:
    return {
        "synthetic": "made by Grilse; no record of a real farm",
        "version": __version__,
        "seed": str(job.schedule.seed),
        "format": str(FORMAT),
    }


def _saved(job: Job) -> dict[str, str]:
    """Return the texts that are kept beside the manifest, so that the dataset explains itself."""
    own = {**job.schedule.metadata, "seed": job.schedule.seed}
    own["as_of"] = date_of(job.schedule.as_of)
    return {
        "schedule.yaml": dump(replace(job.schedule, metadata=own)),
        "farm.yaml": _farm_text(job.farm),
        "parameters.yaml": builtin_text(),
    }


def _farm_text(farm: Farm) -> str:
    kind, _, name = farm.origin.partition(":")
    if kind == "built-in":
        return (files("grilse.farm") / "data" / f"{name}.yaml").read_text(encoding="utf-8")
    if farm.origin == "schedule":
        return "# The farm of all that schedule.yaml, beside this file, names.\n"
    return Path(farm.origin).read_text(encoding="utf-8")


def _statuses(root: Path) -> dict[str, int]:
    with connect(root) as rows:
        found = rows.execute("SELECT status, count(*) FROM batch GROUP BY ALL ORDER BY ALL")
        return dict(found.fetchall())
