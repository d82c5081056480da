"""First in, first out: which lots each feeding ate from, by cumulative sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pieces", "eaten"]

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pieces:
    """What feedings ate from lots, in the order of the feedings, then of the lots.

    Attributes
    ----------
    feeding, lot
        Places of the feeding and of the lot in what was given.
    piece
        Place of the piece in its feeding, from 0.
    amount
        How much of it came from this lot.
    """

    feeding: Whole
    lot: Whole
    piece: Whole
    amount: Whole


def eaten(line: Whole, when: Whole, amount: Whole, lot_line: Whole, lot_amount: Whole) -> Pieces:
    """Share feedings out to lots, the oldest first.

    Parameters
    ----------
    line, when, amount
        Of each feeding: its line, its place in time, and how much was fed, above 0. Feedings of
        one line and time eat in the order in which they are given.
    lot_line, lot_amount
        Of each lot, lines ascending and within each the oldest first; a line's lots hold at
        least what is fed of it.
    """
    order = np.argsort(line * (int(when.max(initial=0)) + 1) + when, kind="stable")
    ends, starts = _bounds(line[order], amount[order], lot_line, lot_amount)
    lot_ends = np.cumsum(lot_amount)
    first, last = _lots_before(starts, lot_ends), _lots_before(ends - 1, lot_ends)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    counts = (last - first + 1)[back]
    feeding = np.repeat(np.arange(len(counts)), counts)
    piece = np.arange(len(feeding)) - np.repeat(np.cumsum(counts) - counts, counts)
    lot, eaten_of = first[back][feeding] + piece, amount[feeding]
    split = np.flatnonzero(counts[feeding] > 1)
    place, of = back[feeding[split]], lot[split]
    upper = np.minimum(ends[place], lot_ends[of])
    eaten_of[split] = upper - np.maximum(starts[place], lot_ends[of] - lot_amount[of])
    return Pieces(feeding, lot, piece, eaten_of)


def _bounds(line: Whole, amount: Whole, lot_line: Whole, lot_amount: Whole) -> tuple[Whole, Whole]:
    """Return where each feeding ends and starts, lines end to end as their lots are."""
    size = int(max(line.max(initial=-1), lot_line.max(initial=-1))) + 1
    held = np.zeros(size, np.int64)
    np.add.at(held, lot_line, lot_amount)
    running = np.cumsum(amount)
    last = np.searchsorted(line, np.arange(size), side="right")
    fed = np.diff(np.append(0, running)[last], prepend=0)
    if (fed > held).any():
        raise ValueError("more is fed of a line than its lots hold")
    spare = held - fed
    ends = running + (np.cumsum(spare) - spare)[line]
    return ends, ends - amount


def _lots_before(points: Whole, lot_ends: Whole) -> Whole:
    """Return for each of ascending points how many lots end at or before it."""
    passed = np.searchsorted(points, lot_ends, side="left")
    counts: Whole = np.cumsum(np.bincount(passed, minlength=len(points) + 1))[: len(points)]
    return counts
