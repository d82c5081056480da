"""Weighings: what was found of fish's weight, where, when, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grilse.analysis.arrays import NONE, Floats, Ints
from grilse.analysis.observations import Observations, Stays
from grilse.analysis.settings import setting
from grilse.biology.growth import cube_root_g
from grilse.tables.catalogue.analysis import ANCHORS

__all__ = ["Weighings", "weighings"]

_SAMPLE, _TRANSFER, _HARVEST, _VACCINATION = map(ANCHORS.index, ANCHORS)
_LEAST_G = 0.001
_ROUNDING_G2 = 0.001 * 0.001 / 12.0
"""Weights are told to the milligram, which tells of an egg's."""


@dataclass(frozen=True)
class Weighings:
    """Weighings by node, several of one node joined by their precision.

    Attributes
    ----------
    node
        Ascending, each once, shape (weighings,).
    root, variance
        Cube root of the mean weight, g^(1/3), and its variance.
    anchor
        Place in `ANCHORS` of what was weighed, by row, -1 where nothing was, shape (rows,).
    """

    node: Ints
    root: Floats
    variance: Floats
    anchor: Ints


@dataclass(frozen=True)
class _Found:
    """Weighings as they are told: node, weight in g, its standard error as a share of it."""

    node: Ints
    weight_g: Floats
    cv: Floats


def weighings(seen: Observations) -> Weighings:
    """Gather a batch's weighings.

    Fish are sampled in the morning, weighed as they leave when they are moved, and harvested at
    the end of the day.
    """
    stays = seen.stays
    anchor = np.full(stays.rows, -1, np.int64)
    found = [
        _samples(seen, anchor),
        _vaccinations(seen, anchor),
        _moves(seen, anchor),
        _harvests(seen, anchor),
    ]
    node, weight, cv = (
        np.concatenate([getattr(each, name) for each in found])
        for name in ("node", "weight_g", "cv")
    )
    root = cube_root_g(np.maximum(weight, _LEAST_G))
    # The mean of cube roots of means is low by cv^2/9: a ten-thousandth, for thirty fish.
    root = root * (1.0 + cv * cv / 9.0)
    rounded = _ROUNDING_G2 / np.square(3.0 * root * root)
    precision = 1.0 / (np.square(root * cv / 3.0) + rounded)
    places, which = np.unique(node, return_inverse=True)
    total = np.bincount(which, precision, len(places))
    mean = np.bincount(which, precision * root, len(places)) / np.maximum(total, 1e-300)
    return Weighings(places, mean, 1.0 / np.maximum(total, 1e-300), anchor)


def _samples(seen: Observations, anchor: Ints) -> _Found:
    told, stays = seen["growth_sample"], seen.stays
    place, known = stays.find(told["assignment_id"])
    day = told["sample_date"] - stays.start[place]
    known &= (day >= 0) & (day < stays.days[place]) & (told["avg_weight_g"] > 0)
    known &= told["sample_size"] > 0
    place, day = place[known], day[known]
    weight = told["avg_weight_g"][known] / 1000.0
    fish = told["sample_size"][known].astype(np.float64)
    deviation = np.where(told["std_weight_g"][known] == NONE, 0, told["std_weight_g"][known])
    cv = _pooled(stays, place, fish, deviation / 1000.0 / weight)
    anchor[stays.first[place] + day] = _SAMPLE
    return _Found(stays.first_node[place] + day, weight, cv / np.sqrt(fish))


def _pooled(stays: Stays, place: Ints, fish: Floats, cv: Floats) -> Floats:
    """Return the scatter of single fish, pooled over the samples of each stage."""
    prior, count = setting("weighing.sample_cv"), setting("weighing.sample_cv_weight")
    _, stage = np.unique(stays.stage, return_inverse=True)
    of = stage[place]
    told = np.where(cv > 0.0, fish - 1.0, 0.0)
    size = len(stage)
    squares = np.bincount(of, told * cv * cv, size) + count * prior * prior
    mean = squares / np.maximum(np.bincount(of, told, size) + count, 1e-9)
    pooled: Floats = np.sqrt(mean)[of]
    return pooled


def _vaccinations(seen: Observations, anchor: Ints) -> _Found:
    told, stays = seen["vaccination"], seen.stays
    place, known = stays.find(told["assignment_id"])
    day = told["vaccination_date"] - stays.start[place]
    known &= (day >= 0) & (day < stays.days[place]) & (told["avg_weight_g"] > 0)
    place, day = place[known], day[known]
    anchor[stays.first[place] + day] = _VACCINATION
    cv = np.full(len(place), setting("weighing.vaccination_cv"))
    return _Found(stays.first_node[place] + day, told["avg_weight_g"][known] / 1000.0, cv)


def _moves(seen: Observations, anchor: Ints) -> _Found:
    """Return the weighings of moves, of the containers that the fish left."""
    told, stays = seen["transfer_action"], seen.stays
    place, known = stays.find(told["source_assignment_id"])
    day = told["transfer_date"] - stays.start[place]
    known &= (day > 0) & (told["avg_weight_g"] > 0) & (told["transferred_count"] > 0)
    place, day = place[known], np.minimum(day, stays.days[place])[known]
    row = stays.first[place] + day - 1
    fish = told["transferred_count"][known].astype(np.float64)
    weight = told["avg_weight_g"][known] / 1000.0
    anchor[row] = _TRANSFER
    _mark_arrivals(seen, anchor)
    node, which = np.unique(stays.first_node[place] + day, return_inverse=True)
    mean = np.bincount(which, fish * weight, len(node)) / np.bincount(which, fish, len(node))
    return _Found(node, mean, np.full(len(node), setting("weighing.transfer_cv")))


def _mark_arrivals(seen: Observations, anchor: Ints) -> None:
    """Mark the days on which fish came that had been weighed."""
    told, stays = seen["transfer_action"], seen.stays
    place, known = stays.find(told["dest_assignment_id"])
    day = told["transfer_date"] - stays.start[place]
    known &= (day >= 0) & (day < stays.days[place]) & (told["avg_weight_g"] > 0)
    anchor[(stays.first[place] + day)[known]] = _TRANSFER


def _harvests(seen: Observations, anchor: Ints) -> _Found:
    told, stays = seen["harvest_event"], seen.stays
    place, known = stays.find(told["assignment_id"])
    known &= (told["avg_weight_g"] > 0) & (told["fish_count"] > 0)
    day = np.clip(told["event_date"] - stays.start[place], 0, stays.days[place] - 1)[known]
    row = stays.first[place[known]] + day
    anchor[row] = _HARVEST
    weight = told["avg_weight_g"][known] / 1000.0
    cv = np.full(len(row), setting("weighing.harvest_cv"))
    return _Found(stays.morning[row] + 1, weight, cv)
