import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grilse.expand.grid import biomass_10g, from_rows, joined, milligrams
from grilse.expand.harvest import _split
from grilse.expand.sampling import _mean_and_deviation


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=5),
    st.lists(st.floats(0.01, 10), min_size=1, max_size=6),
)
def test_a_split_adds_up(wholes: list[int], parts: list[float]) -> None:
    split = _split(np.tile(parts, (len(wholes), 1)), np.array(wholes))
    assert split.sum(axis=1).tolist() == wholes
    assert (split >= 0).all()


@given(st.lists(st.integers(1, 9_000_000), min_size=2, max_size=60), st.sampled_from([1, 10]))
def test_mean_and_deviation_are_those_of_the_fish(values: list[int], finer: int) -> None:
    mean, deviation = _mean_and_deviation(np.array([values]), finer)
    assert abs(mean[0] - finer * np.mean(values)) <= 0.5 + 1e-6
    assert abs(deviation[0] - finer * np.std(values, ddof=1)) <= 0.5 + 1e-5


def test_joining_keeps_what_is_missing_missing() -> None:
    parts = [
        {"n": 1, "day": np.ma.masked_array([1, 2], [False, True])},
        {"n": 1, "day": np.ma.masked_array([], [])},
        {"n": 1, "day": np.array([3])},
    ]
    whole = joined(parts)
    assert whole is not None
    assert whole["n"] == 1
    assert whole["day"].tolist() == [1, None, 3]
    assert joined([parts[1]]) is None


def test_rows_become_columns() -> None:
    columns = from_rows([{"a": 1, "b": "x"}, {"a": None, "b": "y"}])
    assert columns["a"].tolist() == [1, None]
    assert columns["b"] == ["x", "y"]


def test_units() -> None:
    assert milligrams(np.array([0.1234567])).tolist() == [123]
    assert biomass_10g(np.array([1000]), np.array([5.0])).tolist() == [500]
