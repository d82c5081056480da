"""Burdens: what they add to deaths is told by cause, and what they leave of appetite and feed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.simulate.burden import appetite_left, burden, dearness, hazard_of, tolls
from grilse.simulate.chance import Chance
from grilse.tables.catalogue.events import MORTALITY_CAUSES

PD, CMS = MORTALITY_CAUSES.index("PD"), MORTALITY_CAUSES.index("CMS")


def luck(seed: int, rows: int, days: int) -> Chance:
    random = np.random.default_rng(seed)
    return Chance(random.integers(0, 65_536, (rows, days, 8)).astype(np.uint16))


@given(st.integers(0, 2**32 - 1))
def test_every_death_has_one_cause_and_shares_are_those_of_the_hazards(seed: int) -> None:
    random = np.random.default_rng(seed)
    base = random.random((2, 50)) * 0.001
    sick = [burden("PD", random.random((2, 50)) * 0.01), burden("CMS", np.zeros((2, 50)))]
    toll = tolls(sick, base, luck(seed, 2, 50))
    dead = random.integers(0, 400, (2, 50))
    shared = toll.shared(dead)
    assert set(shared) == {PD, CMS}
    assert (shared[CMS] == 0).all()
    assert ((shared[PD] >= 0) & (shared[PD] <= dead)).all()
    expected = dead * sick[0].hazard / (sick[0].hazard + base)
    assert np.abs(shared[PD] - expected).max() <= 1.0


def test_two_burdens_of_one_cause_are_told_as_one() -> None:
    base, dead = np.full((1, 4), 0.001), np.full((1, 4), 300)
    sick = [burden("PD", np.full((1, 4), 0.001)), burden("PD", np.full((1, 4), 0.001))]
    assert tolls(sick, base, luck(1, 1, 4)).shared(dead)[PD].tolist()[0] == pytest.approx(
        [200] * 4, abs=1
    )
    assert hazard_of(sick, base)[0].tolist() == pytest.approx([0.003] * 4)


def test_no_burden_changes_nothing() -> None:
    base = np.full((2, 3), 0.001)
    toll = tolls([], base, luck(1, 2, 3))
    assert toll.shared(np.ones((2, 3), np.int64)) == {}
    assert (hazard_of([], base) == base).all()
    assert appetite_left([]) == 1.0
    assert dearness([]) == 1.0


def test_appetites_multiply_and_feed_does_not_become_dearer_without_end() -> None:
    none = np.zeros((1, 2))
    two = [burden("PD", none, 0.5, 1.8), burden("CMS", none, np.array([[0.5, 1.0]]), 1.8)]
    assert appetite_left(two).tolist() == [[0.25, 0.5]]  # type: ignore[union-attr]
    assert dearness(two).tolist() == [[2.0, 2.0]]  # type: ignore[union-attr]


def test_hazards_never_pass_one() -> None:
    much = burden("PD", np.full((1, 2), 0.9))
    assert hazard_of([much, much], np.full((1, 2), 0.5)).tolist() == [[1.0, 1.0]]
