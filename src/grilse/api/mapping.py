"""The verbs run and wipe with another application's tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

import pyarrow as pa

from grilse.api.preparing import Job
from grilse.ground.errors import BadInput, Problem
from grilse.ground.interval import Interval
from grilse.mapping.model import Application
from grilse.mapping.occupied import Hold, Stays
from grilse.mapping.place import MappedPlace
from grilse.mapping.reading import read_application
from grilse.mapping.rows import asked_tables
from grilse.mapping.wiping import Wiped
from grilse.mapping.wiping import count as _count
from grilse.mapping.wiping import wipe as _wipe
from grilse.production import Production, farm_stores, make
from grilse.sinks.postgres.target import SCHEMES, Target, read_target
from grilse.tables.catalogue import TABLES

__all__ = ["mapped_job", "mapped_place", "mapped_target", "wipe", "wipe_count"]


def mapped_target(to: str, application: Application, schema: str | None = None) -> Target:
    """Return the schema that holds an application's tables.

    Raises
    ------
    BadInput
        If `to` names no PostgreSQL database, or holds a password.
    """
    if to.partition("://")[0] not in SCHEMES:
        raise BadInput(
            Problem(
                "M-PLACE", "an application's tables are in a PostgreSQL database",
                found=repr(to)[:80], allowed="postgresql://...",
            )
        )  # fmt: skip
    return read_target(to, schema or application.schema)


def mapped_job(job: Job, application: Application) -> Job:
    """Return a job that makes just the tables that a mapping asks for."""
    asked = asked_tables(application)
    return replace(job, tables=tuple(name for name in job.tables if name in asked))


def mapped_place(
    job: Job,
    to: str,
    application: str,
    *,
    user: str,
    schema: str | None = None,
    with_history: bool = False,
    drop_keys: bool = False,
) -> tuple[Job, MappedPlace]:
    """Return a job as an application wants it, and the application's tables as its place.

    Parameters
    ----------
    to
        ``postgresql://...``
    application
        The name of a built-in mapping, or a file.
    user
        Name of the application's user who is said to have done it.
    schema
        Of the application's tables, where it is not the usual one.
    with_history
        Whether the first version of each row is written too.
    drop_keys
        Whether keys and indexes are put away while the rows are brought, and put back.

    Raises
    ------
    BadInput
        If there is no such mapping, or `to` is no such database.
    """
    known = read_application(application)
    target = mapped_target(to, known, schema)
    chosen = mapped_job(job, known)
    place = MappedPlace(
        target, known, user, partial(_reference, chosen.production), _stays(job),
        job.schedule.as_of, len(farm_stores(job.farm)), with_history,
        drop_keys,
    )  # fmt: skip
    return chosen, place


def wipe_count(to: str, application: str, *, schema: str | None = None) -> Wiped:
    """Count what `wipe` would remove."""
    known = read_application(application)
    return _count(mapped_target(to, known, schema), known)


def wipe(to: str, application: str, *, schema: str | None = None) -> Wiped:
    """Remove all that Grilse has brought into an application's tables, and nothing else.

    Raises
    ------
    BadInput
        If there is no such mapping, or `to` is no PostgreSQL database.
    DestinationError
        If rows of the application's own refer to rows that would go, or the database cannot be
        reached or written: then all is left as it is.
    """
    known = read_application(application)
    return _wipe(mapped_target(to, known, schema), known)


def _reference(production: Production) -> Mapping[str, pa.Table]:
    """Return the farm's rows, and the names that batches use of what no table has."""
    farm = frozenset(name for name, table in TABLES.items() if table.owner == "farm")
    rows: dict[str, list[pa.RecordBatch]] = {}
    for name, chunk in make(replace(production, tables=farm), None):
        rows.setdefault(name, []).append(chunk)
    parameters = production.parameters
    suppliers = list(parameters.texts("delivery.egg_suppliers"))
    species = [parameters.text("species.name")]
    return {
        **{name: pa.Table.from_batches(chunks) for name, chunks in rows.items()},
        "egg_supplier": pa.table({"name": suppliers}),
        "species": pa.table({"scientific_name": species}),
        "vaccine": pa.table({"name": [parameters.text("vaccination.vaccine")]}),
    }


def _stays(job: Job) -> Stays:
    batches = {batch.number: batch.batch_id for batch in job.schedule.batches}
    known, used = job.farm.by_path, set[int]()
    for batch in job.schedule.batches:
        for stay in batch.stays:
            used |= {known[batch.geography, *path].container_id for path in stay.containers}
    return Stays(batches, tuple(_holds(job)), tuple(sorted(used)))


def _holds(job: Job) -> Iterator[Hold]:
    """Yield what the batches hold before the as-of date."""
    known, as_of = job.farm.by_path, job.schedule.as_of
    for batch in job.schedule.batches:
        for stay in batch.stays:
            interval = Interval(batch.start + stay.start_day, batch.start + stay.end_day)
            if interval.start >= as_of:
                continue
            clipped = Interval(interval.start, min(interval.end, as_of))
            for place, name in stay.containers:
                container = known[batch.geography, place, name].container_id
                yield Hold(batch.batch_id, container, f"{place}/{name}", clipped)
