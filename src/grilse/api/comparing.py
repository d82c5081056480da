"""The verb diff: two datasets, two schedules, or a dataset and a manifest."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from os import PathLike
from pathlib import Path

from grilse.api.choosing import chosen_whole
from grilse.compare.datasets import Options, compare_datasets
from grilse.compare.result import Comparison
from grilse.compare.schedules import ScheduleComparison, compare_schedules
from grilse.compare.sides import is_schedule, open_side
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
        Folders of datasets, files of schedules (``.yaml``), or manifests (``.json``).
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
    first, second = Path(a), Path(b)
    allowed = read_tolerances(tolerances, ignored)
    count = allowed_processors() if threads is None else threads
    chosen_whole("threads", count, 1, _MOST_THREADS)
    if is_schedule(first) and is_schedule(second):
        return compare_schedules(read_schedule(first), read_schedule(second))
    if is_schedule(first) or is_schedule(second):
        raise BadInput(_two_kinds(first, second))
    options = Options(allowed, tuple(tables), by_rows, count, most_examples)
    return compare_datasets(open_side(first), open_side(second), options)


def _two_kinds(a: Path, b: Path) -> Problem:
    return Problem(
        "D-KINDS",
        "a schedule and a dataset cannot be compared",
        found=f"{a} and {b}",
        allowed="two datasets, two schedules, or a dataset and a manifest",
        mend="The schedule that a dataset was made of lies in it: _grilse/schedule.yaml",
    )
