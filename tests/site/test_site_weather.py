"""Weather of areas: a function of place and day, of numbers that a weather station could tell."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from grilse.biology.parameters import builtin_parameters
from grilse.ground.draws import Draws
from grilse.site.weather import area_weather

PARAMETERS = builtin_parameters()
FIRST, DAYS = 18_000, 3653
PLACES = [("Faroe Islands", "FI-SEA-01"), ("Scotland", "S-SEA-04"), ("Norway", "Hardanger-1")]


def weather(geography: str, area: str, first: int = FIRST, days: int = DAYS, seed: int = 7):
    return area_weather(Draws(seed), PARAMETERS, geography, area, first, days)


@pytest.mark.parametrize("place", PLACES)
def test_a_day_does_not_depend_on_the_stretch_that_is_asked_for(place: tuple[str, str]) -> None:
    whole = astuple(weather(*place))
    for first, days in ((0, 1), (17, 400), (DAYS - 1, 1)):
        part = astuple(weather(*place, FIRST + first, days))
        assert all(
            np.array_equal(a[first : first + days], b) for a, b in zip(whole, part, strict=True)
        )


@pytest.mark.parametrize("place", PLACES)
def test_it_is_what_a_station_could_tell(place: tuple[str, str]) -> None:
    told = weather(*place)
    wind, wave, rain = told.wind_cm_s / 100, told.wave_cm / 100, told.rain_centi_mm / 100
    assert 5 < wind.mean() < 9
    assert 0.2 <= wind.min() < 2 < 15 < wind.max() < 30
    assert 900 < rain.sum() / 10 < 1900
    assert 0.6 < (rain > 0).mean() < 0.85
    assert 0 <= wave.min() < wave.mean() < 1.5 < wave.max() < 9
    assert 150 <= told.wave_period_centi_s.min() <= told.wave_period_centi_s.max() < 1200
    assert 0 <= told.cloud_pct.min() < 60 < told.cloud_pct.mean() < told.cloud_pct.max() == 100
    for turned in (told.wind_from_deg, told.wave_from_deg):
        assert 0 <= turned.min() <= turned.max() < 360
    january = (np.arange(DAYS) + FIRST) % 365.25 < 31
    july = np.roll(january, 181)
    assert told.air_centi_c[july].mean() - told.air_centi_c[january].mean() > 400
    assert wind[january].mean() > wind[july].mean()


def test_storms_bring_waves_rain_and_clouds_to_neighbours_as_well() -> None:
    here, there = weather("Faroe Islands", "FI-SEA-01"), weather("Faroe Islands", "FI-SEA-02")
    far = weather("Scotland", "S-SEA-01")

    def alike(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.corrcoef(a, b)[0, 1])

    assert alike(here.wind_cm_s, here.wave_cm) > 0.9
    assert alike(here.wind_cm_s, here.rain_centi_mm) > 0.4
    assert alike(here.rain_centi_mm, here.cloud_pct) > 0.6
    assert 0.5 < alike(here.wind_cm_s, there.wind_cm_s) < 0.95
    assert alike(here.wind_cm_s, far.wind_cm_s) < 0.25
    assert here.wave_cm.mean() != there.wave_cm.mean(), "some areas lie more open than others"


def test_another_seed_is_another_weather() -> None:
    assert (weather(*PLACES[0]).wind_cm_s != weather(*PLACES[0], seed=8).wind_cm_s).mean() > 0.9
