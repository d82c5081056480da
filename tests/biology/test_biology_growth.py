"""Growth: the kernel, its cube roots, and the weights that it leads to."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.biology.growth import (
    StageGrowth,
    cube_root_g,
    cube_root_gain,
    days_to_weight,
    egg_weight_g,
    expected_cube_root,
    stage_growth,
    weight_g,
)
from grilse.biology.parameters import builtin_parameters, stages
from grilse.ground.days import day_of
from grilse.site.water import mean_temperature

PLAIN = StageGrowth(2.0, 9.5, 0.0075, 9.5)
SLOW = StageGrowth(2.0, 9.5, 0.0075, 9.5, recovery_days=14.0, recovery_start=0.3)
GEOGRAPHIES = ("Faroe Islands", "Scotland")
HARVEST_DAYS = {
    "Faroe Islands": {4500: (336, 352), 5500: (384, 393), 6500: (413, 441)},
    "Scotland": {4500: (360, 366), 5500: (400, 422), 6500: (429, 473)},
}
CYCLE_TGC = {"Faroe Islands": (3.1, 3.35), "Scotland": (2.45, 2.65)}
STARTS = [day_of(date(2019 + month // 12, month % 12 + 1, 3)) for month in range(24)]


@given(st.floats(1e-12, 1e12))
def test_cube_roots_are_exact_to_the_last_bits(weight):
    root = cube_root_g(weight)
    assert abs(root * root * root / weight - 1.0) < 1e-14
    assert weight_g(root) == pytest.approx(weight, rel=1e-14)


def test_cube_roots_of_cubes_zero_and_arrays():
    assert cube_root_g(0.0) == 0.0
    assert cube_root_g(27.0) == 3.0
    np.testing.assert_allclose(cube_root_g([[1.0, 8.0], [64.0, 0.0]]), [[1, 2], [4, 0]], atol=1e-15)
    whole = np.arange(1, 2000, dtype=float)
    np.testing.assert_allclose(cube_root_g(whole**3), whole, rtol=3e-16)


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_weights_that_are_none_are_refused(weight):
    with pytest.raises(ValueError, match="finite"):
        cube_root_g([1.0, weight])


def test_a_day_at_the_reference_gains_tgc_times_temperature():
    assert cube_root_gain(PLAIN, 9.5, 0) == pytest.approx(0.019)
    other = StageGrowth(2.0, 9.5, 0.0075, 12.0)
    assert cube_root_gain(other, 12.0, 50) == pytest.approx(0.024)


def test_growth_is_best_at_13_to_14_degrees_and_never_negative():
    temps = np.arange(-2.0, 30.0, 0.01)
    gain = cube_root_gain(stage_growth(builtin_parameters(), "adult", "Scotland"), temps, 100)
    assert 13.0 <= temps[gain.argmax()] <= 14.0
    assert gain.min() == 0.0
    assert np.all(gain[temps <= 0.0] == 0.0)
    assert np.all(gain[temps >= 21.5] == 0.0)


def test_fish_new_at_sea_start_slowly():
    gain = cube_root_gain(SLOW, 9.5, np.arange(20))
    assert gain[0] == pytest.approx(0.3 * 0.019)
    assert np.all(np.diff(gain[:15]) > 0)
    np.testing.assert_allclose(gain[14:], 0.019)


@given(st.lists(st.floats(-2, 25), min_size=1, max_size=20), st.integers(0, 40))
def test_the_same_call_for_a_number_and_an_array(temps, day):
    many = cube_root_gain(SLOW, np.array(temps), day)
    assert [cube_root_gain(SLOW, temp, day) for temp in temps] == many.tolist()
    square = cube_root_gain(SLOW, np.array(temps)[None, :], np.arange(3)[:, None])
    assert square.shape == (3, len(temps))


def test_expectation_adds_up_stage_after_stage():
    stretches = [(PLAIN, np.full(10, 9.5)), (SLOW, np.full(20, 9.5))]
    roots = expected_cube_root(stretches, 2.0)
    assert roots.shape == (31,)
    assert roots[0] == 2.0
    assert roots[10] == pytest.approx(2.19)
    assert roots[11] == pytest.approx(2.19 + 0.3 * 0.019)
    assert days_to_weight(stretches, 2.0, 8.0) == 0
    assert days_to_weight(stretches, 2.0, float(weight_g(roots[17])) - 1e-9) == 17
    assert days_to_weight(stretches, 2.0, 1000.0) is None


def life(geography, start, sea_days=520):
    """Expected cube roots from egg on, by the classic stage plan."""
    parameters, day, stretches = builtin_parameters(), start, []
    for stage in stages(parameters):
        days = sea_days if stage.key == "adult" else stage.default_days
        temps = mean_temperature(parameters, geography, stage.key, day, days)
        stretches.append((stage_growth(parameters, stage.key, geography), temps))
        day += days
    return expected_cube_root(stretches, cube_root_g(egg_weight_g(parameters)))


@pytest.mark.parametrize("geography", GEOGRAPHIES)
def test_weights_on_land_meet_the_trades_targets(geography):
    for start in STARTS:
        weights = weight_g(life(geography, start))
        assert 0.15 <= weights[90] <= 0.20
        assert 5.0 <= weights[172] <= 6.5
        assert 40.0 <= weights[260] <= 60.0
        assert 100.0 <= weights[350] <= 165.0
        assert weights[420] == pytest.approx(300.0, rel=0.03)
        assert weights[450] == pytest.approx(380.0, rel=0.03)


@pytest.mark.parametrize("geography", GEOGRAPHIES)
def test_days_at_sea_to_harvest_weight_in_every_month(geography):
    parameters = builtin_parameters()
    growth = stage_growth(parameters, "adult", geography)
    for start in STARTS:
        temps = mean_temperature(parameters, geography, "adult", start, 520)
        for target, (least, most) in HARVEST_DAYS[geography].items():
            days = days_to_weight([(growth, temps)], cube_root_g(377.0), target)
            assert days is not None
            assert least <= days <= most


@pytest.mark.parametrize("geography", GEOGRAPHIES)
def test_cycle_tgc_slow_start_and_response_included(geography):
    parameters = builtin_parameters()
    growth = stage_growth(parameters, "adult", geography)
    least, most = CYCLE_TGC[geography]
    for start in STARTS:
        temps = mean_temperature(parameters, geography, "adult", start, 400)
        roots = expected_cube_root([(growth, temps)], cube_root_g(377.0))
        assert least <= 1000.0 * (roots[-1] - roots[0]) / temps.sum() <= most


def test_growth_is_the_same_to_the_bit_everywhere():
    temps = np.arange(300) % 90 / 7.0
    roots = expected_cube_root([(SLOW, temps)], cube_root_g(0.12))
    assert [float(root).hex() for root in roots[[0, 1, 100, 300]]] == [
        "0x1.f9148a2366563p-2",
        "0x1.f9148a2366563p-2",
        "0x1.8ddf0c2bfac73p+0",
        "0x1.df8c9ad298cc5p+1",
    ]
