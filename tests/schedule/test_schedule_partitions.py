"""Worker partitions: chronological, whole, and told where they are wrong."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse import api
from grilse.ground.errors import BadInput
from grilse.schedule.fingerprint import schedule_fingerprint
from grilse.schedule.partitions import KEY, partitioned, slices
from grilse.schedule.reading import read_schedule
from grilse.schedule.writing import write_schedule

SCHEDULE = api.plan(batches=8, as_of="2024-01-01").schedule


@given(st.integers(1, 40))
def test_every_batch_is_in_one_slice_and_slices_follow_each_other(count):
    found = slices(partitioned(SCHEDULE, count))
    batches = [batch for part in found for batch in part.batches]
    assert sorted(batch.number for batch in batches) == [b.number for b in SCHEDULE.batches]
    assert [batch.start for batch in batches] == sorted(batch.start for batch in batches)
    sizes = [len(part.batches) for part in found]
    assert max(sizes) - min(sizes) <= 1
    assert len(found) == min(count, 16)


def test_they_are_read_back_and_change_no_content(tmp_path):
    written = partitioned(SCHEDULE, 3)
    write_schedule(written, tmp_path / "s.yaml")
    read = read_schedule(tmp_path / "s.yaml")
    assert slices(read) == slices(written)
    assert schedule_fingerprint(read) == schedule_fingerprint(SCHEDULE)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (None, "no worker partitions"),
        ({"w": {"batch_indices": [*range(16), 16]}}, "not there"),
        ({"w": {"batch_indices": [*range(16)]}, "v": {"batch_indices": [3]}}, "two partitions"),
        ({"w": {"batch_indices": [*range(15)]}}, "lack batches"),
        ({"w": {"batch_indices": [True, *range(16)]}}, "not there"),
        ({"w": 5}, "names no batches"),
    ],
)
def test_what_is_wrong_is_told(said, told):
    with pytest.raises(BadInput, match=told):
        slices(replace(SCHEDULE, metadata={KEY: said}))
