"""Appetite: days on which the fish ate little or nothing are days on which they grew little."""

from __future__ import annotations

import numpy as np

from grilse.analysis.arrays import Bools, Floats, Numbers
from grilse.analysis.books import Books
from grilse.analysis.expected import Expected, models_of, stretched
from grilse.analysis.models import Models
from grilse.analysis.observations import Observations, Stays
from grilse.analysis.settings import setting
from grilse.analysis.weighings import Weighings

__all__ = ["with_appetite"]

_KILOS_A_10G = 0.01
_ROUNDS = 3
"""Rounds in which days that ate less than usual are left out of what is usual."""


def with_appetite(
    seen: Observations, models: Models, books: Books, weighed: Weighings, full: Expected
) -> Expected:
    """Return the growth expected of days as the fish were fed.

    A stay's feed is held against what its growth should take; what is usual for the stay itself
    is its measure, so that neither a conversion that is off nor waste tells as appetite. Where a
    day has far less, growth is less by as much, and on a day without feed there is none. What the
    days around have less or more in the mean counts by how far it stands out of the scatter.
    """
    stays = seen.stays
    fed = np.bincount(stays.stay, books.feed_10g, len(stays)) > 0
    fed &= books.opening[stays.first] > 0
    hungry = np.zeros(len(stays), bool)
    for model, mine in models_of(seen, models):
        hungry |= mine & (model.fcr > 0)
    judged = (fed & hungry)[stays.stay]
    full = _unsure(_fasting(seen, full, ~judged), (hungry & ~fed)[stays.stay])
    if not judged.any():
        return full
    wanted = books.opening * _grams_gained(stays, weighed, full.gain)
    share = _share(stays, books.feed_10g * _KILOS_A_10G, wanted / 1000.0, judged)
    low = share < setting("appetite.low_share")
    around = _around(stays, np.where(low, 1.0, share), ~low) - 1.0
    trust = around * around / (around * around + setting("appetite.scatter") ** 2)
    part = np.where(low, share, 1.0 + trust * around)
    part = np.where(judged & (full.gain > 0.0), part, 1.0)
    missed = full.gain * np.abs(1.0 - part)
    extra = np.square(setting("growth.appetite_cv") * np.sqrt(np.minimum(part, 1.0)) * missed)
    return Expected(full.gain * part, full.variance * part * part + extra)


def _fasting(seen: Observations, full: Expected, untold: Bools) -> Expected:
    """Take growth away from the days before a move, where no feeding tells of them."""
    stays, moved = seen.stays, seen["transfer_action"]
    place, known = stays.find(moved["source_assignment_id"])
    leaves = np.zeros(len(stays), bool)
    leaves[place[known & (moved["transfer_date"] >= (stays.start + stays.days)[place])]] = True
    left = stays.days[stays.stay] - stays.day
    fasts = untold & leaves[stays.stay] & (left <= setting("appetite.fast_days"))
    return Expected(np.where(fasts, 0.0, full.gain), np.where(fasts, 0.0, full.variance))


def _unsure(full: Expected, untold: Bools) -> Expected:
    """Take growth for less sure where fish are fed, but no row tells of it."""
    more = np.square(setting("growth.unfed_cv") * full.gain)
    return Expected(full.gain, np.where(untold, np.maximum(full.variance, more), full.variance))


def _grams_gained(stays: Stays, weighed: Weighings, gain: Floats) -> Floats:
    """Return about how much a fish gains a day: its weight taken from the weighings around."""
    path = stretched(stays, gain)
    if not len(weighed.node):
        return np.zeros(stays.rows)
    stay_of_node = np.repeat(np.arange(len(stays)), stays.days + 1)
    away = weighed.root - path[weighed.node]
    mine = stay_of_node[weighed.node]
    has = np.bincount(mine, minlength=len(stays)) > 0
    firsts, lasts = np.searchsorted(mine, np.arange(len(stays))), np.searchsorted(
        mine, np.arange(len(stays)), side="right"
    )  # fmt: skip
    ends = np.concatenate([stays.first_node[has], (stays.first_node + stays.days)[has]])
    at = np.concatenate([weighed.node, ends])
    value = np.concatenate([away, away[firsts[has]], away[lasts[has] - 1]])
    order = np.argsort(at, kind="stable")
    root = path + np.interp(np.arange(len(path)), at[order], value[order])
    root = np.where(has[stay_of_node], root, 0.0)[stays.morning]
    return 3.0 * root * root * gain


def _share(stays: Stays, feed_kg: Numbers, gain_kg: Numbers, judged: Bools) -> Floats:
    """Return each day's feed over what is usual for the growth expected of it."""
    tells = judged & (gain_kg > 0.0)
    ratio = np.divide(feed_kg, gain_kg, out=np.ones(stays.rows), where=tells)
    high = tells & (feed_kg > 0.0)
    for _ in range(_ROUNDS):
        usual = _mean(stays, ratio, high)[stays.stay]
        high = tells & (ratio > setting("appetite.usual_share") * usual)
    share = np.divide(ratio, usual, out=np.ones(stays.rows), where=tells & (usual > 0.0))
    enough = gain_kg * usual >= setting("appetite.least_feed_kg")
    share = np.where(enough | (feed_kg == 0.0), share, 1.0)
    return np.where(judged & (feed_kg == 0.0), 0.0, np.minimum(share, setting("appetite.most")))


def _around(stays: Stays, share: Floats, tells: Bools) -> Floats:
    """Return the mean share of the days around each day, of those that tell."""
    half = int(setting("appetite.days")) // 2
    row = np.arange(stays.rows)
    first = np.maximum(row - half, stays.first[stays.stay])
    end = np.minimum(row + half + 1, (stays.first + stays.days)[stays.stay])
    total = np.concatenate([[0.0], np.cumsum(np.where(tells, share, 0.0))])
    count = np.concatenate([[0], np.cumsum(tells)])
    days = count[end] - count[first]
    return np.where(days > 0, (total[end] - total[first]) / np.maximum(days, 1), 1.0)


def _mean(stays: Stays, value: Floats, chosen: Bools) -> Floats:
    where = stays.stay[chosen]
    count = np.bincount(where, minlength=len(stays))
    return np.bincount(where, value[chosen], len(stays)) / np.maximum(count, 1)
