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
from dataclasses import replace

import numpy as np

from grilse.biology.growth import cube_root_g, weight_g
from grilse.ground.errors import BadInput, Problem
from grilse.schedule.anchors import Anchor
from grilse.schedule.model import BatchPlan
from grilse.simulate.anchors import Anchors
from grilse.simulate.burden import dearness
from grilse.simulate.feeding import feed_10g
from grilse.simulate.harvest import Emptying, emptying, harvested
from grilse.simulate.state import Counts, Floats, Ints, StayState
from grilse.simulate.stay import Entry, live
from grilse.simulate.world import World
from grilse.tables.catalogue.events import MORTALITY_CAUSES

__all__ = ["live_anchored"]

_BILLION = 1_000_000_000
_DELOUSING = MORTALITY_CAUSES.index("DELOUSING")


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
    ends = np.array([_emptied(whole, row, held[row], *parts[row]) for row in range(len(held))])
    if index == len(plan.stays) - 1 and (ends < 0).any():
        dead, taken, ends = _harvest_of_the_rest(
            plan, world, whole, roots, dead, taken, ends, reach
        )
    bent = _state(world, plan, now, roots[:, : days + 1], dead[:, :days], taken[:, :days], ends)
    return _untreated_from(bent, taken)


def _untreated_from(stay: StayState, taken: Counts) -> StayState:
    """Return a life in which no lice are treated once harvest has begun."""
    if stay.lice is None or not taken.any():
        return stay
    first = int(taken.any(axis=0).argmax())
    treatments = stay.lice.treatments
    kept = replace(treatments, is_made=treatments.is_made & (treatments.day < first))
    before = np.arange(stay.days) < first
    dead_of = {
        cause: np.where(before, of, 0) if cause == _DELOUSING else of
        for cause, of in stay.dead_of.items()
    }
    return replace(stay, lice=replace(stay.lice, treatments=kept), dead_of=dead_of)


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


def _emptied(
    whole: StayState, row: int, held: Sequence[Anchor], dead: Counts, taken: Counts
) -> int:
    """Return the day after the anchored harvest that took a container's last fish, else -1."""
    end = _end(held)
    left = int(whole.initial[row]) - int(dead[: max(end, 0)].sum() + taken[: max(end, 0)].sum())
    return end if end >= 0 and left == 0 else -1


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
    usual = harvested(times, whole.initial, dead + taken)
    begun = np.where(rest, times.end, ends)
    return dead, np.where(rest[:, None], taken + usual, taken), begun


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
