"""What a batch wants of feed stores: its feedings, and the notice that it gives of new feeds.

The feedings are those of its rows. Notice is given a little ahead: of the next stage's store
before the move, and of the next pellet when the largest fish near its weight. Each notice follows
from the days before it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from grilse.biology.growth import cube_root_gain, weight_g
from grilse.biology.ration import feed_index, pellets, ration_kg
from grilse.expand.daily import feedings
from grilse.expand.grid import Columns
from grilse.ledger.demand import BatchDemand, Call
from grilse.schedule.model import Stay
from grilse.simulate.state import BatchState, StayState
from grilse.simulate.world import World
from grilse.site.water import mean_temperature
from grilse.tables import keys

__all__ = ["demand_of"]

_STEPS_PER_KG = 100
_FARTHEST = 127
_LEADS_TO_HARVEST = 3
"""For how many delivery times those who are near the harvest are taken to stay."""

_LEAST_GAIN_G = 1e-9
_PACE_DAYS = 7

_NOTHING = {
    "feeding_event_id": np.zeros(0, np.int64),
    "feed_id": np.zeros(0, np.int64),
    "amount_kg": np.zeros(0, np.int64),
}


def demand_of(world: World, state: BatchState, fed: Columns | None = None) -> BatchDemand:
    """Return what a batch has wanted of any store up to the as-of date.

    Parameters
    ----------
    fed
        Keys, feeds and amounts of its feedings, where they are at hand.
    """
    rows = fed or next((columns for _, columns in feedings(world, state)), _NOTHING)
    event, feed = rows["feeding_event_id"], rows["feed_id"] - 1
    places = [ref.place_id for stay in state.stays for ref in stay.containers]
    return BatchDemand(
        number=state.plan.number,
        start=state.plan.start,
        place_of_slot=np.array(places, np.int32),
        event_id=event,
        feed=feed.astype(np.int8),
        amount_10g=rows["amount_kg"].astype(np.int32),
        horizon=_horizon(world, state, event, feed),
        calls=tuple(_calls(world, state)),
    )


def _horizon(
    world: World, state: BatchState, event: NDArray[np.int64], feed: NDArray[np.int64]
) -> NDArray[np.int8]:
    """Say of each feeding how many more days the batch is known to stay on the feed."""
    assignment, day, _ = keys.feeding_parts(event)
    first = keys.assignment_id(state.plan.number, 0)
    horizon = np.zeros(len(event), np.int8)
    for stay in state.stays:
        slots = (stay.first_slot, stay.first_slot + len(stay.containers))
        mine = slice(*np.searchsorted(assignment - first, slots))
        row = assignment[mine] - first - stay.first_slot
        column = day[mine] - stay.start_day
        until_move = _until_move(world, state, stay)
        until_move[_near_harvest(world, state, stay)] = _LEADS_TO_HARVEST * _lead_days(world)
        flat, feeds = row * stay.days + column, np.zeros(stay.opening.shape, np.int64)
        feeds.put(flat, feed[mine])
        until = np.minimum(until_move, _until_next(world, stay, feeds))
        horizon[mine] = until.astype(np.int8).take(flat)
    return horizon


def _until_next(world: World, stay: StayState, feeds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return in how many days a container's fish reach the next pellet, at their best of late.

    `feeds` and what is returned are of each container and day, shape (containers, days).
    """
    limits = np.array([pellet.from_weight_g for pellet in pellets(world.parameters)[1:]])
    limits = np.append(limits, np.inf)
    grams = stay.weight_open_g
    gain = np.maximum(_of_late(stay.weight_g - grams), _LEAST_GAIN_G)
    days = np.ceil((limits.take(feeds) - grams) / gain)
    until: NDArray[np.int64] = np.minimum(np.maximum(days, 0), _FARTHEST).astype(np.int64)
    return until


def _of_late(gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest gain of each day and the six before it: days without feed tell nothing."""
    largest, span = gain.copy(), 1
    while span < _PACE_DAYS:
        step = min(span, _PACE_DAYS - span)
        largest[:, step:] = np.maximum(largest[:, step:], largest[:, :-step])
        span += step
    return largest


def _until_move(world: World, state: BatchState, stay: StayState) -> NDArray[np.int64]:
    """Return for each day how many more the schedule gives the stay, if an order came in time."""
    left = state.plan.stays[stay.stage_index].days - 1 - np.arange(stay.days)
    most = min(round(world.parameters.number("feed.order.cover_days")), _FARTHEST)
    is_open = state.plan.open_ended and stay.stage_index == len(state.plan.stays) - 1
    if is_open:
        return np.full(stay.days, most)
    return np.where(left >= _lead_days(world), np.minimum(left, most), 0)


def _lead_days(world: World) -> int:
    return round(world.parameters.number("feed.order.lead_days"))


def _near(world: World, grams: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the feed of fish that are taken for heavier than they are: what they are near to."""
    share = world.parameters.number("feed.order.next_pellet_share")
    return feed_index(world.parameters, grams / share).astype(np.int64)


def _soon(world: World, stay: StayState) -> NDArray[np.int64]:
    """Return the feed that the largest fish of a stay are near to, or reach before it could come.

    The day's growth is taken to be that of the day before.
    """
    grams = stay.weight_open_g.max(axis=0)
    gain = np.zeros_like(grams)
    np.subtract(grams[1:], grams[:-1], out=gain[1:])
    ahead = feed_index(world.parameters, grams + _days_ahead(world) * gain).astype(np.int64)
    return np.maximum(_near(world, grams), ahead)


def _days_ahead(world: World) -> int:
    """Return how many days before a feed is needed notice of it is given."""
    return _lead_days(world) + 1


def _near_harvest(world: World, state: BatchState, stay: StayState) -> NDArray[np.bool_]:
    target_kg = state.plan.harvest_target_kg
    if target_kg is None or stay.stage_index < len(state.plan.stays) - 1:
        return np.zeros(stay.days, bool)
    share = world.parameters.number("feed.order.harvest_share")
    near: NDArray[np.bool_] = stay.weight_open_g.max(axis=0) >= target_kg * 1000.0 * share
    return near


def _calls(world: World, state: BatchState) -> Iterator[Call]:
    for stay in state.stays:
        near = _soon(world, stay)
        yield from _calls_within(state, stay, near)
        if stay.stage_index + 1 < len(state.plan.stays):
            coming = state.plan.stays[stay.stage_index + 1]
            yield from _calls_ahead(world, state, stay, near, coming)


def _calls_within(state: BatchState, stay: StayState, near: NDArray[np.int64]) -> Iterator[Call]:
    """Yield the notice of each pellet that the largest fish of a stay come near to."""
    place = np.array([ref.place_id for ref in stay.containers])
    for day in np.flatnonzero(near[1:] > near[:-1]) + 1:
        eaten = stay.feed_10g[:, day - 1]
        when = state.plan.start + stay.start_day + int(day)
        for place_id in np.unique(place):
            daily = int(eaten[place == place_id].sum())
            if daily:
                yield Call(when, int(place_id), int(near[day]), daily)


def _calls_ahead(
    world: World, state: BatchState, stay: StayState, near: NDArray[np.int64], coming: Stay
) -> Iterator[Call]:
    """Yield the notice to the stores of the next stay, a day more than a delivery takes ahead."""
    day = max(coming.start_day - _days_ahead(world) - stay.start_day, 0)
    if day >= stay.days or world.stages[coming.stage].fcr <= 0.0:
        return
    daily = int(stay.feed_10g[:, day].sum()) or _expected_10g(world, state, stay, coming, day)
    smallest = stay.weight_open_g[:, day].min()
    feeds = {int(feed_index(world.parameters, smallest)), int(near[day])}
    known = world.farm.by_path
    one_of = dict(coming.containers)
    id_of = {place: known[state.plan.geography, place, one_of[place]].place_id for place in one_of}
    places = [id_of[place] for place, _ in coming.containers]
    when = state.plan.start + stay.start_day + day
    for place_id in sorted(set(places)):
        part = daily * places.count(place_id) // len(places)
        for feed in sorted(feeds):
            yield Call(when, place_id, feed, part)


def _expected_10g(world: World, state: BatchState, stay: StayState, coming: Stay, day: int) -> int:
    """Return what fish that are not fed yet are expected to eat on their first day."""
    geography, stage = state.plan.geography, coming.stage
    first = state.plan.start + coming.start_day
    temp = mean_temperature(world.parameters, geography, stage, first, 1)[0]
    gain = cube_root_gain(world.growth(stage, geography), temp, 0)
    root = stay.cube_root[:, day]
    gain_kg = stay.opening[:, day] * (weight_g(root + gain) - weight_g(root)) / 1000.0
    steps = np.rint(ration_kg(gain_kg, world.stages[stage].fcr) * _STEPS_PER_KG)
    return int(steps.astype(np.int64).sum())
