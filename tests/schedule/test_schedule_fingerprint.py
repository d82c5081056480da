from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from grilse.schedule.fingerprint import entry_fingerprint, schedule_fingerprint
from grilse.schedule.model import BatchPlan, Schedule, Stay, StayLines

STAY = Stay("egg_alevin", "H", (("H", "a"), ("H", "b")), 0, 90)
BATCH = BatchPlan("B-1", 1, 18_000, 3_000_000, 90, "G", "S", 5.0, (STAY,))


def test_a_fingerprint_stays_what_it_is():
    """Pinned: a dataset is taken up again only where this has not changed."""
    assert entry_fingerprint(BATCH) == "eb13bbada6cc57ca13fc63f12996d66e"


@pytest.mark.parametrize(
    "change",
    [
        {"batch_id": "B-2"}, {"number": 2}, {"start": 18_001}, {"eggs": 3_000_001},
        {"geography": "G2"}, {"station": "S2"}, {"harvest_target_kg": None},
        {"harvest_target_kg": 5.1}, {"open_ended": True}, {"stays": ()},
        {"stays": (replace(STAY, end_day=91),)}, {"stays": (replace(STAY, stage="fry"),)},
        {"stays": (replace(STAY, containers=STAY.containers[::-1]),)},
        {"extra": {"source": "P1"}}, {"extra": {"anchors": [{"date": date(2020, 1, 1)}]}},
        {"extra": {"events": []}},
    ],
)  # fmt: skip
def test_what_decides_rows_changes_it(change):
    assert entry_fingerprint(replace(BATCH, **change)) != entry_fingerprint(BATCH)


@pytest.mark.parametrize(
    "change",
    [
        {"line": 7}, {"lines": {"eggs": 3}}, {"duration": 4}, {"harvest_target_kg": 5},
        {"extra": {"note": "x", "purpose": "y", "effective_duration": 3, "stages": {"fry": {}}}},
        {"stays": (replace(STAY, line=4, below=StayLines((1, 2), (3, 4))),)},
    ],
)  # fmt: skip
def test_what_decides_nothing_does_not(change):
    assert entry_fingerprint(replace(BATCH, **change)) == entry_fingerprint(BATCH)


def test_the_order_of_batches_and_the_as_of_date_do_not_change_a_schedule(shared):
    from grilse.schedule.reading import read_schedule

    schedule = read_schedule(shared("schedule_170_production.yaml"))
    shuffled = list(schedule.batches)
    random.Random(3).shuffle(shuffled)
    other = replace(schedule, batches=tuple(shuffled), as_of=schedule.as_of + 30, metadata={})
    assert schedule_fingerprint(other) == schedule_fingerprint(schedule)


def test_the_seed_and_any_batch_change_a_schedule():
    other = replace(BATCH, batch_id="B-2", number=2)
    schedule = Schedule({}, (BATCH, other), 18_500, 1)
    prints = {
        schedule_fingerprint(schedule),
        schedule_fingerprint(replace(schedule, seed=2)),
        schedule_fingerprint(replace(schedule, batches=(BATCH,))),
        schedule_fingerprint(replace(schedule, batches=(BATCH, replace(other, eggs=5)))),
    }
    assert len(prints) == 4
