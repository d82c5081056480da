"""Segments: runs of batch numbers, the unit of work, commit, resume and partition.

A segment holds `size` consecutive batch numbers, `size` a power of two that is fixed when a
dataset is begun: the smallest that makes at most 128 segments of the numbers there are then. So a
dataset may grow to twice its numbers and still have at most 256 segments.

    index of a batch's segment = (number - 1) // size

Worked examples (proved for every number by a property test):

==============  ====  ========  ====================================================
highest number  size  segments  batches
==============  ====  ========  ====================================================
1               1     1         1 is in e0001-s0000
20              1     20        20 is in e0001-s0019
128             1     128       128 is in e0001-s0127
129             2     65        1, 2 in e0001-s0000; 129 in e0001-s0064
170             2     85        169, 170 in e0001-s0084
550             8     69        8 in e0001-s0000; 9 in e0001-s0001; 550 in e0001-s0068
50,000          512   98        50,000 in e0001-s0097
==============  ====  ========  ====================================================

The farm's own tables are a segment by themselves, named ``e0001-farm``. Those of feed stores are in
segments of their own, ``e0001-g0003``: groups of stores whose ids follow each other, at least
eight, and as many more (a power of two) as it takes to have at most 128 groups. Groups follow from
the farm alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = [
    "MAX_SEGMENTS_AT_FIRST",
    "farm_segment_name",
    "is_segment_name",
    "numbers_by_segment",
    "segment_epoch",
    "segment_index",
    "segment_key",
    "segment_name",
    "segment_numbers",
    "segment_size",
    "store_group_name",
    "store_groups",
]

MAX_SEGMENTS_AT_FIRST = 128
"""Most segments of a dataset when it is begun; half of the most it may ever have."""

_LEAST_STORES = 8
_MAX_GROUPS = 128

_NAME = re.compile(r"e[0-9]{4}-([sg][0-9]{4,}|farm)")


def segment_size(highest_number: int) -> int:
    """Return the size of the segments of a dataset that begins with batches up to that number."""
    size = 1
    while segment_index(max(highest_number, 1), size) >= MAX_SEGMENTS_AT_FIRST:
        size *= 2
    return size


def segment_index(number: int, size: int) -> int:
    """Return the index, from 0, of the segment of a batch number (from 1)."""
    return (number - 1) // size


def segment_numbers(index: int, size: int) -> range:
    """Return the batch numbers that a segment can hold."""
    return range(index * size + 1, (index + 1) * size + 1)


def segment_name(index: int, epoch: int = 1) -> str:
    """Return the name of a segment of batches: ``e0001-s0007``."""
    return f"e{epoch:04d}-s{index:04d}"


def farm_segment_name(epoch: int = 1) -> str:
    """Return the name of the segment of the farm's own tables: ``e0001-farm``."""
    return f"e{epoch:04d}-farm"


def store_group_name(index: int, epoch: int = 1) -> str:
    """Return the name of a segment of feed stores: ``e0001-g0003``."""
    return f"e{epoch:04d}-g{index:04d}"


def store_groups(stores: int) -> list[range]:
    """Return the ids, from 1, of the stores of each group of a farm that has so many."""
    size = _LEAST_STORES
    while size * _MAX_GROUPS < stores:
        size *= 2
    return [range(first, min(first + size, stores + 1)) for first in range(1, stores + 1, size)]


def is_segment_name(text: str) -> bool:
    """Whether a text is the name of a segment, and so safe as part of a path."""
    return _NAME.fullmatch(text) is not None


def segment_key(name: str) -> str:
    """Return what a segment is called in every epoch: ``s0007`` of ``e0001-s0007``."""
    return name.partition("-")[2]


def segment_epoch(name: str) -> int:
    """Return the epoch of a segment's name."""
    return int(name.partition("-")[0][1:])


def numbers_by_segment(numbers: Iterable[int], size: int) -> dict[int, list[int]]:
    """Sort batch numbers into their segments: ascending indices, ascending numbers."""
    segments: dict[int, list[int]] = {}
    for number in sorted(numbers):
        segments.setdefault(segment_index(number, size), []).append(number)
    return segments
