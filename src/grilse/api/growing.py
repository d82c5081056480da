"""The verbs extend and compact for loads: a DuckDB file or a schema lives on to a later date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

from grilse.api.assembling import tasks_by_size, work_of
from grilse.api.changing import write_differences
from grilse.api.extending import Extension, make_since, refuse_dense
from grilse.api.loading import load_of
from grilse.api.preparing import Job
from grilse.api.recalling import recall
from grilse.api.running import check_workers, told
from grilse.api.sharing import demand_shared
from grilse.dataset.layout import HOUSE
from grilse.dataset.manifest import Inputs, Manifest, write_manifest
from grilse.dataset.segments import segment_size
from grilse.ground.days import day_of, today
from grilse.ground.errors import BadInput, DestinationError, Problem
from grilse.run.result import RunResult
from grilse.run.run import run_segments
from grilse.run.task import PATIENCE, Patience, SegmentTask
from grilse.sinks.files import FilePlace, files_of_records, parts_of_records
from grilse.sinks.growth import Growing, Growth, Standing
from grilse.sinks.parquet import ParquetSink
from grilse.sinks.place import Load, Place
from grilse.sinks.postgres.place import PostgresPlace
from grilse.sinks.shelf import Shelf
from grilse.tables.totals import Totals

__all__ = ["GrowthReport", "compact_load", "extend_load", "growing_of", "house_of", "recalled"]

_OPTION = "option "


@dataclass(frozen=True)
class GrowthReport:
    """What came of taking a load on to a later date.

    Attributes
    ----------
    shown
        The place, for people.
    as_of
        The date that it is at.
    result
        Of the run; None where it was at that date already.
    totals
        Rows and fingerprints of what stands there.
    is_adopted
        Whether it is at the date wanted.
    open_batches
        Batches that the schedule cuts short, which live on in their last containers.
    notes
        Lines that the user should read.
    """

    shown: str
    as_of: str
    result: RunResult | None
    totals: Mapping[str, Totals]
    is_adopted: bool
    open_batches: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def extend_load(
    place: Place,
    as_of: date | str | None = None,
    *,
    changes: str | PathLike[str] | None = None,
    workers: int | None = None,
    patience: Patience = PATIENCE,
    progress: bool = False,
) -> GrowthReport:
    """Move a load on to a later date: earlier event rows stay, state rows are put in place.

    Parameters, except for the place, are those of `extend`.

    Raises
    ------
    BadInput
        If the date is not later than the load's, or the place is of a kind that cannot live on.
    DestinationError
        If the load is not whole, or cannot be written; it is then as it was.
    """
    check_workers(workers)
    growing = growing_of(place)
    with (
        growing.hold() as standing,
        recalled(growing.shown, standing, as_of or today()) as job,
    ):
        since = standing.inputs["as_of"]
        if job.inputs.as_of <= since:
            return _nothing_to_do(growing, standing, job, changes)
        refuse_dense(job)
        with growing.stage() as folder:
            result, growth = _made(job, since, folder, workers, patience, progress)
            if growth is None:
                return GrowthReport(growing.shown, since, result, standing.totals, False)
            if changes is not None:
                _write_changes(growing, growth, Path(changes), since)
            totals = growing.adopt(growth)
    lasting = tuple(b.batch_id for b in job.schedule.batches if b.open_ended)
    return GrowthReport(growing.shown, job.inputs.as_of, result, totals, True, lasting)


def compact_load(place: Place) -> tuple[str, ...]:
    """Give back the room that replaced rows took; return lines for the user."""
    growing = growing_of(place)
    with growing.hold():
        return growing.compact()


def growing_of(place: Place) -> Growing:
    """Return a place as one that lives on, and whose rows can be read again.

    Raises
    ------
    BadInput
        If it is of another kind.
    """
    from grilse.sinks.duckdb import DuckDbPlace

    if isinstance(place, DuckDbPlace):
        from grilse.sinks.duckdb_growth import DuckDbGrowing

        return DuckDbGrowing(place)
    if isinstance(place, PostgresPlace):
        from grilse.sinks.postgres.growth import PostgresGrowing

        return PostgresGrowing(place)
    raise BadInput(
        Problem("R-EXTEND", "is of a kind that cannot live on", found=place.shown,
                allowed="a dataset's folder, FILE.duckdb, postgresql://...",
                mend="Run to the later date anew")
    )  # fmt: skip


@contextmanager
def recalled(shown: str, standing: Standing, as_of: date | str) -> Iterator[Job]:
    """Give the job that made what stands there, to a later date; its texts lie in files so long.

    Raises
    ------
    DestinationError
        If what stands there is not whole, or does not hold what it was made of.
    """
    if not standing.is_complete:
        raise DestinationError(
            f"{shown}: is incomplete, and cannot be extended. Bring it to its end first: "
            "grilse run, by the same command."
        )
    if not standing.saved:
        raise DestinationError(
            f"{shown}: does not hold the schedule that it was made of. Run it anew."
        )
    with house_of(standing) as root:
        try:
            job = recall(root, as_of=as_of)
        except DestinationError as error:
            raise DestinationError(str(error).replace(str(root), shown)) from error
        yield job


@contextmanager
def house_of(standing: Standing) -> Iterator[Path]:
    """Lay down what a dataset's folder knows of itself, for what stands at another place."""
    said = dict(standing.inputs)
    inputs = Inputs(
        version=said["version"], seed=int(said["seed"]), as_of=said["as_of"],
        schedule=said["schedule"], farm=said["farm"], parameters=said["parameters"],
        tables=tuple(said["tables"].split(", ")),
        options={
            name.removeprefix(_OPTION): text
            for name, text in said.items() if name.startswith(_OPTION)
        },
    )  # fmt: skip
    with TemporaryDirectory(prefix="grilse-recall-") as folder:
        root = Path(folder)
        (root / HOUSE).mkdir()
        write_manifest(root, Manifest(inputs, 1, ()))
        for name, text in standing.saved.items():
            (root / HOUSE / name).write_text(text, encoding="utf-8")
        yield root


def _nothing_to_do(
    growing: Growing, standing: Standing, job: Job, changes: str | PathLike[str] | None
) -> GrowthReport:
    there = standing.inputs["as_of"]
    if job.inputs.as_of < there or changes is not None:
        raise BadInput(
            Problem("R-EXTEND", f"{growing.shown} is at {there}", found=job.inputs.as_of,
                    allowed="a later date")
        )  # fmt: skip
    return GrowthReport(growing.shown, there, None, standing.totals, True)


def _made(
    job: Job, since: str, folder: Path, workers: int | None, patience: Patience, progress: bool
) -> tuple[RunResult, Growth | None]:
    """Make what a load is taken on by, as Parquet files; no growth if any batch is missing."""
    size = segment_size(max((batch.number for batch in job.schedule.batches), default=1))
    tasks = list(tasks_by_size(job, size))
    wanted = load_of(job, tasks, overwrite=False)
    staged = replace(wanted, inputs={**wanted.inputs, "since": since})
    shelf = Shelf(str(folder.absolute()))
    place = FilePlace(shelf, ParquetSink, ".parquet")
    place.clear_others(staged)
    with place.hold(staged) as held:
        left = [task for task in tasks if not _is_there(task, held.done)]
        made, count = job.production, sum(b.number > 0 for t in left for b in t.batches)
        work = work_of(job, held.sink, None, patience)
        context = Extension(made.farm, made.parameters, made.seed, made.as_of, made.tables,
                            since=day_of(date.fromisoformat(since)))  # fmt: skip
        work = replace(work, make=make_since, context=context)
        with demand_shared(work) as shared, told(count, progress) as shown:
            result = run_segments(shared, left, workers=workers, progress=shown)
        if result.failures or result.is_stopped or not held.finish().is_complete:
            return result, None
    return result, _growth(wanted, shelf)


def _is_there(task: SegmentTask, done: frozenset[tuple[str, int]]) -> bool:
    return all((task.segment, batch.number) in done for batch in task.batches)


def _growth(wanted: Load, shelf: Shelf) -> Growth:
    records = FilePlace(shelf, ParquetSink, ".parquet").records(wanted)
    files = {
        name: tuple(Path(shelf.uri) / file for file, _ in found)
        for name, found in files_of_records(records).items()
    }
    return Growth(wanted, files, parts_of_records(records))


def _write_changes(growing: Growing, growth: Growth, folder: Path, since: str) -> None:
    tables = growth.load.tables
    states = tuple(table for table in tables if table.event_date is None)
    days = {"since": since, "as_of": growth.load.inputs["as_of"]}
    with TemporaryDirectory(prefix="grilse-changes-") as place:
        before = growing.write_states(states, Path(place))
        files = {
            table.name: (
                [str(file) for file in growth.files.get(table.name, ())],
                [str(before[table.name])] if table.name in before else [],
            )
            for table in tables
        }
        write_differences(folder, files, days)
