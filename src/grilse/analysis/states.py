"""The state of each container and day: rows of ``analysis_daily_state``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from grilse.analysis.arrays import Floats, Ints
from grilse.analysis.books import Books
from grilse.analysis.estimate import Estimate
from grilse.analysis.expected import Water
from grilse.analysis.observations import Observations, Stays
from grilse.analysis.rates import Rates, rates
from grilse.analysis.weighings import Weighings
from grilse.tables import keys
from grilse.tables.catalogue.analysis import WEIGHT_SOURCES

__all__ = ["HALF_INTERVAL", "States", "daily_rows", "millionths", "states", "thousandths"]

HALF_INTERVAL = 1.96
"""Standard errors from the middle of a 95 % interval to its ends."""

_ROUNDING_G2 = 0.001 * 0.001 / 6.0
"""Weights are told to the milligram: the variance of the difference of two that are."""

_MODELLED, _ASSIMILATED, _MEASURED = map(WEIGHT_SOURCES.index, WEIGHT_SOURCES)


@dataclass(frozen=True)
class States:
    """What is known of each row's day, shape (rows,).

    Attributes
    ----------
    root, root_before
        Cube root of mean weight at its end and at its start.
    weight_g, error_g
        Mean weight at its end, and its standard error.
    grown_kg
        Biomass gained by the fish that were there.
    rates
        FCR, TGC and SGR of the days up to it.
    """

    root: Floats
    root_before: Floats
    weight_g: Floats
    error_g: Floats
    grown_kg: Floats
    rates: Rates


def states(seen: Observations, books: Books, bath: Water, found: Estimate) -> States:
    """Tell the state of each day by what is estimated of its evening."""
    stays = seen.stays
    evening = stays.morning + 1
    root, before = found.root[evening], found.root[stays.morning]
    weight = root * root * root
    spread = 9.0 * np.square(root * root) * found.variance[evening]
    error = np.sqrt(spread + _ROUNDING_G2)
    grown = books.opening * (weight - before * before * before) / 1000.0
    return States(
        root, before, weight, error, grown,
        rates(stays, found.root, bath.temp_c, grown, books.feed_10g),
    )  # fmt: skip


def daily_rows(
    seen: Observations, books: Books, bath: Water, weighed: Weighings, state: States
) -> dict[str, Any]:
    """Return the columns of ``analysis_daily_state``."""
    stays = seen.stays
    assignment, day = stays.assignment[stays.stay], stays.date - seen.birth
    share = np.divide(
        HALF_INTERVAL * state.error_g, state.weight_g, out=np.ones(stays.rows),
        where=state.weight_g > 0.0,
    )  # fmt: skip
    return {
        "analysis_state_id": keys.day_key(assignment, day),
        "state_date": stays.date,
        "day_number": day,
        "batch_id": seen.batch,
        "assignment_id": assignment,
        "container_id": stays.container[stays.stay],
        "stage_id": stays.stage[stays.stay],
        "population_count": books.closing,
        "avg_weight_g": thousandths(state.weight_g),
        "weight_se_g": millionths(state.error_g),
        "biomass_kg": np.rint(books.closing * state.weight_g * 0.1).astype(np.int64),
        "temp_c": np.rint(bath.temp_c * 100.0).astype(np.int64),
        "mortality_count": books.dead,
        "feed_kg": books.feed_10g,
        **state.rates.columns,
        "weight_source": _sources(stays, weighed),
        "anchor": np.ma.masked_array(np.maximum(weighed.anchor, 0), weighed.anchor < 0),
        "temp_source": bath.source,
        "confidence": thousandths(np.maximum(1.0 - share, 0.0)),
    }


def _sources(stays: Stays, weighed: Weighings) -> Ints:
    """Say of each day whether it was weighed on, or lies between weighings of its stay."""
    is_anchor = weighed.anchor >= 0
    at = np.concatenate([weighed.node, np.nonzero(is_anchor)[0] + stays.stay[is_anchor]])
    nodes = stays.rows + len(stays)
    count = np.cumsum(np.bincount(at, minlength=nodes))
    before_stay = np.concatenate([[0], count])[stays.first_node]
    of_stay = count[stays.first_node + stays.days]
    so_far = count[stays.morning]
    is_between = (so_far > before_stay[stays.stay]) & (so_far < of_stay[stays.stay])
    return np.where(is_anchor, _MEASURED, np.where(is_between, _ASSIMILATED, _MODELLED))


def millionths(value: Floats) -> Ints:
    """Round to the sixth place, as a scaled integer."""
    return np.rint(value * 1e6).astype(np.int64)


def thousandths(value: Floats) -> Ints:
    """Round to the third place, as a scaled integer."""
    return np.rint(value * 1000.0).astype(np.int64)
