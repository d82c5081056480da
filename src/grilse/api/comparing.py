"""The verb diff: two datasets, two schedules, or a dataset and a manifest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike, fspath
from pathlib import Path

from grilse.api.choosing import chosen_whole
from grilse.api.pulling import dataset_of
from grilse.compare.datasets import Options, compare_datasets
from grilse.compare.result import Comparison
from grilse.compare.schedules import ScheduleComparison, compare_schedules
from grilse.compare.sides import Side, is_schedule, open_side
from grilse.compare.tolerance import read_tolerances
from grilse.ground.errors import BadInput, Problem
from grilse.run.usage import allowed_processors
from grilse.schedule.reading import read_schedule

__all__ = ["diff"]

_MOST_THREADS = 256


def diff(
    a: str | PathLike[str],
    b: str | PathLike[str],
    *,
    tolerances: Iterable[str] = (),
    ignored: Iterable[str] = (),
    tables: Collection[str] = (),
    by_rows: bool = False,
    threads: int | None = None,
    most_examples: int = 3,
) -> Comparison | ScheduleComparison:
    """Compare two datasets, two schedules, or a dataset and a manifest.

    Parameters
    ----------
    a, b
        Folders of datasets, ``FILE.duckdb``, ``postgresql://...``, files of schedules
        (``.yaml``), or manifests (``.json``).
    tolerances
        How far apart values may lie: ``avg_weight_g=0.5``, ``batch.end_date=2``, ``biomass_kg=1%``.
    ignored
        Columns that are not looked at.
    tables
        Tables to compare; all where none are named.
    by_rows
        Whether every row is read, and no fingerprint believed.
    threads
        As many as there are processors where none are given.
    most_examples
        Examples of each column.

    Raises
    ------
    BadInput
        If an option cannot be, or the two are not of one kind.
    DestinationError
        If either is not there, or cannot be read.
    """
    allowed = read_tolerances(tolerances, ignored)
    count = allowed_processors() if threads is None else threads
    chosen_whole("threads", count, 1, _MOST_THREADS)
    schedules = [is_schedule(Path(side)) for side in (a, b)]
    if all(schedules):
        return compare_schedules(read_schedule(a), read_schedule(b))
    if any(schedules):
        raise BadInput(_two_kinds(Path(a), Path(b)))
    options = Options(allowed, tuple(tables), by_rows, count, most_examples)
    with _opened(a) as first, _opened(b) as second:
        found = compare_datasets(first, second, options)
    return replace(found, a=fspath(a), b=fspath(b))


@contextmanager
def _opened(source: str | PathLike[str]) -> Iterator[Side]:
    """Open a dataset or a manifest, or what a database holds."""
    is_base = "://" in fspath(source) or Path(source).suffix == ".duckdb"
    if not is_base:
        yield open_side(Path(source))
        return
    with dataset_of(source) as root:
        yield open_side(root)


def _two_kinds(a: Path, b: Path) -> Problem:
    return Problem(
        "D-KINDS",
        "a schedule and a dataset cannot be compared",
        found=f"{a} and {b}",
        allowed="two datasets, two schedules, or a dataset and a manifest",
        mend="The schedule that a dataset was made of lies in it: _grilse/schedule.yaml",
    )
