"""Reference tables: what the farm has, and the words that other tables use."""

from __future__ import annotations

from grilse.tables.columns import category, count, decimal, reference, text
from grilse.tables.schema import Column, Table

__all__ = [
    "AREA",
    "CONTAINER",
    "CONTAINER_KINDS",
    "ENVIRONMENTS",
    "FEED",
    "GEOGRAPHY",
    "HALL",
    "PARAMETERS",
    "SENSOR",
    "STAGE",
    "STATION",
]

PARAMETERS = ("temperature", "oxygen", "ph", "co2", "nitrite", "nitrate", "ammonia")
"""What sensors measure; a parameter's id is its place here, from 1."""

CONTAINER_KINDS = ("tray", "tank", "ring")
ENVIRONMENTS = ("fresh water", "sea water")


def _narrow_key(name: str, description: str) -> Column:
    return Column(name, "int32", description)


GEOGRAPHY = Table(
    name="geography",
    description="A region whose batches never leave it.",
    owner="farm",
    columns=(
        _narrow_key("geography_id", "Key, by the order of the farm."),
        text("name", "Its name."),
        text("code", "Begins the ids of its batches."),
    ),
    primary_key=("geography_id",),
    sort=("geography_id",),
)

STATION = Table(
    name="station",
    description="A fresh-water station.",
    owner="farm",
    columns=(
        _narrow_key("station_id", "Key, by the order of the farm; shared with areas."),
        reference("geography_id", "geography.geography_id", "Where it is.", narrow=True),
        text("name", "Its name."),
        decimal("latitude", 9, 6, "degrees north", "Latitude."),
        decimal("longitude", 9, 6, "degrees east", "Longitude."),
    ),
    primary_key=("station_id",),
    sort=("station_id",),
)

HALL = Table(
    name="hall",
    description="A hall of a fresh-water station, built for a stage.",
    owner="farm",
    columns=(
        _narrow_key("hall_id", "Key, by the order of the farm; shared with areas."),
        reference("station_id", "station.station_id", "Its station.", narrow=True),
        text("name", "Its name."),
    ),
    primary_key=("hall_id",),
    sort=("hall_id",),
)

AREA = Table(
    name="area",
    description="A sea area with its rings.",
    owner="farm",
    columns=(
        _narrow_key("area_id", "Key, by the order of the farm; shared with halls."),
        reference("geography_id", "geography.geography_id", "Where it is.", narrow=True),
        text("name", "Its name."),
        decimal("latitude", 9, 6, "degrees north", "Latitude."),
        decimal("longitude", 9, 6, "degrees east", "Longitude."),
    ),
    primary_key=("area_id",),
    sort=("area_id",),
)

CONTAINER = Table(
    name="container",
    description="A tray or tank in a hall, or a ring in an area.",
    owner="farm",
    columns=(
        _narrow_key("container_id", "Key, by the order of the farm."),
        reference("hall_id", "hall.hall_id", "Its hall, on land.", nullable=True, narrow=True),
        reference("area_id", "area.area_id", "Its area, at sea.", nullable=True, narrow=True),
        text("name", "Its name, unique within its hall or area."),
        category("kind", CONTAINER_KINDS, "Tray, tank or ring."),
        decimal("volume_m3", 12, 2, "m3", "Volume of water."),
        decimal("max_biomass_kg", 14, 2, "kg", "Most biomass it is built for."),
    ),
    primary_key=("container_id",),
    sort=("container_id",),
)

SENSOR = Table(
    name="sensor",
    description="A sensor of a container: one a parameter.",
    owner="farm",
    columns=(
        _narrow_key("sensor_id", "Key: container x 16 + parameter."),
        reference("container_id", "container.container_id", "Where it hangs.", narrow=True),
        text("name", "Its name."),
        category("parameter", PARAMETERS, "What it measures."),
        text("unit", "The unit it reports in."),
    ),
    primary_key=("sensor_id",),
    sort=("sensor_id",),
)

STAGE = Table(
    name="stage",
    description="A stage of life.",
    owner="farm",
    columns=(
        _narrow_key("stage_id", "Key, by the order of life."),
        text("name", "Its name."),
        text("code", "Its key in a schedule."),
        count("stage_order", "Its place in life, from 1.", unit="stage"),
        category("environment", ENVIRONMENTS, "The water it is spent in."),
    ),
    primary_key=("stage_id",),
    sort=("stage_id",),
)

FEED = Table(
    name="feed",
    description="A feed, by the size of its pellet.",
    owner="farm",
    columns=(
        _narrow_key("feed_id", "Key, by pellet size."),
        text("name", "Its name."),
        decimal("pellet_mm", 5, 2, "mm", "Diameter of the pellet."),
        decimal("from_weight_g", 9, 3, "g", "Least weight of the fish it is for."),
    ),
    primary_key=("feed_id",),
    sort=("feed_id",),
)
