"""Water: functions of (site, day, seed) alone, in their bands whatever year and seed."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grilse.biology.parameters import builtin_parameters, stages
from grilse.ground.days import day_of
from grilse.ground.draws import Draws, normal_table
from grilse.site.oxygen import hatchery_saturation, saturation_diurnal, sea_saturation
from grilse.site.salinity import sea_salinity
from grilse.site.scatter import WINDOW_DAYS, by_year, wander
from grilse.site.season import hundredths, mortality_season, seasonal
from grilse.site.water import diurnal, hatchery_temperature, mean_temperature, sea_temperature

PARAMETERS = builtin_parameters()
FIRST = day_of(date(2012, 1, 1))
BANDS = {"Faroe Islands": (550, 1150), "Scotland": (600, 1550)}
MONTHLY = {
    "Faroe Islands": [7.3, 6.8, 6.6, 6.9, 7.7, 8.8, 9.8, 10.5, 10.4, 9.7, 8.8, 8.0],
    "Scotland": [7.8, 7.3, 7.2, 7.9, 9.3, 11.2, 12.8, 13.6, 13.4, 12.2, 10.5, 9.0],
}
SET_POINTS = {
    "egg_alevin": (400, 800),
    "fry": (1000, 1400),
    "parr": (1200, 1400),
    "smolt": (1100, 1400),
    "post_smolt": (1000, 1300),
}
SENSOR_ERROR_C = 17
"""Four standard deviations of the thermometer, hundredths of a degC."""


def sea(seed, first, days):
    return sea_temperature(Draws(seed), PARAMETERS, "Scotland", "S-SEA-01", first, days)


def land(seed, first, days):
    place = ("Scotland", "S-FW-01", "S-FW-01-Hall-B")
    return hatchery_temperature(Draws(seed), PARAMETERS, *place, "fry", first, days)


def sea_oxygen(seed, first, days):
    return sea_saturation(Draws(seed), PARAMETERS, "Scotland", "S-SEA-01", first, days)


def land_oxygen(seed, first, days):
    place = ("Scotland", "S-FW-01", "S-FW-01-Hall-B")
    return hatchery_saturation(Draws(seed), PARAMETERS, *place, first, days)


def salt(seed, first, days):
    return sea_salinity(Draws(seed), PARAMETERS, "Scotland", "S-SEA-01", first, days)


WATERS = [sea, land, sea_oxygen, land_oxygen, salt]


@pytest.mark.parametrize("water", WATERS)
@settings(max_examples=40, deadline=None)
@given(
    first=st.integers(0, 40_000),
    days=st.integers(0, 400),
    ahead=st.integers(0, 400),
    behind=st.integers(0, 50),
)
def test_a_day_is_the_same_in_every_stretch(water, first, days, ahead, behind):
    whole = water(7, first, ahead + days + behind)
    part = water(7, first + ahead, days)
    assert whole.dtype == part.dtype == np.int32
    assert part.shape == (days,)
    np.testing.assert_array_equal(whole[ahead : ahead + days], part)


@pytest.mark.parametrize("water", WATERS)
def test_seeds_and_repeats(water):
    np.testing.assert_array_equal(water(1, FIRST, 300), water(1, FIRST, 300))
    assert np.any(water(1, FIRST, 300) != water(2, FIRST, 300))


def test_places_share_the_regions_weather_but_not_all():
    draws = Draws(3)
    one, two = (
        sea_temperature(draws, PARAMETERS, "Scotland", area, FIRST, 3000).astype(float)
        for area in ("S-SEA-01", "S-SEA-02")
    )
    mean = 100.0 * mean_temperature(PARAMETERS, "Scotland", "adult", FIRST, 3000)
    together = np.corrcoef(one - mean, two - mean)[0, 1]
    assert np.any(one != two)
    assert 0.6 < together < 0.98


def test_what_was_drawn_before_changes_nothing():
    draws = Draws(5)
    before = sea_temperature(draws, PARAMETERS, "Scotland", "S-SEA-01", FIRST, 50)
    land(5, FIRST, 20)
    sea_temperature(draws, PARAMETERS, "Faroe Islands", "FI-SEA-09", 0, 9)
    after = sea_temperature(draws, PARAMETERS, "Scotland", "S-SEA-01", FIRST, 50)
    np.testing.assert_array_equal(before, after)


def test_first_draws_are_pinned():
    assert sea(1, FIRST, 5).tolist() == [895, 900, 901, 881, 883]
    assert land(1, FIRST, 5).tolist() == [1255, 1249, 1248, 1230, 1237]
    assert sea_oxygen(1, FIRST, 5).tolist() == [1014, 1020, 1019, 1013, 989]
    assert land_oxygen(1, FIRST, 5).tolist() == [942, 943, 955, 958, 951]
    assert salt(1, FIRST, 5).tolist() == [3118, 3024, 3047, 2989, 2951]


@pytest.mark.parametrize("geography", BANDS)
def test_the_sea_stays_in_its_band_readings_included(geography):
    least, most = BANDS[geography]
    hourly = diurnal(PARAMETERS, "sea water")
    yearly_means = []
    for seed in range(30):
        for area in ("AREA-01", "AREA-17"):
            temps = sea_temperature(Draws(seed), PARAMETERS, geography, area, FIRST, 3650)
            assert temps.min() + hourly.min() - SENSOR_ERROR_C >= least
            assert temps.max() + hourly.max() + SENSOR_ERROR_C <= most
            yearly_means += temps.reshape(10, 365).mean(axis=1).tolist()
    assert 10 < np.std(yearly_means) < 60
    expected = 100.0 * np.mean(MONTHLY[geography])
    assert abs(np.mean(yearly_means) - expected) < 8


def test_days_hang_together():
    off = sea(11, FIRST, 3650) - 100.0 * mean_temperature(
        PARAMETERS, "Scotland", "adult", FIRST, 3650
    )
    assert np.corrcoef(off[1:], off[:-1])[0, 1] > 0.9
    assert np.abs(np.diff(sea(11, FIRST, 3650))).max() < 80


@pytest.mark.parametrize("stage", SET_POINTS)
def test_hatcheries_keep_their_set_points(stage):
    least, most = SET_POINTS[stage]
    hourly = diurnal(PARAMETERS, "fresh water")
    mean = mean_temperature(PARAMETERS, "Faroe Islands", stage, FIRST, 730).mean() * 100.0
    for seed in range(30):
        temps = hatchery_temperature(
            Draws(seed), PARAMETERS, "Faroe Islands", "FI-FW-01", "Hall", stage, FIRST, 730
        )
        assert temps.min() + hourly.min() >= least
        assert temps.max() + hourly.max() <= most
        assert abs(temps.mean() - mean) < 30


@pytest.mark.parametrize("geography", MONTHLY)
def test_expected_sea_temperature_is_the_months_in_its_middle(geography):
    for year in (2012, 2015, 2044, 2098):
        for month in range(1, 13):
            day = day_of(date(year, month, 16))
            mean = mean_temperature(PARAMETERS, geography, "adult", day, 1)[0]
            assert mean == pytest.approx(MONTHLY[geography][month - 1], abs=0.08)


def test_expectation_draws_nothing_and_is_in_degrees():
    for stage in stages(PARAMETERS):
        mean = mean_temperature(PARAMETERS, "Norway", stage.key, FIRST, 400)
        assert mean.dtype == np.float64
        assert mean.shape == (400,)
        assert mean.min() > 2.0
        assert mean.max() < 16.0


def test_seasons_repeat_every_four_years_to_the_day():
    monthly = hundredths(tuple(MONTHLY["Scotland"]))
    np.testing.assert_array_equal(seasonal(monthly, 100, 900), seasonal(monthly, 1561, 900))
    assert abs(int(seasonal(monthly, 364, 1)[0]) - int(seasonal(monthly, 365, 1)[0])) < 5


def test_mortality_season_has_mean_one():
    for geography in ("Scotland", "Faroe Islands"):
        factor = mortality_season(PARAMETERS, geography, FIRST, 1461)
        assert factor.mean() == pytest.approx(1.0, abs=0.01)
    assert mortality_season(PARAMETERS, "Elsewhere", FIRST, 400).tolist() == [1.0] * 400


def test_the_year_matters_most_in_its_middle_and_runs_smoothly():
    effect = by_year(Draws(1), "test.year", ("x",), 1000, (-900, 900), FIRST, 20_000)
    assert effect.min() >= -900
    assert effect.max() <= 900
    assert np.abs(np.diff(effect)).max() <= 6


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.95])
def test_wander_has_the_spread_and_memory_asked_for(memory):
    x = wander(Draws(1), "test.wander", ("x",), 1000, memory, 0, 40_000).astype(float)
    assert x.std() == pytest.approx(1000.0, rel=0.06)
    assert np.corrcoef(x[1:], x[:-1])[0, 1] == pytest.approx(memory, abs=0.03)


def test_wander_is_the_sum_of_whole_numbers_to_the_last_digit():
    # Summed as floats, it is that of Python's own integers, whatever the order of the sum.
    words = Draws(4).days("test.wander", ("x",), 900, 200 + WINDOW_DAYS - 1, 1)[:, 0]
    normals = [int(normal_table()[int(word) & 0xFFFF]) for word in words]
    shares = [0.9**back for back in range(WINDOW_DAYS)]
    norm = sum(share * share for share in shares) ** 0.5
    weights = [round(share / norm * 1024) for share in shares]
    expected = [
        (sum(w * normals[day + WINDOW_DAYS - 1 - back] for back, w in enumerate(weights)) * 9999
         + (1 << 21)) >> 22
        for day in range(200)
    ]  # fmt: skip
    assert wander(Draws(4), "test.wander", ("x",), 9999, 0.9, 900, 200).tolist() == expected


@pytest.mark.parametrize(
    ("water", "least", "most", "environment"),
    [(sea_oxygen, 750, 1050, "sea water"), (land_oxygen, 850, 1000, "fresh water")],
)
def test_oxygen_saturation_is_in_its_range(water, least, most, environment):
    hourly = saturation_diurnal(PARAMETERS, environment, range(24))
    for seed in range(30):
        level = water(seed, FIRST, 1461)
        assert level.min() + hourly.min() >= least
        assert level.max() + hourly.max() <= most


def test_oxygen_is_low_in_autumn_and_at_night():
    level = np.mean([sea_oxygen(seed, FIRST, 365) for seed in range(10)], axis=0)
    assert level[250:300].mean() < level[60:150].mean() - 60
    night, day = saturation_diurnal(PARAMETERS, "sea water", [4, 16])
    assert night < 0 < day


def test_salinity_faroe_steady_scotland_with_freshets():
    for seed in range(30):
        draws = Draws(seed)
        faroe = sea_salinity(draws, PARAMETERS, "Faroe Islands", "FI-SEA-01", FIRST, 730)
        assert faroe.min() >= 3500
        assert faroe.max() <= 3520
        loch = salt(seed, FIRST, 730)
        assert loch.min() >= 2800
        assert loch.max() <= 3400
        assert loch.min() < 3150


def test_the_hour_adds_little_at_the_hours_of_reading():
    for environment in ("fresh water", "sea water"):
        hourly = diurnal(PARAMETERS, environment)
        assert hourly.shape == (6,)
        assert hourly.dtype == np.int32
        assert np.abs(hourly).max() <= 20
        assert diurnal(PARAMETERS, environment, [14]).tolist() == [int(hourly[3])]


def test_no_place_has_days_before_1970():
    with pytest.raises(ValueError, match="-1"):
        sea(1, -1, 10)
