"""A geography as planners see it: the books of its places by stage, and whose turn it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, zip_longest

from grilse.farm.model import Geography, Place
from grilse.ground.interval import Interval
from grilse.plan.capacity import places_for
from grilse.plan.occupancy import Book, Fit, Held, first_fit
from grilse.plan.standing import Hold
from grilse.schedule.model import BatchPlan

__all__ = ["Berth", "NoRoomError", "Region"]


@dataclass(frozen=True, slots=True)
class Berth:
    """Containers of one place that are taken together, by their positions there."""

    book: Book
    positions: tuple[int, ...]


class NoRoomError(Exception):
    """A stage of a batch found no place with enough free containers.

    Attributes
    ----------
    stage
        Key of the stage.
    counts
        How many containers would have done, in the order tried.
    days
        The day numbers for which they were wanted.
    books
        The places that were tried, as they are held now.
    """

    def __init__(
        self, stage: str, counts: Sequence[int], days: Interval, books: Sequence[Book]
    ) -> None:
        super().__init__(stage)
        self.stage = stage
        self.counts = tuple(counts)
        self.days = days
        self.books = tuple(books)


class Region:
    """The books of one geography, by stage.

    A hall that is built for several stages has one book, which they share. Places take turns: the
    search for a stage begins after the place that was taken last, so the one that has been free
    longest is tried first, and a plan of any length looks at a place or two a stage.

    Parameters
    ----------
    geography
        The geography.
    stages
        Keys of the stages of a life.
    cuts
        By stage, how the places of it are cut into berths: the containers of each berth, by place.
        Stages that are not named have none.
    """

    def __init__(
        self,
        geography: Geography,
        stages: Sequence[str],
        cuts: Mapping[str, Sequence[Sequence[int]]] | None = None,
    ) -> None:
        self.geography = geography
        self._books: dict[str, list[Book]] = {stage: [] for stage in stages}
        self._at_sea: set[str] = set()
        self._turn: dict[str, int] = defaultdict(int)
        shared: dict[str, Book] = {}
        for stage in stages:
            for site, place in places_for(geography, stage):
                if place.name not in shared:
                    names = [container.name for container in place.containers]
                    shared[place.name] = Book(site, place.name, names)
                self._books[stage].append(shared[place.name])
                if place.kind == "area":
                    self._at_sea.add(stage)
        self._by_name = shared
        self._berths = {
            stage: _berths(self._books[stage], cut) for stage, cut in (cuts or {}).items()
        }
        self._first_of_site = {
            stage: {book.site: position for position, book in reversed(list(enumerate(books)))}
            for stage, books in self._books.items()
        }

    def at_sea(self, stage: str) -> bool:
        """Whether a stage stands in areas rather than halls."""
        return stage in self._at_sea

    def books(self, stage: str) -> Sequence[Book]:
        """Return the places of a stage, in the farm's order."""
        return self._books[stage]

    def place(self, name: str) -> Place:
        """Return what the farm says of a place."""
        return next(
            place for site in self.geography.sites for place in site.places if place.name == name
        )

    def enter(self, batches: Iterable[BatchPlan]) -> None:
        """Enter batches of this geography that stand already."""
        for batch in batches:
            for stay in batch.stays:
                days = Interval(batch.start + stay.start_day, batch.start + stay.end_day)
                for place, name in stay.containers:
                    if place in self._by_name:
                        self._by_name[place].hold(name, days)

    def reserve(self, holds: Iterable[Hold]) -> None:
        """Enter containers of this geography that batches elsewhere hold."""
        for hold in holds:
            if hold.place in self._by_name:
                self._by_name[hold.place].hold(hold.container, hold.days)

    def take_berth(
        self, stage: str, counts: Sequence[int], days: Interval, rest_days: int = 0
    ) -> tuple[Book, Held]:
        """Take the berth whose turn it is, the next that is free, or any containers that are.

        Berths take turns, so that the one that has been free longest is tried first. What lies
        across the berths, because batches stood there already or stay longer than was reckoned
        with, leaves containers free that make no whole berth: they are tried last, unless rings
        must lie empty for some days before and after.

        Raises
        ------
        NoRoomError
            No place of the stage has enough of its containers free; nothing is taken.
        """
        berths = self._berths.get(stage, ())
        for step in range(len(berths)):
            turn = (self._turn[stage] + step) % len(berths)
            berth = berths[turn]
            if berth.book.take_all(berth.positions, days, rest_days):
                self._turn[stage] = (turn + 1) % len(berths)
                return berth.book, berth.book.named(berth.positions)
        fit = None if rest_days else first_fit(self._books[stage], 0, counts, days)
        if fit is None:
            raise NoRoomError(stage, counts, days, self._books[stage])
        return self._books[stage][fit.position], fit.held

    def take(
        self, stage: str, site: str | None, counts: Sequence[int], days: Interval
    ) -> tuple[Book, Fit]:
        """Take containers of one place, searching from `site` on if it has one, else in turn.

        Raises
        ------
        NoRoomError
            No place of the stage has enough of its containers free; nothing is taken.
        """
        books = self._books[stage]
        begin = self._first_of_site[stage].get(site or "", self._turn[stage])
        fit = first_fit(books, begin, counts, days)
        if fit is None:
            raise NoRoomError(stage, counts, days, books)
        self._turn[stage] = (fit.position + 1) % len(books)
        return books[fit.position], fit


def _berths(books: Sequence[Book], cuts: Sequence[Sequence[int]]) -> list[Berth]:
    """Return the berths in the order of their turns: the first of every place, then the second."""
    by_place = []
    for book, counts in zip(books, cuts, strict=True):
        ends = list(accumulate(counts))
        spans = zip([0, *ends], ends, strict=False)
        by_place.append([Berth(book, tuple(range(begin, end))) for begin, end in spans])
    return [berth for berth in chain(*zip_longest(*by_place)) if berth is not None]
