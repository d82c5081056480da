"""Lice from week to week: the published model's figures, and none below zero."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.biology.lice import (
    CALIGUS,
    FEMALE,
    MOBILE,
    SESSILE,
    a_week_later,
    rates,
    treated,
)
from grilse.biology.parameters import builtin_parameters

PARAMETERS = builtin_parameters()


def logistic(x: float) -> float:
    return 1.0 / (1.0 + exp(-x))


def lice(sessile: float, mobile: float, female: float, caligus: float) -> np.ndarray:
    found = np.empty((4, 1))
    found[[SESSILE, MOBILE, FEMALE, CALIGUS], 0] = sessile, mobile, female, caligus
    return found


@pytest.mark.parametrize("temp_c", [4.0, 9.0, 13.5])
def test_a_week_is_that_of_the_published_model(temp_c: float) -> None:
    d1, d2 = logistic(-2.4 + 0.37 * (temp_c - 9)), logistic(-2.1 + 0.037 * (temp_c - 9))
    of_weeks = rates(PARAMETERS, [500, round(temp_c * 100)])
    after = a_week_later(lice(2.0, 1.5, 0.8, 0.3), of_weeks, 1, lice(0.7, 0.0, 0.0, 0.2))[:, 0]
    assert after[SESSILE] == pytest.approx(0.49 * 2.0 + 0.7)
    assert after[MOBILE] == pytest.approx(0.88 * (1 - d2) * 1.5 + 2.3 * d1 * 2.0, rel=1e-6)
    assert after[FEMALE] == pytest.approx(0.61 * 0.8 + d2 * 0.5 * (0.88 + 0.61) * 1.5, rel=1e-6)
    assert after[CALIGUS] == pytest.approx(0.7 * 0.3 + 0.2)


def test_lice_thrive_in_warm_water() -> None:
    def after_a_season(temp_centi_c: int) -> float:
        there, of_weeks = np.zeros((4, 1)), rates(PARAMETERS, [temp_centi_c])
        for _ in range(20):
            there = a_week_later(there, of_weeks, 0, lice(1.0, 0.0, 0.0, 0.0))
        return float(there[FEMALE, 0])

    cold, mild, warm = map(after_a_season, (600, 900, 1300))
    assert cold < 0.5 * mild < 0.25 * warm


@given(
    st.lists(st.floats(0, 1e3), min_size=4, max_size=4), st.integers(-500, 4000),
    st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_no_lice_below_zero(
    start: list[float], temp_centi_c: int, mobile_left: float, sessile_left: float
) -> None:
    of_weeks = rates(PARAMETERS, [temp_centi_c])
    before = a_week_later(lice(*start), of_weeks, 0, np.zeros((4, 1)))
    left = treated(before, np.array([[mobile_left], [sessile_left]]))
    assert (left >= 0.0).all()
    assert (left <= before).all()
    assert left[SESSILE, 0] == before[SESSILE, 0] * sessile_left
    assert left[FEMALE, 0] == before[FEMALE, 0] * mobile_left
