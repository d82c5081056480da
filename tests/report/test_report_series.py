"""Series as the page gets them: packed by place, to so many digits, nothing moved."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grilse.report.series import by_group, figures, packed, rounded


def test_numbers_keep_their_digits_and_whole_ones_are_whole() -> None:
    assert rounded(1234567.0) == 1235000
    assert isinstance(rounded(3.0), int)
    assert rounded(0.00123456) == 0.001235
    assert rounded(float("nan")) is None
    assert figures([1.0, float("inf")]) == [1, None]


@given(st.dictionaries(st.integers(-3000, 3000), st.integers(-9999, 9999), min_size=1))
def test_what_is_packed_stands_where_it_stood(series: dict[int, int]) -> None:
    found = packed(np.array([*series]), np.array([*series.values()], dtype=float))
    assert found is not None
    assert found["s"] == min(series)
    told = {found["s"] + i: value for i, value in enumerate(found["v"]) if value is not None}
    assert told == series
    assert found["v"][-1] is not None


def test_a_series_without_values_is_none() -> None:
    assert packed(np.array([1, 2]), np.array([np.nan, np.nan])) is None
    assert packed(np.array([], dtype=int), np.array([])) is None


def test_groups_are_runs_of_their_key() -> None:
    keys = np.array(["a", "a", "b", "c"])
    found = [(str(key), part.tolist()) for key, part in by_group(keys, np.arange(4))]
    assert found == [("a", [0, 1]), ("b", [2]), ("c", [3])]
    assert list(by_group(np.array([]), np.array([]))) == []
