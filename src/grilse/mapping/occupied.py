"""What a load would run into at the target: names taken, containers held, users unknown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grilse.ground.days import date_of, day_of
from grilse.ground.errors import Problem
from grilse.ground.interval import Interval
from grilse.mapping import ledger
from grilse.mapping.model import Application

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["Hold", "Stays", "load_problems"]

_NAMED = 20
_FOREVER = 2**30


@dataclass(frozen=True)
class Hold:
    """A batch's stay in one of our containers, in day numbers; `name` is the container's."""

    batch: str
    container_id: int
    name: str
    interval: Interval


@dataclass(frozen=True)
class Stays:
    """What a load's batches hold, up to the as-of date.

    Attributes
    ----------
    batches
        Their names, by number.
    holds
        A row a container and stay.
    containers
        Ids of our containers that are used, ascending; those of later stays too, since stores
        take in feed before the fish are there.
    """

    batches: Mapping[int, str]
    holds: tuple[Hold, ...]
    containers: tuple[int, ...]

    @property
    def highest_number(self) -> int:
        """The highest number of a batch."""
        return max(self.batches, default=0)


def load_problems(
    connection: Connection, application: Application, user: str, stays: Stays,
    own: Sequence[ledger.Standing], others: Sequence[Hold] = (),
) -> tuple[int | None, list[Problem]]:  # fmt: skip
    """Return the user's key, and all that the load would run into.

    Parameters
    ----------
    own
        This very load, where a run has begun it, and all that live on with it: batches of theirs
        that are there are no obstacle.
    others
        What the batches of those that live on with it hold by then.
    """
    problems: list[Problem] = []
    row = connection.execute(application.user, [user]).fetchone()
    if row is None:
        problems.append(
            Problem("M-USER", "there is no such user", found=repr(user)[:80],
                    mend="Name one that is there; none is ever made")
        )  # fmt: skip
    problems += _taken(connection, application, stays, own)
    problems += _held(connection, application, stays, own, others)
    return (None if row is None else int(row[0])), problems


def _is_own(key: int, own: Sequence[ledger.Standing]) -> bool:
    ranges = [load.ranges["batch"] for load in own if "batch" in load.ranges]
    return any(keys.offset < key <= keys.last for keys in ranges)


def _taken(
    connection: Connection, application: Application, stays: Stays,
    own: Sequence[ledger.Standing],
) -> Iterator[Problem]:  # fmt: skip
    """Yield the batches whose names are taken."""
    ours = set(stays.batches.values())
    for key, name in connection.execute(application.batches_there).fetchall():
        if name in ours and not _is_own(key, own):
            yield Problem(
                "M-TAKEN", "a batch of that name is there already", batch=name, found=f"key {key}",
                mend="Remove it, or plan under other names",
            )  # fmt: skip


def _held(
    connection: Connection, application: Application, stays: Stays,
    own: Sequence[ledger.Standing], others: Sequence[Hold],
) -> Iterator[Problem]:  # fmt: skip
    """Yield the containers that other batches hold in days of ours, each pair once."""
    there: dict[str, list[tuple[str, Interval]]] = defaultdict(list)
    for other in others:
        there[other.name].append((other.batch, other.interval))
    for name, key, batch, first, departure in connection.execute(
        application.stays_there
    ).fetchall():
        if not _is_own(key, own):
            start = day_of(first)
            end = _FOREVER if departure is None else max(day_of(departure), start + 1)
            there[name].append((batch, Interval(start, end)))
    met: dict[tuple[str, str, Interval, str, Interval], list[str]] = defaultdict(list)
    for hold in stays.holds:
        for batch, interval in there.get(hold.name, ()):
            if hold.interval.overlaps(interval):
                place, _, container = hold.name.partition("/")
                met[hold.batch, place, hold.interval, batch, interval].append(container)
    for index, (pair, containers) in enumerate(met.items()):
        if index == _NAMED:
            yield Problem("M-HELD", f"and {len(met) - _NAMED} more stays like these")
            return
        yield _held_problem(*pair, containers)


def _held_problem(
    batch: str, place: str, wanted: Interval, other: str, held: Interval, containers: list[str]
) -> Problem:
    until = "with no end" if held.end == _FOREVER else f"to {date_of(held.end)}"
    many = len(containers) > 1
    what = f"{len(containers)} containers of {place} are" if many else f"{containers[0]} is"
    return Problem(
        "M-HELD", f"{what} held by batch {other}", batch=batch,
        found=f"from {date_of(held.start)} {until}",
        allowed=f"free from {date_of(wanted.start)} to {date_of(wanted.end)}",
        mend="Plan around it: grilse plan --onto",
    )  # fmt: skip
