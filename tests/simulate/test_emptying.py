import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grilse.simulate.harvest import Emptying, harvested


def times(ordered: int, containers: int, days_each: int) -> Emptying:
    first = ordered + np.arange(containers) * days_each
    return Emptying(ordered, first, first + days_each)


@given(st.integers(0, 5), st.integers(1, 8), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_harvest_empties_each_ring_and_takes_no_fish_twice(
    ordered: int, containers: int, days_each: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    days = ordered + containers * days_each
    initial = random.integers(1, 1000, containers)
    dead = np.minimum(random.integers(0, 3, (containers, days)), 1)
    dead[np.cumsum(dead, axis=1) > initial[:, None]] = 0
    emptying = times(ordered, containers, days_each)
    dead[np.arange(days) >= emptying.end[:, None]] = 0
    removed = harvested(emptying, initial, dead)
    assert (removed >= 0).all()
    assert ((removed + dead).sum(axis=1) == initial).all()
    assert (removed[np.arange(days) < emptying.first[:, None]] == 0).all()
    assert (removed[np.arange(days) >= emptying.end[:, None]] == 0).all()


def test_a_harvest_that_the_as_of_date_cuts_off_is_the_same_up_to_there() -> None:
    emptying = times(3, 4, 2)
    dead = np.ones((4, 11), np.int64)
    dead[np.arange(11) >= emptying.end[:, None]] = 0
    initial = np.array([500, 600, 700, 800])
    whole = harvested(emptying, initial, dead)
    assert (harvested(emptying, initial, dead[:, :6]) == whole[:, :6]).all()


def test_fish_fast_before_their_harvest_but_not_before_it_is_ordered() -> None:
    fasts = times(3, 3, 2).fasting(days=10, fast_days=2)
    assert [row.nonzero()[0].tolist() for row in fasts] == [[3, 4], [3, 4, 5, 6], [5, 6, 7, 8]]


def test_part_of_the_fish_is_there_on_the_second_day_of_two() -> None:
    assert times(1, 2, 2).share_there(6).tolist() == [[1, 1, 0.5, 0, 0, 0], [1, 1, 1, 1, 0.5, 0]]
