"""The verb verify for another application's tables: seen as ours, and put to the same checks."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from grilse.analysis.reading import last_day_in, let_go
from grilse.api.choosing import chosen_date, chosen_parameters
from grilse.dataset.manifest import Inputs, Manifest
from grilse.dataset.records import BatchRecord, SegmentRecord
from grilse.dataset.segments import farm_segment_name, segment_name, store_group_name
from grilse.ground.days import date_of, day_of, today
from grilse.ground.errors import BadInput, Problem
from grilse.ground.parameters import Parameters
from grilse.ground.version import __version__
from grilse.mirror.mirroring import Mirrored, mirror
from grilse.mirror.reflection import Reflection, read_reflection
from grilse.schedule.model import Schedule
from grilse.sinks.postgres.target import SCHEMES, Target, read_target
from grilse.tables.catalogue import TABLES
from grilse.tables.totals import Totals
from grilse.verify.application import Application
from grilse.verify.dataset import Options, chosen_checks, verify_source
from grilse.verify.source import Source
from grilse.verify.verdict import Verdict

__all__ = ["mirrored_target", "seen_until", "verify_application"]

_SEGMENTS = {"farm": farm_segment_name(), "store": store_group_name(0), "batch": segment_name(0)}


def verify_application(
    url: str,
    application: str | PathLike[str],
    options: Options | None = None,
    *,
    schema: str | None = None,
    as_of: date | str | None = None,
    parameters: Parameters | str | PathLike[str] | None = None,
) -> Verdict:
    """Check what another application's tables hold.

    Parameters
    ----------
    url
        ``postgresql://...``, without a password.
    application
        Whose tables they are: ``aquamind``, or a file of views.
    options
        As of `grilse.verify`; no farm or parameters can be held against them.
    schema
        Of the tables, where it is not the usual one.
    as_of
        The date before which rows should be dated; by default the day after the last, and
        tomorrow at the latest.
    parameters
        By which water and sea are judged; the built-in ones by default.

    Raises
    ------
    BadInput
        If there is no such application, or an option names no check.
    DestinationError
        If the database cannot be reached, or cannot answer.
    """
    began, asked = time.perf_counter(), options or Options()
    chosen_checks(asked)
    reflection = read_reflection(application)
    target = mirrored_target(url, reflection, schema)
    when = None if as_of is None else chosen_date("as_of", as_of)
    chosen = chosen_parameters(parameters)
    with TemporaryDirectory(prefix="grilse-mirror-") as folder:
        found = mirror(target, reflection, Path(folder), TABLES)
        source = _source(Path(folder), reflection, found, when, chosen)
        verdict = verify_source(source, asked)
    took = time.perf_counter() - began
    return replace(verdict, dataset=f"{target.shown} as {reflection.application}", seconds=took)


def mirrored_target(url: str, reflection: Reflection, schema: str | None) -> Target:
    """Return the schema that holds an application's tables.

    Raises
    ------
    BadInput
        If `url` names no PostgreSQL database, or holds a password.
    """
    if url.partition("://")[0] not in SCHEMES or "://" not in url:
        raise BadInput(
            Problem("V-PLACE", "an application's tables are in a PostgreSQL database",
                    found=repr(url)[:80], allowed="postgresql://...")
        )  # fmt: skip
    return read_target(url, schema or reflection.schema)


def _source(
    root: Path, reflection: Reflection, found: Mirrored, when: date | None, parameters: Parameters
) -> Source:
    """Return what was seen as verification takes a dataset: all its rows in three segments."""
    with _held(root):
        day = seen_until(root, when)
    as_of = date_of(day).isoformat()
    inputs = Inputs(__version__, 0, as_of, "", "", "", tuple(found.rows))
    records = dict(_records(root, found))
    manifest = Manifest(inputs, 1 << 25, tuple(records))
    unfit = {name: why for why, names in reflection.unfit.items() for name in names}
    told = Application(
        reflection.application, unfit, frozenset(reflection.informs), reflection.weight_step_g,
        found.beside,
    )  # fmt: skip
    schedule = Schedule({}, (), day, 0)
    return Source(root, manifest, records, schedule, parameters, application=told)


def seen_until(folder: Path, when: date | None) -> int:
    """Return the day number before which rows are seen: that of a date, or by the rows.

    The rows' last day tells it; but where one is dated ahead by mistake, today does.
    """
    if when is not None:
        return day_of(when)
    return min(last_day_in(str(folder)) or 0, day_of(today())) + 1


@contextmanager
def _held(root: Path) -> Iterator[None]:
    try:
        yield
    finally:
        let_go(str(root))


def _records(root: Path, found: Mirrored) -> Iterator[tuple[str, SegmentRecord]]:
    """Yield what stands for the records: files lie where a dataset has them."""
    numbers = pq.read_table(found.files["batch"], columns=["batch_id"])["batch_id"].to_pylist()
    batches = {number: BatchRecord(str(number), "") for number in numbers if number is not None}
    for owner, segment in _SEGMENTS.items():
        mine = [n for n in found.rows if _owner(n) == owner and found.rows[n]]
        sizes: dict[str, int] = {}
        for name in mine:
            (root / name).mkdir()
            path = found.files[name].rename(root / name / f"{segment}.parquet")
            sizes[name] = path.stat().st_size
        totals: Mapping[str, Totals] = {name: Totals(found.rows[name]) for name in mine}
        held = batches if owner == "batch" else {0: BatchRecord(owner, "")}
        yield segment, SegmentRecord(segment, totals, sizes, held)


def _owner(table: str) -> str:
    owner = TABLES[table].owner
    return owner if owner in _SEGMENTS else "farm"
