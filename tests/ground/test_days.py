"""Days as whole numbers."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.ground.days import MICROSECONDS_PER_DAY, date_of, day_of


@given(st.dates())
def test_a_day_is_its_date(when: date) -> None:
    assert date_of(day_of(when)) == when


@pytest.mark.parametrize(
    ("when", "day"),
    [(date(1970, 1, 1), 0), (date(1969, 12, 31), -1), (date(2000, 3, 1), 11017)],
)
def test_known_days(when: date, day: int) -> None:
    assert day_of(when) == day
    assert date_of(np.int32(day)) == when  # type: ignore[arg-type]


def test_days_agree_with_numpy() -> None:
    assert np.datetime64(20_000, "D") == np.datetime64(date_of(20_000))
    assert np.timedelta64(1, "D") == np.timedelta64(MICROSECONDS_PER_DAY, "us")
