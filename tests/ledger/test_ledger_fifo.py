"""First in, first out: the cumulative sums agree with eating one step after the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.ledger.fifo import eaten

LINES = 3


def one_by_one(line, when, amount, lots):
    """Eat in time order from queues of lots: (feeding, lot, amount) as they come."""
    queues = {i: [[j, held] for j, (of, held) in enumerate(lots) if of == i] for i in range(LINES)}
    found = []
    for i in sorted(range(len(line)), key=lambda i: (line[i], when[i], i)):
        left = amount[i]
        while left:
            lot = queues[line[i]][0]
            part = min(left, lot[1])
            found.append((i, lot[0], part))
            left, lot[1] = left - part, lot[1] - part
            if not lot[1]:
                queues[line[i]].pop(0)
    return sorted(found)


@st.composite
def stores(draw):
    feedings = draw(
        st.lists(st.tuples(st.integers(0, LINES - 1), st.integers(0, 9), st.integers(1, 50)))
    )
    lots = []
    for line in range(LINES):
        fed = sum(amount for of, _, amount in feedings if of == line)
        while fed > 0:
            lots.append((line, draw(st.integers(1, 60))))
            fed -= lots[-1][1]
    return feedings, lots


@given(stores())
def test_pieces_are_those_of_eating_one_after_the_other(store):
    feedings, lots = store
    columns = np.array(feedings, np.int64).reshape(-1, 3).T
    lot = np.array(lots, np.int64).reshape(-1, 2).T
    pieces = eaten(*columns, *lot)
    found = list(zip(pieces.feeding, pieces.lot, pieces.amount, strict=True))
    assert sorted(found) == one_by_one(*columns.tolist(), lots)
    assert found == sorted(found), "in the order of the feedings, then of the lots"
    firsts = np.append(True, np.diff(pieces.feeding) != 0)[: len(pieces.piece)]
    assert (pieces.piece[firsts] == 0).all()


def test_more_fed_than_held_is_refused():
    one = np.array([0])
    with pytest.raises(ValueError, match="more is fed of a line than its lots hold"):
        eaten(one, one, np.array([7]), one, np.array([6]))
