"""Intervals of days, and the one rule by which two of them meet, against counting days."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from grilse.ground.interval import Clash, Interval, clashes

intervals = st.tuples(st.integers(0, 30), st.integers(1, 12)).map(
    lambda pair: Interval(pair[0], pair[0] + pair[1])
)


def days_of(interval: Interval) -> set[int]:
    return set(range(interval.start, interval.end))


def test_an_end_is_free_for_the_next() -> None:
    assert not Interval(0, 90).overlaps(Interval(90, 180))
    assert Interval(0, 91).overlaps(Interval(90, 180))
    assert Interval(3, 10).days == 7


@given(intervals, intervals)
def test_overlap_means_a_shared_day(one: Interval, other: Interval) -> None:
    shared = bool(days_of(one) & days_of(other))
    assert one.overlaps(other) == other.overlaps(one) == shared


@given(st.lists(intervals, max_size=8))
def test_clashes_are_found_exactly_when_there_are_some(held: list[Interval]) -> None:
    found = list(clashes([(interval, place) for place, interval in enumerate(held)]))
    some = any(days_of(a) & days_of(b) for a, b in combinations(held, 2))
    assert bool(found) == some
    for clash in found:
        shared = days_of(held[clash.first]) & days_of(held[clash.second])
        assert days_of(clash.days) == shared


@given(st.lists(intervals, max_size=8))
def test_every_holder_that_starts_inside_another_is_named(held: list[Interval]) -> None:
    found = {c.second for c in clashes([(interval, i) for i, interval in enumerate(held)])}
    ordered = sorted(range(len(held)), key=lambda i: held[i])
    inside = {
        later
        for place, later in enumerate(ordered)
        if any(held[earlier].end > held[later].start for earlier in ordered[:place])
    }
    assert found == inside


def test_a_long_stay_clashes_with_all_that_it_covers() -> None:
    held = [(Interval(0, 100), "long"), (Interval(10, 20), "a"), (Interval(30, 40), "b")]
    assert list(clashes(held)) == [
        Clash("long", "a", Interval(10, 20)),
        Clash("long", "b", Interval(30, 40)),
    ]
