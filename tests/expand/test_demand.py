"""What a batch is foreseen to want of a pellet: ring by ring, and no longer than its fish take."""

from __future__ import annotations

import numpy as np

from grilse.expand.demand import demand_of
from grilse.simulate.state import BatchState
from grilse.simulate.world import World
from grilse.tables import keys


def test_a_ring_that_soon_takes_the_next_pellet_wants_little_more_of_this_one(
    world: World, life: BatchState
) -> None:
    wanted = demand_of(world, life)
    assignment, day, _ = keys.feeding_parts(wanted.event_id)
    late = []
    for stay in life.stays:
        own = keys.assignment_id(
            life.plan.number, stay.first_slot + np.arange(stay.opening.shape[0])
        )
        for key in own.tolist():
            mine = assignment == key
            feeds = np.unique(wanted.feed[mine])
            for feed in feeds[:-1].tolist():
                last = day[mine & (wanted.feed == feed)].max()
                near = mine & (wanted.feed == feed) & (day >= last - 6)
                late += (wanted.horizon[near] - (last - day[near])).tolist()
    assert len(late) > 200
    assert np.mean(np.abs(late)) < 2.0
    assert max(late) < 8


def test_nothing_is_foreseen_beyond_the_move(world: World, life: BatchState) -> None:
    wanted = demand_of(world, life)
    _, day, _ = keys.feeding_parts(wanted.event_id)
    ends = np.array([stay.end_day for stay in life.plan.stays])
    until = ends[np.searchsorted(ends, day, side="right")] - day
    assert (wanted.horizon <= until).all()
