"""Epochs of some stays: the nodes between which growth is only added up, and their weighings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grilse.analysis.arrays import Floats, Ints
from grilse.analysis.expected import Expected, stretched
from grilse.analysis.observations import Stays
from grilse.analysis.weighings import Weighings

__all__ = ["Course", "Epochs", "course_of", "epochs_of"]


@dataclass(frozen=True)
class Course:
    """What is expected from node to node, added up from each stay's first, shape (nodes,).

    Attributes
    ----------
    gain
        In the cube root of weight, g^(1/3).
    variance
        Of what growth is off it.
    stay
        Which stay each node is of.
    """

    gain: Floats
    variance: Floats
    stay: Ints


@dataclass(frozen=True)
class Epochs:
    """The first node, those weighed, and the last one of some stays, shape (epochs, stays).

    A stay that has fewer than others repeats its last node.

    Attributes
    ----------
    stay
        Which stays these are, shape (stays,).
    node
        The nodes.
    days, gain, variance
        From each epoch to the next, shape (epochs - 1, stays).
    is_weighed, root, root_variance
        Whether it was weighed, and what was found.
    """

    stay: Ints
    node: Ints
    days: Floats
    gain: Floats
    variance: Floats
    is_weighed: NDArray[np.bool_]
    root: Floats
    root_variance: Floats


def course_of(stays: Stays, growth: Expected) -> Course:
    """Add up what is expected over the nodes of each stay."""
    of = np.repeat(np.arange(len(stays)), stays.days + 1)
    return Course(stretched(stays, growth.gain), stretched(stays, growth.variance), of)


def epochs_of(stays: Stays, chosen: Ints, course: Course, weighed: Weighings, also: Ints) -> Epochs:
    """Return the epochs of the stays chosen.

    Parameters
    ----------
    chosen
        Places of the stays, ascending.
    also
        Nodes that are wanted beside those weighed.
    """
    slot = np.full(len(stays), -1)
    slot[chosen] = np.arange(len(chosen))
    first, last = stays.first_node, stays.first_node + stays.days
    inner = np.union1d(weighed.node, also).astype(np.int64)
    of = course.stay[inner]
    kept = (slot[of] >= 0) & (inner > first[of]) & (inner < last[of])
    inner, column = inner[kept], slot[of][kept]
    count = np.bincount(column, minlength=len(chosen))
    rank = np.arange(len(inner)) - (np.cumsum(count) - count)[column]
    node = np.repeat(last[chosen][None, :], int(count.max(initial=0)) + 2, axis=0)
    node[0] = first[chosen]
    node[rank + 1, column] = inner
    return _with_weighings(chosen, node, course, weighed)


def _with_weighings(chosen: Ints, node: Ints, course: Course, weighed: Weighings) -> Epochs:
    at = np.minimum(np.searchsorted(weighed.node, node), max(len(weighed.node) - 1, 0))
    if len(weighed.node):
        hit = weighed.node[at] == node
        hit[:-1] &= node[:-1] < node[-1]
        root, variance = weighed.root[at], weighed.variance[at]
    else:
        hit, root = np.zeros(node.shape, bool), np.zeros(node.shape)
        variance = np.ones(node.shape)
    return Epochs(
        chosen, node, np.diff(node, axis=0).astype(np.float64),
        np.diff(course.gain[node], axis=0), np.diff(course.variance[node], axis=0),
        hit, root, variance,
    )  # fmt: skip
