"""What a batch lives in: farm, parameters, seed and as-of date, with what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from grilse.biology.growth import StageGrowth, stage_growth
from grilse.biology.parameters import Stage, stages
from grilse.farm.model import Farm
from grilse.ground.draws import Draws
from grilse.ground.parameters import Parameters
from grilse.site.outbreak import Neighbour, coast_around

__all__ = ["World"]


@dataclass(frozen=True)
class World:
    """All that a batch's rows depend on beside its own schedule entry.

    Attributes
    ----------
    farm
        What exists.
    parameters
        The biology and the customs of the farm.
    seed
        Of every draw.
    as_of
        Day number before which rows are written.
    """

    farm: Farm
    parameters: Parameters
    seed: int
    as_of: int

    @cached_property
    def draws(self) -> Draws:
        """The keyed source of random words."""
        return Draws(self.seed)

    @cached_property
    def stages(self) -> Mapping[str, Stage]:
        """Stages by key, in the order of life."""
        return {stage.key: stage for stage in stages(self.parameters)}

    @cached_property
    def _growth(self) -> dict[tuple[str, str], StageGrowth]:
        return {}

    def growth(self, stage: str, geography: str) -> StageGrowth:
        """Return the growth of a stage in a geography."""
        key = (stage, geography)
        if key not in self._growth:
            self._growth[key] = stage_growth(self.parameters, stage, geography)
        return self._growth[key]

    @cached_property
    def _coasts(self) -> dict[tuple[str, str], tuple[Neighbour, ...]]:
        return {}

    def coast(self, geography: str, area: str) -> tuple[Neighbour, ...]:
        """Return the areas along the coast around one."""
        key = (geography, area)
        if key not in self._coasts:
            self._coasts[key] = coast_around(self.farm.geography_by_name[geography], area)
        return self._coasts[key]
