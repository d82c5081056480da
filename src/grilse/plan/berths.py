"""Berths: how the rings of an area are shared out, so that several batches leave none idle.

A batch lies in one area. An area of 20 rings bears two batches by 10 + 10 and three by 7 + 7 + 6:
counts are mixed between areas so that there are as many berths as there will be batches at sea at
once, and every ring belongs to one.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heapreplace

__all__ = ["berths_by_place", "even_counts", "most_berths"]


def most_berths(size: int, counts: Sequence[int]) -> int:
    """Return how many batches a place of `size` containers bears at most, by counts allowed."""
    return size // min(counts)


def berths_by_place(sizes: Sequence[int], counts: Sequence[int], wanted: int) -> tuple[int, ...]:
    """Return how many berths each place is cut into: `wanted` in all, or as many as it bears.

    One berth after the other goes to the place that still has the largest to offer, the first of
    equals: so a farm's berths differ as little as they can.
    """
    held = [0] * len(sizes)
    offers = [
        (-float(size), place) for place, size in enumerate(sizes) if most_berths(size, counts)
    ]
    heapify(offers)
    for _ in range(wanted):
        if not offers or offers[0][0] >= 0:
            break
        place = offers[0][1]
        held[place] += 1
        more = held[place] < most_berths(sizes[place], counts)
        heapreplace(offers, (-sizes[place] / (held[place] + 1) if more else 0.0, place))
    return tuple(held)


def even_counts(size: int, berths: int, counts: Sequence[int]) -> tuple[int, ...]:
    """Return the containers of each berth of a place, the larger first: 20 in 3 are 7, 7 and 6.

    Each is the largest count allowed that is no more than an even share of what is left.
    """
    left, result = size, []
    for others in range(berths, 0, -1):
        share = -(-left // others)
        result.append(max(count for count in counts if count <= share))
        left -= result[-1]
    return tuple(sorted(result, reverse=True))
