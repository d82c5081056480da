"""The verb run into other places than a folder of Parquet files: databases, CSV, object stores."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import reduce
from os import PathLike
from pathlib import Path
from typing import Any

from grilse.api.assembling import marks, saved, tasks_by_size, work_of
from grilse.api.choosing import chosen_whole
from grilse.api.logged import logged
from grilse.api.preparing import Job
from grilse.api.room import telling_room_at
from grilse.api.sharing import cluster_at, demand_shared
from grilse.dataset.segments import segment_size
from grilse.ground.errors import BadInput, Problem
from grilse.plan.saturation import Saturation, measure
from grilse.run.cluster import Cluster
from grilse.run.progress import showing
from grilse.run.result import RunResult, joined
from grilse.run.run import run_segments
from grilse.run.task import PATIENCE, Patience, SegmentTask
from grilse.sinks.destination import read_destination
from grilse.sinks.place import Finished, Held, Load, Place
from grilse.sinks.postgres.target import DEFAULT_SCHEMA
from grilse.tables.catalogue import TABLES

__all__ = ["LoadReport", "find_place", "load", "load_of"]

_MOST_WORKERS = 1024
_ONE_PROCESS = Problem(
    "R-SCHEDULER", "the destination takes rows from processes of this machine alone",
    mend="Leave --engine dask out, or write to another place",
)  # fmt: skip


@dataclass(frozen=True)
class LoadReport:
    """What came of a run into a place.

    Attributes
    ----------
    shown
        The place, for people.
    result
        Of the segments made by this run.
    skipped
        Batches that were there, whole and of equal inputs.
    finished
        What the place now holds.
    saturation
        Of the schedule.
    """

    shown: str
    result: RunResult
    skipped: int
    finished: Finished
    saturation: Saturation


def find_place(to: str | PathLike[str], *, schema: str | None = None) -> Place | None:
    """Return the place that a destination names, or None where it names a folder for Parquet.

    Raises
    ------
    BadInput
        If it is no destination, or holds a password.
    """
    found = read_destination(str(to), schema=schema or DEFAULT_SCHEMA)
    return None if isinstance(found, Path) else found


def load(
    job: Job,
    to: str | PathLike[str] | Place,
    *,
    schema: str | None = None,
    workers: int | None = None,
    overwrite: bool = False,
    patience: Patience = PATIENCE,
    progress: bool = False,
    log_dir: str | PathLike[str] | None = None,
    scheduler: str | None = None,
) -> LoadReport:
    """Bring a job's rows to a place, or go on where a run of equal inputs stopped.

    Parameters
    ----------
    to
        ``FILE.duckdb``, ``postgresql://...``, ``csv:DIR``, ``s3://...``, ``-``, or a place.
    schema
        Of a database; ``grilse`` where none is named.
    workers, overwrite, patience, progress
        As in `run`.
    log_dir
        Folder of the logs; none are kept where none is named.
    scheduler
        Address of a Dask scheduler, whose workers bring the rows; they reach the place.

    Raises
    ------
    BadInput
        If `to` is no such place, or `workers` is not from 1 to 1024.
    DestinationError
        If the place holds something else, or cannot be reached or written.
    MissingExtra
        If a package is needed that is not there.
    """
    if workers is not None:
        chosen_whole("workers", workers, 1, _MOST_WORKERS)
    place = find_place(to, schema=schema) if isinstance(to, (str, PathLike)) else to
    if place is None:
        raise ValueError(f"{to} is a folder: give it to run")
    tasks = list(tasks_by_size(job, segment_size(max(_numbers(job), default=1))))
    with (
        cluster_at(scheduler, workers) as cluster,
        telling_room_at(job, place),
        place.hold(load_of(job, tasks, overwrite)) as held,
    ):
        if cluster is not None and (held.workers is not None or held.is_staged):
            raise BadInput(_ONE_PROCESS)
        result = _bring(job, held, tasks, workers, cluster, patience, progress, log_dir)
        finished = held.finish()
    skipped = sum(number > 0 for _, number in held.done)
    measured = measure(job.farm, job.schedule.batches, job.schedule.as_of)
    return LoadReport(place.shown, result, skipped, finished, measured)


def _numbers(job: Job) -> list[int]:
    return [batch.number for batch in job.schedule.batches]


def load_of(job: Job, tasks: list[SegmentTask], overwrite: bool) -> Load:
    """Return what is to be at a place when a job has been brought there."""
    inputs = job.inputs
    fixed = {
        "version": inputs.version, "seed": str(inputs.seed), "as_of": inputs.as_of,
        "schedule": inputs.schedule, "farm": inputs.farm, "parameters": inputs.parameters,
        "tables": ", ".join(sorted(inputs.tables)),
    }  # fmt: skip
    options = {f"option {name}": value for name, value in inputs.options.items()}
    segments = {task.segment: tuple(batch.number for batch in task.batches) for task in tasks}
    tables = tuple(TABLES[name] for name in job.tables)
    texts = {name: "".join(text) for name, text in saved(job).items()}
    return Load(tables, {**fixed, **options}, marks(job), segments, overwrite, texts)


def _bring(
    job: Job, held: Held, tasks: list[SegmentTask], workers: int | None, cluster: Cluster | None,
    patience: Patience, progress: bool, log_dir: str | PathLike[str] | None,
) -> RunResult:  # fmt: skip
    left = list(_left(held, tasks))
    batches = sum(batch.number > 0 for task in left for batch in task.batches)
    count = held.workers or workers
    rounds = [left]
    if held.is_staged:
        rounds = [[t for t in left if not _has_batch(t)], [t for t in left if _has_batch(t)]]
    told: Any = showing(batches, sys.stderr, is_shown=True) if progress else nullcontext()
    with (
        demand_shared(work_of(job, held.sink, None, patience)) as work,
        told as shown,
        logged(job, Path(), log_dir, keep=log_dir is not None) as log,
    ):
        results: list[RunResult] = []
        for part in rounds:
            # What batches are joined with must all be there, or they are not begun.
            if results and (results[-1].is_stopped or results[-1].failures):
                break
            results.append(
                run_segments(work, part, workers=count, cluster=cluster, progress=shown, log=log)
            )
    return reduce(joined, results)


def _has_batch(task: SegmentTask) -> bool:
    return any(batch.number > 0 for batch in task.batches)


def _left(held: Held, tasks: list[SegmentTask]) -> Iterator[SegmentTask]:
    """Yield the segments with the batches that are not there."""
    for task in tasks:
        batches = tuple(b for b in task.batches if (task.segment, b.number) not in held.done)
        if batches:
            yield replace(task, batches=batches)
