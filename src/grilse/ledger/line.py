"""Lines of a store: what is drawn of each feed day by day, and what its keeper makes of it.

Everything a day's entry holds follows from that day and those before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grilse.ledger.rule import Rule

__all__ = ["Line", "largest_before", "lines"]

Steps = NDArray[np.int64]

_THOUSAND = 1000


@dataclass(frozen=True)
class Line:
    """One feed in one store, by day from the store's first one on, shape (days,).

    Attributes
    ----------
    feed
        Place of the feed among the pellets.
    drawn
        All that was drawn up to and with each day, in steps of 10 g.
    reorder
        The most that stock and orders together are in an evening on which the line is low; below
        0 on days on which nothing is reordered: nothing was drawn, or it is not wanted any more.
    target
        Up to what is then ordered.
    due
        Most that `drawn` plus `reorder` has been up to and with each day: it only rises, so the
        day on which a given amount no longer does is found by bisection.
    """

    feed: int
    drawn: Steps
    reorder: Steps
    target: Steps
    due: Steps


def lines(
    draw: Steps, foreseen: Steps, called: Iterable[int], capacity_10g: int, rule: Rule
) -> list[Line]:
    """Make the lines of a store.

    Parameters
    ----------
    draw
        What is drawn of each feed on each day, shape (feeds, days), in steps of 10 g.
    foreseen
        What those who drew are known to want of it still, as far ahead as they told.
    called
        Feeds that batches have given notice of, drawn on or not.
    capacity_10g
        Of the store. A line's part of it is its part of what was drawn in the window, and at
        most `cover_days` of its largest draw.
    """
    used = sorted({*np.flatnonzero(draw.any(axis=1)).tolist(), *called})
    recent = _sum_before(draw[used], rule.window_days)
    everything = np.maximum(recent.sum(axis=0), 1)
    peak = largest_before(draw[used], rule.window_days)
    room = np.minimum(capacity_10g * recent // everything, rule.cover_days * peak)
    safe = rule.lead_days * peak * rule.safety // _THOUSAND
    least = np.maximum(room * rule.reorder // _THOUSAND, safe)
    target = np.maximum(room * rule.top_up // _THOUSAND, least + rule.lead_days * peak)
    wanted = foreseen[used]
    least, target = np.minimum(least, wanted), np.minimum(target, wanted)
    return [_line(feed, draw[feed], least[row], target[row]) for row, feed in enumerate(used)]


def largest_before(draw: Steps, window: int) -> Steps:
    """Return the largest of each day and the `window` - 1 days before it, along the last axis."""
    largest, span = draw.copy(), 1
    while span < window:
        step = min(span, window - span)
        largest[..., step:] = np.maximum(largest[..., step:], largest[..., :-step])
        span += step
    return largest


def _sum_before(draw: Steps, window: int) -> Steps:
    total = np.cumsum(draw, axis=1)
    total[:, window:] -= total[:, :-window].copy()
    return total


def _line(feed: int, draw: Steps, least: Steps, target: Steps) -> Line:
    drawn = np.cumsum(draw)
    reorder = np.where(least > 0, least, -1 - drawn)
    return Line(feed, drawn, reorder, target, np.maximum.accumulate(drawn + reorder))
