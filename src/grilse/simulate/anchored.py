"""A stay whose schedule entry has anchors: its life is bent to pass through them, exactly.

The stay is first lived as if there were none. Then what the fish gained, and how many of them
died, is scaled between each two anchors of a container so that weight and number meet the next
one: in whole billionths of the cube root, and in whole fish. What comes after a container's last
anchor goes on from there as it would have gone. A gain is stretched by one factor, so that warm
days stay the better ones; deaths keep their days and causes.

A day's rows follow from the anchors after it too, whatever the as-of date: a stay is lived up to
its last anchor and then clipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from grilse.biology.growth import cube_root_g, weight_g
from grilse.ground.errors import BadInput, Problem
from grilse.schedule.anchors import Anchor, anchors_of
from grilse.schedule.model import BatchPlan
from grilse.simulate.burden import dearness
from grilse.simulate.feeding import feed_10g
from grilse.simulate.harvest import Emptying, emptying, harvested
from grilse.simulate.state import Counts, Delivery, Floats, Ints, StayState, Transfer
from grilse.simulate.stay import Entry, live
from grilse.simulate.world import World

__all__ = ["Anchors", "anchored_arrivals", "anchored_delivery", "live_anchored", "read_anchors"]

_BILLION = 1_000_000_000


@dataclass(frozen=True)
class Anchors:
    """A batch's anchors, by stay and container.

    Attributes
    ----------
    by_container
        Those of each ``(stay, row)``, by day.
    """

    by_container: dict[tuple[int, int], tuple[Anchor, ...]]

    def of(self, stay: int, row: int) -> tuple[Anchor, ...]:
        """Return the anchors of one container of a stay."""
        return self.by_container.get((stay, row), ())

    def reach(self, stay: int) -> int | None:
        """Return the first day of a stay that no anchor bears on; None where the stay has none."""
        ends = [
            anchor.day + bool(anchor.harvested)
            for (index, _), held in self.by_container.items()
            if index == stay
            for anchor in held
        ]
        return max(ends, default=None)

    def start(self, stay: int, containers: int) -> tuple[Counts, Floats] | None:
        """Return fish and weight in g that a stay begins with; None unless all are anchored."""
        first = [
            next((a for a in self.of(stay, row) if a.day == 0 and a.count is not None), None)
            for row in range(containers)
        ]
        if not containers or any(a is None or a.weight_g is None for a in first):
            return None
        fish = np.array([a.count for a in first if a], np.int64)
        return fish, np.array([a.weight_g for a in first if a], np.float64)


def read_anchors(plan: BatchPlan) -> Anchors | None:
    """Return the anchors of a batch; None where its entry has none.

    A stay whose containers are not anchored at its end is anchored by what the next one begins
    with, so that nothing is lost between the two.
    """
    found = anchors_of(plan)
    if not found:
        return None
    by_container: dict[tuple[int, int], tuple[Anchor, ...]] = {}
    for anchor in found:
        key = (anchor.stay, anchor.row)
        by_container[key] = (*by_container.get(key, ()), anchor)
    anchors = Anchors(by_container)
    for index in range(len(plan.stays) - 1, 0, -1):
        _anchor_the_end(plan, index - 1, anchors)
    return anchors


def _anchor_the_end(plan: BatchPlan, index: int, anchors: Anchors) -> None:
    """Anchor the end of a stay by the start of the next, where that is anchored and it is not."""
    stay, then = plan.stays[index], plan.stays[index + 1]
    start = anchors.start(index + 1, len(then.containers))
    rows = range(len(stay.containers))
    if start is None or any(a.day == stay.days for row in rows for a in anchors.of(index, row)):
        return
    fish, grams = start
    if len(fish) != len(rows):
        room = np.array([_last_count(anchors.of(index, row)) for row in rows], np.float64)
        mean = float(np.cumsum(fish * grams)[-1]) / max(int(fish.sum()), 1)
        fish, grams = _shared(int(fish.sum()), room), np.full(len(rows), mean)
    for row in rows:
        end = Anchor(index, row, stay.days, int(fish[row]), 0, float(grams[row]))
        anchors.by_container[index, row] = (*anchors.of(index, row), end)


def _last_count(held: Sequence[Anchor]) -> float:
    counts = [anchor.count for anchor in held if anchor.count is not None]
    return float(counts[-1]) if counts else 1.0


def _shared(whole: int, parts: Floats) -> Counts:
    """Split a whole number in proportion, shape (parts,)."""
    upto = np.cumsum(parts)
    cuts = np.rint(whole * (upto / max(upto[-1], 1e-9))).astype(np.int64)
    split: Counts = np.diff(cuts, prepend=0)
    return split


def anchored_delivery(
    plan: BatchPlan, anchors: Anchors, containers: int
) -> tuple[Delivery, Floats] | None:
    """Return the delivery that leaves the anchored eggs, with the cube roots of their weight.

    None where the first stay's start is not anchored as a whole.
    """
    start = anchors.start(0, containers)
    if start is None:
        return None
    alive, grams = start
    dead = _shared(max(plan.eggs - int(alive.sum()), 0), alive.astype(np.float64))
    return Delivery(alive + dead, dead), cube_root_g(grams)


def anchored_arrivals(
    anchors: Anchors, move: Transfer, closing: Counts, containers: int
) -> tuple[Transfer, Counts, Floats] | None:
    """Return a transfer after which the anchored fish have arrived, with their cube roots.

    None where the next stay's start is not anchored as a whole, or more would have to arrive than
    there are.

    Parameters
    ----------
    closing
        Fish in each source container at the end of its stay.
    """
    start = anchors.start(move.to_index, containers)
    if start is None or int(start[0].sum()) > int(closing.sum()):
        return None
    fish, grams = start
    if len(closing) == len(fish) and (fish <= closing).all():
        same = np.arange(len(fish))
        source, destination, taken = same, same, closing
    else:
        share = fish + _shared(int(closing.sum() - fish.sum()), np.maximum(fish, 1).astype(float))
        source, destination, taken = _poured(closing, share)
    dead = _spared(destination, taken, fish)
    weights = np.zeros(len(closing))
    weights[move.source] = move.weight_g
    anchored = replace(
        move, source=source, destination=destination, taken=taken, dead=dead,
        weight_g=weights[source],
    )  # fmt: skip
    return anchored, fish, cube_root_g(grams)


def _poured(source: Counts, into: Counts) -> tuple[Ints, Ints, Counts]:
    """Empty sources in order into destinations in order; both hold as many fish in all."""
    out_upto, in_upto = np.cumsum(source), np.cumsum(into)
    cuts = np.union1d(out_upto, in_upto)
    fish = np.diff(cuts, prepend=0)
    real = fish > 0
    last = cuts[real] - 1
    came_from = np.searchsorted(out_upto, last, side="right")
    return came_from, np.searchsorted(in_upto, last, side="right"), fish[real]


def _spared(destination: Ints, taken: Counts, arrived: Counts) -> Counts:
    """Return the dead of each move, so that in each destination the right number arrives."""
    dead = np.zeros_like(taken)
    for place in range(len(arrived)):
        mine = np.flatnonzero(destination == place)
        excess = int(taken[mine].sum()) - int(arrived[place])
        if len(mine) and excess:
            dead[mine] = _shared(excess, taken[mine].astype(np.float64))
    return dead


def live_anchored(
    world: World, plan: BatchPlan, entry: Entry, lived: int, anchors: Anchors
) -> StayState:
    """Live one stay of a batch through its anchors; one without any is lived as usual."""
    reach = anchors.reach(entry.index)
    if reach is None:
        return live(world, plan, entry, lived)
    stay = plan.stays[entry.index]
    free = plan
    if entry.index == len(plan.stays) - 1:
        free = replace(plan, open_ended=True, harvest_target_kg=None)
        lived = lived if plan.open_ended else min(lived, stay.end_day)
    now = live(world, free, entry, lived)
    far = stay.start_day + reach
    whole = now if far <= lived else live(world, free, entry, far)
    return _bent(world, plan, now, whole, anchors, reach)


def _bent(
    world: World, plan: BatchPlan, now: StayState, whole: StayState, anchors: Anchors, reach: int
) -> StayState:
    """Return a life bent to its anchors: `whole` reaches the last of them, `now` the as-of date."""
    index, days = now.stage_index, now.days
    held = [anchors.of(index, row) for row in range(len(now.containers))]
    roots = np.stack([_root(whole, row, held[row]) for row in range(len(held))])
    parts = [_numbers(plan, whole, row, held[row]) for row in range(len(held))]
    dead, taken = (np.stack([part[i] for part in parts]) for i in (0, 1))
    ends = np.array([_end(each) for each in held])
    if index == len(plan.stays) - 1 and (ends < 0).any():
        dead, taken, ends = _harvest_of_the_rest(
            plan, world, whole, roots, dead, taken, ends, reach
        )
    return _state(world, plan, now, roots[:, : days + 1], dead[:, :days], taken[:, :days], ends)


def _root(whole: StayState, row: int, held: Sequence[Anchor]) -> Ints:
    """Return a container's cube root in billionths at the start of each day and after the last."""
    after = np.rint(whole.cube_root[row] * _BILLION).astype(np.int64)
    first = np.rint(cube_root_g(whole.weight_open_g[row, :1]) * _BILLION).astype(np.int64)
    root = np.concatenate([first, after])
    steps = np.diff(root)
    place, value = 0, int(root[0])
    for anchor in held:
        if anchor.weight_g is None:
            continue
        then = anchor.day + bool(anchor.harvested)
        wanted = int(np.rint(cube_root_g(anchor.weight_g) * _BILLION))
        if then > place:
            root[place + 1 : then + 1] = value + _scaled(steps[place:then], wanted - value)
        root[then] = wanted
        place, value = then, wanted
    root[place + 1 :] = value + np.cumsum(steps[place:])
    return root


def _scaled(steps: Ints | Floats, total: int) -> Ints:
    """Return running sums of steps, scaled so that the last is `total`; even where all are 0."""
    upto = np.cumsum(steps)
    share = upto / upto[-1] if upto[-1] > 0 else np.arange(1, len(upto) + 1) / len(upto)
    return np.rint(share * total).astype(np.int64)


def _numbers(
    plan: BatchPlan, whole: StayState, row: int, held: Sequence[Anchor]
) -> tuple[Counts, Counts]:
    """Return a container's dead, and its fish harvested, of each day."""
    free = whole.dead[row].astype(np.float64)
    dead, taken = np.zeros(len(free), np.int64), np.zeros(len(free), np.int64)
    for anchor in held:
        if anchor.harvested:
            taken[anchor.day] = anchor.harvested
    last_harvest = _end(held)
    known = [(a.day, a.count) for a in held if a.count is not None]
    if last_harvest >= 0 and (not known or known[-1][0] < last_harvest):
        known.append((last_harvest, 0))
    place, fish = 0, int(whole.initial[row])
    for day, count in known:
        need = fish - count - int(taken[place:day].sum())
        if need < 0 or (day == place and need):
            raise BadInput(_unreachable(plan, whole, row, day, count, fish))
        dead[place:day] = np.diff(_scaled(free[place:day], need), prepend=0) if day > place else 0
        place, fish = day, count
    lived_on = max(int(whole.initial[row]) - int(free[:place].sum()), 1)
    rest = np.floor(np.cumsum(free[place:]) * (fish / lived_on)).astype(np.int64)
    dead[place:] = np.diff(np.minimum(rest, fish), prepend=0)
    return dead, taken


def _end(held: Sequence[Anchor]) -> int:
    """Return the day after a container's last anchored harvest; -1 where it has none."""
    return max((anchor.day + 1 for anchor in held if anchor.harvested), default=-1)


def _harvest_of_the_rest(
    plan: BatchPlan,
    world: World,
    whole: StayState,
    roots: Ints,
    dead: Counts,
    taken: Counts,
    ends: Ints,
    reach: int,
) -> tuple[Counts, Counts, Ints]:
    """Harvest as usual, after the last anchor, what no anchor says is harvested."""
    stay, days = plan.stays[-1], dead.shape[1]
    closing = whole.initial[:, None] - np.cumsum(dead + taken, axis=1)
    grams = weight_g(roots[:, 1:] / _BILLION)
    times = emptying(world, plan, stay, closing, grams, np.zeros(days, bool))
    if times is None:
        return dead, taken, ends
    late = max(reach - times.ordered, 0)
    first, end = times.first + late, times.end + late
    if not plan.open_ended:
        first, end = np.minimum(first, stay.days - 1), np.minimum(end, stay.days)
    times = Emptying(times.ordered + late, first, np.maximum(end, first + 1))
    rest = ends < 0
    thinned = np.rint(dead * times.share_there(days)).astype(np.int64)
    dead = np.where(rest[:, None], thinned, dead)
    usual = harvested(times, whole.initial, dead)
    begun = np.where(rest, times.end, ends)
    return dead, np.where(rest[:, None], usual, taken), begun


def _state(
    world: World, plan: BatchPlan, now: StayState, roots: Ints, dead: Counts, taken: Counts,
    ends: Ints,
) -> StayState:  # fmt: skip
    """Return the life with other weights and numbers, and the feed that goes with them."""
    days, stay = now.days, plan.stays[now.stage_index]
    gone = np.cumsum(dead + taken, axis=1)
    opening = np.empty_like(gone)
    opening[:, 0] = now.initial
    opening[:, 1:] = now.initial[:, None] - gone[:, :-1]
    cube_root = roots / _BILLION
    grams = weight_g(cube_root)
    is_emptied = (ends >= 0) & (ends <= days)
    is_last = now.stage_index == len(plan.stays) - 1
    gain = np.diff(grams, axis=1)
    return replace(
        now,
        present_days=np.where(is_emptied, ends, days),
        left=is_emptied if is_last else now.left,
        opening=opening,
        dead=dead,
        removed=taken,
        culled=np.zeros_like(dead),
        escaped=np.zeros_like(dead),
        weight_open_g=grams[:, :-1],
        weight_g=grams[:, 1:],
        cube_root=cube_root[:, 1:],
        feed_10g=feed_10g(world, stay, now.luck, opening, gain, dearness(now.burdens)),
        dead_of={cause: _share_of(now.dead, of, dead) for cause, of in now.dead_of.items()},
    )


def _share_of(all_dead: Counts, of_cause: Counts, dead: Counts) -> Counts:
    """Return the dead of a cause where the dead of all causes are others than they were."""
    scaled = of_cause * dead // np.maximum(all_dead, 1)
    return np.where(all_dead > 0, scaled, 0)


def _unreachable(
    plan: BatchPlan, whole: StayState, row: int, day: int, count: int, fish: int
) -> Problem:
    name = whole.containers[row].path[-1]
    return Problem(
        "S-ANCHOR",
        "an anchor cannot be reached: fish would have to become more, or vanish in no time",
        batch=plan.batch_id,
        line=plan.lines.get("anchors", plan.line),
        found=f"{name}, day {day} of {whole.stage.key}: {count} fish after {fish}",
        mend="Anchor the start of the stay, or count fewer fish",
    )
