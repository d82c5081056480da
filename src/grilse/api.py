"""The verbs as functions: what the command line calls, and what a program can.

>>> from grilse import api
>>> answer = api.plan(batches=1, stagger=30, as_of="2024-01-01")
>>> answer.conflicts
0
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import partial
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

from grilse import __version__
from grilse.biology.parameters import builtin_parameters, builtin_text
from grilse.dataset import destination as place
from grilse.dataset import segments
from grilse.dataset.manifest import FORMAT, Inputs, Manifest
from grilse.dataset.records import SegmentRecord, read_records, write_record
from grilse.dataset.views import connect, make_views
from grilse.farm.builtin import reference_farm
from grilse.farm.finding import find_farm
from grilse.farm.fingerprint import farm_fingerprint
from grilse.farm.model import Farm
from grilse.ground.days import date_of, day_of, today
from grilse.ground.errors import BadInput, Problem
from grilse.ground.parameters import Parameters
from grilse.plan.planning import plan_life
from grilse.plan.question import PlanAnswer, PlanQuestion
from grilse.plan.saturation import Saturation, measure
from grilse.production import Production, expected_rows, make
from grilse.run.progress import showing
from grilse.run.result import RunResult
from grilse.run.run import run_segments
from grilse.run.task import BatchTask, SegmentTask, Work
from grilse.schedule.derived_farm import farm_from_schedule, missing_places
from grilse.schedule.fingerprint import entry_fingerprint, schedule_fingerprint
from grilse.schedule.model import BatchPlan, Schedule
from grilse.schedule.reading import read_schedule
from grilse.schedule.writing import dump
from grilse.sinks.null import NullSink
from grilse.sinks.parquet import ParquetSink
from grilse.sinks.protocol import Sink
from grilse.tables.catalogue import TABLES

__all__ = [
    "FROM_SCHEDULE",
    "Expectation",
    "Job",
    "RunReport",
    "expect",
    "folder",
    "plan",
    "prepare",
    "run",
    "run_to_nothing",
]

FROM_SCHEDULE = "from-schedule"
"""Name of the farm that consists of what the schedule names."""

_FARM_NUMBER = 0


@dataclass(frozen=True)
class Job:
    """A schedule that is ready to run: checked, and with a farm that has all it names.

    Attributes
    ----------
    schedule, farm, parameters
        What is run, on what, by which biology.
    tables
        Names of the tables to write, in the catalogue's order.
    told
        Lines that the user should read: what was chosen by itself.
    """

    schedule: Schedule
    farm: Farm
    parameters: Parameters
    tables: tuple[str, ...]
    told: tuple[str, ...] = ()

    @property
    def production(self) -> Production:
        """What workers need to know."""
        return Production(
            self.farm,
            self.parameters,
            self.schedule.seed,
            self.schedule.as_of,
            frozenset(self.tables),
        )

    @property
    def inputs(self) -> Inputs:
        """All that the content is a function of."""
        return Inputs(
            version=__version__,
            seed=self.schedule.seed,
            as_of=date_of(self.schedule.as_of).isoformat(),
            schedule=schedule_fingerprint(self.schedule),
            farm=farm_fingerprint(self.farm),
            parameters=self.parameters.fingerprint,
            tables=self.tables,
        )


@dataclass(frozen=True)
class Expectation:
    """What a run would write: an estimate, made without simulating.

    Attributes
    ----------
    batches
        Batches begun by the as-of date.
    rows
        By table, the large ones.
    """

    batches: int
    rows: Mapping[str, int]

    @property
    def all_rows(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


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


def plan(
    *,
    batches: int = 10,
    stagger: float | str | Fraction = 30,
    start: date | str | None = None,
    as_of: date | str | None = None,
    seed: int = 1,
    farm: Farm | str | PathLike[str] | None = None,
    parameters: Parameters | None = None,
) -> PlanAnswer:
    """Plan a company's batches by the classic policy.

    Parameters
    ----------
    batches
        How many in each geography.
    stagger
        Days from one start to the next, the geographies in turn.
    start, as_of
        Dates, or ISO texts; `as_of` is today, UTC, where none is given.
    farm, parameters
        The built-in ones where none are given.

    Raises
    ------
    BadInput
        Where the question makes no sense, or the farm cannot hold the plan.
    """
    question = PlanQuestion(
        as_of=day_of(today() if as_of is None else _date(as_of)),
        batches_per_geography=batches,
        stagger_days=Fraction(str(stagger)),
        start=None if start is None else day_of(_date(start)),
        seed=seed,
    )
    return plan_life(question, _farm(farm), parameters or builtin_parameters())


def prepare(
    schedule: Schedule | str | PathLike[str],
    *,
    farm: Farm | str | PathLike[str] | None = None,
    parameters: Parameters | None = None,
    as_of: date | str | None = None,
    seed: int | None = None,
    tables: Collection[str] | None = None,
) -> Job:
    """Read and check a schedule, and find a farm that has all it names.

    Parameters
    ----------
    schedule
        A schedule, or the name of its file.
    farm
        A farm, its name or file, or `FROM_SCHEDULE`. Where none is given it is the reference farm
        if that has all that the schedule names, else the farm that the schedule names.
    as_of, seed
        In place of the schedule's own.
    tables
        Names of the tables to write; all where none are given.

    Raises
    ------
    BadInput
        With every problem.
    """
    read = _schedule(schedule, as_of, seed)
    names = _tables(tables)
    held, told = _farm_for(read, farm)
    return Job(read, held, parameters or builtin_parameters(), names, told)


def expect(job: Job) -> Expectation:
    """Estimate what a run would write, without simulating anything."""
    production, rows = job.production, Counter[str]()
    begun = [batch for batch in job.schedule.batches if batch.start < job.schedule.as_of]
    for batch in begun:
        rows.update(expected_rows(production, batch))
    return Expectation(len(begun), dict(rows))


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
    DestinationError
        If the folder holds something else, or cannot be written; nothing half-written stays.
    """
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
    size = segments.segment_size(max((b.number for b in job.schedule.batches), default=1))
    work = _work(job, NullSink(), None)
    with _told(len(job.schedule.batches), progress) as shown:
        return run_segments(work, _tasks(job, size, {}), workers=workers, progress=shown)


def folder(to: str | PathLike[str]) -> Path:
    """Return the folder that a destination names."""
    return Path(to)


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


def _schedule(
    schedule: Schedule | str | PathLike[str], as_of: date | str | None, seed: int | None
) -> Schedule:
    when = None if as_of is None else _date(as_of)
    if not isinstance(schedule, Schedule):
        return read_schedule(schedule, as_of=when, seed=seed)
    return replace(
        schedule,
        as_of=schedule.as_of if when is None else day_of(when),
        seed=schedule.seed if seed is None else seed,
    )


def _farm_for(
    schedule: Schedule, wanted: Farm | str | PathLike[str] | None
) -> tuple[Farm, tuple[str, ...]]:
    """Return the farm that a schedule runs on, and what to tell of the choice."""
    if wanted == FROM_SCHEDULE:
        return farm_from_schedule(schedule), ()
    chosen = _farm(wanted)
    missing = missing_places(schedule, chosen)
    if not missing:
        return chosen, ()
    if wanted is not None:
        raise BadInput(missing)
    told = (
        f"The built-in farm lacks {len(missing)} of the places that the schedule names, the first "
        f"of them {missing[0].found}; it is run on the farm that it names (--farm {FROM_SCHEDULE})."
    )
    return farm_from_schedule(schedule), (told,)


def _farm(farm: Farm | str | PathLike[str] | None) -> Farm:
    if farm is None:
        return reference_farm()
    return farm if isinstance(farm, Farm) else find_farm(farm)


def _tables(wanted: Collection[str] | None) -> tuple[str, ...]:
    if wanted is None:
        return tuple(TABLES)
    unknown = sorted(set(wanted) - set(TABLES))
    if unknown:
        allowed = ", ".join(TABLES)
        raise BadInput(
            Problem("R-TABLE", "there is no such table", found=name, allowed=allowed)
            for name in unknown
        )
    return tuple(name for name in TABLES if name in wanted)


def _date(value: date | str) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        problem = Problem("R-DATE", "not a date", found=repr(value), allowed="YYYY-MM-DD")
        raise BadInput(problem) from None
