"""The chance of a stay's days: one stream a container, each decision in a lane of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grilse.ground.draws import NORMAL_ONE, halves, normal_table
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.world import World

__all__ = ["Chance", "chance"]

_WORDS_A_DAY = 2
_RANGE = 65536
_LANES = ("growth", "death_spread", "death_rounding", "cause", "feeding", "meals",
          "cause_rounding")  # fmt: skip
"""What a day's 16-bit words decide, in order; of its eight the last one is kept in reserve."""


@dataclass(frozen=True)
class Chance:
    """Eight 16-bit words for each container and day of a stay, shape (containers, days, 8)."""

    words: NDArray[np.uint16]

    def raw(self, lane: str) -> NDArray[np.uint16]:
        """Return a lane's words, shape (containers, days)."""
        return self.words[:, :, _LANES.index(lane)]

    def even(self, lane: str) -> NDArray[np.float64]:
        """Return a lane's draws, even in [0, 1)."""
        return self.raw(lane) / _RANGE

    def normal(self, lane: str) -> NDArray[np.float64]:
        """Return a lane's draws in standard deviations."""
        z: NDArray[np.float64] = normal_table().take(self.raw(lane)) / NORMAL_ONE
        return z


def chance(
    world: World, plan: BatchPlan, stay: Stay, paths: Sequence[tuple[str, ...]], days: int
) -> Chance:
    """Draw a stay's days, from its first one on; `paths` are the names of its containers."""
    words = [
        world.draws.days("day", (plan.batch_id, *path), stay.start_day, days, _WORDS_A_DAY)
        for path in paths
    ]
    return Chance(halves(np.stack(words)))
