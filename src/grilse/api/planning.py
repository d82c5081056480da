"""The verb plan: batches to the last tank."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from os import PathLike

from grilse.api.choosing import chosen_date, chosen_days, chosen_farm, chosen_whole
from grilse.biology.parameters import builtin_parameters
from grilse.farm.model import Farm
from grilse.ground.days import day_of, today
from grilse.ground.parameters import Parameters
from grilse.plan.planning import plan_life
from grilse.plan.question import (
    DEFAULT_BATCHES_PER_GEOGRAPHY,
    DEFAULT_SEED,
    DEFAULT_STAGGER_DAYS,
    PlanAnswer,
    PlanQuestion,
)

__all__ = ["plan"]


def plan(
    *,
    batches: int = DEFAULT_BATCHES_PER_GEOGRAPHY,
    stagger: float | str | Fraction = DEFAULT_STAGGER_DAYS,
    start: date | str | None = None,
    as_of: date | str | None = None,
    seed: int = DEFAULT_SEED,
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
        as_of=day_of(today() if as_of is None else chosen_date("as_of", as_of)),
        batches_per_geography=chosen_whole("batches", batches),
        stagger_days=chosen_days("stagger", stagger),
        start=None if start is None else day_of(chosen_date("start", start)),
        seed=chosen_whole("seed", seed),
    )
    return plan_life(question, chosen_farm(farm), parameters or builtin_parameters())
