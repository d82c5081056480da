"""The verb verify over many seeds: plan, make in a place of its own, judge, and forget."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from fractions import Fraction
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

from grilse.api.choosing import chosen_whole
from grilse.api.planning import plan, standing_schedule
from grilse.api.preparing import Job, prepare
from grilse.api.recalling import kept_job
from grilse.api.running import run
from grilse.api.writing import Writing
from grilse.dataset.layout import HOUSE
from grilse.farm.model import Farm
from grilse.ground.errors import BadInput, CheckFailed, Problem
from grilse.ground.parameters import Parameters
from grilse.verify.dataset import Options, chosen_checks, verify
from grilse.verify.seeds import SeedFigure, over_seeds
from grilse.verify.verdict import Figure

__all__ = ["BATCHES", "YEARS", "judge_seeds"]

BATCHES, YEARS = 50, 5
"""Batches in each geography, and years of starts, of the plan that is judged by default."""

_MOST_SEEDS = 10_000
_READINGS_PER_DAY = 2
_HELPERS = frozenset({
    "station", "hall", "area", "container", "sensor", "stage", "creation_action",
    "injected_event",
})  # fmt: skip
"""Tables that figures are measured with, beside those that their checks name."""


def judge_seeds(
    seeds: int,
    source: str | PathLike[str] | None = None,
    *,
    first_seed: int = 1,
    batches: int | None = None,
    years: float | str | Fraction | None = None,
    as_of: date | str | None = None,
    policy: str | None = None,
    farm: Farm | str | PathLike[str] | None = None,
    parameters: Parameters | str | PathLike[str] | None = None,
    only: Collection[str] = (),
    without: Collection[str] = (),
    workers: int | None = None,
    told: Callable[[int, Sequence[Figure]], None] | None = None,
) -> tuple[SeedFigure, ...]:
    """Plan and make a history for each of many seeds, and see how often each band holds.

    Parameters
    ----------
    seeds, first_seed
        How many, and the first: the others follow it.
    source
        A schedule, or a dataset whose schedule, farm and parameters are taken; none for a plan.
    batches, years, as_of, policy
        Of the plan, where there is no `source`: 50 batches in each geography within five years,
        under the policy ``saturation``.
    farm, parameters
        The built-in ones where none are given.
    only, without
        Names of checks or groups that measure figures, to make or to leave out: by default
        ``realism`` and ``policy``. Tables that none of them needs are not made.
    workers
        As `run` has it.
    told
        Called after each seed with the seed and its figures.

    Raises
    ------
    BadInput
        If the question makes no sense.
    CheckFailed
        If a batch of some seed could not be made.
    """
    chosen_whole("seeds", seeds, 1, _MOST_SEEDS)
    chosen_whole("first_seed", first_seed, 0)
    if source is not None and any(v is not None for v in (batches, years, as_of, policy)):
        raise BadInput(_CONTRADICTION)
    asked = Options(only or ("realism", "policy"), without)
    tables = {name for check in chosen_checks(asked) for name in check.needs} | _HELPERS
    found = []
    for seed in range(first_seed, first_seed + seeds):
        if source is None:
            schedule = plan(
                batches=batches or BATCHES, years=years or YEARS, as_of=as_of, seed=seed,
                policy=policy or "saturation", farm=farm, parameters=parameters,
            ).schedule  # fmt: skip
            job = prepare(
                schedule, farm=farm, parameters=parameters, tables=tables, writing=_LITTLE
            )
        else:
            job = _again(source, seed, farm, parameters, tables)
        figures = tuple(_figures(job, asked, workers, seed))
        if told is not None:
            told(seed, figures)
        found.append(figures)
    return over_seeds(found)


_LITTLE = Writing(readings_per_day=_READINGS_PER_DAY)
_CONTRADICTION = Problem(
    "R-SEEDS",
    "a schedule or a dataset says how many batches there are, and when",
    mend="Leave out --batches, --years, --as-of and --policy, or the schedule",
)


def _again(
    source: str | PathLike[str], seed: int, farm: Farm | str | PathLike[str] | None,
    parameters: Parameters | str | PathLike[str] | None, tables: Collection[str],
) -> Job:  # fmt: skip
    """Return the job of a schedule or of a dataset, with another seed."""
    if (Path(source) / HOUSE).is_dir():
        kept = kept_job(source)
        farm, parameters = farm or kept.farm, parameters or kept.parameters
    return prepare(
        standing_schedule(source), farm=farm, parameters=parameters, seed=seed, tables=tables,
        writing=_LITTLE, other_inputs=True,
    )  # fmt: skip


def _figures(job: Job, asked: Options, workers: int | None, seed: int) -> Iterator[Figure]:
    """Make a job's history aside, and yield its figures."""
    with TemporaryDirectory(prefix="grilse-seed-") as folder:
        root = Path(folder) / "dataset"
        report = run(job, root, workers=workers, logs=False)
        for failure in report.result.failures:
            raise CheckFailed(f"seed {seed}, batch {failure.batch_id}: {failure.reason}")
        for result in verify(root, asked).results:
            yield from result.tally.figures
