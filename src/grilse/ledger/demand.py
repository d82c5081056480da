"""What a batch draws from feed stores, and what it lets them know: the ledger's only input."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from grilse.tables import keys

__all__ = ["BatchDemand", "Call", "Feedings", "gathered"]


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """A batch's notice to a store that it is going to need a feed.

    Attributes
    ----------
    day
        Day number on which the store hears of it: nothing that happens later decides it.
    place_id
        The hall or area, whose store it is.
    feed
        Place of the feed among the pellets, from 0.
    daily_10g
        What the batch is expected to eat of it a day, in steps of 10 g.
    """

    day: int
    place_id: int
    feed: int
    daily_10g: int


@dataclass(frozen=True, slots=True)
class BatchDemand:
    """All that one batch wants of any store.

    Attributes
    ----------
    number, start
        Of the batch: its number, and the day number of its first day.
    place_of_slot
        Where each of its slots is, shape (slots,).
    event_id
        Keys of its feedings, ascending, shape (feedings,); the others follow them.
    feed, amount_10g
        Place of the feed among the pellets, from 0, and how much was fed.
    horizon
        How many more days it is known to stay on this feed, so far as it is worth while to say:
        few once its fish near the next pellet or the harvest, none just before a move.
    calls
        In any order.
    """

    number: int
    start: int
    place_of_slot: NDArray[np.int32]
    event_id: NDArray[np.int64]
    feed: NDArray[np.int8]
    amount_10g: NDArray[np.int32]
    horizon: NDArray[np.int8]
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Feedings:
    """Feedings of several batches in the order of their keys, shape (feedings,) each.

    Attributes
    ----------
    event_id, feed, amount_10g, horizon
        As in `BatchDemand`.
    batch
        Number of the batch.
    day, meal
        Day number, and the place of the meal in the day.
    place_id
        The hall or area, whose store is drawn on.
    """

    event_id: NDArray[np.int64]
    batch: NDArray[np.int64]
    day: NDArray[np.int64]
    meal: NDArray[np.int64]
    place_id: NDArray[np.int64]
    feed: NDArray[np.int64]
    amount_10g: NDArray[np.int64]
    horizon: NDArray[np.int64]


def gathered(demands: Iterable[BatchDemand], places: range) -> tuple[Feedings, tuple[Call, ...]]:
    """Gather what batches, by ascending number, want of the stores of some places.

    Parameters
    ----------
    places
        Ids of halls and areas that follow each other.
    """
    parts: list[Feedings] = []
    calls: list[Call] = []
    for demand in demands:
        parts.append(_feedings(demand, places))
        calls += [call for call in demand.calls if call.place_id in places]
    names = (column.name for column in fields(Feedings))
    empty = np.zeros(0, np.int64)
    columns = (np.concatenate([empty, *(getattr(p, name) for p in parts)]) for name in names)
    return Feedings(*columns), tuple(sorted(calls))


def _feedings(demand: BatchDemand, places: range) -> Feedings:
    """Return what one batch was fed in some places."""
    assignments = keys.assignment_id(demand.number, 0) + np.arange(len(demand.place_of_slot))
    first_keys = keys.sub_key(keys.day_key(assignments, np.zeros_like(assignments)), 0)
    starts = np.append(np.searchsorted(demand.event_id, first_keys), len(demand.event_id))
    inside = (demand.place_of_slot >= places.start) & (demand.place_of_slot < places.stop)
    rows = np.flatnonzero(np.repeat(inside, np.diff(starts)))
    event = demand.event_id[rows]
    assignment, day_of_life, meal = keys.feeding_parts(event)
    slot = assignment - keys.assignment_id(demand.number, 0)
    return Feedings(
        event,
        np.full(len(rows), demand.number),
        demand.start + day_of_life,
        meal,
        demand.place_of_slot[slot].astype(np.int64),
        demand.feed[rows].astype(np.int64),
        demand.amount_10g[rows].astype(np.int64),
        demand.horizon[rows].astype(np.int64),
    )
