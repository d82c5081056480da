"""Rows of the reference tables: the farm itself, and the words that other tables use."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

from grilse.biology.parameters import Stage
from grilse.biology.ration import pellets
from grilse.expand.grid import Columns, from_rows
from grilse.expand.stores import stores
from grilse.farm.model import Farm, Place, Site
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue import reference as tables
from grilse.tables.catalogue.reference import PARAMETERS
from grilse.tables.schema import Table

__all__ = ["references"]

_MICRODEGREES = 1_000_000

_ROWS_A_SLICE = 1 << 14


def references(world: World, wanted: Collection[str]) -> Iterator[tuple[Table, Columns]]:
    """Yield the rows of reference tables; they depend on farm and parameters alone.

    Those of containers and of sensors, a million for a large farm, are made only where wanted.
    """
    farm = world.farm
    yield tables.GEOGRAPHY, _geographies(farm)
    for table, rows in _sites(farm).items():
        if rows:
            yield table, from_rows(rows)
    for table, each in ((tables.CONTAINER, _containers(farm)), (tables.SENSOR, _sensors(world))):
        if table.name in wanted:
            yield from _slices(table, each)
    yield tables.STAGE, from_rows([_stage(stage) for stage in world.stages.values()])
    yield tables.FEED, _feeds(world)
    yield from stores(world)


def _slices(table: Table, rows: Iterator[dict[str, Any]]) -> Iterator[tuple[Table, Columns]]:
    """Yield rows some thousand at a time: those of a large farm as a whole are hundreds of MB."""
    while held := list(islice(rows, _ROWS_A_SLICE)):
        yield table, from_rows(held)


def _geographies(farm: Farm) -> Columns:
    return from_rows(
        [
            {"geography_id": i, "name": geography.name, "code": geography.code}
            for i, geography in enumerate(farm.geographies, start=1)
        ]
    )


def _sites(farm: Farm) -> dict[Table, list[dict[str, Any]]]:
    """Return the rows of stations, halls and areas, numbered as containers know them."""
    rows: dict[Table, list[dict[str, Any]]] = {
        tables.STATION: [], tables.HALL: [], tables.AREA: []
    }  # fmt: skip
    site_id = place_id = 0
    for geography_id, geography in enumerate(farm.geographies, start=1):
        for site in geography.sites:
            site_id += 1
            for place in site.places:
                place_id += 1
                if place.kind == "area":
                    rows[tables.AREA].append({"area_id": place_id, **_spot(site, geography_id)})
                else:
                    rows[tables.HALL].append(
                        {"hall_id": place_id, "station_id": site_id, "name": place.name}
                    )
            if site.kind == "station":
                rows[tables.STATION].append({"station_id": site_id, **_spot(site, geography_id)})
    return rows


def _spot(site: Site, geography_id: int) -> dict[str, Any]:
    return {
        "geography_id": geography_id,
        "name": site.name,
        "latitude": round(site.latitude * _MICRODEGREES),
        "longitude": round(site.longitude * _MICRODEGREES),
    }


def _containers(farm: Farm) -> Iterator[dict[str, Any]]:
    for ref in farm.containers():
        at_sea = farm.places[ref.path[0], ref.path[2]][1].kind == "area"
        yield {
            "container_id": ref.container_id,
            "hall_id": None if at_sea else ref.place_id,
            "area_id": ref.place_id if at_sea else None,
            "name": ref.container.name,
            "kind": tables.CONTAINER_KINDS.index(ref.container.kind),
            "volume_m3": round(ref.container.volume_m3 * 100),
            "max_biomass_kg": round(ref.container.max_biomass_kg * 100),
        }


def _sensors(world: World) -> Iterator[dict[str, Any]]:
    units = {name: world.parameters.text(f"quality.{name}.unit") for name in PARAMETERS}
    for ref in world.farm.containers():
        _, place = world.farm.places[ref.path[0], ref.path[2]]
        for name in _measured(world, place):
            parameter = PARAMETERS.index(name)
            yield {
                "sensor_id": keys.sensor_id(ref.container_id, parameter + 1),
                "container_id": ref.container_id,
                "name": f"{ref.container.name}-{name}",
                "parameter": parameter,
                "unit": units[name],
            }


def _measured(world: World, place: Place) -> list[str]:
    """Name the parameters measured in a place, in the order of their ids."""
    names = {name for key in place.stages for name in world.stages[key].sensors}
    return [name for name in PARAMETERS if name in names]


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "stage_id": stage.order,
        "name": stage.name,
        "code": stage.key,
        "stage_order": stage.order,
        "environment": tables.ENVIRONMENTS.index(stage.environment),
    }


def _feeds(world: World) -> Columns:
    return from_rows(
        [
            {
                "feed_id": i,
                "name": f"{pellet.pellet_mm:g} mm",
                "pellet_mm": round(pellet.pellet_mm * 100),
                "from_weight_g": round(pellet.from_weight_g * 1000),
            }
            for i, pellet in enumerate(pellets(world.parameters), start=1)
        ]
    )
