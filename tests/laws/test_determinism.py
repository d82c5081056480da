"""Law by law: a dataset is a function of its inputs, and every part of it of its own.

=====  ======================================================================================
law    tests that go red when it is broken
=====  ======================================================================================
1      here: workers, order of the file, order of segments, hash seed, time zone, working
       folder; the content that the files hold is what the manifest says
2      here: pins of content; other tables or batches change no value. First draws:
       tests/ground/test_draws.py
3      here: one batch alone; one batch edited
4      here: the as-of date a month on; a harvest target is not known before harvest
5      here: parts made apart add up to the whole
6      test_laws_of_rows.py: keys rebuilt from their parts, below their bounds
7      test_laws_of_rows.py: fish counted on the rows; tests/verify: planted faults
8      test_whole_or_not.py: a run that is killed; tests/run, tests/dataset: the small cases
9      test_laws_of_rows.py: places on the rows; tests/schedule, tests/plan: refused before
10     tests/cli/test_refusals.py: what is refused, and that nothing is written
=====  ======================================================================================
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from grilse_laws import (
    AS_OF,
    BATCH_EVENT_TABLES,
    BATCH_TABLES,
    EVENT_TABLES,
    MONTH,
    company,
    content,
    number,
    of_batches,
    only,
    only_in_one,
    run,
    told,
    with_batch,
)
from grilse_pins import PINS

from grilse.ground.days import date_of
from grilse.schedule.model import Schedule
from grilse.tables.catalogue import TABLES
from grilse.tables.fingerprint import add

pytestmark = pytest.mark.slow

OTHER_SURROUNDINGS = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Auckland", "LC_ALL": "C"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dataset of all eight batches, made in one process."""
    return run(company(), tmp_path_factory.mktemp("whole"), "--workers", "1")


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, thirty days later."""
    return run(company(AS_OF + MONTH), tmp_path_factory.mktemp("later"), "--workers", "2")


def test_the_small_company_shows_what_there_is(whole: Path) -> None:
    assert set(content(whole)) >= set(PINS)
    assert number(whole, "SELECT count(*) FROM batch WHERE status = 'COMPLETED'") == 2
    assert number(whole, "SELECT count(*) FROM batch WHERE status = 'PLANNED'") == 1
    assert number(whole, "SELECT count(*) FROM harvest_event WHERE batch_id = 3") > 0


def test_the_files_hold_what_the_manifest_says(whole: Path) -> None:
    assert content(whole) == told(whole)


@pytest.mark.parametrize("workers", [2, 3])
def test_any_number_of_workers_makes_equal_content(
    whole: Path, tmp_path: Path, workers: int
) -> None:
    other = run(company(), tmp_path, "--workers", str(workers), surroundings=OTHER_SURROUNDINGS)
    assert content(other) == content(whole)


def test_the_order_of_the_file_decides_nothing(whole: Path, tmp_path: Path) -> None:
    schedule = company()
    shuffled = replace(schedule, batches=schedule.batches[::-2] + schedule.batches[-2::-2])
    assert sorted(b.number for b in shuffled.batches) == [b.number for b in schedule.batches]
    assert content(run(shuffled, tmp_path, "--workers", "1")) == content(whole)


def test_the_order_of_segments_decides_nothing(whole: Path, tmp_path: Path) -> None:
    other = run(company(), tmp_path, "--workers", "1", backwards=True)
    assert content(other) == content(whole)


@pytest.mark.parametrize("alone", [3, 300])
def test_a_batch_alone_has_the_rows_that_it_has_among_others(
    whole: Path, tmp_path: Path, alone: int
) -> None:
    other = run(only(company(), [alone]), tmp_path, "--workers", "1")
    for table in BATCH_TABLES:
        assert only_in_one(whole, other, table, f"batch_id = {alone}") == 0, table
    assert number(other, "SELECT count(*) FROM batch") == 1


def test_parts_made_apart_add_up_to_the_whole(whole: Path, tmp_path: Path) -> None:
    parts = [
        of_batches(content(run(only(company(), numbers), tmp_path / str(i), "--workers", "1")))
        for i, numbers in enumerate([(1, 6, 300), (2, 3), (5, 9, 40)])
    ]
    for table, (rows, total) in of_batches(content(whole)).items():
        found = [part[table] for part in parts if table in part]
        assert sum(part[0] for part in found) == rows, table
        assert add(*(part[1] for part in found)) == total, table


OCCASIONAL = ("lab_sample", "journal_entry", "treatment")
"""Tables of what may not happen to so few batches within a month."""


def test_a_month_later_earlier_events_are_as_they_were(whole: Path, later: Path) -> None:
    before = f"DATE '{date_of(AS_OF)}'"
    for table in EVENT_TABLES:
        dated = f"{TABLES[table].event_date} < {before}"
        assert only_in_one(whole, later, table, dated) == 0, table
        assert number(whole, f"SELECT count(*) FROM {table} WHERE NOT ({dated})") == 0, table
        after = number(later, f"SELECT count(*) FROM {table} WHERE NOT ({dated})")
        assert after > 0 or table not in PINS or table in OCCASIONAL, table


def edited_rings(schedule: Schedule) -> Schedule:
    """Let batch 1 hold its first two rings in the other order."""
    batch = next(b for b in schedule.batches if b.number == 1)
    sea = batch.stays[-1]
    first, second, *others = sea.containers
    swapped = replace(sea, containers=(second, first, *others))
    return with_batch(schedule, 1, stays=(*batch.stays[:-1], swapped))


def test_two_rings_swapped_change_that_batch_alone(whole: Path, tmp_path: Path) -> None:
    other = run(edited_rings(company()), tmp_path, "--workers", "2")
    for table in BATCH_TABLES:
        assert only_in_one(whole, other, table, "batch_id <> 1") == 0, table
    assert only_in_one(whole, other, "assignment", "batch_id = 1") > 0
    ashore = "batch_id = 1 AND event_date < (SELECT start_date FROM batch WHERE batch_id = 1) + 450"
    assert only_in_one(whole, other, "mortality_event", ashore) == 0


def test_another_target_changes_that_batch_alone_and_nothing_before_its_harvest(
    whole: Path, tmp_path: Path
) -> None:
    other = run(with_batch(company(), 2, harvest_target_kg=3.9), tmp_path, "--workers", "2")
    for table in BATCH_TABLES:
        assert only_in_one(whole, other, table, "batch_id <> 2") == 0, table
    assert only_in_one(whole, other, "harvest_event", "batch_id = 2") > 0
    first = number(
        other, "SELECT date_diff('day', DATE '1970-01-01', min(event_date)) FROM harvest_event "
        "WHERE batch_id = 2"
    )  # fmt: skip
    # Fish fast before their harvest, from the day on which it is ordered: two days are enough.
    quiet = f"DATE '{date_of(first - 7)}'"
    for table in BATCH_EVENT_TABLES:
        same = f"batch_id = 2 AND {TABLES[table].event_date} < {quiet}"
        assert only_in_one(whole, other, table, same) == 0, table


def test_fewer_tables_leave_the_others_as_they_were(whole: Path, tmp_path: Path) -> None:
    from grilse import api

    chosen = ("batch", "feeding_event", "harvest_lot")
    job = api.prepare(company(), tables=chosen)
    result = api.run_to_nothing(job, workers=1)
    found = {name: (each.rows, each.fingerprint) for name, each in result.tables.items()}
    assert found == {name: content(whole)[name] for name in chosen}


def test_another_seed_is_another_history(whole: Path, tmp_path: Path) -> None:
    other = run(company(), tmp_path, "--workers", "2", "--seed", "8")
    drawn = {"environmental_reading", "feeding_event", "mortality_event", "growth_sample"}
    ours, theirs = content(whole), content(other)
    assert {name for name in drawn if ours[name][1] != theirs[name][1]} == drawn
