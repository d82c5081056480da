"""The books of a batch: how many fish each container held each day, what died, what was fed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grilse.analysis.arrays import NONE, Ints
from grilse.analysis.observations import Observations, Stays
from grilse.ground.days import MICROSECONDS_PER_DAY

__all__ = ["Books", "keep_books"]


@dataclass(frozen=True)
class Books:
    """What each row's day brought, shape (rows,).

    Attributes
    ----------
    opening, closing
        Fish alive at its start and at its end.
    dead
        Fish that died; those that died of a move are booked with the move.
    feed_10g
        Feed, in steps of 10 g.
    """

    opening: Ints
    closing: Ints
    dead: Ints
    feed_10g: Ints


def keep_books(seen: Observations) -> Books:
    """Add up what came, died, was moved, culled, harvested, got away, and was fed."""
    stays = seen.stays
    created, moved = seen["creation_action"], seen["transfer_action"]
    came = stays.added(
        created["assignment_id"], created["actual_date"],
        created["egg_count"] - created["dead_on_arrival"],
    )  # fmt: skip
    came += stays.added(
        moved["dest_assignment_id"], moved["transfer_date"], moved["transferred_count"]
    )
    came[stays.first] += _untold(stays, came)
    dead = _of(seen, "mortality_event", "dead_count")
    gone = dead + _moved_on(stays, seen)
    for table in ("cull_event", "escape_event", "harvest_event"):
        gone += _of(seen, table, "fish_count")
    excess = _found_more(seen, stays.running(came - gone))
    for stay in np.nonzero(excess > 0)[0]:
        _take_back(stays, int(stay), int(excess[stay]), dead, gone)
    closing = np.maximum(stays.running(came - gone), 0)
    opening = closing + np.minimum(gone, closing + gone)
    fed = seen["feeding_event"]
    feed = stays.added(
        fed["assignment_id"], fed["feeding_time"] // MICROSECONDS_PER_DAY, fed["amount_kg"]
    )
    return Books(opening, closing, dead, feed)


def _found_more(seen: Observations, closing: Ints) -> Ints:
    """Return by how many more fish were moved out of each stay at its end than its books held."""
    stays, moved = seen.stays, seen["transfer_action"]
    place, known = stays.find(moved["source_assignment_id"])
    ends = known & (moved["transfer_date"] >= (stays.start + stays.days)[place])
    fish = (moved["transferred_count"] + moved["mortality_count"])[ends].astype(np.float64)
    left = np.rint(np.bincount(place[ends], fish, len(stays))).astype(np.int64)
    return np.where(left > 0, left - closing[stays.first + stays.days - 1], 0)


def _take_back(stays: Stays, stay: int, fish: int, dead: Ints, gone: Ints) -> None:
    """Take so many deaths of a stay back: too many were booked, and most likely where most were."""
    first = int(stays.first[stay])
    mine = slice(first, first + int(stays.days[stay]))
    while fish > 0 and dead[mine].any():
        day = first + int(np.argmax(dead[mine]))
        wrong = min(fish, int(dead[day]))
        dead[day] -= wrong
        gone[day] -= wrong
        fish -= wrong


def _untold(stays: Stays, came: Ints) -> Ints:
    """Return the fish put into stays of which no row tells how they came."""
    arrived = np.bincount(stays.stay, came, len(stays)) > 0
    return np.where(arrived | (stays.initial == NONE), 0, stays.initial)


def _of(seen: Observations, table: str, count: str) -> Ints:
    told = seen[table]
    return seen.stays.added(told["assignment_id"], told["event_date"], told[count])


def _moved_on(stays: Stays, seen: Observations) -> Ints:
    """Return the fish moved out while a stay goes on; those of its end leave after its last day."""
    moved = seen["transfer_action"]
    place, known = stays.find(moved["source_assignment_id"])
    within = known & (moved["transfer_date"] < (stays.start + stays.days)[place])
    return stays.added(
        moved["source_assignment_id"][within], moved["transfer_date"][within],
        (moved["transferred_count"] + moved["mortality_count"])[within],
    )  # fmt: skip
