"""The verb plan: batches to the last tank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from os import PathLike, fspath
from pathlib import Path

from grilse.api.choosing import (
    chosen_date,
    chosen_days,
    chosen_farm,
    chosen_parameters,
    chosen_whole,
)
from grilse.dataset.layout import HOUSE
from grilse.farm.model import Farm
from grilse.ground.days import day_of, today
from grilse.ground.errors import BadInput, Problem
from grilse.ground.parameters import Parameters
from grilse.plan.asking import Wish
from grilse.plan.planning import plan_life
from grilse.plan.question import (
    DEFAULT_RING_COUNTS,
    DEFAULT_SEED,
    YOUNGEST_DAYS,
    PlanAnswer,
    PlanQuestion,
)
from grilse.plan.standing import Standing
from grilse.schedule.model import Schedule
from grilse.schedule.reading import read_schedule

__all__ = ["plan", "standing_schedule"]


def plan(
    *,
    batches: int | None = None,
    stagger: float | str | Fraction | None = None,
    start: date | str | None = None,
    as_of: date | str | None = None,
    seed: int | None = None,
    farm: Farm | str | PathLike[str] | None = None,
    parameters: Parameters | str | PathLike[str] | None = None,
    saturation: float | str | Fraction | None = None,
    years: float | str | Fraction | None = None,
    fit: bool = False,
    policy: str = "saturation",
    rings: Sequence[int] = DEFAULT_RING_COUNTS,
    reserve: str = "days",
    stage_days: Mapping[str, int] | None = None,
    fallow_days: int | None = None,
    geographies: Sequence[str] = (),
    interleave: bool = True,
    batches_an_area: int = 1,
    ladder: Sequence[int] = (),
    onto: Schedule | Standing | str | PathLike[str] | None = None,
    eggs: int | None = None,
    duration: int | None = None,
) -> PlanAnswer:
    """Plan a company's batches, to the last tank.

    Parameters
    ----------
    batches
        How many in each geography; 10 where nothing else decides it.
    stagger
        Days from one start to the next, the geographies in turn; 30 where nothing else decides it.
    start, as_of
        Dates, or ISO texts; `as_of` is today, UTC, where none is given.
    farm, parameters
        The built-in ones where none are given.
    saturation, years, fit
        In place of stagger or number: how full the farm shall be (0 to 1), how many years the
        starts shall span, whether they shall be as close together as the farm bears.
    policy
        ``saturation``, ``biosecure`` or ``ladder``.
    rings
        How many rings a batch may hold; ascending, the fewest first.
    reserve
        ``days``, or ``weight``: the sea until the heaviest target is reached and harvested.
    stage_days
        Days of some stages, by key, in place of the parameters' own.
    fallow_days
        Days for which rings lie empty, in place of the policy's own.
    geographies
        Names or codes of those to plan for; all where none are given.
    interleave
        Whether the geographies start in turn.
    batches_an_area
        Batches that share an area, under ``biosecure``.
    ladder
        Days of life at which batches stand on `as_of`, under ``ladder``.
    onto
        A schedule, its file or a dataset: the plan goes on from it, around what it holds. Or what
        stands elsewhere, in a database for example: the plan goes around it.
    eggs
        Eggs of every batch, in place of the policy's own.
    duration
        Days that the first batch has lived by `as_of`: it decides `as_of`, or else the start.

    Raises
    ------
    BadInput
        Where the question makes no sense, or the farm cannot hold the plan.
    """
    elsewhere = onto if isinstance(onto, Standing) else Standing()
    is_none = onto is None or isinstance(onto, Standing)
    existing = None if is_none else standing_schedule(onto)  # type: ignore[arg-type]
    first = None if start is None else day_of(chosen_date("start", start))
    wish = Wish(
        None if batches is None else chosen_whole("batches", batches),
        None if stagger is None else chosen_days("stagger", stagger),
        None if saturation is None else chosen_days("saturation", saturation),
        None if years is None else chosen_days("years", years),
        fit,
    )
    day, first = _dates(first, as_of, duration, existing)
    site = chosen_farm(farm)
    question = PlanQuestion(
        as_of=day,
        start=_after(existing, wish) if first is None and existing else first,
        seed=_seed(seed, existing),
        ring_counts=tuple(rings),
        policy=policy,
        interleave=interleave,
        geographies=tuple(_named(site, name) for name in geographies),
        ladder_days=tuple(ladder),
        batches_an_area=batches_an_area,
        eggs=eggs,
        reserve=reserve,
        stage_days=dict(stage_days or {}),
        fallow_days=fallow_days,
        onto=None if existing is None else existing.file,
    )
    standing = replace(elsewhere, batches=existing.batches) if existing else elsewhere
    return plan_life(question, site, chosen_parameters(parameters), standing, wish)


def standing_schedule(source: Schedule | str | PathLike[str]) -> Schedule:
    """Return a schedule given as itself, by its file, or by the dataset that was made of it."""
    if isinstance(source, Schedule):
        return source
    inside = Path(source) / HOUSE / "schedule.yaml"
    return read_schedule(inside if inside.is_file() else fspath(source))


def _dates(
    first: int | None, as_of: date | str | None, duration: int | None, existing: Schedule | None
) -> tuple[int, int | None]:
    """Return the as-of day and the first start, as far as it is given or follows."""
    day = None if as_of is None else day_of(chosen_date("as_of", as_of))
    lived = None if duration is None else chosen_whole("duration", duration, least=1)
    if lived is not None and first is not None:
        if day is not None and day != first + lived:
            raise _contradiction(first, day, lived)
        return first + lived, first
    if day is None:
        day = existing.as_of if existing else day_of(today())
    return day, day - lived if lived is not None else first


def _contradiction(first: int, day: int, lived: int) -> BadInput:
    return BadInput(
        Problem(
            "P-CONTRADICTION",
            "start date, as-of date and duration do not agree",
            found=f"{day - first} days from start to as-of, and --duration {lived}",
            mend="Leave one of them out",
        )
    )


def _after(existing: Schedule, wish: Wish) -> int:
    """Return the day on which a plan goes on: one stagger after the last start there is."""
    last = max(batch.start for batch in existing.batches)
    return last + int(wish.stagger_days or YOUNGEST_DAYS)


def _seed(seed: int | None, existing: Schedule | None) -> int:
    if seed is not None:
        return chosen_whole("seed", seed)
    return existing.seed if existing else DEFAULT_SEED


def _named(farm: Farm, name: str) -> str:
    """Return the name of the geography of that name or code; what is neither stays as it is."""
    for geography in farm.geographies:
        if name.casefold() in (geography.name.casefold(), geography.code.casefold()):
            return geography.name
    return name
