"""What a batch is by its name and turn alone: number, id, start, eggs and harvest target.

Nothing here depends on how many batches follow, so a longer plan with the same start leaves the
first ones as they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from grilse.farm.model import Farm, Geography
from grilse.ground.days import date_of
from grilse.ground.draws import Draws
from grilse.plan.question import OTHER_HARVEST_TARGET_G, YOUNGEST_DAYS, PlanQuestion

__all__ = [
    "MOST_EGGS",
    "BatchName",
    "batch_names",
    "eggs_delivered",
    "first_start",
    "geographies_planned",
    "harvest_target_g",
    "last_offset",
    "start_offset",
    "target_range_g",
]

_LEAST_EGGS, _EGG_STEP, _EGG_RANGE = 3_000_000, 123_456, 800_000

MOST_EGGS = _LEAST_EGGS + _EGG_RANGE - 1
"""No batch has more, unless it is asked for."""


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
    turn
        From 1, how many batches of this plan the geography has by then; the index, unless batches
        stood there before.
    """

    number: int
    batch_id: str
    geography: Geography
    index: int
    start: int
    turn: int


def geographies_planned(question: PlanQuestion, farm: Farm) -> tuple[Geography, ...]:
    """Return the geographies that a question is about, in the farm's order."""
    wanted = question.geographies
    return tuple(each for each in farm.geographies if not wanted or each.name in wanted)


def batch_names(
    question: PlanQuestion, farm: Farm, standing: Mapping[str, int] | None = None
) -> Iterator[BatchName]:
    """Yield the batches of a plan in the order of their numbers.

    Parameters
    ----------
    question
        Its first start is `first_start`.
    farm
        Its geographies take turns.
    standing
        The last index of each geography, by name, and the last number under the empty name, where
        a plan goes on from batches that are there already.
    """
    places = geographies_planned(question, farm)
    begun = standing or {}
    index = {geography.name: begun.get(geography.name, 0) for geography in places}
    for number, (start, place) in enumerate(_starts(question, places), begun.get("", 0) + 1):
        geography = places[place]
        index[geography.name] += 1
        batch_id = f"{geography.code}-{date_of(start).year}-{index[geography.name]:03d}"
        turn = index[geography.name] - begun.get(geography.name, 0)
        yield BatchName(number, batch_id, geography, index[geography.name], start, turn)


def _starts(question: PlanQuestion, places: tuple[Geography, ...]) -> Iterator[tuple[int, int]]:
    """Yield the day of each start and the position of its geography, each geography in turn."""
    if question.ladder_days:
        for day in sorted(question.ladder_days, reverse=True):
            yield from ((question.as_of - day, place) for place in range(len(places)))
        return
    first = first_start(question, len(places))
    for index in range(question.batches_per_geography):
        for place, geography in enumerate(places):
            if question.interleave:
                offset = start_offset(index * len(places) + place, question.stagger_days)
            else:
                offset = start_offset(index, question.spacing_days(geography.name, 1))
            yield first + offset, place


def start_offset(turn: int, stagger_days: Fraction) -> int:
    """Return the days from the first start to start `turn` (from 0), cut to whole days."""
    return floor(turn * stagger_days)


def last_offset(question: PlanQuestion, geographies: int) -> int:
    """Return the days from the first start to the last."""
    if question.ladder_days:
        return max(question.ladder_days) - min(question.ladder_days)
    last = question.batches_per_geography - 1
    if question.interleave:
        return start_offset(last * geographies + geographies - 1, question.stagger_days)
    paces = question.own_staggers.values() or (question.stagger_days,)
    return start_offset(last, max(paces))


def first_start(question: PlanQuestion, geographies: int) -> int:
    """Return the day number of the first start.

    Where none is asked for: as-of day less the span of the starts, from the first to the last,
    and `YOUNGEST_DAYS`. So every batch has started, and the last one is that old.
    """
    if question.ladder_days:
        return question.as_of - max(question.ladder_days)
    if question.start is not None:
        return question.start
    return question.as_of - YOUNGEST_DAYS - last_offset(question, geographies)


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
    return question.harvest_targets_g.get(geography.name, OTHER_HARVEST_TARGET_G)
