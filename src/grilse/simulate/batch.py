"""A batch's life: delivery, stay after stay with a transfer between, harvest from the last."""

from __future__ import annotations

from collections.abc import Sequence

from grilse.farm.model import ContainerRef
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.anchored import live_anchored
from grilse.simulate.anchors import Anchors, anchored_arrivals, anchored_delivery, read_anchors
from grilse.simulate.delivery import deliver, egg_cube_root
from grilse.simulate.state import BatchState, Counts, Delivery, Floats, StayState, Transfer
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
    anchors = read_anchors(plan)
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
            delivery, fish, root = _delivered(world, plan, paths, anchors)
        else:
            move, fish, root = _moved(world, plan, stays[-1], index, paths, anchors)
            transfers.append(move)
        vaccinated_on = stays[-1].vaccinated_on if stays else None
        entry = Entry(index, first_slot, refs, fish, root, vaccinated_on)
        if anchors is None:
            stays.append(live(world, plan, entry, lived))
        else:
            stays.append(live_anchored(world, plan, entry, lived, anchors))
        first_slot += len(refs)
    return BatchState(plan, lived, delivery, tuple(stays), tuple(transfers))


def lived_days(plan: BatchPlan, as_of: int) -> int:
    """Days of life before the as-of date: none for a batch not begun, at most the life planned."""
    elapsed = max(0, as_of - plan.start)
    return elapsed if plan.open_ended else min(elapsed, plan.life.days)


def _delivered(
    world: World, plan: BatchPlan, paths: Sequence[tuple[str, ...]], anchors: Anchors | None
) -> tuple[Delivery, Counts, Floats]:
    """Return the delivery, and fish and cube roots that the first stay begins with."""
    root = egg_cube_root(world, plan, len(paths))
    if anchors is not None:
        anchored = anchored_delivery(plan, anchors, root)
        if anchored is not None:
            return anchored[0], anchored[0].eggs - anchored[0].dead, anchored[1]
    delivery = deliver(world, plan, paths)
    return delivery, delivery.eggs - delivery.dead, root


def _moved(
    world: World,
    plan: BatchPlan,
    stay: StayState,
    to_index: int,
    paths: Sequence[tuple[str, ...]],
    anchors: Anchors | None,
) -> tuple[Transfer, Counts, Floats]:
    """Return the move into the next stay, and fish and cube roots that it begins with."""
    move = transfer(world, plan, stay, to_index, paths)
    if anchors is not None:
        anchored = anchored_arrivals(anchors, move, stay.closing[:, -1], len(paths))
        if anchored is not None:
            return anchored
    return (move, *arrivals(move, len(paths)))


def _containers(world: World, plan: BatchPlan, stay: Stay) -> tuple[ContainerRef, ...]:
    known = world.farm.by_path
    return tuple(known[plan.geography, place, name] for place, name in stay.containers)
