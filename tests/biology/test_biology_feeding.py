"""Ration and pellets."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from grilse.biology.growth import cube_root_g, cube_root_gain, stage_growth, weight_g
from grilse.biology.parameters import builtin_parameters, stages
from grilse.biology.ration import feed_index, pellets, ration_kg, specific_feeding_rate_pct


def test_ration_is_gain_times_fcr_and_never_negative():
    assert ration_kg(10.0, 1.12) == pytest.approx(11.2)
    assert ration_kg(10.0, 0.0) == 0.0
    np.testing.assert_allclose(ration_kg([[1.0], [-5.0]], [1.0, 1.1]), [[1.0, 1.1], [0.0, 0.0]])


def test_feeding_rate_is_growth_rate_times_fcr():
    assert specific_feeding_rate_pct(100.0, 1.0, 1.1) == pytest.approx(1.1)


@pytest.mark.parametrize(
    ("stage", "weight", "temp", "least", "most"),
    [
        ("fry", 2.0, 12.5, 3.0, 5.0),
        ("parr", 25.0, 13.0, 1.5, 2.6),
        ("smolt", 110.0, 12.5, 0.9, 1.5),
        ("post_smolt", 250.0, 12.0, 0.9, 1.5),
        ("adult", 1500.0, 8.4, 0.6, 1.0),
        ("adult", 4000.0, 8.4, 0.4, 0.6),
    ],
)
def test_feeding_rates_are_the_trades(stage, weight, temp, least, most):
    parameters = builtin_parameters()
    fcr = {s.key: s.fcr for s in stages(parameters)}[stage]
    growth = stage_growth(parameters, stage, "Faroe Islands")
    root = cube_root_g(weight)
    gain = weight_g(root + cube_root_gain(growth, temp, 60)) - weight
    assert least <= specific_feeding_rate_pct(weight, gain, fcr) <= most


def test_pellets_grow_with_the_fish():
    parameters = builtin_parameters()
    rows = pellets(parameters)
    assert rows[0] == (0.3, 0.0)
    assert rows[-1] == (11.0, 3000.0)
    assert all(a.pellet_mm < b.pellet_mm for a, b in pairwise(rows))
    weights = [0.01, 0.29999, 0.3, 1.5, 29.9, 30.0, 2999.0, 3000.0, 9000.0]
    sizes = [rows[i].pellet_mm for i in feed_index(parameters, weights)]
    assert sizes == [0.3, 0.3, 0.5, 1.2, 2.0, 3.0, 9.0, 11.0, 11.0]
    assert feed_index(parameters, np.ones((2, 3))).shape == (2, 3)


def test_a_ration_does_not_jump_when_fry_are_moved_to_the_parr_hall():
    parameters = builtin_parameters()
    fcr = {s.key: s.fcr for s in stages(parameters)}
    root = cube_root_g(6.3)
    rate = []
    for stage, temp, day in (("fry", 12.5, 89), ("parr", 13.0, 0), ("parr", 13.0, 28)):
        growth = stage_growth(parameters, stage, "Scotland")
        gain = weight_g(root + cube_root_gain(growth, temp, day)) - weight_g(root)
        rate.append(specific_feeding_rate_pct(6.3, gain, fcr[stage]))
    assert 1.0 < rate[1] / rate[0] < 1.25
    assert rate[2] > 1.3 * rate[1]
