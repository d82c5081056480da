"""The weight of all fish of a batch: stay after stay forth, transfers mixing them, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grilse.analysis.arrays import Floats, Ints, Numbers
from grilse.analysis.epochs import Course, Epochs, epochs_of
from grilse.analysis.kalman import Filtered, Smoothed, filtered, smoothed
from grilse.analysis.observations import Observations, Stays
from grilse.analysis.settings import setting
from grilse.analysis.weighings import Weighings
from grilse.biology.growth import cube_root_g, weight_g

__all__ = ["Estimate", "estimate", "start_weight"]

_LEAST_VARIANCE = 1e-14


@dataclass(frozen=True)
class Estimate:
    """What is estimated of each node, and of each stay's last one.

    Attributes
    ----------
    root, variance
        Cube root of mean weight, g^(1/3), and its variance, shape (nodes,).
    vigour, vigour_variance
        Growth over what is expected, at each stay's last node, and its variance, shape (stays,).
    """

    root: Floats
    variance: Floats
    vigour: Floats
    vigour_variance: Floats


@dataclass(frozen=True)
class _Moves:
    """Fish that came into stays at their beginning: from where, at which node, how many."""

    source: Ints
    destination: Ints
    node: Ints
    fish: Numbers


@dataclass
class _Generation:
    """Stays whose fish come from those of the generation before."""

    epochs: Epochs
    forth: Filtered
    back: Smoothed | None = None


def estimate(
    seen: Observations, course: Course, weighed: Weighings, start: tuple[float, float]
) -> Estimate:
    """Estimate the weights of a batch.

    Parameters
    ----------
    start
        Mean weight in g of the eggs that came, and the coefficient of variation of that.
    """
    stays = seen.stays
    moves = _moves(seen)
    level = _levels(stays, moves)
    root, variance = _beginnings(seen, course, weighed, level, start)
    generations: list[_Generation] = []
    at_node: dict[int, tuple[float, float]] = {}
    for generation in range(int(level.max()) + 1):
        chosen = np.nonzero(level == generation)[0]
        if generation:
            _mix(moves, at_node, chosen, root, variance)
        epochs = epochs_of(stays, chosen, course, weighed, moves.node)
        forth = filtered(epochs, root[chosen], variance[chosen])
        generations.append(_Generation(epochs, forth))
        _remember(at_node, moves, epochs, forth)
    _go_back(stays, moves, generations, root, variance)
    return _between(stays, course, generations)


def start_weight(seen: Observations, egg_weight_g: float) -> tuple[float, float]:
    """Return the mean weight of the eggs that came and its coefficient of variation."""
    told = seen["scenario"]
    first = told["start_date"] == seen.birth
    weights = told["initial_weight_g"][first & (told["initial_weight_g"] > 0)]
    grams = float(weights[0]) / 1000.0 if len(weights) else egg_weight_g
    return grams, setting("start.weight_cv")


def _moves(seen: Observations) -> _Moves:
    """Return the moves between stays that are known, of each pair together."""
    told, stays = seen["transfer_action"], seen.stays
    source, known = stays.find(told["source_assignment_id"])
    dest, there = stays.find(told["dest_assignment_id"])
    day = told["transfer_date"] - stays.start[source]
    kept = known & there & (day > 0) & (told["transferred_count"] > 0)
    kept &= told["transfer_date"] - stays.start[dest] <= 0
    source, dest = source[kept], dest[kept]
    node = stays.first_node[source] + np.minimum(day[kept], stays.days[source])
    pair, which = np.unique(source * len(stays) + dest, return_inverse=True)
    fish = np.bincount(which, told["transferred_count"][kept].astype(np.float64), len(pair))
    at = np.zeros(len(pair), np.int64)
    at[which] = node
    return _Moves(pair // len(stays), pair % len(stays), at, fish)


def _levels(stays: Stays, moves: _Moves) -> Ints:
    """Return each stay's generation: 0 where fish come from nowhere known.

    A stay begins after those that its fish come from, so that they never go round in a circle.
    """
    level = np.zeros(len(stays), np.int64)
    while True:
        deeper = level.copy()
        np.maximum.at(deeper, moves.destination, level[moves.source] + 1)
        if (deeper == level).all():
            return level
        level = deeper


def _beginnings(
    seen: Observations, course: Course, weighed: Weighings, level: Ints, start: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Return what is known of each stay's first morning where no fish were moved in.

    Eggs have the weight they are delivered with. Fish that come from nowhere known are taken to
    have been what their first weighing and the growth before it tell.
    """
    stays, (grams, cv) = seen.stays, start
    root = np.full(len(stays), float(cube_root_g(grams)))
    spread = np.full(len(stays), cv)
    are_eggs = np.isin(stays.assignment, seen["creation_action"]["assignment_id"])
    for stay in np.nonzero((level == 0) & ~are_eggs)[0]:
        mine = np.nonzero(course.stay[weighed.node] == stay)[0]
        if len(mine):
            first = mine[0]
            root[stay] = max(weighed.root[first] - course.gain[weighed.node[first]], 0.1)
            spread[stay] = setting("start.unknown_cv")
    return root, np.square(root * spread / 3.0)


def _remember(
    at_node: dict[int, tuple[float, float]], moves: _Moves, epochs: Epochs, forth: Filtered
) -> None:
    """Keep what is known of the nodes that fish leave from."""
    leaves = np.zeros(int(max(epochs.node.max(), moves.node.max(initial=0))) + 1, bool)
    leaves[moves.node] = True
    wanted = leaves[epochs.node]
    for node, x, xx in zip(
        epochs.node[wanted].tolist(), forth.known.x[wanted].tolist(),
        forth.known.xx[wanted].tolist(), strict=True,
    ):  # fmt: skip
        at_node[node] = (x, xx)


def _mix(
    moves: _Moves, at_node: dict[int, tuple[float, float]], chosen: Ints, root: Floats,
    variance: Floats,
) -> None:  # fmt: skip
    """Put in what is known of the first morning of stays whose fish come from others."""
    begins = np.zeros(len(root), bool)
    begins[chosen] = True
    mine = begins[moves.destination]
    known = np.array([at_node[node] for node in moves.node[mine].tolist()])
    dest, fish = moves.destination[mine], moves.fish[mine]
    size = len(root)
    total = np.bincount(dest, fish, size)
    grams = np.bincount(dest, fish * weight_g(known[:, 0]), size) / np.maximum(total, 1.0)
    mixed = cube_root_g(grams)
    part = _part(fish / total[dest], known[:, 0], mixed[dest])
    spread = np.bincount(dest, part * part * known[:, 1], size)
    root[chosen] = mixed[chosen]
    variance[chosen] = np.maximum(spread[chosen], _LEAST_VARIANCE)


def _part(share: Floats, source: Floats, mixed: Floats) -> Floats:
    """Return how the cube root of a mix follows that of a part of it."""
    return share * np.square(source / mixed)


def _go_back(
    stays: Stays, moves: _Moves, generations: list[_Generation], root: Floats, variance: Floats
) -> None:
    """Smooth generation after generation from the last; each tells the one before of its fish."""
    after_root, after_var = root.copy(), variance.copy()
    for place in range(len(generations) - 1, -1, -1):
        made = generations[place]
        chosen, last = made.epochs.stay, made.forth.known[-1]
        told = _told_back(stays, moves, made, root, variance, after_root, after_var)
        last = last.weighed(last.x + told[0], told[1])
        made.back = smoothed(made.epochs, made.forth, last)
        after_root[chosen] = made.back.state.x[0]
        after_var[chosen] = made.back.state.xx[0]


def _told_back(
    stays: Stays, moves: _Moves, made: _Generation, root: Floats, variance: Floats,
    after_root: Floats, after_var: Floats,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return what later stays tell of the last node of these: how far off it is, and a variance.

    What a destination has learnt since is its smoothed state less what it was begun with; of that
    each source is told its own part, the other parts staying as they were.
    """
    chosen, size = made.epochs.stay, len(stays)
    ends = np.full(size, -1)
    ends[chosen] = (stays.first_node + stays.days)[chosen]
    mine = moves.node == ends[moves.source]
    source, dest, fish = moves.source[mine], moves.destination[mine], moves.fish[mine]
    x, xx = np.zeros(size), np.ones(size)
    x[chosen], xx[chosen] = made.forth.known.x[-1], made.forth.known.xx[-1]
    total = np.bincount(moves.destination, moves.fish, size)
    part = _part(fish / total[dest], x[source], root[dest])
    before, after = variance[dest], after_var[dest]
    learnt = np.maximum(1.0 / after - 1.0 / before, 0.0)
    has = learnt > 1e-6 / before
    seen_var = np.divide(1.0, learnt, out=np.ones_like(learnt), where=has)
    off = (after_root[dest] - root[dest]) / np.where(has, 1.0 - after / before, 1.0)
    others = np.maximum(before - part * part * xx[source], 0.0)
    weight = np.where(has, part * part / (seen_var + others), 0.0)
    precision = np.bincount(source, weight, size)[chosen]
    pull = np.bincount(source, weight * off / np.maximum(part, 1e-9), size)[chosen]
    told = precision > 0.0
    away = np.divide(pull, precision, out=np.zeros(len(chosen)), where=told)
    spread = np.divide(1.0, precision, out=np.full(len(chosen), np.inf), where=told)
    return away, spread


def _between(stays: Stays, course: Course, generations: list[_Generation]) -> Estimate:
    """Fill in the nodes between epochs."""
    nodes = stays.rows + len(stays)
    root, variance = np.empty(nodes), np.empty(nodes)
    vigour, spread = np.empty(len(stays)), np.empty(len(stays))
    for made in generations:
        assert made.back is not None
        where, x, xx = _bridged(made.epochs, course, made.back)
        root[where], variance[where] = x, xx
        last = made.back.state[-1]
        vigour[made.epochs.stay], spread[made.epochs.stay] = last.v, last.vv
    return Estimate(root, variance, vigour, spread)


def _bridged(epochs: Epochs, course: Course, back: Smoothed) -> tuple[Ints, Floats, Floats]:
    """Return the nodes from epoch to epoch, what is estimated of each, and its variance.

    Between two epochs the cube root follows what was expected, drawn to what is known of both; what
    the days are off it on the way is a bridge between them.
    """
    steps, stays = epochs.gain.shape
    count = np.diff(epochs.node, axis=0)
    count[-1] += 1
    count = count.T.ravel()
    step = np.repeat(np.tile(np.arange(steps), stays), count)
    column = np.repeat(np.repeat(np.arange(stays), steps), count)
    place = np.arange(len(step)) - np.repeat(np.cumsum(count) - count, count)
    node = epochs.node[step, column] + place
    f = _passed(course.gain, epochs.gain, epochs, node, step, column)
    s = _passed(course.variance, epochs.variance, epochs, node, step, column)
    a, b = back.state.x[step, column], back.state.x[step + 1, column]
    p, q = back.state.xx[step, column], back.state.xx[step + 1, column]
    both = back.shared[step, column]
    bridge = epochs.variance[step, column] * s * (1.0 - s)
    rest = 1.0 - f
    return node, rest * a + f * b, rest * rest * p + f * f * q + 2.0 * rest * f * both + bridge


def _passed(
    total: Floats, whole: Floats, epochs: Epochs, node: Ints, step: Ints, column: Ints
) -> Floats:
    """Return the part of an epoch's amount that each node has behind it."""
    done = total[node] - total[epochs.node[step, column]]
    of = whole[step, column]
    share: Floats = np.divide(done, of, out=np.zeros(len(done)), where=of > 0.0)
    return np.minimum(share, 1.0)
