"""The farm: geographies, stations with halls, sea areas, and the containers in them.

A farm is immutable. Its integer ids follow from the order in which it names things, from 1, and a
container is known by its place and name: names need only be unique within a hall or an area.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

__all__ = [
    "SENSORS_A_CONTAINER",
    "Container",
    "ContainerRef",
    "Farm",
    "Geography",
    "Place",
    "Site",
    "Store",
]

SENSORS_A_CONTAINER = 16
"""Stride of sensor ids: a sensor's id is container id x 16 + its parameter's id."""


@dataclass(frozen=True, slots=True)
class Container:
    """A tray, tank or ring: what a batch is put into, and what it holds."""

    name: str
    kind: Literal["tray", "tank", "ring"]
    volume_m3: float
    max_biomass_kg: float


@dataclass(frozen=True, slots=True)
class Store:
    """A feed store: the silo of a hall or the barge of an area."""

    name: str
    kind: Literal["silo", "barge"]
    capacity_kg: float


@dataclass(frozen=True, slots=True)
class Place:
    """A hall of a station, or a sea area: containers that share water and a feed store.

    Attributes
    ----------
    name
        Unique within its geography.
    kind
        ``hall`` or ``area``.
    stages
        Keys of the stages that it is built for, in the order of life.
    containers
        In the farm's own order.
    store
        The feed store that serves all its containers.
    """

    name: str
    kind: Literal["hall", "area"]
    stages: tuple[str, ...]
    containers: tuple[Container, ...]
    store: Store


@dataclass(frozen=True, slots=True)
class Site:
    """A fresh-water station with its halls, or a sea area as a site of one place.

    Attributes
    ----------
    name
        The station's name; for a sea area the area's.
    kind
        ``station`` or ``area``.
    places
        The station's halls, or the one area itself.
    latitude, longitude
        In degrees north and east.
    """

    name: str
    kind: Literal["station", "area"]
    places: tuple[Place, ...]
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Geography:
    """A region whose batches never leave it; `code` begins the ids of its batches."""

    name: str
    code: str
    sites: tuple[Site, ...]

    @property
    def stations(self) -> tuple[Site, ...]:
        """The fresh-water stations, in order."""
        return tuple(site for site in self.sites if site.kind == "station")

    @property
    def areas(self) -> tuple[Site, ...]:
        """The sea areas, in order."""
        return tuple(site for site in self.sites if site.kind == "area")


@dataclass(frozen=True, slots=True)
class ContainerRef:
    """A container with all that is known of where it stands.

    Attributes
    ----------
    container_id, place_id, site_id, geography_id
        Ids by the order of the farm, from 1; halls and areas are numbered together as places,
        stations and areas together as sites.
    path
        ``(geography, site, place, name)``: the name by which draws are keyed.
    """

    container_id: int
    place_id: int
    site_id: int
    geography_id: int
    container: Container
    path: tuple[str, str, str, str]


@dataclass(frozen=True)
class Farm:
    """All that a company has, in a fixed order.

    Attributes
    ----------
    name
        Name of the farm, for people.
    geographies
        In order.
    origin
        Where it was read from: ``built-in:reference``, a file's name, ``schedule``.
    """

    name: str
    geographies: tuple[Geography, ...]
    origin: str = "built-in:reference"

    @cached_property
    def by_path(self) -> Mapping[tuple[str, str, str], ContainerRef]:
        """Containers by ``(geography, place, container name)``."""
        return {(ref.path[0], ref.path[2], ref.path[3]): ref for ref in self.containers()}

    @cached_property
    def places(self) -> Mapping[tuple[str, str], tuple[Site, Place]]:
        """Halls and areas by ``(geography, place name)``, each with its site."""
        return {
            (geography.name, place.name): (site, place)
            for geography in self.geographies
            for site in geography.sites
            for place in site.places
        }

    @cached_property
    def geography_by_name(self) -> Mapping[str, Geography]:
        """Geographies by name."""
        return {geography.name: geography for geography in self.geographies}

    def containers(self) -> Iterator[ContainerRef]:
        """Yield every container with its ids and path, in the farm's order."""
        container_id = place_id = site_id = 0
        for geography_id, geography in enumerate(self.geographies, start=1):
            for site in geography.sites:
                site_id += 1
                for place in site.places:
                    place_id += 1
                    for container in place.containers:
                        container_id += 1
                        path = (geography.name, site.name, place.name, container.name)
                        yield ContainerRef(
                            container_id, place_id, site_id, geography_id, container, path
                        )
