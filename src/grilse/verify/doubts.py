"""Doubts: what a row must be looked at again for, found while its columns are at hand.

A rule here says of each row, with integers as they are stored, whether it may break a check. Where
no row of a dataset may, the check is kept, and its query, which would read the rows a second time,
need not be run; where one may, the query judges. So a rule may doubt a sound row, and must never
clear one that breaks the check: its tolerances are a little narrower than the query's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from grilse.tables.catalogue.lice import LICE_TYPES
from grilse.verify.bands import limit
from grilse.verify.measures import condition, scores
from grilse.verify.runs import Runs

__all__ = ["DOUBTS", "WEIGHED", "doubts_of"]

Mask = NDArray[np.bool_]
Doubt = Callable[[Runs], Mask]

WEIGHED: Mapping[str, tuple[str, str]] = {
    "mortality_event": ("biomass_kg", "dead_count"),
    "harvest_event": ("live_weight_kg", "fish_count"),
    "cull_event": ("biomass_kg", "fish_count"),
    "escape_event": ("biomass_kg", "fish_count"),
    "true_daily_state": ("biomass_kg", "population_count"),
    "analysis_daily_state": ("biomass_kg", "population_count"),
}
"""Tables that tell a number of fish, their mean weight in mg, and what they weigh in 10 g."""

_LEAST: Mapping[str, tuple[str, int]] = {
    "mortality_event": ("dead_count", 1),
    "growth_sample": ("sample_size", 1),
    "feeding_event": ("amount_kg", 1),
    "true_daily_state": ("population_count", 0),
}
"""The least that a column must tell, as it is stored."""

_MG_PER_10_G = 10_000
_PCT = 1_000_000
"""Of a feeding's share in steps of 0.0001 %."""

_NARROWER = 1e-9
_TOP_SCORE = 3


def doubts_of(rows: Runs) -> frozenset[str]:
    """Name the checks that some row may break."""
    rules = DOUBTS.get(rows.table.name, {})
    return frozenset(name for name, rule in rules.items() if rule(rows).any())


def _wide(rows: Runs, name: str) -> NDArray[np.int64]:
    return rows.columns[name].astype(np.int64)


def _biomass(rows: Runs) -> Mask:
    """Half a step of biomass, and half a step of weight for each fish, is rounding."""
    kilos, fish = (_wide(rows, name) for name in WEIGHED[rows.table.name])
    off = kilos * _MG_PER_10_G - fish * rows.columns["avg_weight_g"]
    is_off: Mask = 2 * np.abs(off) > _MG_PER_10_G + fish
    return is_off


def _counts(rows: Runs) -> Mask:
    name, least = _LEAST[rows.table.name]
    is_less: Mask = rows.columns[name] < least
    return is_less


def _days(rows: Runs) -> tuple[Mask, Mask]:
    """Say of rows from the second on which go on from the one before, and which come too early."""
    day = rows.columns["state_date"]
    return rows.goes_on, rows.goes_on & (day[1:] <= day[:-1])


def _daily(rows: Runs) -> Mask:
    goes_on, is_turned = _days(rows)
    fish = _wide(rows, "population_count")
    gone = _wide(rows, "mortality_count") + rows.columns["removed_count"]
    is_off: Mask = goes_on & (fish[1:] != fish[:-1] - gone[1:])
    return is_turned | is_off


def _falls(rows: Runs) -> Mask:
    goes_on, is_turned = _days(rows)
    weight = rows.columns["avg_weight_g"]
    return is_turned | goes_on & (weight[1:] < weight[:-1])


def _overfed(rows: Runs) -> Mask:
    """Feed in steps of 10 g against the gain of the fish that were there the day before, in mg."""
    goes_on, is_turned = _days(rows)
    fed, fish = _wide(rows, "feed_kg"), _wide(rows, "population_count")
    weight = _wide(rows, "avg_weight_g")
    gain = fish[:-1] * (weight[1:] - weight[:-1] + 1)
    explained = limit("feed_per_gain") * (1 - _NARROWER) * gain + _MG_PER_10_G * (1 - _NARROWER)
    # What is less than none is doubted whichever way it is rounded.
    return is_turned | goes_on & ((fed[1:] * _MG_PER_10_G > explained) | (gain < 0))


def _meals(rows: Runs) -> Mask:
    """Doubt a share that is no rounding away; doubles hold products that integers do not."""
    amount, biomass, share = (
        rows.columns[name].astype(np.float64) for name in ("amount_kg", "biomass_kg", "feeding_pct")
    )
    is_off: Mask = 2 * np.abs(share * biomass - amount * _PCT) > biomass
    return is_off | (biomass <= 0)


def _shape(rows: Runs) -> Mask:
    k = condition(rows.columns)
    least, most = limit("condition_least") + _NARROWER, limit("condition_most") - _NARROWER
    return ~((k >= least) & (k <= most))


def _size(rows: Runs) -> Mask:
    """Doubt what no salmon is shaped as, but for what rounding a length does to K."""
    is_none: Mask = (rows.columns["weight_g"] <= 0) | (rows.columns["length_cm"] <= 0)
    k, slack = condition(rows.columns), 2.0 / np.maximum(rows.columns["length_cm"], 1)
    least = limit("condition_least") * (1 - slack) + _NARROWER
    most = limit("condition_most") * (1 + slack) - _NARROWER
    return is_none | ~((k >= least) & (k <= most))


def _scores(rows: Runs) -> Mask:
    told = scores(rows.columns)
    is_off: Mask = (told.min(axis=0) < 0) | (told.max(axis=0) > _TOP_SCORE)
    return is_off


def _lice(rows: Runs) -> Mask:
    """Lice for each fish, and counts of one kind after the other, each count later than the last.

    Doubted as a whole where rows are not those of whole counts.
    """
    fish, lice = _wide(rows, "fish_counted"), _wide(rows, "lice_count")
    told = rows.columns["lice_per_fish"] * fish - lice * 1000
    is_off: Mask = (lice < 0) | (fish <= 0) | (2 * np.abs(told) > fish)
    kinds = len(LICE_TYPES)
    if len(fish) % kinds or not _are_whole(rows, kinds):
        return np.ones(1, bool)
    return is_off


def _are_whole(rows: Runs, kinds: int) -> bool:
    """Whether every so many rows are a count of its own, which tells each kind once."""
    kind = _kind(rows).reshape(-1, kinds)
    known = {(each.species, each.sex, each.stage) for each in LICE_TYPES}
    first = {_words(int(code)) for code in kind[0]}
    if first != known or len(known) != kinds or (kind != kind[0]).any():
        return False
    for name in ("batch_id", "assignment_id", "count_date", "fish_counted"):
        values = rows.columns[name].reshape(-1, kinds)
        if (values != values[:, :1]).any():
            return False
    place, day = (rows.columns[name][::kinds] for name in ("assignment_id", "count_date"))
    is_later = (place[1:] > place[:-1]) | ((place[1:] == place[:-1]) & (day[1:] > day[:-1]))
    return bool(is_later.all())


_WORDS = 64
"""More than there are of species, sexes or stages."""


def _kind(rows: Runs) -> NDArray[np.int64]:
    made = _wide(rows, "species") * _WORDS + rows.columns["sex"]
    return made * _WORDS + rows.columns["stage"]


def _words(code: int) -> tuple[int, int, int]:
    return code // _WORDS**2, code // _WORDS % _WORDS, code % _WORDS


def _told(rows: Runs) -> Mask:
    """Say which days of a batch are of no container, or told before the one before them."""
    _, is_turned = _days(rows)
    is_off: Mask = rows.columns["container_count"] < 1
    is_off[1:] |= is_turned
    return is_off


def _rises(rows: Runs) -> Mask:
    goes_on, is_turned = _days(rows)
    fish = rows.columns["population_count"]
    is_more: Mask = goes_on & (fish[1:] > fish[:-1])
    return is_turned | is_more


def _steps(rows: Runs) -> Mask:
    goes_on, is_turned = _days(rows)
    weight = rows.columns["avg_weight_g"].astype(np.float64)
    before, now = weight[:-1], weight[1:]
    low = before * (1 - limit("analysis_step_down_share") + _NARROWER)
    high = before * (1 + limit("analysis_step_up_share") - _NARROWER)
    return is_turned | goes_on & ~((now >= low) & (now <= high))


def _estimates(rows: Runs) -> Mask:
    """Doubt an estimate's biomass, weight, error, and confidence, which is in thousandths."""
    confidence = rows.columns["confidence"]
    is_off: Mask = (rows.columns["avg_weight_g"] <= 0) | (rows.columns["weight_se_g"] <= 0)
    return is_off | (confidence < 0) | (confidence > 1000) | _biomass(rows)


DOUBTS: Mapping[str, Mapping[str, Doubt]] = {
    "mortality_event": {"fish.biomass": _biomass, "conservation.counts": _counts},
    "harvest_event": {"fish.biomass": _biomass},
    "cull_event": {"fish.biomass": _biomass},
    "escape_event": {"fish.biomass": _biomass},
    "growth_sample": {"conservation.counts": _counts},
    "feeding_event": {"conservation.counts": _counts, "fish.meals": _meals},
    "true_daily_state": {
        "fish.biomass": _biomass,
        "conservation.counts": _counts,
        "conservation.daily": _daily,
        "fish.weights": _falls,
        "fish.feed": _overfed,
    },
    "individual_growth_observation": {"fish.condition": _shape},
    "welfare_observation": {"health.scores": _scores, "health.sizes": _size},
    "lice_count": {"lice.counts": _lice},
    "analysis_daily_state": {
        "analysis.population": _rises,
        "analysis.steps": _steps,
        "analysis.biomass": _estimates,
    },
    "analysis_batch_day": {"analysis.batch_days": _told},
}
"""For each table the checks that its rows can break, and the rule that doubts them."""
