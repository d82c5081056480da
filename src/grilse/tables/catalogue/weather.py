"""The table of areas' weather: wanted by few, so that it is written where it is asked for."""

from __future__ import annotations

from grilse.tables.columns import count, date, decimal, key, reference
from grilse.tables.schema import Table

__all__ = ["AREA_WEATHER"]

AREA_WEATHER = Table(
    name="area_weather",
    description="A day's weather and water of a sea area, from when fish first came there; written "
    "where it is asked for. What events asked for add to a batch's water is not in it.",
    owner="store",
    columns=(
        key("weather_id", "Key: area, day."),
        date("weather_date", "The day."),
        reference("area_id", "area.area_id", "The area.", narrow=True),
        decimal("air_temp_c", 5, 2, "degC", "Mean temperature of the air."),
        decimal("wind_m_s", 6, 2, "m/s", "Mean wind."),
        count("wind_from_deg", "Where it blows from.", unit="degrees"),
        decimal("precipitation_mm", 6, 2, "mm", "Rain and snow of the day."),
        count("cloud_cover_pct", "How much of the sky is covered.", unit="%"),
        decimal("wave_height_m", 5, 2, "m", "Significant height of the waves."),
        decimal("wave_period_s", 5, 2, "s", "Their period."),
        count("wave_from_deg", "Where they come from.", unit="degrees"),
        decimal("sea_temp_c", 5, 2, "degC", "Mean temperature of the water."),
        decimal("salinity", 5, 2, "g/kg", "Mean salinity of the water."),
        decimal("oxygen_pct", 5, 1, "% of saturation", "Mean oxygen of the water without fish."),
    ),
    primary_key=("weather_id",),
    sort=("weather_id",),
    event_date="weather_date",
    optional=True,
)
