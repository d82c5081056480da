"""Lice pressure: a function of area, day and seed alone; of a season, and of no batch."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grilse.biology.parameters import builtin_parameters
from grilse.ground.days import day_of
from grilse.ground.draws import Draws
from grilse.site.lice_pressure import lice_pressure

PARAMETERS = builtin_parameters()
FIRST = day_of(date(2012, 1, 1))
YEAR = 365


def pressure(seed: int, area: str, first: int, days: int, geography: str = "Scotland"):
    return lice_pressure(Draws(seed), PARAMETERS, geography, area, first, days)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**40), st.integers(0, 600), st.integers(1, 300))
def test_a_day_is_the_same_in_any_stretch(seed: int, start: int, days: int) -> None:
    whole = pressure(seed, "S-SEA-02", FIRST, 1000)
    part = pressure(seed, "S-SEA-02", FIRST + start, days)
    assert (part.salmonis == whole.salmonis[start : start + days]).all()
    assert (part.caligus == whole.caligus[start : start + days]).all()


@pytest.mark.parametrize("geography", ["Faroe Islands", "Scotland", "Norway"])
def test_it_is_never_below_zero_and_greater_in_autumn_than_in_spring(geography: str) -> None:
    spring, autumn = [], []
    for seed in range(12):
        found = pressure(seed, "SEA-01", FIRST, 4 * YEAR, geography)
        assert found.salmonis.min() >= 0
        assert found.caligus.min() >= 0
        day = np.arange(4 * YEAR) % YEAR
        spring.append(found.salmonis[(day > 60) & (day < 150)].mean())
        autumn.append(found.salmonis[(day > 240) & (day < 330)].mean())
    assert np.mean(autumn) > 1.2 * np.mean(spring)


def test_areas_differ_and_yet_share_their_region() -> None:
    first, other = (
        pressure(5, area, FIRST, 6 * YEAR).salmonis.astype(float) for area in ("a", "b")
    )
    assert not (first == other).all()
    change = [np.log(x[90:] / x[:-90]) for x in (first, other)]
    assert np.corrcoef(change)[0, 1] > 0.2
