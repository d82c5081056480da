"""The verbs for programs: one call each, with the choices of the command line as arguments.

These are what ``grilse.run(...)``, ``grilse.tables(...)`` and their like are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from os import PathLike
from pathlib import Path
from typing import TypeAlias, TypedDict, Unpack

import pyarrow as pa

from grilse.analysis.models import REFERENCE
from grilse.analysis.observations import COLUMNS
from grilse.api import running
from grilse.api.analysing import ANALYSIS, analysed, make_analysed
from grilse.api.assembling import tasks_by_size
from grilse.api.choosing import chosen_date, chosen_farm
from grilse.api.loading import LoadReport, find_place, load
from grilse.api.preparing import Job, prepare
from grilse.api.running import RunReport
from grilse.api.writing import Writing
from grilse.biology.parameters import builtin_parameters
from grilse.farm.model import Farm
from grilse.ground.parameters import Parameters
from grilse.plan.question import PlanAnswer
from grilse.plan.validation import Validation, validate_schedule
from grilse.production import StoreGroup
from grilse.run.usage import allowed_processors
from grilse.schedule.model import BatchPlan, Schedule
from grilse.tables.catalogue import TABLES
from grilse.verify.dataset import Options
from grilse.verify.dataset import verify as verify_dataset
from grilse.verify.verdict import Verdict

__all__ = ["Choices", "Scheduled", "run", "tables", "validate", "verify"]

Scheduled: TypeAlias = PlanAnswer | Schedule | str | PathLike[str]
"""A plan, a schedule, or the name of a schedule's file."""

Plan: TypeAlias = BatchPlan | StoreGroup | None


class Choices(TypedDict, total=False):
    """What decides the rows beside the schedule; each as `grilse.api.prepare` has it."""

    farm: Farm | str | PathLike[str] | None
    parameters: Parameters | str | PathLike[str] | None
    as_of: date | str | None
    seed: int | None
    skip: Collection[str]
    also: Collection[str]
    writing: Writing | None
    other_inputs: bool
    clean: bool
    prepared: str | PathLike[str] | None


def run(
    schedule: Scheduled,
    to: str | PathLike[str],
    *,
    tables: Collection[str] | None = None,
    workers: int | None = None,
    overwrite: bool = False,
    progress: bool = False,
    **choices: Unpack[Choices],
) -> RunReport | LoadReport:
    """Make the history that a schedule stands for, or go on where an equal run stopped.

    Parameters
    ----------
    schedule
        A plan, a schedule, or its file.
    to
        A folder for Parquet, ``FILE.duckdb``, ``postgresql://...``, ``csv:DIR``, ``s3://...``.
    tables
        Names of the tables to write; all where none are given.
    workers
        Processes; as many as there are processors allowed where none are given; 1 is this one.
    overwrite
        Whether what is there of other inputs is replaced.
    progress
        Whether to tell on standard error how far it is.
    **choices
        As in `Choices`.

    Returns
    -------
    RunReport or LoadReport
        The first for a folder. Batches that failed are in ``result.failures``: the others are
        whole.

    Raises
    ------
    BadInput
        With every problem of the schedule and the choices; nothing is written.
    DestinationError
        If the place holds something else, or cannot be reached or written.
    """
    job = _job(schedule, tables, choices)
    place = find_place(to)
    if place is None:
        return running.run(job, to, workers=workers, overwrite=overwrite, progress=progress)
    return load(job, place, workers=workers, overwrite=overwrite, progress=progress)


def tables(
    schedule: Scheduled, names: Collection[str] | None = None, **choices: Unpack[Choices]
) -> Mapping[str, pa.RecordBatchReader]:
    """Return the rows that a schedule stands for as Arrow streams, without touching the disk.

    Nothing is made before it is read; each stream makes its rows by itself, a batch at a time, in
    the order of the batches' numbers, and can be read once. They are the rows that `run` writes.

    Parameters
    ----------
    schedule
        A plan, a schedule, or its file.
    names
        Names of the tables; all where none are given.
    **choices
        As in `Choices`.

    Returns
    -------
    mapping of str to pyarrow.RecordBatchReader
        By table, in the catalogue's order. DuckDB, Polars and pandas read them as they are.

    Raises
    ------
    BadInput
        With every problem of the schedule and the choices.
    """
    job = _job(schedule, names, choices)
    plans = list(_plans(job))
    return {name: _stream(job, name, plans) for name in job.tables}


def validate(
    schedule: Scheduled,
    *,
    farm: Farm | str | PathLike[str] | None = None,
    as_of: date | str | None = None,
    strict: bool = False,
) -> Validation:
    """Find everything that is wrong with a schedule.

    Parameters
    ----------
    schedule
        A plan, a schedule, or its file.
    farm
        What exists; where none is given, as `grilse.plan.validation.validate_schedule` has it.
    as_of
        In place of the schedule's own.
    strict
        Whether warnings count as errors.

    Raises
    ------
    BadInput
        Only where there is no file to look at, or the farm cannot be read.
    """
    return validate_schedule(
        _chosen(schedule),
        builtin_parameters(),
        None if farm is None else chosen_farm(farm),
        as_of=None if as_of is None else chosen_date("as_of", as_of),
        strict=strict,
    )


def verify(
    dataset: str | PathLike[str],
    *,
    only: Collection[str] = (),
    without: Collection[str] = (),
    threads: int | None = None,
    memory_mb: int = 1024,
) -> Verdict:
    """Check a dataset against every law, from its rows alone.

    Parameters
    ----------
    dataset
        Its folder.
    only, without
        Names of checks or groups to make, or to leave out.
    threads, memory_mb
        What it may take; as many threads as processors are allowed where none are given.

    Returns
    -------
    Verdict
        One result a check.

    Raises
    ------
    DestinationError
        If there is no dataset.
    BadInput
        If there is no such check.
    """
    options = Options(only, without, threads or allowed_processors(), memory_mb)
    return verify_dataset(Path(dataset), options)


def _job(schedule: Scheduled, tables: Collection[str] | None, choices: Choices) -> Job:
    return prepare(_chosen(schedule), tables=tables, **choices)


def _chosen(schedule: Scheduled) -> Schedule | str | PathLike[str]:
    return schedule.schedule if isinstance(schedule, PlanAnswer) else schedule


def _plans(job: Job) -> Iterator[Plan]:
    """Yield what has rows: the farm itself, its batches by number, its feed stores by id."""
    for task in tasks_by_size(job, max(1, len(job.schedule.batches))):
        for batch in sorted(task.batches, key=lambda each: each.number):
            plan: Plan = batch.plan
            yield plan


_OWNERS: Mapping[str, type | None] = {"batch": BatchPlan, "store": StoreGroup, "farm": None}


def _looked_at(job: Job, name: str) -> frozenset[str]:
    """Return the tables that a table's rows are made of, itself included."""
    if name not in ANALYSIS:
        return frozenset({name})
    return frozenset({name, *set(job.tables).intersection((*COLUMNS, *REFERENCE))})


def _stream(job: Job, name: str, plans: Collection[Plan]) -> pa.RecordBatchReader:
    table = TABLES[name]
    kind = _OWNERS[table.owner]
    owners = [plan for plan in plans if (plan is None if kind is None else isinstance(plan, kind))]
    production = analysed(replace(job.production, tables=_looked_at(job, name)))
    made = (each for plan in owners for each in make_analysed(production, plan))
    parts = (part for made_of, part in made if made_of == name)
    return pa.RecordBatchReader.from_batches(table.arrow_schema, parts)
