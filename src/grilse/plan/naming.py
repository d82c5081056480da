"""What a batch is by its name and turn alone: number, id, start, eggs and harvest target.

Nothing here depends on how many batches follow, so a longer plan with the same start leaves the
first ones as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from grilse.farm.model import Farm, Geography
from grilse.ground.days import date_of
from grilse.ground.draws import Draws
from grilse.plan.question import OTHER_HARVEST_TARGET_G, YOUNGEST_DAYS, PlanQuestion

__all__ = [
    "BatchName",
    "batch_names",
    "eggs_delivered",
    "first_start",
    "harvest_target_g",
    "start_offset",
    "target_range_g",
]

_LEAST_EGGS, _EGG_STEP, _EGG_RANGE = 3_000_000, 123_456, 800_000


@dataclass(frozen=True, slots=True)
class BatchName:
    """A batch before it has a place.

    Attributes
    ----------
    number
        From 1, in the interleaved order of starts.
    batch_id
        Code of the geography, year of the start, index in the geography: ``FAR-2020-001``.
    index
        From 1 within the geography; it goes on over the years.
    start
        Day number.
    """

    number: int
    batch_id: str
    geography: Geography
    index: int
    start: int


def batch_names(question: PlanQuestion, farm: Farm) -> Iterator[BatchName]:
    """Yield the batches of a plan in the order of their numbers: each geography in turn."""
    first = first_start(question, len(farm.geographies))
    for index in range(1, question.batches_per_geography + 1):
        for place, geography in enumerate(farm.geographies):
            turn = (index - 1) * len(farm.geographies) + place
            start = first + start_offset(turn, question.stagger_days)
            batch_id = f"{geography.code}-{date_of(start).year}-{index:03d}"
            yield BatchName(turn + 1, batch_id, geography, index, start)


def start_offset(turn: int, stagger_days: Fraction) -> int:
    """Return the days from the first start to start `turn` (from 0), cut to whole days."""
    return floor(turn * stagger_days)


def first_start(question: PlanQuestion, geographies: int) -> int:
    """Return the day number of the first start.

    Where none is asked for: as-of day less the span of the starts, from the first to the last,
    and `YOUNGEST_DAYS`. So every batch has started, and the last one is that old.
    """
    if question.start is not None:
        return question.start
    last = question.batches_per_geography * geographies - 1
    return question.as_of - YOUNGEST_DAYS - start_offset(last, question.stagger_days)


def eggs_delivered(index: int) -> int:
    """Return the eggs of the batch of this index (from 1): 3.0 to 3.8 million, spread evenly."""
    return _LEAST_EGGS + ((index - 1) * _EGG_STEP) % _EGG_RANGE


def harvest_target_g(draws: Draws, batch_id: str, low_g: int, high_g: int) -> int:
    """Return a batch's harvest target: even over the whole grams from `low_g` to `high_g`.

    It is drawn by the batch's id, from the high half of one raw word, by integer arithmetic.
    """
    word = int(draws.words("harvest_target", (batch_id,), 0, 1)[0])
    return low_g + (((word >> 32) * (high_g - low_g + 1)) >> 32)


def target_range_g(question: PlanQuestion, geography: Geography) -> tuple[int, int]:
    """Return the lowest and highest harvest target of a geography, in grams."""
    return question.harvest_targets_g.get(geography.code, OTHER_HARVEST_TARGET_G)
