"""Half-open intervals of days, and the one rule by which two of them meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Clash", "Interval", "clashes"]

T = TypeVar("T")


class Interval(NamedTuple):
    """The days from `start` up to, and without, `end`."""

    start: int
    end: int

    @property
    def days(self) -> int:
        """How many days it holds."""
        return self.end - self.start

    def overlaps(self, other: Interval) -> bool:
        """Whether a day lies in both: an interval that ends on day d leaves d free."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Clash(Generic[T]):
    """Two holders of one thing on the same day."""

    first: T
    second: T
    days: Interval


def clashes(held: Iterable[tuple[Interval, T]]) -> Iterator[Clash[T]]:
    """Yield each neighbouring pair of holders whose intervals overlap.

    Parameters
    ----------
    held
        The intervals in which one thing is held, each with its holder, in any order.

    Yields
    ------
    Clash
        The holder whose interval reaches furthest so far, the one that starts inside it, and the
        days they share. None is yielded exactly when no two intervals overlap.
    """
    reach: tuple[Interval, T] | None = None
    for interval, holder in sorted(held, key=lambda item: item[0]):
        if reach is not None and interval.overlaps(reach[0]):
            shared = Interval(interval.start, min(interval.end, reach[0].end))
            yield Clash(reach[1], holder, shared)
        if reach is None or interval.end > reach[0].end:
            reach = (interval, holder)
