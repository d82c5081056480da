"""Condition factor and length."""

from __future__ import annotations

import numpy as np
import pytest

from grilse.biology.condition import condition_factor, length_cm
from grilse.biology.parameters import builtin_parameters

RANGES = {
    "fry": (0.15, 7.0, 0.9, 1.1),
    "parr": (7.5, 60.0, 1.08, 1.3),
    "smolt": (60.0, 170.0, 1.0, 1.15),
    "post_smolt": (150.0, 400.0, 1.1, 1.25),
    "adult": (300.0, 7000.0, 1.15, 1.45),
}


@pytest.mark.parametrize("stage", RANGES)
def test_k_is_within_its_stages_range(stage):
    low, high, least, most = RANGES[stage]
    k = condition_factor(builtin_parameters(), stage, np.linspace(low, high, 50))
    assert least <= k.min()
    assert k.max() <= most


def test_length_follows_from_weight_and_k():
    assert length_cm(1000.0, 1.25) == pytest.approx(43.09, abs=0.01)
    weight, k = np.array([[0.2], [5000.0]]), np.array([1.0, 1.3])
    length = length_cm(weight, k)
    assert length.shape == (2, 2)
    np.testing.assert_allclose(100.0 * weight / length**3, np.broadcast_to(k, (2, 2)))


def test_fish_do_not_shrink_at_a_change_of_stage():
    parameters = builtin_parameters()
    changes = [
        ("egg_alevin", "fry", 0.175, 0.178),
        ("fry", "parr", 7.0, 7.15),
        ("parr", "smolt", 58.8, 59.8),
        ("smolt", "post_smolt", 167.8, 169.4),
        ("post_smolt", "adult", 377.4, 380.4),
    ]
    for before, after, last_g, first_g in changes:
        ended = length_cm(last_g, condition_factor(parameters, before, last_g))
        begun = length_cm(first_g, condition_factor(parameters, after, first_g))
        assert begun >= ended * 0.999, (before, after)
