"""Lines break where nothing was told."""

from __future__ import annotations

import numpy as np

from grilse.plot.canvas import broken


def test_a_line_breaks_between_two_batches_and_nowhere_else() -> None:
    day = np.array(["2024-01-01", "2024-01-08", "2024-05-01", "2024-05-09"], "datetime64[us]")
    told, value = broken(day, np.array([1, 2, 3, 4]))
    assert np.isnan(value).tolist() == [False, False, True, False, False]
    assert value[~np.isnan(value)].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert (np.diff(told) >= np.timedelta64(0)).all()
    assert set(told) == set(day)


def test_what_is_told_day_by_day_or_not_at_all_has_no_hole() -> None:
    day = np.arange("2024-01-01", "2024-02-01", dtype="datetime64[D]")
    told, value = broken(day, np.zeros(31))
    assert (told == day).all()
    assert not np.isnan(value).any()
    assert all(len(each) == 0 for each in broken(day[:0], np.zeros(0)))
