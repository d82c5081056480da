"""Who holds which container when, over all batches of a schedule, and where two hold one."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from grilse.ground.interval import Clash, Interval, clashes
from grilse.schedule.model import BatchPlan, Stay

__all__ = ["Holder", "double_held"]


class Holder(NamedTuple):
    """A batch that holds a container: in which stay, and as which of its containers."""

    batch: BatchPlan
    stay: Stay
    slot: int


def double_held(batches: Sequence[BatchPlan]) -> Iterator[Clash[Holder]]:
    """Yield every clash of two holders of one container, container by container.

    Stays that end before they start hold nothing here. Arrays find the containers with a clash, so
    that a plan of many thousand batches without one is settled in a sort.
    """
    suspects = _suspects(batches)
    if not suspects:
        return
    held: dict[tuple[str, str, str], list[tuple[Interval, Holder]]] = defaultdict(list)
    for batch in batches:
        for stay in batch.stays:
            interval = Interval(batch.start + stay.start_day, batch.start + stay.end_day)
            for slot, (place, name) in enumerate(stay.containers):
                key = (batch.geography, place, name)
                if key in suspects and interval.days > 0:
                    held[key].append((interval, Holder(batch, stay, slot)))
    for key in held:
        yield from clashes(held[key])


def _suspects(batches: Sequence[BatchPlan]) -> set[tuple[str, str, str]]:
    """Return the containers in which neighbouring holders overlap."""
    ids: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    names: list[tuple[str, str, str]] = []
    held = array("i")
    starts, ends, counts = (array("q") for _ in range(3))
    for batch in batches:
        known = ids[batch.geography]
        for stay in batch.stays:
            if stay.days <= 0:
                continue
            for pair in stay.containers:
                if pair not in known:
                    known[pair] = len(names)
                    names.append((batch.geography, *pair))
            held.extend([known[pair] for pair in stay.containers])
            starts.append(batch.start + stay.start_day)
            ends.append(batch.start + stay.end_day)
            counts.append(len(stay.containers))
    return {names[i] for i in _overlapping(held, starts, ends, counts)}


def _overlapping(
    held: Sequence[int], starts: Sequence[int], ends: Sequence[int], counts: Sequence[int]
) -> Sequence[int]:
    """Return the ids whose intervals overlap.

    Parameters
    ----------
    held
        Ids, interval after interval.
    starts, ends, counts
        Of each interval: its days, and how many ids hold it.
    """
    if not starts:
        return []
    ids, start, end = np.array(held, np.int32), np.array(starts), np.array(ends)
    # Of the millions of holdings just the interval's index is kept: a company's fill the memory.
    which = np.repeat(np.arange(len(start), dtype=np.int32), counts)
    order = np.lexsort((start[which], ids))
    ids, which = ids[order], which[order]
    del order
    meet = (ids[1:] == ids[:-1]) & (start[which[1:]] < end[which[:-1]])
    found: list[int] = np.unique(ids[1:][meet]).tolist()
    return found
