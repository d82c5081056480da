"""Solubility of oxygen: the paper's check values, and the quantised table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.biology.oxygen import (
    MAX_SALINITY,
    MAX_TEMP_CENTI_C,
    solubility_mg_l,
    solubility_table,
    solubility_ug_l,
)

MMOL_PER_M3 = 44.6596 / 1.42905


def test_check_values():
    assert solubility_mg_l(10.0, 35.0) * MMOL_PER_M3 == pytest.approx(282.015, abs=0.02)
    assert solubility_mg_l(10.0, 35.0) == pytest.approx(9.024, abs=0.001)
    assert solubility_mg_l(10.0, 0.0) == pytest.approx(11.288, abs=0.001)


def test_warm_and_salt_water_hold_less():
    temp = np.arange(0.0, 30.0)
    assert np.all(np.diff(solubility_mg_l(temp, 20.0)) < 0)
    assert np.all(np.diff(solubility_mg_l(12.0, np.arange(0.0, 42.0))) < 0)


def test_the_table_is_pinned():
    table = solubility_table()
    assert table.shape == (MAX_SALINITY + 1, MAX_TEMP_CENTI_C + 1)
    assert table[[0, 35, 42], [1000, 1000, 3000]].tolist() == [11288, 9024, 5999]
    assert int(table.sum(dtype=np.int64)) == 1181854267
    assert not table.flags.writeable


@given(st.integers(0, MAX_TEMP_CENTI_C), st.integers(0, MAX_SALINITY * 100))
def test_integers_follow_the_equation(temp, salinity):
    exact = solubility_mg_l(temp / 100.0, salinity / 100.0) * 1000.0
    assert abs(solubility_ug_l(temp, salinity) - exact) <= 1.5


def test_between_whole_salinities_lies_a_straight_line():
    low, high = solubility_ug_l(0, 0), solubility_ug_l(0, 100)
    assert high < low - 90
    assert solubility_ug_l(0, 50) == low + (high - low) // 2
    assert solubility_ug_l(0, 99) == low + (high - low) * 99 // 100


def test_water_outside_the_table_is_held_at_its_edge():
    assert solubility_ug_l(-50, 0) == solubility_ug_l(0, 0)
    assert solubility_ug_l(9999, 3500) == solubility_ug_l(3000, 3500)
    grid = solubility_ug_l(np.arange(4)[:, None], np.array([0, 3510]))
    assert grid.shape == (4, 2)
    assert grid.dtype == np.int32
