"""What a farm can hold: containers, volume, biomass and feed, by geography and stage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grilse.farm.model import Farm, Geography, Place

__all__ = ["StageCapacity", "capacity"]


@dataclass(frozen=True, slots=True)
class StageCapacity:
    """What a geography has for one stage of life; a hall built for two stages counts in both.

    Attributes
    ----------
    geography, stage
        The geography's name and the stage's key.
    places
        Halls or areas.
    containers
        Trays, tanks or rings.
    volume_m3, max_biomass_kg
        Of all of them together.
    store_kg
        What their feed stores hold.
    """

    geography: str
    stage: str
    places: int
    containers: int
    volume_m3: float
    max_biomass_kg: float
    store_kg: float


def capacity(farm: Farm) -> tuple[StageCapacity, ...]:
    """Return a farm's capacity by geography, then stage, in the order in which it names them."""
    return tuple(each for geography in farm.geographies for each in _of_geography(geography))


def _of_geography(geography: Geography) -> Iterator[StageCapacity]:
    by_stage: dict[str, list[Place]] = {}
    for site in geography.sites:
        for place in site.places:
            for stage in place.stages:
                by_stage.setdefault(stage, []).append(place)
    for stage, places in by_stage.items():
        yield _of_stage(geography.name, stage, places)


def _of_stage(geography: str, stage: str, places: list[Place]) -> StageCapacity:
    containers = [container for place in places for container in place.containers]
    return StageCapacity(
        geography,
        stage,
        places=len(places),
        containers=len(containers),
        volume_m3=sum(each.volume_m3 for each in containers),
        max_biomass_kg=sum(each.max_biomass_kg for each in containers),
        store_kg=sum(place.store.capacity_kg for place in places),
    )
