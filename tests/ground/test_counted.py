"""Negative binomial counts: their mean and variance, zero from zero, and no limit above."""

from __future__ import annotations

import numpy as np
import pytest

from grilse.ground.counted import counted

WORDS = np.arange(65536, dtype=np.uint16)


@pytest.mark.parametrize("size", [1, 12, 200])
@pytest.mark.parametrize("mean", [0.03, 0.5, 4.0, 30.0, 150.0])
def test_mean_and_variance_are_those_of_the_distribution(mean: float, size: int) -> None:
    found = counted(np.full(65536, mean), size, WORDS)
    assert found.min() >= 0
    assert found.mean() == pytest.approx(mean, rel=0.03)
    # The farthest tail is cut off where one word of 4,096 would fall.
    assert found.var() == pytest.approx(mean + mean * mean / size, rel=0.1)


def test_beyond_its_end_the_scale_is_drawn_out() -> None:
    found = counted(np.full(65536, 600.0), 12, WORDS)
    assert found.mean() == pytest.approx(600.0, rel=0.03)
    assert found.var() == pytest.approx(600.0 * 600.0 / 12, rel=0.15)


def test_no_lice_are_counted_where_there_are_none() -> None:
    assert not counted(np.zeros(65536), 12, WORDS).any()


def test_more_are_counted_where_there_are_more() -> None:
    means = np.array([0.0, 0.1, 1.0, 10.0, 100.0, 1000.0])
    found = counted(means, 12, np.full(6, 60_000, np.uint16))
    assert (np.diff(found) > 0).all()


def test_a_count_does_not_depend_on_its_neighbours() -> None:
    means = np.array([[0.2, 400.0], [3.0, 7.5]])
    words = np.array([[100, 60_000], [30_000, 65_535]], np.uint16)
    together = counted(means, 12, words)
    for at in np.ndindex(2, 2):
        alone = counted(means[at].reshape(1), 12, words[at].reshape(1))
        assert together[at] == alone[0]


def test_the_first_counts_are_pinned() -> None:
    means = np.array([0.05, 0.4, 2.0, 9.0, 55.0, 300.0])
    words = np.array([65_000, 50_000, 40_000, 30_000, 20_000, 10_000], np.uint16)
    assert counted(means, 12, words).tolist() == PINNED


PINNED = [1, 1, 2, 8, 46, 210]
"""A promise to those who hold data, see tests/laws."""
