"""For how long the stages of a life are reserved: by days, or until the fish weigh enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from typing import Protocol

from grilse.biology.growth import (
    Stretch,
    cube_root_g,
    days_to_weight,
    egg_weight_g,
    expected_cube_root,
    stage_growth,
)
from grilse.ground.days import date_of, day_of
from grilse.ground.parameters import Parameters
from grilse.plan.question import StageOfLife
from grilse.site.water import mean_temperature
from grilse.tables.keys import MAX_DAYS

__all__ = ["ByDays", "ByWeight", "PlannedStage", "Reservation", "with_days"]

_NEW_YEAR = day_of(date(2001, 1, 1))
_DAYS_A_YEAR = 365
_GRAMS_A_KG = 1000
_STEP_DAYS = 5
"""Lives that start within the same days of the year are reckoned once: the longest counts."""


class Reservation(Protocol):
    """How long the stages of a life are reserved."""

    def life(self, geography: str, start: int) -> Sequence[StageOfLife]:
        """Return the stages of a batch that starts on a day, with their days."""

    def longest(self, geography: str) -> Sequence[StageOfLife]:
        """Return the stages with the most days that any batch of a geography reserves."""


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """A stage with the days for which a plan reserves it."""

    key: str
    default_days: int


def with_days(stages: Sequence[StageOfLife], days: Mapping[str, int]) -> tuple[StageOfLife, ...]:
    """Return stages with the days of some of them changed, by key."""
    return tuple(
        PlannedStage(stage.key, days[stage.key]) if stage.key in days else stage for stage in stages
    )


@dataclass(frozen=True)
class ByDays:
    """Every batch reserves the same days: the classic way."""

    stages: Sequence[StageOfLife]

    def life(self, geography: str, start: int) -> Sequence[StageOfLife]:
        """Return the stages, whatever the batch."""
        return self.stages

    def longest(self, geography: str) -> Sequence[StageOfLife]:
        """Return the stages."""
        return self.stages


@dataclass(frozen=True)
class ByWeight:
    """The last stage is reserved until the heaviest target is reached and harvested.

    The day is found by the growth kernel in the mean temperatures of the geography, from the day of
    the year on which the batch starts; the days of harvest and a margin are added.

    Attributes
    ----------
    parameters
        Growth, temperatures, what is harvested a day, margin.
    stages
        With the days of those before the last.
    heaviest_g
        Heaviest target in grams, by the geography's name.
    most_eggs
        Eggs of the largest batch.
    """

    parameters: Parameters
    stages: Sequence[StageOfLife]
    heaviest_g: Mapping[str, int]
    most_eggs: int
    _known: dict[tuple[str, int], Sequence[StageOfLife]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def life(self, geography: str, start: int) -> Sequence[StageOfLife]:
        """Return the stages of a batch, the last as long as its season asks for."""
        part = (date_of(start).timetuple().tm_yday - 1) // _STEP_DAYS
        if (geography, part) not in self._known:
            first = _NEW_YEAR + part * _STEP_DAYS
            days = max(self._days(geography, first), self._days(geography, first + _STEP_DAYS))
            last = self.stages[-1].key
            self._known[geography, part] = with_days(self.stages, {last: days})
        return self._known[geography, part]

    def longest(self, geography: str) -> Sequence[StageOfLife]:
        """Return the stages of the batch that takes longest, of all that start in a year."""
        year = range(_NEW_YEAR, _NEW_YEAR + _DAYS_A_YEAR + 1, _STEP_DAYS)
        lives = (self.life(geography, start) for start in year)
        return max(lives, key=lambda life: life[-1].default_days)

    def _after_target(self, geography: str) -> int:
        """Return the days of harvest of the largest batch, and the margin."""
        fish = self.most_eggs * self.parameters.number("planning.smolts_an_egg")
        kilos = fish * self.heaviest_g[geography] / _GRAMS_A_KG
        days = kilos / self.parameters.number("harvest.capacity_kg_per_day")
        return ceil(days + self.parameters.number("planning.reserve_margin_days"))

    def _days(self, geography: str, start: int) -> int:
        """Return the days of the last stage for a batch that starts on a day."""
        *before, last = self.stages
        stretches, day = [], start
        for stage in before:
            stretches.append(self._stretch(geography, stage.key, day, stage.default_days))
            day += stage.default_days
        egg = float(cube_root_g(egg_weight_g(self.parameters)))
        entered = float(expected_cube_root(stretches, egg)[-1]) if stretches else egg
        left = MAX_DAYS - (day - start)
        sea = self._stretch(geography, last.key, day, left)
        reached = days_to_weight([sea], entered, self.heaviest_g[geography])
        return min(left, (left if reached is None else reached + 1) + self._after_target(geography))

    def _stretch(self, geography: str, stage: str, first: int, days: int) -> Stretch:
        growth = stage_growth(self.parameters, stage, geography)
        return growth, mean_temperature(self.parameters, geography, stage, first, days)
