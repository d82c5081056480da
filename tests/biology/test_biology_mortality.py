"""Base mortality: hazards in their ranges, and what they leave alive."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from grilse.biology.curve import curve_of
from grilse.biology.growth import (
    cube_root_g,
    egg_weight_g,
    expected_cube_root,
    stage_growth,
    weight_g,
)
from grilse.biology.mortality import cause_shares, daily_hazard
from grilse.biology.parameters import builtin_parameters, stages
from grilse.ground.days import day_of
from grilse.site.season import mortality_season
from grilse.site.water import mean_temperature

STARTS = [day_of(date(2020, month, 7)) for month in range(1, 13)]
SEA_DAYS = {"Faroe Islands": 390, "Scotland": 411}


def survivals(geography, start):
    """Part of the fish that live through each stage, by the classic plan."""
    parameters, day, left = builtin_parameters(), start, {}
    root = cube_root_g(egg_weight_g(parameters))
    for stage in stages(parameters):
        days = SEA_DAYS[geography] if stage.key == "adult" else stage.default_days
        temp = mean_temperature(parameters, geography, stage.key, day, days)
        growth = stage_growth(parameters, stage.key, geography)
        roots = expected_cube_root([(growth, temp)], root)
        at_sea = stage.environment == "sea water"
        season = mortality_season(parameters, geography, day, days) if at_sea else 1.0
        hazard = daily_hazard(
            parameters, stage.key, geography, weight_g(roots[:-1]), temp, np.arange(days), season
        )
        left[stage.key] = float(np.prod(1.0 - hazard))
        day, root = day + days, float(roots[-1])
    return left


@pytest.mark.parametrize("geography", ["Faroe Islands", "Scotland"])
def test_egg_to_smolt_survival(geography):
    for start in STARTS[::3]:
        left = survivals(geography, start)
        assert 0.90 <= left["egg_alevin"] <= 0.96
        assert 0.75 <= left["fry"] <= 0.85
        over_3_g = left["parr"] * left["smolt"] * left["post_smolt"]
        assert 0.0015 <= 1.0 - over_3_g ** (1 / 9) <= 0.0045
        assert 0.62 <= over_3_g * left["fry"] * left["egg_alevin"] <= 0.78


def test_eggs_first_lose_the_non_viable_then_those_that_do_not_hatch():
    hazard = daily_hazard(builtin_parameters(), "egg_alevin", "Scotland", 0.12, 6.0, np.arange(90))
    assert 0.01 <= 1.0 - np.prod(1.0 - hazard[:18]) <= 0.03
    assert 0.015 <= 1.0 - np.prod(1.0 - hazard[18:36]) <= 0.025


@pytest.mark.parametrize(
    ("geography", "least", "most"), [("Faroe Islands", 0.05, 0.06), ("Scotland", 0.07, 0.11)]
)
def test_sea_loss_of_a_cycle(geography, least, most):
    losses = [1.0 - survivals(geography, start)["adult"] for start in STARTS]
    assert least <= min(losses)
    assert max(losses) <= most


def test_scottish_losses_peak_from_august_to_october():
    parameters, first = builtin_parameters(), day_of(date(2021, 1, 1))
    temp = mean_temperature(parameters, "Scotland", "adult", first, 365)
    season = mortality_season(parameters, "Scotland", first, 365)
    hazard = daily_hazard(parameters, "adult", "Scotland", 2000.0, temp, 200, season)
    by_month = [hazard[day : day + 30].sum() for day in range(0, 360, 30)]
    assert set(np.argsort(by_month)[-3:]) == {7, 8, 9}
    assert max(by_month) / min(by_month) > 1.5


def test_hazard_is_the_base_times_its_factors():
    parameters = builtin_parameters()
    path = ("mortality", "stage", "adult", "Faroe Islands", "base_pct_per_month")
    base = parameters.number(path) / 100.0 / 30.4375
    assert daily_hazard(parameters, "adult", "Faroe Islands", 300.0, 9.0, 100) == pytest.approx(
        base, rel=1e-12
    )
    doubled = daily_hazard(parameters, "adult", "Faroe Islands", 300.0, 9.0, 100, 2.0)
    assert doubled == pytest.approx(2 * base, rel=1e-12)
    assert daily_hazard(parameters, "adult", "Faroe Islands", 300.0, 9.0, 100, 1e9) == 1.0


def test_small_fish_and_warm_water_lose_more():
    parameters = builtin_parameters()
    by_weight = daily_hazard(parameters, "adult", "Scotland", [150.0, 300.0, 3000.0], 9.0, 100)
    assert by_weight[0] == pytest.approx(1.25 * by_weight[1])
    assert by_weight[2] == pytest.approx(0.95 * by_weight[1])
    by_temp = daily_hazard(parameters, "adult", "Scotland", 300.0, [9.0, 14.0, 18.0], 100)
    assert by_temp[1] == pytest.approx(1.35 * by_temp[0])
    assert by_temp[2] == pytest.approx(3.0 * by_temp[0])


def test_the_same_call_for_a_number_and_an_array():
    parameters = builtin_parameters()
    weights, temps = np.array([[100.0], [900.0]]), np.array([6.0, 9.0, 15.0])
    grid = daily_hazard(parameters, "adult", "Scotland", weights, temps, np.arange(3))
    assert grid.shape == (2, 3)
    one = daily_hazard(parameters, "adult", "Scotland", 900.0, 15.0, 2)
    assert grid[1, 2] == one
    assert np.all((grid > 0.0) & (grid < 0.01))


def test_causes_share_the_dead_and_few_are_unknown():
    parameters = builtin_parameters()
    for stage in stages(parameters):
        for geography in ("Faroe Islands", "Scotland", "Elsewhere"):
            shares = cause_shares(parameters, stage.key, geography)
            assert sum(shares.values()) == pytest.approx(1.0)
            assert shares["UNKNOWN"] < 0.25


def test_curves_run_straight_between_points_and_level_outside():
    curve = curve_of({"x": (0.0, 10.0, 20.0), "y": (1.0, 3.0, 0.0)}, "x", "y")
    assert curve([-5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 99.0]).tolist() == [1, 1, 2, 3, 1.5, 0, 0]
    assert curve(5) == 2.0
    assert curve_of({"x": (1.0,), "y": (7.0,)}, "x", "y")(np.zeros((2, 2))).tolist() == [[7, 7]] * 2
