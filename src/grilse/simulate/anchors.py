"""A batch's anchors by stay and container, and what they say of its delivery and transfers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from grilse.biology.growth import cube_root_g
from grilse.schedule.anchors import Anchor, anchors_of
from grilse.schedule.model import BatchPlan
from grilse.simulate.state import Counts, Delivery, Floats, Ints, Transfer
from grilse.simulate.transfer import arrivals

__all__ = ["Anchors", "anchored_arrivals", "anchored_delivery", "read_anchors"]


@dataclass(frozen=True)
class Anchors:
    """A batch's anchors, by stay and container.

    Attributes
    ----------
    by_container
        Those of each ``(stay, row)``, by day.
    moves
        Those that tell of the transfer that ends a stay, by stay.
    """

    by_container: dict[tuple[int, int], tuple[Anchor, ...]]
    moves: dict[int, tuple[Anchor, ...]]

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
        """Return fish and weight in g that a stay begins with; None unless all are counted.

        A weight that no anchor tells is not a number.
        """
        first = [
            next((a for a in self.of(stay, row) if a.day == 0 and a.count is not None), None)
            for row in range(containers)
        ]
        if not first or any(anchor is None for anchor in first):
            return None
        known = [anchor for anchor in first if anchor is not None]
        grams = [np.nan if a.weight_g is None else a.weight_g for a in known]
        return np.array([a.count for a in known], np.int64), np.array(grams)


def read_anchors(plan: BatchPlan) -> Anchors | None:
    """Return the anchors of a batch; None where its entry has none.

    A stay whose containers are not anchored at its end is anchored by what the next one begins
    with, so that nothing is lost between the two.
    """
    found = anchors_of(plan)
    if not found:
        return None
    anchors = Anchors({}, {})
    for anchor in found:
        key = (anchor.stay, anchor.row)
        if anchor.is_move:
            anchors.moves[anchor.stay] = (*anchors.moves.get(anchor.stay, ()), anchor)
        else:
            anchors.by_container[key] = (*anchors.of(*key), anchor)
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
        weight = None if np.isnan(grams[row]) else float(grams[row])
        end = Anchor(index, row, stay.days, int(fish[row]), 0, weight)
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
    plan: BatchPlan, anchors: Anchors, egg_root: Floats
) -> tuple[Delivery, Floats] | None:
    """Return the delivery that leaves the anchored eggs, with the cube roots of their weight.

    None where the first stay's start is not anchored as a whole.

    Parameters
    ----------
    egg_root
        Cube root of the weight of eggs that no anchor weighs, shape (containers,).
    """
    start = anchors.start(0, len(egg_root))
    if start is None:
        return None
    alive, grams = start
    told = [anchors.of(0, row)[0].delivered for row in range(len(alive))]
    if all(eggs is not None and eggs >= fish for eggs, fish in zip(told, alive, strict=True)):
        eggs = np.array(told, np.int64)
    else:
        eggs = alive + _shared(max(plan.eggs - int(alive.sum()), 0), np.maximum(alive, 1) * 1.0)
    return Delivery(eggs, eggs - alive), _roots(grams, egg_root)


def _roots(grams: Floats, otherwise: Floats) -> Floats:
    """Return cube roots of weights; of those that are not numbers, what they are otherwise."""
    known: Floats = cube_root_g(np.where(np.isnan(grams), 1.0, grams))
    return np.where(np.isnan(grams), otherwise, known)


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
    source, destination, taken, dead = _moved(anchors, move, closing, fish)
    weights = np.zeros(len(closing))
    weights[move.source] = move.weight_g
    anchored = replace(
        move, source=source, destination=destination, taken=taken, dead=dead,
        weight_g=weights[source],
    )  # fmt: skip
    _, mixed = arrivals(anchored, containers)
    return anchored, fish, _roots(grams, mixed)


def _moved(
    anchors: Anchors, move: Transfer, closing: Counts, fish: Counts
) -> tuple[Ints, Ints, Counts, Counts]:
    """Return sources, destinations, fish taken and dead of the moves by which `fish` arrive."""
    told = anchors.moves.get(move.from_index, ())
    if told:
        source, destination = np.array([[a.row, a.to] for a in told], np.int64).T
        moved, dead = np.array([[a.moved, a.died] for a in told], np.int64).T
        is_all = np.array_equal(np.bincount(source, moved + dead, len(closing)), closing)
        if is_all and np.array_equal(np.bincount(destination, moved, len(fish)), fish):
            return source, destination, moved + dead, dead
    if len(closing) == len(fish) and (fish <= closing).all():
        same = np.arange(len(fish))
        source, destination, taken = same, same, closing
    else:
        share = fish + _shared(int(closing.sum() - fish.sum()), np.maximum(fish, 1) * 1.0)
        source, destination, taken = _poured(closing, share)
    return source, destination, taken, _spared(destination, taken, fish)


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
