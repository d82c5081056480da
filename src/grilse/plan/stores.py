"""Feed stores that are too small for a plan: by the ration to be expected, nothing is simulated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from grilse.biology.growth import cube_root_g, cube_root_gain, egg_weight_g, stage_growth, weight_g
from grilse.biology.mortality import daily_hazard
from grilse.biology.parameters import stages
from grilse.biology.ration import ration_kg
from grilse.farm.model import Farm, Store
from grilse.ground.days import date_of
from grilse.ground.parameters import Parameters
from grilse.schedule.model import BatchPlan
from grilse.site.water import mean_temperature

__all__ = ["SmallStore", "expected_feed_kg", "small_stores", "store_lines"]

Kilos = NDArray[np.float64]
_TONNE = 1000
_SEASON_DAYS = 10
"""Batches that start within so many days of the year are reckoned alike."""

_STEPS_A_KG = 2
"""Harvest targets within one such step of a kilogram are reckoned alike, as its upper end."""


@dataclass(frozen=True, slots=True)
class SmallStore:
    """A store that cannot hold what is eaten while a delivery is on its way.

    Attributes
    ----------
    geography, place, store
        Where it is.
    day
        Day number of the largest demand.
    daily_kg
        What is then eaten a day.
    needed_kg
        Capacity with which the rule of ordering keeps up.
    """

    geography: str
    place: str
    store: Store
    day: int
    daily_kg: float
    needed_kg: int


def store_lines(
    batches: Sequence[BatchPlan], farm: Farm, parameters: Parameters
) -> tuple[str, ...]:
    """Say which stores are too small, the one that lacks most first; nothing where none is."""
    found = sorted(small_stores(batches, farm, parameters), key=_lack, reverse=True)
    if not found:
        return ()
    worst = found[0]
    more = f"; so are {len(found) - 1} others" if len(found) > 1 else ""
    return (
        f"warning     feed store {worst.store.name} of {worst.place} holds "
        f"{worst.store.capacity_kg / _TONNE:,.0f} t and needs {worst.needed_kg / _TONNE:,.0f} t: "
        f"on {date_of(worst.day)} some {worst.daily_kg / _TONNE:,.1f} t a day are eaten{more}",
    )


def _lack(small: SmallStore) -> float:
    return small.needed_kg / max(small.store.capacity_kg, 1.0)


def small_stores(
    batches: Sequence[BatchPlan], farm: Farm, parameters: Parameters
) -> Iterator[SmallStore]:
    """Yield the stores whose capacity, up to where they are topped up, is below the reorder level.

    That is the lead time's largest demand times the safety, as the ledger reckons it.
    """
    lead = parameters.number("feed.order.lead_days") * parameters.number("feed.order.safety")
    top_up = parameters.number("feed.order.top_up_share")
    origin, daily = _daily_by_place(batches, farm, parameters)
    for (geography, place), kilos in daily.items():
        store = farm.places[geography, place][1].store
        peak, day = float(kilos.max()), origin + int(kilos.argmax())
        needed = ceil(lead * peak / top_up / _TONNE) * _TONNE
        if lead * peak > store.capacity_kg * top_up:
            yield SmallStore(geography, place, store, day, peak, needed)


def _daily_by_place(
    batches: Sequence[BatchPlan], farm: Farm, parameters: Parameters
) -> tuple[int, dict[tuple[str, str], Kilos]]:
    """Add up what is expected to be eaten in each place, by day from the first start on."""
    origin = min((batch.start for batch in batches), default=0)
    days = max((batch.life.end for batch in batches), default=0) - origin
    known: dict[tuple[object, ...], Kilos] = {}
    daily: dict[tuple[str, str], Kilos] = {}
    for batch in batches:
        spans = tuple((stay.stage, stay.start_day, stay.end_day) for stay in batch.stays)
        season = date_of(batch.start).timetuple().tm_yday // _SEASON_DAYS
        heavier = _next_step(batch.harvest_target_kg)
        key = (batch.geography, spans, season, heavier)
        if key not in known:
            alike = replace(batch, harvest_target_kg=heavier)
            known[key] = expected_feed_kg(alike, parameters) / max(batch.eggs, 1)
        for stay in batch.stays:
            eaten = known[key][stay.start_day : stay.end_day] * batch.eggs
            first = batch.start + stay.start_day - origin
            for place in dict.fromkeys(place for place, _ in stay.containers):
                part = sum(where == place for where, _ in stay.containers) / len(stay.containers)
                kilos = daily.setdefault((batch.geography, place), np.zeros(days))
                kilos[first : first + len(eaten)] += part * eaten
    return origin, {key: kilos for key, kilos in daily.items() if key in farm.places}


def _next_step(target_kg: float | None) -> float | None:
    """Return the next half kilogram from a harvest target on: the more feed is reckoned with."""
    return None if target_kg is None else ceil(target_kg * _STEPS_A_KG) / _STEPS_A_KG


def expected_feed_kg(batch: BatchPlan, parameters: Parameters) -> Kilos:
    """Return what a batch is expected to eat on each day of its life, kg, shape (days,).

    By the growth, the base mortality and the feed conversion of its stages in the mean
    temperature; from the day on that it weighs its harvest target it eats nothing.
    """
    fcr = {stage.key: stage.fcr for stage in stages(parameters)}
    root, fish = float(cube_root_g(egg_weight_g(parameters))), float(batch.eggs)
    feed = np.zeros(batch.stays[-1].end_day)
    for stay in batch.stays:
        days = np.arange(stay.days)
        temp = mean_temperature(
            parameters, batch.geography, stay.stage, batch.start + stay.start_day, stay.days
        )
        growth = stage_growth(parameters, stay.stage, batch.geography)
        roots = root + np.append(0.0, np.cumsum(cube_root_gain(growth, temp, days)))
        grams = weight_g(roots)
        hazard = daily_hazard(parameters, stay.stage, batch.geography, grams[:-1], temp, days)
        alive = fish * np.cumprod(1.0 - hazard)
        eaten = ration_kg(alive * np.diff(grams) / 1000.0, fcr[stay.stage])
        if batch.harvest_target_kg is not None:
            eaten = np.where(grams[:-1] < batch.harvest_target_kg * 1000.0, eaten, 0.0)
        feed[stay.start_day : stay.end_day] = eaten
        root, fish = float(roots[-1]), float(alive[-1])
    return feed
