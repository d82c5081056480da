"""A batch's demand is read as it was written, or not at all."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from grilse.ledger.demand import BatchDemand, Call
from grilse.ledger.demand_file import demand_file, read_demand, write_demand

DEMAND = BatchDemand(
    number=9,
    start=18_000,
    place_of_slot=np.array([3, 3, 70], np.int32),
    event_id=np.array([2**40, 2**40 + 1], np.int64),
    feed=np.array([0, 12], np.int8),
    amount_10g=np.array([1, 2**31 - 1], np.int32),
    horizon=np.array([0, 127], np.int8),
    calls=(Call(18_003, 3, 0, 17), Call(18_090, 70, 12, 2**31)),
)


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    path = demand_file(tmp_path, 9)
    for demand in (DEMAND, replace(DEMAND, calls=(), place_of_slot=DEMAND.place_of_slot[:0])):
        write_demand(path, demand)
        read = read_demand(path)
        for field in fields(BatchDemand):
            was, found = getattr(demand, field.name), getattr(read, field.name)
            assert np.array_equal(was, found), field.name
            assert getattr(was, "dtype", None) == getattr(found, "dtype", None)
    assert [path.name for path in tmp_path.iterdir()] == ["9.demand"]


@pytest.mark.parametrize("place", [0, 20, 100, -1])
def test_a_bit_that_fell_over_is_noticed(tmp_path: Path, place: int) -> None:
    path = demand_file(tmp_path, 9)
    write_demand(path, DEMAND)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        read_demand(path)


def test_what_is_cut_short_or_missing_is_not_read(tmp_path: Path) -> None:
    path = demand_file(tmp_path, 9)
    with pytest.raises(OSError, match="No such file"):
        read_demand(path)
    write_demand(path, DEMAND)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ValueError, match="damaged"):
        read_demand(path)


def test_nothing_is_left_where_it_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_demand(demand_file(tmp_path / "gone", 9), DEMAND)
    demand_file(tmp_path, 9).mkdir()
    with pytest.raises(OSError, match="directory"):
        write_demand(demand_file(tmp_path, 9), DEMAND)
    assert [path.name for path in tmp_path.iterdir()] == ["9.demand"]
