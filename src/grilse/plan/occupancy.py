"""Occupancy: who holds which container when. Containers are taken here or not at all.

Plans are made in the order of starts, so almost always a container asked for is free from the end
of its last stay on: that is one comparison. Only where a stay begins before the last one ends (a
plan around what is there already, stages of unequal length) are the intervals searched.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from grilse.ground.interval import Interval

__all__ = ["Book", "Fit", "Held", "first_fit"]

Held = tuple[tuple[str, str], ...]
"""Containers as a stay names them: ``(place, container)`` pairs, in order."""


class Book:
    """The stays of one hall or area, by container; no call can double-book.

    Parameters
    ----------
    site, place
        Names of the station or area, and of the hall or area.
    containers
        Names of its containers, in the farm's order.
    """

    def __init__(self, site: str, place: str, containers: Sequence[str]) -> None:
        self.site = site
        self.place = place
        self._named: Held = tuple((place, name) for name in containers)
        self._blocks: dict[tuple[int, ...], Held] = {}
        self._stays: list[list[Interval]] = [[] for _ in containers]
        self._free_from = [0] * len(self._named)
        self._position = {name: position for position, name in enumerate(containers)}

    def free(self, days: Interval) -> list[int]:
        """Return the positions of the containers that nobody holds on any of the days."""
        return list(self._free_positions(days))

    def _free_positions(self, days: Interval) -> Iterator[int]:
        start = days.start
        for position, free_from in enumerate(self._free_from):
            if free_from <= start or not _meets(self._stays[position], days):
                yield position

    def take(self, count: int, days: Interval) -> Held | None:
        """Take the first `count` free containers for the days, or nothing where fewer are free."""
        if count > len(self._named):
            return None
        positions = tuple(islice(self._free_positions(days), count))
        if len(positions) < count:
            return None
        for position in positions:
            self._hold(position, days)
        return self._block(positions)

    def take_all(self, positions: tuple[int, ...], days: Interval, rest_days: int = 0) -> bool:
        """Take the containers at some positions, or nothing where one of them is not free.

        They must be free for `rest_days` before and after the days, too.
        """
        clear = Interval(days.start - rest_days, days.end + rest_days)
        if not all(self._is_free(position, clear) for position in positions):
            return False
        for position in positions:
            self._hold(position, days)
        return True

    def named(self, positions: tuple[int, ...]) -> Held:
        """Return the names of the containers at some positions."""
        return self._block(positions)

    def hold(self, name: str, days: Interval) -> None:
        """Enter a stay that stands already; names that are not here are left out of account."""
        position = self._position.get(name)
        if position is not None and days.days > 0:
            self._hold(position, days)

    def is_empty(self, days: Interval) -> bool:
        """Whether nobody holds any container on any of the days."""
        return all(self._is_free(position, days) for position in range(len(self._named)))

    def holders(self, days: Interval) -> list[tuple[str, Interval]]:
        """Return the containers that are held on any of the days, each with a stay that meets."""
        return [
            (self._named[position][1], stay)
            for position, stays in enumerate(self._stays)
            for stay in stays
            if stay.overlaps(days)
        ]

    @property
    def size(self) -> int:
        """How many containers it has."""
        return len(self._named)

    def _is_free(self, position: int, days: Interval) -> bool:
        return self._free_from[position] <= days.start or not _meets(self._stays[position], days)

    def _block(self, positions: tuple[int, ...]) -> Held:
        """Return the names at some positions: one tuple for all batches that hold just these."""
        if positions not in self._blocks:
            self._blocks[positions] = tuple(self._named[position] for position in positions)
        return self._blocks[positions]

    def _hold(self, position: int, days: Interval) -> None:
        if self._free_from[position] <= days.start:
            self._stays[position].append(days)
            self._free_from[position] = days.end
        else:
            insort(self._stays[position], days)
            self._free_from[position] = self._stays[position][-1].end


def _meets(stays: list[Interval], days: Interval) -> bool:
    """Whether `days` meets one of the disjoint, ordered stays; the last ends within or after it."""
    if stays[-1].start <= days.start:
        return True
    following = bisect_left(stays, days)
    near = stays[max(following - 1, 0) : following + 1]
    return any(stay.overlaps(days) for stay in near)


@dataclass(frozen=True, slots=True)
class Fit:
    """Where something fitted: the position of the book, and the containers taken in it."""

    position: int
    held: Held


def first_fit(
    books: Sequence[Book], begin: int, counts: Iterable[int], days: Interval
) -> Fit | None:
    """Take containers of one place: each count in turn, the places by rotation from `begin` on.

    Returns None, with nothing taken, where no place has enough of its containers free.
    """
    for count in counts:
        for position in _rotation(begin, len(books)):
            held = books[position].take(count, days)
            if held is not None:
                return Fit(position, held)
    return None


def _rotation(begin: int, length: int) -> Iterator[int]:
    return (step % length for step in range(begin, begin + length))
