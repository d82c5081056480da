"""Capacity groups, the containers of one geography built for one stage, and what they can bear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from grilse.farm.model import Farm, Geography, Place
from grilse.plan.berths import most_berths

__all__ = ["CapacityGroup", "berths", "capacity_groups", "least_spacing", "places_for"]


@dataclass(frozen=True, slots=True)
class CapacityGroup:
    """The containers that compete for one stage in one geography.

    Attributes
    ----------
    geography, stage
        Name of the geography, key of the stage.
    kind
        ``hall`` or ``area``; a group without places is a ``hall``.
    sizes
        Containers of each place, in the farm's order.
    """

    geography: str
    stage: str
    kind: str
    sizes: tuple[int, ...]

    @property
    def name(self) -> str:
        """The group in words, for example ``Scotland, adult``."""
        return f"{self.geography}, {self.stage}"

    @property
    def containers(self) -> int:
        """How many containers it has."""
        return sum(self.sizes)


def places_for(geography: Geography, stage: str) -> tuple[tuple[str, Place], ...]:
    """Return the places built for a stage, each with the name of its site, in the farm's order."""
    return tuple(
        (site.name, place)
        for site in geography.sites
        for place in site.places
        if stage in place.stages
    )


def capacity_groups(farm: Farm, stages: Iterable[str]) -> tuple[CapacityGroup, ...]:
    """Return every group of a farm: geographies in its order, stages in the order given."""
    keys = tuple(stages)
    return tuple(_group(geography, stage) for geography in farm.geographies for stage in keys)


def _group(geography: Geography, stage: str) -> CapacityGroup:
    places = [place for _, place in places_for(geography, stage)]
    kind = places[0].kind if places else "hall"
    sizes = tuple(len(place.containers) for place in places)
    return CapacityGroup(geography.name, stage, kind, sizes)


def berths(group: CapacityGroup, counts: Sequence[int]) -> int:
    """Return how many batches a group holds at once at most, where each may hold any of `counts`.

    Counts may be mixed, so the smallest decides: 20 rings hold three batches by 6 to 20 each, and
    two by 8 to 20.
    """
    return sum(most_berths(size, counts) for size in group.sizes)


def least_spacing(berths_held: int, stay_days: int) -> Fraction | None:
    """Return the least days between starts of one geography that some berths bear for ever.

    With S berths and a stay of D days a berth must be free again S starts later: ``S * x >= D``.
    None where there is no berth.
    """
    return Fraction(stay_days, berths_held) if berths_held else None
