"""Rows of the feed stores themselves and of who delivers to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grilse.expand.grid import Columns, from_rows
from grilse.farm.model import Farm
from grilse.simulate.world import World
from grilse.tables.catalogue import feed as tables
from grilse.tables.schema import Table

__all__ = ["stores"]


def stores(world: World) -> Iterator[tuple[Table, Columns]]:
    """Yield the rows of suppliers and feed stores; they depend on farm and parameters alone."""
    names = world.parameters.table("feed.suppliers")["name"]
    yield (
        tables.SUPPLIER,
        from_rows([{"supplier_id": i, "name": str(name)} for i, name in enumerate(names, 1)]),
    )
    rows = list(_stores(world.farm))
    if rows:
        yield tables.FEED_STORE, from_rows(rows)


def _stores(farm: Farm) -> Iterator[dict[str, Any]]:
    places = (
        place for geography in farm.geographies for site in geography.sites for place in site.places
    )
    for place_id, place in enumerate(places, start=1):
        yield {
            "store_id": place_id,
            "hall_id": place_id if place.kind == "hall" else None,
            "area_id": place_id if place.kind == "area" else None,
            "name": place.store.name,
            "kind": tables.STORE_KINDS.index(place.store.kind),
            "capacity_kg": round(place.store.capacity_kg * 100),
        }
