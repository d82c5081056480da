"""What a planner is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

from grilse.plan.capacity import CapacityGroup
from grilse.plan.customs import SeaRules
from grilse.plan.saturation import Saturation
from grilse.schedule.model import Schedule

__all__ = [
    "DEFAULT_BATCHES_PER_GEOGRAPHY",
    "DEFAULT_RING_COUNTS",
    "DEFAULT_SEED",
    "DEFAULT_STAGGER_DAYS",
    "OTHER_HARVEST_TARGET_G",
    "YOUNGEST_DAYS",
    "Bottleneck",
    "PlanAnswer",
    "PlanQuestion",
    "StageOfLife",
    "exact_stagger",
]

DEFAULT_BATCHES_PER_GEOGRAPHY = 10
DEFAULT_STAGGER_DAYS = 30
DEFAULT_SEED = 1

YOUNGEST_DAYS = 50
"""Age at `as_of`, in days, of the youngest batch of a plan that names no start."""

OTHER_HARVEST_TARGET_G = (4500, 6500)
"""The range of harvest targets for a geography for which the question names none."""

DEFAULT_RING_COUNTS = tuple(range(6, 21))
"""Rings that a batch may hold: 6 to 20, the fewest first."""


class StageOfLife(Protocol):
    """What a planner needs to know of a stage: its key, and for how many days it is reserved."""

    @property
    def key(self) -> str:
        """Key of the stage, as farm and schedule name it."""

    @property
    def default_days(self) -> int:
        """Days that a batch reserves for it."""


def exact_stagger(days: float | int | str | Fraction) -> Fraction:
    """Return a stagger as the exact decimal fraction that was written: 4.35 is 87/20.

    Binary fractions would let a start slip by a day: 20 x 4.35 is 87, not 86.99...
    """
    return days if isinstance(days, Fraction) else Fraction(str(days))


@dataclass(frozen=True, slots=True)
class PlanQuestion:
    """What shall be planned.

    Attributes
    ----------
    as_of
        Day number up to which the batches have lived; it decides `duration` and, where no start is
        given, the start. It never changes who holds what.
    batches_per_geography
        How many batches start in each geography.
    stagger_days
        Days between consecutive starts of the interleaved sequence (Faroe, Scotland, Faroe ...), so
        that a geography of two starts every second stagger. It need not be whole: start k is on day
        ``start + floor(k * stagger)``.
    start
        Day number of the first start; None for the day that leaves the youngest batch
        `YOUNGEST_DAYS` old at `as_of`.
    seed
        Seed of the dataset, and of the harvest targets.
    containers_a_stage
        Containers of one hall that a batch holds in a stage on land.
    ring_counts
        Rings of one area that a batch may hold at sea. Ascending, the areas are cut as for the
        fullest plan that the halls bear, so that a batch holds few rings however wide the stagger;
        descending, as for this plan's own stagger, so that no ring is idle.
    harvest_targets_g
        Lowest and highest harvest target in grams, by the geography's name.
    policy
        Name of the policy: ``saturation``, ``biosecure`` or ``ladder``.
    interleave
        Whether the geographies start in turn; otherwise each starts every `stagger_days` by itself,
        all of them on the first day.
    own_staggers
        Days between the starts of one geography, by its name, where each has its own pace; it
        stands in place of `stagger_days`, for a plan that is not interleaved.
    geographies
        Names of those that are planned; all where there are none.
    ladder_days
        Days of life at which batches stand on `as_of`, for the policy ``ladder``.
    sea_rules
        Limits at sea by the geography's name, for the policy ``biosecure``.
    batches_an_area
        How many batches share an area and a generation, for the policy ``biosecure``.
    eggs
        Eggs of every batch; None for those of the policy.
    reserve
        ``days``: a stage is reserved for its days. ``weight``: the sea, until the heaviest target
        is reached and harvested.
    stage_days
        Days of the stages that are reserved for other than the parameters' own, by key.
    fallow_days
        Days for which rings lie empty before they are stocked again; None for those of the policy.
    onto
        Name of the schedule that the plan goes on from.
    hoped_saturation, hoped_years
        What was asked for, where the stagger or the number was found from it: they are told beside
        what came of them, and decide nothing.
    """

    as_of: int
    batches_per_geography: int = DEFAULT_BATCHES_PER_GEOGRAPHY
    stagger_days: Fraction = Fraction(DEFAULT_STAGGER_DAYS)
    start: int | None = None
    seed: int = DEFAULT_SEED
    containers_a_stage: int = 10
    ring_counts: tuple[int, ...] = DEFAULT_RING_COUNTS
    harvest_targets_g: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    policy: str = "saturation"
    interleave: bool = True
    own_staggers: Mapping[str, Fraction] = field(default_factory=dict)
    geographies: tuple[str, ...] = ()
    ladder_days: tuple[int, ...] = ()
    sea_rules: Mapping[str, SeaRules] = field(default_factory=dict)
    batches_an_area: int = 1
    eggs: int | None = None
    reserve: str = "days"
    stage_days: Mapping[str, int] = field(default_factory=dict)
    fallow_days: int | None = None
    onto: str | None = None
    hoped_saturation: Fraction | None = None
    hoped_years: Fraction | None = None

    def turns(self, geographies: int) -> int:
        """Return how many starts of the sequence a geography sees pass between two of its own."""
        return geographies if self.interleave else 1

    def rest_days(self, geography: str) -> int:
        """Return the days for which rings, or an area, lie empty after a batch."""
        if self.fallow_days is not None:
            return self.fallow_days
        rules = self.sea_rules.get(geography) if self.policy == "biosecure" else None
        return rules.fallow_days if rules else 0

    def spacing_days(self, geography: str, geographies: int) -> Fraction:
        """Return the days between two starts of one geography."""
        return self.own_staggers.get(geography, self.stagger_days * self.turns(geographies))


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """The capacity group that bounds how close together batches can start.

    Attributes
    ----------
    group
        The group.
    least_stagger_days
        The shortest stagger that it, and so the farm, bears for ever.
    """

    group: CapacityGroup
    least_stagger_days: Fraction


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """A plan in which no container is held twice on a day.

    Attributes
    ----------
    question
        What was asked.
    schedule
        The batches in interleaved order, and the metadata that goes into the file.
    saturation
        How full the plan leaves the farm.
    bottleneck
        The capacity group that bounds the stagger; None where no group holds a batch.
    conflicts
        Containers held twice: 0, since the finished plan is checked by the rules of every schedule
        and one that breaks any is refused. It stands here to be printed.
    """

    question: PlanQuestion
    schedule: Schedule
    saturation: Saturation
    bottleneck: Bottleneck | None
    conflicts: int = 0
    told: tuple[str, ...] = ()

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the schedule says of itself."""
        return self.schedule.metadata
