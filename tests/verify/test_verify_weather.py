"""For every check of weather a planted fault."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow.compute as pc
import pytest

from grilse.verify.checks import CHECKS
from grilse.verify.dataset import Options, verify

field = pc.field
DAY = timedelta(days=1)
CASES: dict[str, tuple[str, ...]] = {
    "a_day_lost": ("weather.days",),
    "a_day_twice": ("weather.days", "keys.primary"),
    "told_up_to_today": ("weather.days", "weather.keys", "time.as_of"),
    "of_another_day": ("weather.keys", "weather.days", "weather.water"),
    "colder_than_any": ("weather.ranges",),
    "warmer_water_than_the_fish_had": ("weather.water",),
}


def plant(case: str, forged: Any) -> int:
    table, nth = "area_weather", 30
    if case == "a_day_lost":
        return int(forged.drop(table, nth=nth)["area_id"]) * 65536
    if case == "a_day_twice":
        return int(forged.repeat(table, nth=nth)["area_id"]) * 65536
    if case == "told_up_to_today":
        segment, _, _ = forged.find(table)
        last = pc.max(forged.rows(table, segment)["weather_date"])
        row = forged.change(
            table, field("weather_date") == last, weather_date=lambda row: row["weather_date"] + DAY
        )
        return int(row["area_id"]) * 65536
    if case == "of_another_day":
        row = forged.change(table, nth=nth, weather_date=lambda row: row["weather_date"] + DAY)
        return int(row["weather_id"])
    if case == "colder_than_any":
        return int(forged.change(table, nth=nth, air_temp_c=Decimal(-60))["weather_id"])
    warmer = forged.change(
        table, nth=nth, sea_temp_c=lambda row: row["sea_temp_c"] + Decimal("0.01")
    )
    _, _, state = forged.find("true_daily_state", field("state_date") == warmer["weather_date"])
    return int(state["state_id"])


@pytest.mark.parametrize("case", CASES)
def test_a_planted_fault_is_found_and_named(case: str, forged: Any) -> None:
    key = plant(case, forged)
    verdict = verify(forged.root, Options(only=("weather", "time", "keys"), threads=1))
    found = {result.name: result for result in verdict.failed}
    assert set(found) == set(CASES[case])
    examples = found[CASES[case][0]].tally.examples
    assert all(example.what for example in examples)
    if case != "warmer_water_than_the_fish_had":
        assert key in [example.key for example in examples]
    else:
        assert {example.table for example in examples} == {"true_daily_state"}


def test_every_check_of_weather_has_its_fault() -> None:
    wanted = {check.name for check in CHECKS if check.name.startswith("weather.")}
    assert {name for names in CASES.values() for name in names} >= wanted
