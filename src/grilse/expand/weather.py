"""Rows of areas' weather: pure functions of place and day, whoever is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from grilse.expand.grid import Columns, joined
from grilse.simulate.world import World
from grilse.site.oxygen import sea_saturation
from grilse.site.salinity import sea_salinity
from grilse.site.water import sea_temperature
from grilse.site.weather import area_weather
from grilse.tables import keys
from grilse.tables.catalogue.weather import AREA_WEATHER
from grilse.tables.schema import Table

__all__ = ["weather"]


def weather(
    world: World, areas: Iterable[tuple[int, str, str, int]]
) -> Iterator[tuple[Table, Columns]]:
    """Yield the weather of some areas up to the as-of date.

    Parameters
    ----------
    areas
        By ascending id: id, geography, name, and the day number of the first day wanted.
    """
    columns = joined(
        _rows(world, area_id, geography, name, first)
        for area_id, geography, name, first in areas
        if first < world.as_of
    )
    if columns is not None:
        yield AREA_WEATHER, columns


def _rows(world: World, area_id: int, geography: str, name: str, first: int) -> Columns:
    days = world.as_of - first
    where = (world.draws, world.parameters, geography, name, first, days)
    sky, date = area_weather(*where), first + np.arange(days)
    return {
        "weather_id": keys.weather_id(np.full(days, area_id), date),
        "weather_date": date,
        "area_id": np.full(days, area_id),
        "air_temp_c": sky.air_centi_c,
        "wind_m_s": sky.wind_cm_s,
        "wind_from_deg": sky.wind_from_deg,
        "precipitation_mm": sky.rain_centi_mm,
        "cloud_cover_pct": sky.cloud_pct,
        "wave_height_m": sky.wave_cm,
        "wave_period_s": sky.wave_period_centi_s,
        "wave_from_deg": sky.wave_from_deg,
        "sea_temp_c": sea_temperature(*where),
        "salinity": sea_salinity(*where),
        "oxygen_pct": sea_saturation(*where),
    }
