"""The policy `biosecure`: one generation an area, fallow between two, no ring fuller than allowed.

An area belongs to one generation: a batch, or several that are put to sea one after the other and
share its rings. It is stocked again when all of it has lain empty for the fallow of its geography.
Eggs are counted back from what the rings bear at harvest (`grilse.plan.customs.SeaRules`). On land
it is the classic policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from grilse.ground.interval import Interval
from grilse.plan.occupancy import Book
from grilse.plan.policies.saturation import take_land
from grilse.plan.question import PlanQuestion, StageOfLife
from grilse.plan.region import NoRoomError, Region
from grilse.schedule.model import Stay

__all__ = ["NAME", "Generations", "eggs_for", "take_stays"]

NAME = "biosecure"


@dataclass
class Generations:
    """The areas of a geography, and the generation that is being stocked.

    Attributes
    ----------
    turn
        Position of the area whose turn it is.
    open_book
        The area of the generation that still takes batches; None where there is none.
    closes
        Day number after which it takes no more.
    blocks
        Positions of its rings that the next batches take.
    """

    turn: int = 0
    open_book: Book | None = None
    closes: int = 0
    blocks: list[tuple[int, ...]] = field(default_factory=list)


def take_stays(
    question: PlanQuestion,
    region: Region,
    start: int,
    stages: Sequence[StageOfLife],
    generations: Generations,
) -> tuple[str, tuple[Stay, ...]]:
    """Take the places of a batch's whole life; return its first station and its stays.

    Raises
    ------
    NoRoomError
        A stage found no place; no area has lain fallow for long enough.
    """
    sites: list[str] = []
    stays: list[Stay] = []
    day = 0
    for stage in stages:
        if region.at_sea(stage.key):
            days = Interval(start + day, start + day + stage.default_days)
            book, positions = _berth(question, region, stage.key, days, generations)
            named = book.named(positions)
            site = book.site
            stay = Stay(stage.key, book.place, named, day, day + stage.default_days)
        else:
            site, stay = take_land(question, region, start, stage, day, sites[-1:])
        sites.append(site)
        stays.append(stay)
        day += stage.default_days
    return sites[0], tuple(stays)


def _berth(
    question: PlanQuestion, region: Region, stage: str, days: Interval, generations: Generations
) -> tuple[Book, tuple[int, ...]]:
    """Take the next block of the generation that is being stocked, or begin another area."""
    if not generations.blocks or days.start > generations.closes:
        _begin(question, region, stage, days, generations)
    book = generations.open_book
    block = generations.blocks.pop(0)
    if book is None or not book.take_all(block, days):
        raise NoRoomError(stage, (len(block),), days, region.books(stage))
    return book, block


def _begin(
    question: PlanQuestion, region: Region, stage: str, days: Interval, generations: Generations
) -> None:
    """Begin a generation in the next area that has lain fallow, and stays empty for its batches."""
    rest = question.rest_days(region.geography.name)
    rules = question.sea_rules.get(region.geography.name)
    books = region.books(stage)
    share = question.batches_an_area
    clear = Interval(days.start - rest, days.end + rest)
    for step in range(len(books)):
        position = (generations.turn + step) % len(books)
        book = books[position]
        if book.size >= share and book.is_empty(clear):
            generations.turn = (position + 1) % len(books)
            generations.open_book = book
            generations.closes = days.start + (rules.window_days if rules else 0)
            generations.blocks = _blocks(book.size, share)
            return
    raise NoRoomError(stage, (min((book.size for book in books), default=1),), days, books)


def _blocks(size: int, share: int) -> list[tuple[int, ...]]:
    ends = [size * part // share for part in range(share + 1)]
    return [tuple(range(ends[part], ends[part + 1])) for part in range(share)]


def eggs_for(
    question: PlanQuestion, region: Region, stays: Sequence[Stay], target_kg: float
) -> int | None:
    """Return the eggs that fill a batch's rings by its harvest target; None without rules."""
    name = region.geography.name
    sea = next((stay for stay in stays if region.at_sea(stay.stage)), None)
    if sea is None or name not in question.sea_rules:
        return None
    rings = (ring for _, ring in sea.containers)
    return question.sea_rules[name].eggs_for(region.place(sea.place), rings, target_kg)
