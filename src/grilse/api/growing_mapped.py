"""The verb extend with another application's tables: what was brought there lives on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from grilse.api.analysing import make_analysed
from grilse.api.assembling import tasks_by_size, work_of
from grilse.api.changing import begin_changes
from grilse.api.extending import Extension, needed, refuse_dense
from grilse.api.growing import GrowthReport, recalled
from grilse.api.loading import load_of
from grilse.api.mapping import mapped_place, mapped_target
from grilse.api.preparing import Job
from grilse.api.running import check_workers, told
from grilse.api.sharing import demand_shared
from grilse.dataset.files import write_whole
from grilse.dataset.segments import segment_size
from grilse.ground.days import day_of, today
from grilse.ground.errors import BadInput, DestinationError, Problem
from grilse.mapping import ledger
from grilse.mapping.aside import AsideSink
from grilse.mapping.growth import MappedGrowing, MappedGrowth
from grilse.mapping.masters import Matched
from grilse.mapping.place import MappedPlace
from grilse.mapping.reading import read_application
from grilse.mapping.rows import Frame, asked_of_states
from grilse.mapping.saying import Voice
from grilse.production import StoreGroup
from grilse.run.result import RunResult, joined
from grilse.run.run import run_segments
from grilse.run.task import PATIENCE, Patience, SegmentTask, Work
from grilse.schedule.model import BatchPlan
from grilse.sinks.growth import Standing

__all__ = ["MappedExtension", "extend_mapped"]


@dataclass(frozen=True)
class MappedExtension(Extension):
    """An extension whose rows are joined with earlier ones before they are looked at by date.

    Attributes
    ----------
    whole
        Event tables that rows of states are reckoned from.
    """

    whole: frozenset[str] = frozenset()

    @cached_property
    def of_states(self) -> Extension:
        """The same without event tables but those that states are reckoned from."""
        usual = super().of_states.tables
        return replace(self, tables=usual | (self.whole & self.tables))


@dataclass(frozen=True)
class _Life:
    """A load that is there, and the job that made it, to the later date."""

    load: ledger.Standing
    job: Job
    place: MappedPlace

    @property
    def since(self) -> str:
        """The date that the load is at."""
        return self.load.inputs["as_of"]

    @property
    def is_behind(self) -> bool:
        """Whether the load is at an earlier date than is wanted."""
        return self.since < self.job.inputs.as_of


def extend_mapped(
    to: str,
    application: str,
    as_of: date | str | None = None,
    *,
    schema: str | None = None,
    changes: str | PathLike[str] | None = None,
    workers: int | None = None,
    patience: Patience = PATIENCE,
    progress: bool = False,
) -> tuple[GrowthReport, ...]:
    """Move all that was brought into an application's tables on to a later date, load by load.

    Rows of events that are there stay as they are; rows of states are changed, by the user who is
    said to have brought them; where versions were written, each change gets one more.

    Parameters
    ----------
    to
        ``postgresql://...``
    application
        The name of a built-in mapping, or a file.
    schema
        Of the application's tables, where it is not the usual one.
    changes
        A folder, new or empty, for what was added and what changed, table by table; where there
        are several loads, for a folder of each.

    Raises
    ------
    BadInput
        If the date is earlier than a load's, or the target is such that they cannot go on.
    DestinationError
        If there is no load, one is not whole, or the database cannot be written: the load at hand
        is then as it was.
    """
    check_workers(workers)
    known = read_application(application)
    growing = MappedGrowing(mapped_target(to, known, schema), known)
    with growing.hold() as loads, ExitStack() as kept:
        lives = [
            _life(kept, growing, load, to, application, schema, as_of or today()) for load in loads
        ]
        _check_dates(growing, lives, changes)
        if not any(life.is_behind for life in lives):
            return tuple(_report_as_it_was(growing, life) for life in lives)
        taken_up = growing.take_up([(life.load, life.place) for life in lives])
        reports = []
        for life, (frame, matched) in zip(lives, taken_up, strict=True):
            folder = _folder(changes, life, lives)
            report = _report_as_it_was(growing, life)
            if life.is_behind:
                report = _extend(growing, life, frame, matched, folder, workers, patience, progress)
            reports.append(report)
            if not report.is_adopted:
                break
        return tuple(reports)


def _life(
    kept: ExitStack, growing: MappedGrowing, load: ledger.Standing, to: str, application: str,
    schema: str | None, as_of: date | str,
) -> _Life:  # fmt: skip
    standing = Standing(load.inputs, load.saved, {}, load.is_complete)
    job = kept.enter_context(recalled(_named(growing, load), standing, as_of))
    refuse_dense(job)
    with_history = load.marks["history"] == str(True)
    job, place = mapped_place(
        job, to, application, user=load.marks["user"], schema=schema, with_history=with_history
    )
    return _Life(load, job, place)


def _named(growing: MappedGrowing, load: ledger.Standing) -> str:
    return f"{growing.shown}, load {load.load_id}"


def _check_dates(
    growing: MappedGrowing, lives: list[_Life], changes: str | PathLike[str] | None
) -> None:
    late = [life for life in lives if life.job.inputs.as_of < life.since]
    if not late and changes is not None and not any(life.is_behind for life in lives):
        late = lives
    if late:
        raise BadInput(
            Problem("R-EXTEND", f"{_named(growing, life.load)} is at {life.since}",
                    found=life.job.inputs.as_of, allowed="a later date")
            for life in late
        )  # fmt: skip


def _folder(changes: str | PathLike[str] | None, life: _Life, lives: list[_Life]) -> Path | None:
    if changes is None or len(lives) == 1:
        return None if changes is None else Path(changes)
    return Path(changes) / f"load-{life.load.load_id}"


def _report_as_it_was(
    growing: MappedGrowing, life: _Life, failed: RunResult | None = None
) -> GrowthReport:
    """Say that a load is what it was: it was at that date, or batches of it failed."""
    return GrowthReport(_named(growing, life.load), life.since, failed, {}, failed is None)


def _extend(
    growing: MappedGrowing, life: _Life, frame: Frame, matched: Matched, changes: Path | None,
    workers: int | None, patience: Patience, progress: bool,
) -> GrowthReport:  # fmt: skip
    """Make what a load is taken on by, and take it on, unless a batch of it is missing."""
    since = day_of(date.fromisoformat(life.since))
    tasks = [task for task in _tasks(life.job) if any(b.plan is not None for b in task.batches)]
    with (
        TemporaryDirectory(prefix="grilse-handed-", ignore_cleanup_errors=True) as handed,
        TemporaryDirectory(prefix="grilse-extend-", ignore_cleanup_errors=True) as folder,
    ):
        later = replace(frame, since=since)
        sink = AsideSink(Voice(later, tuple(matched.matches), handed), folder)
        work = _work(life, sink, since, patience)
        result = _made(work, tasks, workers, progress)
        if result.failures or result.is_stopped:
            return _report_as_it_was(growing, life, result)
        wanted = load_of(life.job, list(_tasks(life.job)), overwrite=False)
        growth = MappedGrowth(
            life.load, later, Path(folder), life.place.inputs_text(wanted), wanted.saved,
            life.place.with_history,
        )  # fmt: skip
        if changes is None:
            totals = growing.adopt(growth)
        else:
            with _changes(changes, life) as changing:
                totals = growing.adopt(growth, changing.tell)
    lasting = tuple(b.batch_id for b in life.job.schedule.batches if b.open_ended)
    notes = tuple(f"added to {row.table}: {row.name}" for row in matched.added)
    as_of = life.job.inputs.as_of
    return GrowthReport(_named(growing, life.load), as_of, result, totals, True, lasting, notes)


def _tasks(job: Job) -> Iterator[SegmentTask]:
    highest = max((batch.number for batch in job.schedule.batches), default=1)
    return tasks_by_size(job, segment_size(highest))


def _work(life: _Life, sink: AsideSink, since: int, patience: Patience) -> Work:
    made = life.job.production
    context = MappedExtension(
        made.farm, made.parameters, made.seed, made.as_of, made.tables, since=since,
        whole=asked_of_states(life.place.application),
    )  # fmt: skip
    return replace(work_of(life.job, sink, None, patience), make=_make, context=context)


def _make(
    extension: MappedExtension, plan: BatchPlan | StoreGroup | None
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield rows of all days: what is of later days is seen when they are said."""
    return make_analysed(needed(extension, plan), plan)


def _made(work: Work, tasks: list[SegmentTask], workers: int | None, progress: bool) -> RunResult:
    """Make what stores tell of batches first, then the batches."""
    rounds = [[t for t in tasks if not _has_batch(t)], [t for t in tasks if _has_batch(t)]]
    count = sum(batch.number > 0 for task in tasks for batch in task.batches)
    results: list[RunResult] = []
    with demand_shared(work) as shared, told(count, progress) as shown:
        for part in rounds:
            results.append(run_segments(shared, part, workers=workers, progress=shown))
            if results[-1].failures or results[-1].is_stopped:
                break
    return results[0] if len(results) == 1 else joined(*results)


def _has_batch(task: SegmentTask) -> bool:
    return any(batch.number > 0 for batch in task.batches)


class _Changing:
    """Writes changes: ``FOLDER/<table>/<kind>.parquet``."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.counts = folder, dict[str, dict[str, int]]()

    def tell(self, table: str, kind: str, rows: Iterator[pa.RecordBatch]) -> None:
        """Write the rows of a kind of change, if there are any."""
        first = next(rows, None)
        if first is None:
            return
        folder, count = self.folder / table, 0
        folder.mkdir(exist_ok=True)
        path = folder / f"{kind}.parquet"
        with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
            while first is not None:
                writer.write_batch(first)
                count += first.num_rows
                first = next(rows, None)
        self.counts.setdefault(table, {})[kind] = count


@contextmanager
def _changes(folder: Path, life: _Life) -> Iterator[_Changing]:
    """Write what an adoption tells, and then how much it was."""
    begin_changes(folder)
    changing = _Changing(folder)
    try:
        yield changing
    except OSError as error:
        raise DestinationError(f"{folder}: cannot be written: {error}") from error
    days = {"since": life.since, "as_of": life.job.inputs.as_of}
    told_of = {**days, "tables": dict(sorted(changing.counts.items()))}
    write_whole(folder / "changes.json", json.dumps(told_of, indent=1) + "\n")
