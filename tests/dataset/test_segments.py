from hypothesis import given
from hypothesis import strategies as st

from grilse.dataset.segments import (
    farm_segment_name,
    is_segment_name,
    numbers_by_segment,
    segment_index,
    segment_name,
    segment_numbers,
    segment_size,
)

NUMBER = st.integers(1, 2**25 - 1)


@given(NUMBER)
def test_size_is_the_smallest_power_of_two_that_makes_128_segments_at_most(highest):
    size = segment_size(highest)
    assert size & (size - 1) == 0
    assert segment_index(highest, size) < 128
    assert size == 1 or segment_index(highest, size // 2) >= 128


@given(NUMBER)
def test_a_dataset_may_double_and_still_has_at_most_256_segments(highest):
    assert segment_index(2 * highest, segment_size(highest)) < 256


@given(st.sets(NUMBER, min_size=1, max_size=300))
def test_every_number_is_in_one_segment_and_segments_joined_are_the_whole(numbers):
    size = segment_size(max(numbers))
    parts = numbers_by_segment(numbers, size)
    assert [n for part in parts.values() for n in part] == sorted(numbers)
    for index, part in parts.items():
        assert set(part) <= set(segment_numbers(index, size))


def test_the_worked_examples():
    examples = [(1, 1, 0), (20, 1, 19), (128, 1, 127), (129, 2, 64), (170, 2, 84)]
    examples += [(550, 8, 68), (50_000, 512, 97)]
    for highest, size, last in examples:
        assert (segment_size(highest), segment_index(highest, size)) == (size, last)
    assert [segment_index(n, 8) for n in (8, 9)] == [0, 1]


def test_names():
    assert segment_name(7) == "e0001-s0007"
    assert segment_name(7, epoch=2) == "e0002-s0007"
    assert all(map(is_segment_name, (segment_name(12_345), farm_segment_name())))
    for text in ("", "../e0001-s0001", "e0001-s0001/x", "e0001-s0001\n", "e1-s1", "E0001-s0001"):
        assert not is_segment_name(text)
