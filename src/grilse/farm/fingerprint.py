"""The fingerprint of a farm: of all that a dataset can depend on, and of nothing else."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

from grilse.farm.model import Farm, Geography, Place, Site

__all__ = ["farm_fingerprint"]


def farm_fingerprint(farm: Farm) -> str:
    """Return 32 hexadecimal digits of BLAKE2b over the farm's content, in its order.

    Order counts, because ids follow from it. The farm's own name and origin do not: no row has
    them. Numbers count by their value (``10`` is ``10.0``).
    """
    content = [_geography(geography) for geography in farm.geographies]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _geography(geography: Geography) -> list[Any]:
    return [geography.name, geography.code, [_site(site) for site in geography.sites]]


def _site(site: Site) -> list[Any]:
    places = [_place(place) for place in site.places]
    return [site.name, site.kind, float(site.latitude), float(site.longitude), places]


def _place(place: Place) -> list[Any]:
    containers = [
        [each.name, each.kind, float(each.volume_m3), float(each.max_biomass_kg)]
        for each in place.containers
    ]
    store = [place.store.name, place.store.kind, float(place.store.capacity_kg)]
    return [place.name, place.kind, list(place.stages), store, containers]
