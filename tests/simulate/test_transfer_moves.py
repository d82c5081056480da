import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grilse.simulate.transfer import moves

counts = st.lists(st.integers(0, 400_000), min_size=1, max_size=20).map(
    lambda fish: np.array(fish, np.int64)
)


@given(counts, st.integers(1, 20))
def test_every_fish_moves_once_and_every_destination_has_its_share(
    fish: np.ndarray, destinations: int
) -> None:
    source, destination, taken = moves(fish, destinations)
    assert (np.bincount(source, taken, len(fish)) == fish).all()
    arrived = np.bincount(destination, taken, destinations)
    if len(fish) == destinations:
        assert (arrived == fish).all()
    else:
        assert arrived.max() - arrived.min() <= 1
    assert arrived.sum() == fish.sum()


@given(counts, st.integers(1, 20))
def test_there_are_no_more_moves_than_needed(fish: np.ndarray, destinations: int) -> None:
    source, destination, _ = moves(fish, destinations)
    assert len(source) <= len(fish) + destinations - 1
    pairs = set(zip(source.tolist(), destination.tolist(), strict=True))
    assert len(pairs) == len(source)


def test_ten_tanks_into_eight_rings() -> None:
    source, destination, taken = moves(np.full(10, 8), 8)
    assert taken.tolist() == [8, 2, 6, 4, 4, 6, 2, 8, 8, 2, 6, 4, 4, 6, 2, 8]
    assert source.tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 6, 7, 7, 8, 8, 9]
    assert destination.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]
