"""The verbs extend and compact: a dataset lives on to a later date, and its epochs become one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from os import PathLike
from pathlib import Path

import pyarrow as pa

from grilse.api.analysing import Analysed, looked_at, make_analysed
from grilse.api.assembling import group_entries, saved, tasks_of, work_of
from grilse.api.changing import write_changes
from grilse.api.preparing import Job
from grilse.api.recalling import recall
from grilse.api.running import check_workers, noted, sink_of, told, viewed
from grilse.api.sharing import demand_shared
from grilse.dataset.destination import Destination
from grilse.dataset.extension import adopt, open_compaction, open_extension, tidy
from grilse.dataset.manifest import Manifest, read_manifest
from grilse.ground.days import day_of, today
from grilse.ground.errors import BadInput, DestinationError, Problem
from grilse.production import Production, StoreGroup
from grilse.run.result import RunResult
from grilse.run.run import run_segments
from grilse.run.task import PATIENCE, Patience
from grilse.schedule.model import BatchPlan
from grilse.simulate.batch import lived_days
from grilse.tables.catalogue import TABLES
from grilse.tables.schema import Table

__all__ = ["ExtendReport", "Extension", "compact", "extend", "make_since", "needed", "refuse_dense"]

_DAYS_AFTER_LIFE = 60
"""For so long after a batch's last day its event tables are still looked at for rows."""

_DAY_US = 86_400_000_000
_NOT_DENSE = Problem(
    "R-EXTEND",
    "a dataset whose readings are dense for the last days alone cannot be extended",
    mend="Its older readings thin out as the date moves on: run it anew to the later date",
)


@dataclass(frozen=True)
class Extension(Analysed):
    """A production whose event rows count from a day on.

    Attributes
    ----------
    since
        Day number.
    """

    since: int = 0

    @cached_property
    def of_states(self) -> Extension:
        """The same without event tables but those that states are estimated from."""
        names = frozenset(name for name in self.tables if TABLES[name].event_date is None)
        return replace(self, tables=names | looked_at(self.tables))


@dataclass(frozen=True)
class ExtendReport:
    """What came of an extension or a compaction.

    Attributes
    ----------
    root
        The dataset's folder.
    result
        Of the run; None where the dataset was at that date already.
    manifest
        What the dataset now holds; of the date before, where batches failed.
    is_adopted
        Whether the dataset is at the date wanted.
    open_batches
        Batches that the schedule cuts short, which live on in their last containers.
    """

    root: Path
    result: RunResult | None
    manifest: Manifest
    is_adopted: bool
    open_batches: tuple[str, ...] = ()


def make_since(
    extension: Extension, plan: BatchPlan | StoreGroup | None
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield state rows as they are, and event rows from a day on (law 4: none before it changed).

    A batch whose life was over long before that day has state rows alone.
    """
    for name, rows in make_analysed(needed(extension, plan), plan):
        table = TABLES[name]
        yield name, rows if table.event_date is None else _since(table, rows, extension.since)


def needed(extension: Extension, plan: BatchPlan | StoreGroup | None) -> Extension:
    """Return an extension without what a batch whose life was over long before has no rows of."""
    if isinstance(plan, BatchPlan):
        ended = plan.start + lived_days(plan, extension.as_of)
        if ended + _DAYS_AFTER_LIFE < extension.since:
            return extension.of_states
    return extension


def _since(table: Table, rows: pa.RecordBatch, day: int) -> pa.RecordBatch:
    column = rows.column(table.arrow_schema.get_field_index(table.event_date))
    is_time = pa.types.is_timestamp(column.type)
    values = column.cast(pa.int64() if is_time else pa.int32()).to_numpy(zero_copy_only=False)
    return rows.filter(pa.array(values >= (day * _DAY_US if is_time else day)))


def extend(
    dataset: str | PathLike[str],
    as_of: date | str | None = None,
    *,
    changes: str | PathLike[str] | None = None,
    workers: int | None = None,
    patience: Patience = PATIENCE,
    progress: bool = False,
) -> ExtendReport:
    """Move a dataset on to a later date: earlier event rows stay, state tables are made anew.

    Parameters
    ----------
    as_of
        The date before which rows are then there; today, UTC, where none is given.
    changes
        A folder, new or empty, for what was added and what changed, table by table.

    Raises
    ------
    BadInput
        If the date is not later than the dataset's, or its readings thin out before `as_of`.
    DestinationError
        If the dataset is not whole, or cannot be written; it is then as it was.
    """
    check_workers(workers)
    root = Path(dataset)
    there = read_manifest(root)
    job = recall(root, as_of=as_of or today())
    if job.inputs.as_of <= there.inputs.as_of:
        return _nothing_to_do(root, there, job, changes)
    refuse_dense(job)
    state = tuple(name for name in job.tables if TABLES[name].event_date is None)
    opened = open_extension(root, job.inputs, state, entries=job.entries, groups=group_entries(job))
    with opened as destination:
        since = day_of(date.fromisoformat(destination.since))
        result = _made(job, destination, workers, patience, progress, since)
        if changes is not None and not result.failures and not result.is_stopped:
            write_changes(root, Path(changes), destination)
        manifest = _adopted(job, destination, there.segments, result)
    lasting = tuple(b.batch_id for b in job.schedule.batches if b.open_ended)
    return ExtendReport(root, result, manifest or there, manifest is not None, lasting)


def refuse_dense(job: Job) -> None:
    """Refuse a job whose older readings thin out as its date moves on.

    Raises
    ------
    BadInput
        It says to run anew.
    """
    if job.parameters.number("environment.dense_days") > 0:
        raise BadInput(_NOT_DENSE)


def compact(
    dataset: str | PathLike[str],
    *,
    workers: int | None = None,
    patience: Patience = PATIENCE,
    progress: bool = False,
) -> ExtendReport:
    """Merge the epochs of a dataset into one, of equal content.

    Raises
    ------
    DestinationError
        If the content would not be equal: then the dataset stays as it is.
    """
    check_workers(workers)
    root = Path(dataset)
    there = read_manifest(root)
    if there.epoch == 1:
        return ExtendReport(root, None, there, True)
    job = recall(root)
    with open_compaction(
        root, job.inputs, entries=job.entries, groups=group_entries(job)
    ) as destination:
        result = _made(job, destination, workers, patience, progress, None)
        manifest = _adopted(job, destination, (), result, equal_to=there)
    return ExtendReport(root, result, manifest or there, manifest is not None)


def _nothing_to_do(
    root: Path, there: Manifest, job: Job, changes: str | PathLike[str] | None
) -> ExtendReport:
    """Bring to its end an extension that was cut short when its rows were there already."""
    if job.inputs.as_of < there.inputs.as_of or changes is not None:
        raise BadInput(
            Problem("R-EXTEND", f"{root} is at {there.inputs.as_of}", found=job.inputs.as_of,
                    allowed="a later date")
        )  # fmt: skip
    if there.state != "complete":
        raise DestinationError(
            f"{root}: is {there.state}. Bring it to its end first: grilse run, by the same command."
        )
    viewed(job, root)
    tidy(root)
    return ExtendReport(root, None, there, True)


def _made(
    job: Job,
    destination: Destination,
    workers: int | None,
    patience: Patience,
    progress: bool,
    since: int | None,
) -> RunResult:
    """Make the epoch that a destination wants."""
    root = destination.root
    work = work_of(job, sink_of(job, root), destination, patience)
    if since is not None:
        context = _extension(job.production, since)
        work = replace(work, make=make_since, context=context)
    tasks = list(tasks_of(job, destination))
    count = sum(batch.number > 0 for task in tasks for batch in task.batches)
    with (
        demand_shared(work) as shared,
        told(count, progress) as shown,
        noted(root, None, shown, count, 0, workers) as note,
    ):
        return run_segments(shared, tasks, workers=workers, progress=note)


def _extension(made: Production, since: int) -> Extension:
    return Extension(made.farm, made.parameters, made.seed, made.as_of, made.tables, since=since)


def _adopted(
    job: Job,
    destination: Destination,
    kept: tuple[str, ...],
    result: RunResult,
    equal_to: Manifest | None = None,
) -> Manifest | None:
    """Take an epoch for a part of the dataset if all of it is there; make the views; tidy."""
    if result.failures or result.is_stopped:
        return None
    manifest = adopt(destination, kept, saved(job), equal_to)
    if manifest is not None:
        viewed(job, destination.root)
        tidy(destination.root)
    return manifest
