"""The farm: geographies, stations with halls, sea areas, and the containers in them.

A farm is immutable. Its integer ids follow from the order in which it names things, from 1, and a
container is known by its place and name: names need only be unique within a hall or an area.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

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


ContainerPath = tuple[str, str, str]
"""Of a container: ``(geography, place, container name)``."""


class _ContainersByPath(Mapping[ContainerPath, ContainerRef]):
    """Containers by path, each made when it is asked for: a large farm has a million of them."""

    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self._first: dict[tuple[str, str], ContainerRef] = {}
        self._slots: dict[tuple[str, str], Mapping[str, int]] = {}
        self._length = 0
        for first, containers in farm.shelves():
            self._first[first.path[0], first.path[2]] = first
            self._length += len(containers)

    def _slot(self, path: ContainerPath) -> int | None:
        """Return which of its place's containers one is; a place's names are kept once asked."""
        place = path[0], path[1]
        slots = self._slots.get(place)
        if slots is None:
            if place not in self._first:
                return None
            _, held = self._farm.places[place]
            slots = {each.name: slot for slot, each in enumerate(held.containers)}
            self._slots[place] = slots
        return slots.get(path[2])

    def __getitem__(self, path: ContainerPath) -> ContainerRef:
        slot = self._slot(path)
        if slot is None:
            raise KeyError(path)
        place = path[0], path[1]
        return _beside(self._first[place], self._farm.places[place][1].containers[slot], slot)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, tuple) and len(path) == 3 and self._slot(path) is not None

    def __iter__(self) -> Iterator[ContainerPath]:
        return ((ref.path[0], ref.path[2], ref.path[3]) for ref in self._farm.containers())

    def __len__(self) -> int:
        return self._length


def _beside(first: ContainerRef, container: Container, slot: int) -> ContainerRef:
    """Return the container that stands so many after the first of its place."""
    path = (*first.path[:3], container.name)
    return ContainerRef(
        first.container_id + slot, first.place_id, first.site_id, first.geography_id,
        container, path,
    )  # fmt: skip


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
    def by_path(self) -> Mapping[ContainerPath, ContainerRef]:
        """Containers by ``(geography, place, container name)``."""
        return _ContainersByPath(self)

    @cached_property
    def place_ids(self) -> Mapping[tuple[str, str], int]:
        """Ids of halls and areas by ``(geography, place name)``."""
        return {path: place_id for place_id, path in enumerate(self.places, start=1)}

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
        for first, containers in self.shelves():
            yield from (_beside(first, each, slot) for slot, each in enumerate(containers))

    def shelves(self) -> Iterator[tuple[ContainerRef, tuple[Container, ...]]]:
        """Yield the containers of each place that has any, with all that is known of the first."""
        container_id, place_id, site_id = 1, 0, 0
        for geography_id, geography in enumerate(self.geographies, start=1):
            for site in geography.sites:
                site_id += 1
                for place in site.places:
                    place_id += 1
                    if place.containers:
                        first = place.containers[0]
                        path = (geography.name, site.name, place.name, first.name)
                        ids = (container_id, place_id, site_id, geography_id)
                        yield ContainerRef(*ids, first, path), place.containers
                    container_id += len(place.containers)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process site by site, without what is made of it when asked for.

        Pickling remembers all that it has met: for a large farm as a whole that is three times
        the farm.
        """
        sites = [
            (each.name, each.code, [pickle.dumps(site) for site in each.sites])
            for each in self.geographies
        ]
        return _arrived, (self.name, sites, self.origin)


def _arrived(name: str, sites: list[tuple[str, str, list[bytes]]], origin: str) -> Farm:
    geographies = (
        Geography(of, code, tuple(map(pickle.loads, packed))) for of, code, packed in sites
    )
    return Farm(name, tuple(geographies), origin)
