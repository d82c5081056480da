"""Lice from week to week: the published model's figures, and none below zero."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.biology.lice import Lice, rates
from grilse.biology.parameters import builtin_parameters

PARAMETERS = builtin_parameters()


def logistic(x: float) -> float:
    return 1.0 / (1.0 + exp(-x))


@pytest.mark.parametrize("temp_c", [4.0, 9.0, 13.5])
def test_a_week_is_that_of_the_published_model(temp_c: float) -> None:
    d1, d2 = logistic(-2.4 + 0.37 * (temp_c - 9)), logistic(-2.1 + 0.037 * (temp_c - 9))
    week = rates(PARAMETERS, [round(temp_c * 100)]).week(0)
    lice = Lice(*(np.array([x]) for x in (2.0, 1.5, 0.8, 0.3)))
    after = lice.a_week_later(week, np.array([0.7]), 0.7, np.array([0.2]))
    assert after.sessile[0] == pytest.approx(0.49 * 2.0 + 0.7)
    assert after.mobile[0] == pytest.approx(0.88 * (1 - d2) * 1.5 + 2.3 * d1 * 2.0, rel=1e-6)
    assert after.female[0] == pytest.approx(0.61 * 0.8 + d2 * 0.5 * (0.88 + 0.61) * 1.5, rel=1e-6)
    assert after.caligus[0] == pytest.approx(0.7 * 0.3 + 0.2)


def test_lice_thrive_in_warm_water() -> None:
    def after_a_season(temp_centi_c: int) -> float:
        zero = np.zeros(1)
        lice, week = Lice(zero, zero, zero, zero), rates(PARAMETERS, [temp_centi_c]).week(0)
        for _ in range(20):
            lice = lice.a_week_later(week, np.ones(1), 0.7, zero)
        return float(lice.female[0])

    cold, mild, warm = map(after_a_season, (600, 900, 1300))
    assert cold < 0.5 * mild < 0.25 * warm


@given(
    st.lists(st.floats(0, 1e3), min_size=4, max_size=4), st.integers(-500, 4000),
    st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_no_lice_below_zero(
    start: list[float], temp_centi_c: int, mobile_left: float, sessile_left: float
) -> None:
    lice = Lice(*(np.array([x]) for x in start))
    week = rates(PARAMETERS, [temp_centi_c]).week(0)
    lice = lice.a_week_later(week, np.zeros(1), 0.7, np.zeros(1))
    left = lice.treated(np.array([mobile_left]), np.array([sessile_left]))
    for before, after in zip(
        (lice.sessile, lice.mobile, lice.female, lice.caligus),
        (left.sessile, left.mobile, left.female, left.caligus),
        strict=True,
    ):
        assert 0.0 <= after[0] <= before[0]
