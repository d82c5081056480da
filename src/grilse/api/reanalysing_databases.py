"""The verb analyse for databases: our own tables in PostgreSQL, or another application's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from grilse.analysis.models import REFERENCE, Models, read_models
from grilse.analysis.observations import COLUMNS, NEEDED
from grilse.analysis.reading import AnyRows, batches_in, let_go
from grilse.api.choosing import chosen_date, chosen_parameters
from grilse.api.mirroring import mirrored_target, seen_until
from grilse.biology.parameters import builtin_parameters, changed_parameters
from grilse.ground.days import day_of
from grilse.ground.errors import BadInput, DestinationError, Problem
from grilse.ground.parameter_files import read_parameters
from grilse.ground.parameters import Parameters
from grilse.mapping import ledger
from grilse.mirror.mirroring import mirror
from grilse.mirror.pulling import pull
from grilse.mirror.reflection import Reflection, read_reflection
from grilse.mirror.states import Brought, StateSink
from grilse.sinks.growth import Standing
from grilse.sinks.postgres.amending import amending
from grilse.sinks.postgres.connection import connect, describe, driver
from grilse.sinks.postgres.locking import take_lock
from grilse.sinks.postgres.snapshot import snapshot
from grilse.sinks.postgres.target import DEFAULT_SCHEMA, Target, read_target
from grilse.sinks.protocol import Sink
from grilse.survey.questions import BUILTIN as SURVEYED
from grilse.survey.questions import questions_of
from grilse.survey.surveying import survey
from grilse.tables.catalogue import TABLES
from grilse.tables.catalogue.analysis import ANALYSIS_TABLES

__all__ = ["Question", "Study", "asked_database"]

_SEEN = (*COLUMNS, *REFERENCE)
_NAMED = 5
_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Question:
    """How a database is analysed.

    Attributes
    ----------
    url
        ``postgresql://...``
    application, schema
        Whose tables it has, None for our own; and where, if not in the usual schema.
    as_of
        The date until which batches were seen; None for the day after the last event, and
        tomorrow at the latest.
    parameters
        Instead of the models that an application has; None for those.
    is_overwriting
        Whether what others wrote of a day is replaced.
    """

    url: str
    application: str | PathLike[str] | None = None
    schema: str | None = None
    as_of: date | str | None = None
    parameters: Parameters | str | PathLike[str] | None = None
    is_overwriting: bool = False


@dataclass(frozen=True, slots=True)
class Study:
    """Rows to be analysed, and where what comes of it goes.

    Attributes
    ----------
    shown
        The place, for people.
    source, numbers
        Rows, and the batches that they are of.
    models, as_of
        What all batches are analysed with: of the farm, and a day number.
    sink
        Where the analysis goes.
    told
        What is lacking, or was taken for granted: a line each.
    """

    shown: str
    source: AnyRows
    numbers: tuple[int, ...]
    models: Models
    as_of: int
    sink: Sink
    told: tuple[str, ...] = ()


@contextmanager
def asked_database(question: Question) -> Iterator[Study]:
    """Read a database's rows aside, and hold it for as long as they are analysed.

    Raises
    ------
    BadInput
        If there is no such application, or an option makes no sense.
    DestinationError
        If the database cannot be reached or cannot answer, or has no batches.
    """
    with TemporaryDirectory(prefix="grilse-analysis-") as folder:
        asked = _of_ours if question.application is None else _of_theirs
        try:
            with asked(question, Path(folder)) as study:
                yield study
        finally:
            let_go(folder)


@contextmanager
def _of_ours(question: Question, folder: Path) -> Iterator[Study]:
    """Read our own tables; the load that stands there knows its date and parameters."""
    given = {"as_of": question.as_of, "parameters": question.parameters}
    named = [name for name, value in given.items() if value is not None]
    if named or question.is_overwriting:
        told = named[0] if named else "overwrite"
        raise BadInput(
            Problem("A-OPTION", "a load has its own date and parameters, and is made anew as it is",
                    found=told, mend="Leave the option out")
        )  # fmt: skip
    target = read_target(question.url, question.schema or DEFAULT_SCHEMA)
    with amending(target, ANALYSIS_TABLES) as (standing, sink):
        _pull_ours(target, standing, folder)
        source = AnyRows(str(folder))
        parameters = read_parameters(standing.saved["parameters.yaml"], "parameters.yaml")
        models = read_models(source.reference(), parameters)
        as_of = day_of(date.fromisoformat(standing.inputs["as_of"]))
        yield Study(target.shown, source, _numbers(target, folder), models, as_of, sink)


def _pull_ours(target: Target, standing: Standing, folder: Path) -> None:
    there = standing.inputs["tables"].split(", ")
    missing = [name for name in NEEDED if name not in there]
    if missing:
        was = ", ".join(missing)
        raise DestinationError(f"{target.shown}: was made without {was}: nothing to analyse")
    with snapshot(target, "analysis") as connection:
        for name in _SEEN:
            if name in there:
                question = _our_question(name)
                pull(connection, target, name, question, folder / f"{name}.parquet")


def _our_question(name: str) -> str:
    wanted = COLUMNS.get(name) or REFERENCE[name]
    columns = dict.fromkeys((*(["batch_id"] if name in COLUMNS else []), *wanted))
    # Of readings analysis looks at temperatures alone, and is told them in any order.
    rest = (
        "WHERE parameter = 'temperature'"
        if name == "environmental_reading"
        else f"ORDER BY {', '.join(TABLES[name].primary_key)}"
    )
    return f"SELECT {', '.join(columns)} FROM {name} {rest}"


@contextmanager
def _of_theirs(question: Question, folder: Path) -> Iterator[Study]:
    """Read an application's tables as ours."""
    assert question.application is not None
    reflection = read_reflection(question.application)
    target = mirrored_target(question.url, reflection, question.schema)
    when = None if question.as_of is None else chosen_date("as_of", question.as_of)
    if reflection.states is None:
        raise BadInput(
            Problem("V-STATES", "the views say nothing of where daily states are kept",
                    found=str(question.application))
        )  # fmt: skip
    shown = f"{target.shown} as {reflection.application}"
    opened = connect(target, patience_seconds=_PATIENCE_SECONDS, role="load")
    with closing(opened) as connection:
        take_lock(connection, f"{target.schema} as {reflection.application}", shown)
        try:
            loads = ledger.find_loads(connection, reflection.application, target.schema)
        except driver().Error as error:
            raise describe(target, error, "looking for loads of Grilse's") from error
        parameters, told = _models_of(question, target)
        mirror(target, reflection, folder, {*COLUMNS, "geography", "stage"}, for_analysis=True)
        source = AnyRows(str(folder))
        as_of = seen_until(folder, when)
        sink = StateSink(
            target, reflection.states, tuple(_brought(reflection, loads)),
            question.is_overwriting,
        )  # fmt: skip
        models = read_models(source.reference(), parameters)
        yield Study(shown, source, _numbers(target, folder), models, as_of, sink,
                    (*told, *_lacking(folder)))  # fmt: skip


def _brought(reflection: Reflection, loads: list[ledger.Standing]) -> Iterator[Brought]:
    """Yield the keys that loads of ours have brought there."""
    assert reflection.states is not None
    names = reflection.states.brought
    for load in loads:
        stay, state = (load.ranges.get(names[each]) for each in ("stay", "state"))
        if stay is not None and state is not None:
            yield Brought(stay.offset, stay.last, state.offset, state.last)


def _models_of(question: Question, target: Target) -> tuple[Parameters, tuple[str, ...]]:
    """Return the models by which growth is expected: the application's where it has such."""
    if question.parameters is not None:
        return chosen_parameters(question.parameters), ()
    if question.application not in SURVEYED:
        return builtin_parameters(), ("told        models: the built-in ones",)
    try:
        found = survey(target, questions_of(question.application))
        parameters = changed_parameters(found.parameters_text, "the database's models")
        # Of deaths the rows tell all that analysis needs: what models say of them is not used.
        return parameters, tuple(line for line in found.told if "mortality" not in line)
    except BadInput as error:
        why = str(error).splitlines()[0]
        return builtin_parameters(), (f"told        models: the built-in ones, for {why}",)


def _numbers(target: Target, folder: Path) -> tuple[int, ...]:
    try:
        return tuple(batches_in(str(folder)))
    except ValueError as error:
        raise DestinationError(f"{target.shown}: {error}") from error


_LACKING: Mapping[str, str] = {
    "no weighing: weights are what the models make of an egg's, or of what is usual": """
        SELECT batch_id FROM batch WHERE batch_id NOT IN (
            SELECT batch_id FROM growth_sample WHERE avg_weight_g > 0
            UNION SELECT batch_id FROM transfer_action WHERE avg_weight_g > 0)""",
    "no temperature read: the season's mean is taken": """
        SELECT batch_id FROM batch WHERE batch_id NOT IN (
            SELECT batch_id FROM environmental_reading)""",
    "no scenario pinned: nothing is held against one": """
        SELECT batch_id FROM batch WHERE batch_id NOT IN (
            SELECT batch_id FROM scenario WHERE is_pinned)""",
    "feedings or deaths that name no stay: these are left out": """
        SELECT DISTINCT batch_id FROM (
            SELECT batch_id, assignment_id FROM feeding_event
            UNION ALL SELECT batch_id, assignment_id FROM mortality_event)
        WHERE assignment_id IS NULL AND batch_id IS NOT NULL""",
}  # fmt: skip
"""What a batch can lack, and what is done then; the query for the batches."""


def _lacking(folder: Path) -> Iterator[str]:
    """Say of which batches what is lacking."""
    with duckdb.connect() as database:
        for path in sorted(folder.glob("*.parquet")):
            quoted = str(path).replace("'", "''")
            database.execute(f"CREATE VIEW {path.stem} AS FROM read_parquet('{quoted}')")
        for what, query in _LACKING.items():
            found: list[tuple[Any, ...]] = database.sql(
                f"SELECT batch_number FROM batch WHERE batch_id IN ({query}) ORDER BY batch_id"
            ).fetchall()
            if found:
                named = ", ".join(str(name) for (name,) in found[:_NAMED])
                more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
                yield f"told        {named}{more}: {what}"
