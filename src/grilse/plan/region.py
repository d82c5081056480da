"""A geography as planners see it: the books of its places by stage, and whose turn it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from grilse.farm.model import Geography
from grilse.ground.interval import Interval
from grilse.plan.capacity import places_for
from grilse.plan.occupancy import Book, Fit, first_fit

__all__ = ["NoRoomError", "Region"]


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
    """

    def __init__(self, geography: Geography, stages: Sequence[str]) -> None:
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
        self._first_of_site = {
            stage: {book.site: position for position, book in reversed(list(enumerate(books)))}
            for stage, books in self._books.items()
        }

    def at_sea(self, stage: str) -> bool:
        """Whether a stage stands in areas rather than halls."""
        return stage in self._at_sea

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
