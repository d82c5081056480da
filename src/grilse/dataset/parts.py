"""Parts: part i of n of a dataset, made alone, on any machine, beside the others or apart.

Part i of n makes every n-th segment of the manifest, beginning with the i-th: so n may be any
number, and parts together are the whole (law 5).

    part 2 of 3 of segments a b c d e f g   makes b and e

Parts of one folder share its manifest, which the first of them writes: they hold the folder's lock
for that moment only, and each its own while it works. None of them adds up the dataset: that is
`finish`, when all are there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grilse.dataset import layout
from grilse.dataset.destination import Destination, begin, look, make_house, refuse_others
from grilse.dataset.epochs import wanted_keys, whole_segments
from grilse.dataset.files import Text
from grilse.dataset.lock import hold
from grilse.dataset.manifest import Inputs, read_manifest
from grilse.dataset.records import read_records
from grilse.dataset.segments import segment_key
from grilse.dataset.tidy import remove_unfinished
from grilse.ground.errors import BadInput, DestinationError, Problem

__all__ = ["MOST_PARTS", "Part", "open_part", "part_of"]

MOST_PARTS = 9999

_SECONDS_TO_BEGIN = 60.0
"""How long parts wait for each other's look at the manifest."""


@dataclass(frozen=True, slots=True)
class Part:
    """Part `index`, from 1, of `parts`."""

    index: int
    parts: int

    def of(self, names: Iterable[str]) -> frozenset[str]:
        """Return those of the segments that this part makes."""
        return frozenset(name for i, name in enumerate(names) if i % self.parts == self.index - 1)

    @property
    def lock(self) -> str:
        """Path of the part's lock in the dataset's folder."""
        return f"{layout.LOCK}.part-{self.index:04d}-of-{self.parts:04d}"

    def __str__(self) -> str:
        return f"{self.index}/{self.parts}"


def part_of(text: str) -> Part:
    """Read a part as it is written: ``3/24``.

    Raises
    ------
    BadInput
        If it is not i/n with i from 1 to n.
    """
    found = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", text, re.ASCII)
    index, parts = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= index <= parts:
        raise BadInput(
            Problem("R-PART", "is not a part", found=text[:40],
                    allowed=f"i/n, with i from 1 to n and n to {MOST_PARTS}: 3/24")
        )  # fmt: skip
    return Part(index, parts)


@contextmanager
def open_part(
    root: Path,
    part: Part,
    inputs: Inputs,
    numbers: Iterable[int],
    saved: Mapping[str, Text],
    *,
    entries: Mapping[int, str],
    groups: Mapping[str, str],
) -> Iterator[Destination]:
    """Hold a part of a dataset for one run; nothing that is another part's is touched.

    Parameters, except for the part, are those of `open_destination`.

    Raises
    ------
    DestinationError
        If the folder holds something else, or a dataset of other inputs, or the same part or the
        whole is at work there.
    """
    look(root)
    make_house(root)
    with hold(root / part.lock):
        with hold(root / layout.LOCK, wait_seconds=_SECONDS_TO_BEGIN):
            if look(root) == "new":
                begin(root, inputs, numbers, groups, saved)
            there = read_manifest(root)
            refuse_others(root, there, inputs)
            if there.epoch > 1:
                raise DestinationError(
                    f"{root}: was extended or compacted, and cannot be made in parts any longer. "
                    "Give the command without --partition."
                )
        records = read_records(root)
        wanted = wanted_keys(numbers, there.segment_size, groups)
        mine = part.of(there.segments)
        whole = whole_segments(root, mine, records, inputs, wanted, entries, groups)
        done = {name: records[name] for name in mine if segment_key(name) in whole}
        try:
            yield Destination(root, there, done, mine=mine)
        finally:
            remove_unfinished(root, mine)
