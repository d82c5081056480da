"""Disease: what an outbreak in the water makes of fish of a size, an age at sea and a warmth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from grilse.biology.curve import Curve, curve_of
from grilse.ground.parameters import Parameters

__all__ = ["Disease", "Illness", "disease", "disease_names", "illness", "susceptibility"]

Floats = NDArray[np.float64]

_MILLION = 1_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Disease:
    """What a disease does to fish.

    Attributes
    ----------
    by_weight, by_days_at_sea, by_temperature
        Factors of susceptibility by mean weight (g), days since sea transfer, and degC.
    vaccine_effect
        Share of it that a vaccination takes away.
    immunity_days
        Days at full load that leave all fish immune that live; 0 for a disease that leaves none.
    immunity_after_range
        Days after it from which, and by which, what fish have been through protects them.
    hazard_per_day
        Part of the fish that die on a day at a load of 1.
    appetite_loss, feed_loss
        Share of the appetite lost, and share by which a gain takes more feed, at a load of 1.
    """

    by_weight: Curve
    by_days_at_sea: Curve
    by_temperature: Curve
    vaccine_effect: float
    immunity_days: float
    immunity_after_range: tuple[int, int]
    hazard_per_day: float
    appetite_loss: float
    feed_loss: float


@dataclass(frozen=True, slots=True)
class Illness:
    """What a disease does on each day, shape (containers, days).

    Attributes
    ----------
    load
        How ill the fish are; 1 at the height of an ordinary outbreak.
    hazard
        Part of the fish that die.
    appetite
        What is left of the appetite, 0 to 1.
    dearness
        How many times the usual feed a gain takes.
    """

    load: Floats
    hazard: Floats
    appetite: Floats
    dearness: Floats


def disease_names(parameters: Parameters) -> tuple[str, ...]:
    """Return the diseases there are, in the order of their names: no other decides anything."""
    return tuple(sorted(parameters.group("disease.kind")))


@lru_cache(maxsize=64)
def disease(parameters: Parameters, name: str) -> Disease:
    """Return a disease by its name among the parameters' ``disease.kind``."""
    path = ("disease", "kind", name)
    return Disease(
        curve_of(parameters.table((*path, "by_weight")), "weight_g", "factor"),
        curve_of(parameters.table((*path, "by_days_at_sea")), "day", "factor"),
        curve_of(parameters.table((*path, "by_temperature")), "temp_c", "factor"),
        parameters.number((*path, "vaccine_effect")),
        parameters.number((*path, "immunity_days")),
        _span(parameters.numbers((*path, "immunity_after_range"))),
        parameters.number((*path, "hazard_pct_per_day")) / 100.0,
        parameters.number((*path, "appetite_loss")),
        parameters.number((*path, "feed_loss")),
    )


def susceptibility(
    how: Disease,
    weight_g: ArrayLike,
    days_at_sea: ArrayLike,
    temp_c: ArrayLike,
    *,
    is_vaccinated: bool,
) -> Any:
    """Return how much of an outbreak's pressure becomes illness; additions, multiplications alone.

    Parameters
    ----------
    weight_g
        Mean weight, g.
    days_at_sea
        Days since the fish came to sea.
    temp_c
        Mean temperature of the day, degC.
    """
    shared = how.by_days_at_sea(days_at_sea) * how.by_temperature(temp_c)
    kept = 1.0 - how.vaccine_effect if is_vaccinated else 1.0
    return how.by_weight(weight_g) * (shared * kept)


def illness(how: Disease, exposure: Floats, most_load: float) -> Illness:
    """Return what a disease does to fish under an exposure, as they grow immune.

    Parameters
    ----------
    exposure
        Pressure times susceptibility, shape (containers, days).
    most_load
        As ill as fish can be.

    Returns
    -------
    Illness
        A day's load is its exposure, less what the fish went through long enough ago: what a day
        does depends on the days before it alone, and fish once immune stay so.
    """
    load = np.minimum(exposure, most_load)
    if how.immunity_days > 0.0:
        load = load * (1.0 - _immune(np.cumsum(load, axis=1) / how.immunity_days, how))
    return Illness(
        load,
        np.minimum(how.hazard_per_day * load, 1.0),
        np.maximum(1.0 - how.appetite_loss * load, 0.0),
        1.0 + how.feed_loss * load,
    )


def _immune(been: Floats, how: Disease) -> Floats:
    """Return the share of the fish that are immune on each day, by what they went through before.

    `been` is what they have been through up to the end of each day, 1 for all of them. Shares are
    added up in whole millionths: all are immune where all have been.
    """
    first, last = how.immunity_after_range
    total = np.cumsum(np.rint(np.minimum(been, 1.0) * _MILLION).astype(np.int64), axis=1)
    within = _earlier(total, first + 1) - _earlier(total, last + 1)
    immune: Floats = within / ((last - first) * _MILLION)
    return immune


def _earlier(course: NDArray[np.int64], days: int) -> NDArray[np.int64]:
    """Return what a course was some days before each of its days, 0 before it began."""
    past = np.zeros_like(course)
    past[:, days:] = course[:, : max(course.shape[1] - days, 0)]
    return past


def _span(days: Sequence[float]) -> tuple[int, int]:
    """Return two days as a span of at least one."""
    first, last = map(int, days)
    return first, max(last, first + 1)
