"""What a batch's scenario expects of each day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from grilse.analysis.arrays import NONE, Floats, Ints
from grilse.analysis.observations import Observations

__all__ = ["Outlined", "outlined"]


@dataclass(frozen=True)
class Outlined:
    """A batch's scenarios, day by day from `first` on, shape (days,).

    Attributes
    ----------
    first
        Day number.
    scenario
        Which one tells the day, `NONE` where none does.
    weight_g, fish, stage
        Mean weight, fish and stage that it expects.
    pinned, harvest_day
        The scenario that the batch pins and the day that it expects the harvest; `NONE` for none.
    """

    first: int
    scenario: Ints
    weight_g: Floats
    fish: Floats
    stage: Ints
    pinned: int
    harvest_day: int

    def at(self, day: Ints) -> tuple[Ints, np.ndarray]:
        """Return the place of each day number, and whether a scenario tells it."""
        place = day - self.first
        inside = (place >= 0) & (place < len(self.scenario))
        place = np.where(inside, place, 0)
        if not len(self.scenario):
            return place, inside
        return place, inside & (self.scenario[place] != NONE)


def outlined(seen: Observations) -> Outlined:
    """Lay a batch's scenarios over each other: of a day the pinned one tells, else the latest."""
    told, days = seen["scenario"], seen["scenario_projection"]
    pinned = told["scenario_id"][told["is_pinned"] == 1]
    chosen = int(pinned[-1]) if len(pinned) else NONE
    harvest = told["harvest_date"][told["scenario_id"] == chosen]
    first = int(days["projection_date"].min()) if len(days["projection_date"]) else seen.birth
    size = int(days["projection_date"].max()) - first + 1 if len(days["projection_date"]) else 0
    scenario = np.full(size, NONE)
    weight, fish, stage = np.zeros(size), np.zeros(size), np.zeros(size, np.int64)
    rank = np.where(days["scenario_id"] == chosen, 1, 0)
    for row in (np.lexsort((days["scenario_id"], rank)),):
        at = days["projection_date"][row] - first
        scenario[at] = days["scenario_id"][row]
        weight[at] = days["avg_weight_g"][row] / 1000.0
        fish[at] = days["population_count"][row]
        stage[at] = days["stage_id"][row]
    return Outlined(
        first, scenario, weight, fish, stage, chosen, int(harvest[-1]) if len(harvest) else NONE
    )
