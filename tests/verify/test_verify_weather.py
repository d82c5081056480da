"""For every check of weather a planted fault: it is found and named, and by which others."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow.compute as pc
import pytest
from grilse_planting import Case, Faults, Planted, failed, finds, more

pytestmark = pytest.mark.slow

field = pc.field
DAY = timedelta(days=1)
TABLE, NTH = "area_weather", 30
GROUPS = ("weather", "time", "keys")

faults = Faults()


@faults.fault("weather.days")
def a_day_lost(forged: Any) -> Planted:
    return TABLE, None, forged.drop(TABLE, nth=NTH)["area_id"] * 65536


@faults.fault("weather.days", "keys.primary")
def a_day_twice(forged: Any) -> Planted:
    return TABLE, None, forged.repeat(TABLE, nth=NTH)["area_id"] * 65536


@faults.fault("weather.days", "weather.keys", "time.as_of")
def told_up_to_today(forged: Any) -> Planted:
    segment, _, _ = forged.find(TABLE)
    last = pc.max(forged.rows(TABLE, segment)["weather_date"])
    row = forged.change(
        TABLE, field("weather_date") == last, weather_date=more("weather_date", DAY)
    )  # fmt: skip
    return TABLE, None, row["area_id"] * 65536


@faults.fault("weather.keys", "weather.days", "weather.water")
def of_another_day(forged: Any) -> Planted:
    row = forged.change(TABLE, nth=NTH, weather_date=more("weather_date", DAY))
    return TABLE, None, row["weather_id"]


@faults.fault("weather.ranges")
def colder_than_any(forged: Any) -> Planted:
    return TABLE, None, forged.change(TABLE, nth=NTH, air_temp_c=Decimal(-60))["weather_id"]


@faults.each()
def test_a_planted_fault_is_found_and_named(case: Case, forged: Any) -> None:
    finds(case, forged, GROUPS)


def test_water_warmer_than_the_fish_had_is_found(forged: Any) -> None:
    forged.change(TABLE, nth=NTH, sea_temp_c=more("sea_temp_c", Decimal("0.01")))
    found = failed(forged, *GROUPS)
    assert set(found) == {"weather.water"}
    examples = found["weather.water"].tally.examples
    assert {example.table for example in examples} == {"true_daily_state"}
    assert all(example.what for example in examples)


def test_every_check_of_weather_has_its_fault() -> None:
    # The test before this one is for the one that is left.
    assert faults.lacks("weather") == {"weather.water"}
