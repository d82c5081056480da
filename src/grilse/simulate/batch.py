"""A batch's life: delivery, stay after stay with a transfer between, harvest from the last."""

from __future__ import annotations

from grilse.farm.model import ContainerRef
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.delivery import deliver, egg_cube_root
from grilse.simulate.state import BatchState, Delivery, StayState, Transfer
from grilse.simulate.stay import Entry, live
from grilse.simulate.transfer import arrivals, transfer
from grilse.simulate.world import World

__all__ = ["lived_days", "simulate"]


def simulate(world: World, plan: BatchPlan) -> BatchState:
    """Simulate one batch from its eggs to the as-of date.

    Nothing but its schedule entry, the farm, the parameters, the seed and functions of its sites
    decides its life, and no day looks at a later one: a later as-of date only adds days.
    """
    lived = lived_days(plan, world.as_of)
    delivery: Delivery | None = None
    stays: list[StayState] = []
    transfers: list[Transfer] = []
    first_slot = 0
    for index, stay in enumerate(plan.stays):
        if stay.start_day >= lived:
            break
        refs = _containers(world, plan, stay)
        paths = [ref.path for ref in refs]
        if delivery is None:
            delivery = deliver(world, plan, paths)
            fish, root = delivery.eggs - delivery.dead, egg_cube_root(world, plan, len(refs))
        else:
            transfers.append(transfer(world, plan, stays[-1], index, paths))
            fish, root = arrivals(transfers[-1], len(refs))
        stays.append(live(world, plan, Entry(index, first_slot, refs, fish, root), lived))
        first_slot += len(refs)
    return BatchState(plan, lived, delivery, tuple(stays), tuple(transfers))


def lived_days(plan: BatchPlan, as_of: int) -> int:
    """Days of life before the as-of date: none for a batch not begun, at most the life planned."""
    elapsed = max(0, as_of - plan.start)
    return elapsed if plan.open_ended else min(elapsed, plan.life.days)


def _containers(world: World, plan: BatchPlan, stay: Stay) -> tuple[ContainerRef, ...]:
    known = world.farm.by_path
    return tuple(known[plan.geography, place, name] for place, name in stay.containers)
