"""A batch by day and by week: the sums of its containers, beside its scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from grilse.analysis.arrays import NONE, Floats, Ints, Numbers
from grilse.analysis.books import Books
from grilse.analysis.expected import Water
from grilse.analysis.observations import Observations
from grilse.analysis.rates import growth_ratio_log, masked, told_fcr
from grilse.analysis.scenario import Outlined
from grilse.analysis.states import States, millionths, thousandths

__all__ = ["BatchDays", "batch_days", "day_rows", "week_rows"]

_BATCH_STRIDE = 4096
_MONDAY = 3
"""Days from Monday to Thursday, which 1970-01-01 was."""

_KILOS_A_10G = 0.01


@dataclass(frozen=True)
class BatchDays:
    """A batch's days, shape (days,).

    Attributes
    ----------
    date
        Day numbers, one after the other.
    containers, opening, closing, dead, feed_10g
        Sums over its containers.
    weight_g, error_g
        Mean weight at the end of the day, or of the last that left, and its standard error.
    biomass_10g
        At its end.
    grown_kg
        Biomass gained.
    root_gain, log_gain, temp_c
        Means over fish: of the gain in cube root of weight, of its logarithm, of temperature.
    """

    date: Ints
    containers: Ints
    opening: Ints
    closing: Ints
    dead: Ints
    feed_10g: Ints
    weight_g: Floats
    error_g: Floats
    biomass_10g: Ints
    grown_kg: Floats
    root_gain: Floats
    log_gain: Floats
    temp_c: Floats


def batch_days(seen: Observations, books: Books, bath: Water, state: States) -> BatchDays:
    """Add the containers of each day up; days on which the batch was nowhere are left out."""
    stays = seen.stays
    first = int(stays.start.min())
    where = stays.date - first
    size = int(where.max()) + 1

    def total(value: Any) -> Numbers:
        return np.bincount(where, value, size)

    opening, closing = total(books.opening), total(books.closing)
    # Where all have left by the evening, those that were there in the morning are told.
    fish = np.where((closing > 0)[where], books.closing, books.opening).astype(np.float64)
    weight = total(fish)
    begun = np.maximum(opening, 1.0)
    log_gain = growth_ratio_log(state.root_before, state.root)
    days = BatchDays(
        date=first + np.arange(size),
        containers=np.bincount(where, minlength=size),
        opening=_whole(opening),
        closing=_whole(closing),
        dead=_whole(total(books.dead)),
        feed_10g=_whole(total(books.feed_10g)),
        weight_g=total(fish * state.weight_g) / np.maximum(weight, 1.0),
        error_g=np.sqrt(total(np.square(fish * state.error_g))) / np.maximum(weight, 1.0),
        biomass_10g=_whole(total(np.rint(books.closing * state.weight_g * 0.1))),
        grown_kg=total(state.grown_kg),
        root_gain=total(books.opening * (state.root - state.root_before)) / begun,
        log_gain=total(books.opening * log_gain) / begun,
        temp_c=total(books.opening * bath.temp_c) / begun,
    )
    there = days.containers > 0
    return BatchDays(*(getattr(days, name)[there] for name in BatchDays.__dataclass_fields__))


def day_rows(seen: Observations, days: BatchDays, plan: Outlined) -> dict[str, Any]:
    """Return the columns of ``analysis_batch_day``."""
    day = days.date - seen.birth
    return {
        "batch_day_id": seen.batch * _BATCH_STRIDE + day,
        "state_date": days.date,
        "day_number": day,
        "batch_id": seen.batch,
        "container_count": days.containers,
        **_of_batch(days, np.arange(len(day))),
        "mortality_count": days.dead,
        "feed_kg": days.feed_10g,
        **_variance(days, np.arange(len(day)), plan),
    }


def week_rows(seen: Observations, days: BatchDays, plan: Outlined) -> dict[str, Any]:
    """Return the columns of ``analysis_batch_week``."""
    calendar = (days.date + _MONDAY) // 7
    week, which = np.unique(calendar, return_inverse=True)
    last = np.searchsorted(calendar, week, side="right") - 1
    first = np.searchsorted(calendar, week)

    def total(value: Any) -> Numbers:
        return np.bincount(which, value, len(week))

    count, feed = total(np.ones(len(which))), total(days.feed_10g)
    dead, warmth = total(days.dead), total(np.maximum(days.temp_c, 0.0))
    whole = np.ones(len(week), bool)
    tgc = 1000.0 * np.divide(
        total(days.root_gain), warmth, out=np.zeros(len(week)), where=warmth > 0.0
    )
    begun = (seen.birth + _MONDAY) // 7
    return {
        "batch_week_id": seen.batch * _BATCH_STRIDE + week - begun,
        "week_start": week * 7 - _MONDAY,
        "batch_id": seen.batch,
        "day_count": _whole(count),
        **_of_batch(days, last),
        "mortality_count": _whole(dead),
        "feed_kg": _whole(feed),
        "mortality_pct": _whole(1e6 * dead / np.maximum(days.opening[first], 1)),
        "observed_fcr": told_fcr(feed * _KILOS_A_10G, total(days.grown_kg), whole),
        "tgc_per_1000dd": masked(tgc * 10_000.0, warmth > 0.0),
        "sgr_pct_per_day": masked(total(days.log_gain) / count * 1e6, whole),
        **_variance(days, last, plan),
    }


def _of_batch(days: BatchDays, at: Ints) -> dict[str, Any]:
    return {
        "population_count": days.closing[at],
        "avg_weight_g": thousandths(days.weight_g[at]),
        "weight_se_g": millionths(days.error_g[at]),
        "biomass_kg": days.biomass_10g[at],
    }


def _variance(days: BatchDays, at: Ints, plan: Outlined) -> dict[str, Any]:
    """Return what the scenario expects of some days, and how far the batch is from it."""
    place, told = plan.at(days.date[at])
    if not told.any():
        weight, fish = np.zeros(len(at)), np.zeros(len(at))
        scenario = np.full(len(at), NONE)
    else:
        weight, fish, scenario = plan.weight_g[place], plan.fish[place], plan.scenario[place]
    return {
        "scenario_id": np.ma.masked_array(np.where(told, scenario, 0), ~told),
        "expected_weight_g": masked(weight * 1000.0, told),
        "expected_count": masked(fish, told),
        "weight_variance_pct": _above(days.weight_g[at], weight, told),
        "count_variance_pct": _above(days.closing[at], fish, told),
        "biomass_variance_pct": _above(days.biomass_10g[at] * 10.0, weight * fish, told),
    }


def _above(value: Any, expected: Floats, told: Any) -> np.ma.MaskedArray:
    """Return by how many hundredths of a per cent values are above what is expected."""
    some = told & (expected > 0.0)
    ratio = np.divide(value, expected, out=np.ones(len(expected)), where=some)
    return masked(np.minimum((ratio - 1.0) * 10_000.0, 999_999_999.0), some)


def _whole(value: Floats) -> Ints:
    return np.rint(value).astype(np.int64)
