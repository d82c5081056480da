"""What stands already: the batches that a plan goes on from, and where their counting stopped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from grilse.farm.model import Farm
from grilse.ground.interval import Interval
from grilse.schedule.model import BatchPlan

__all__ = ["Hold", "Standing"]

_INDEX = re.compile(r"(.+)-[0-9]{4}-([0-9]{1,8})")


@dataclass(frozen=True, slots=True)
class Hold:
    """A container that is held for some days, given as day numbers, by whom does not matter."""

    geography: str
    place: str
    container: str
    days: Interval


@dataclass(frozen=True, slots=True)
class Standing:
    """What is there already: batches, which keep their places and ids, and containers held.

    Attributes
    ----------
    batches
        Of a schedule that exists, in their own order; they go into the plan.
    holds, batch_ids
        Containers that batches elsewhere hold, and the ids of those; they do not.
    """

    batches: tuple[BatchPlan, ...] = ()
    holds: tuple[Hold, ...] = ()
    batch_ids: tuple[str, ...] = ()

    def last_indices(self, farm: Farm) -> Mapping[str, int]:
        """Return the last index by geography name, and under the empty name the last number.

        Where ids are of another form a geography's index goes on from how many batches it has.
        """
        last = {"": max((batch.number for batch in self.batches), default=0)}
        batch_ids = (*(batch.batch_id for batch in self.batches), *self.batch_ids)
        for geography in farm.geographies:
            own = [batch for batch in self.batches if batch.geography == geography.name]
            last[geography.name] = max(
                [len(own), *(_index(batch_id, geography.code) for batch_id in batch_ids)]
            )
        return last


def _index(batch_id: str, code: str) -> int:
    """Return the index that an id of a geography ends with; 0 for ids of another form."""
    match = _INDEX.fullmatch(batch_id)
    return int(match[2]) if match and match[1] == code else 0
