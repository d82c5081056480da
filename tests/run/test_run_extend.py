"""A dataset that lives on is the one that a single run to the last date makes (law 4)."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace

import duckdb
import pyarrow.parquet as pq
import pytest

from grilse import api
from grilse.api import extending
from grilse.api.extending import compact, extend
from grilse.api.recalling import recall
from grilse.dataset.layout import HOUSE, SEGMENTS
from grilse.ground.errors import BadInput, DestinationError
from grilse.run.task import Patience

TABLES = (
    "geography", "container", "batch", "assignment", "creation_action", "transfer_action",
    "mortality_event", "feeding_event", "growth_sample", "harvest_event", "harvest_lot",
    "feed_purchase", "feed_lot", "feed_consumption", "feed_stock",
)  # fmt: skip
FIRST, DATES = "2024-03-20", ("2024-04-19", "2024-05-19", "2024-06-18")


@pytest.fixture(scope="module")
def schedule():
    """Two batches that are harvested between the dates, one that starts then, one later."""
    return api.plan(batches=4, stagger=150, start="2021-12-15", as_of=DATES[-1]).schedule


def ran(schedule, root, as_of):
    job = api.prepare(schedule, as_of=as_of, tables=TABLES)
    api.run(job, root, workers=1, logs=False)
    return root


@pytest.fixture(scope="module")
def whole(schedule, tmp_path_factory):
    return ran(schedule, tmp_path_factory.mktemp("whole") / "dataset", DATES[-1])


@pytest.fixture(scope="module")
def early(schedule, tmp_path_factory):
    return ran(schedule, tmp_path_factory.mktemp("early") / "dataset", FIRST)


@pytest.fixture
def root(early, tmp_path):
    subprocess.run(["cp", "-r", early, tmp_path / "dataset"], check=True)
    return tmp_path / "dataset"


def manifest(root):
    return json.loads((root / HOUSE / "manifest.json").read_text())


def files(root):
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "farm.duckdb"
    }


def rows(root, sql):
    with duckdb.connect(str(root / "farm.duckdb"), read_only=True) as database:
        database.execute(f"SET file_search_path = '{root}'")
        return database.sql(sql).to_arrow_table().to_pylist()


def test_three_times_thirty_days_are_one_run_to_the_last_date(root, whole):
    kept = {name: text for name, text in files(root).items() if name.startswith("feeding_event/")}
    for epoch, when in enumerate(DATES, start=2):
        report = extend(root, when, workers=1)
        assert report.is_adopted
        assert report.manifest.epoch == epoch
    assert manifest(root)["totals"] == manifest(whole)["totals"]
    assert manifest(root)["inputs"] == manifest(whole)["inputs"]
    assert manifest(root)["totals"]["harvest_event"]["rows"] > 0
    assert kept.items() <= files(root).items()
    for table in ("batch", "feeding_event", "harvest_lot"):
        asked = f"SELECT * FROM {table} ORDER BY ALL"
        assert rows(root, asked) == rows(whole, asked)


def test_a_run_to_the_new_date_goes_on_with_what_was_extended(root, whole, schedule):
    for when in DATES:
        extend(root, when, workers=1)
    damaged = next((root / "feeding_event").glob("e0002-*"))
    damaged.write_bytes(b"")
    job = api.prepare(schedule, as_of=DATES[-1], tables=TABLES)
    report = api.run(job, root, workers=1, logs=False)
    assert report.result.segments == 1
    assert manifest(root)["totals"] == manifest(whole)["totals"]
    assert len(list((root / "feeding_event").glob(f"*{damaged.name[5:]}"))) == 1


def test_compacted_it_has_as_few_files_as_a_fresh_one(root, whole):
    for when in DATES:
        extend(root, when, workers=1)
    compact(root, workers=1)
    assert manifest(root)["totals"] == manifest(whole)["totals"]
    names = {name.replace("e0005", "e0001") for name in files(root)}
    assert names == set(files(whole))
    assert compact(root, workers=1).is_adopted
    assert manifest(root)["epoch"] == 6
    extended = manifest(root)["inputs"]["as_of"]
    assert extend(root, extended).result is None


def test_an_edited_schedule_updates_an_extended_dataset(root, schedule, tmp_path):
    extend(root, DATES[0], workers=1)
    edited = replace(schedule.batches[0], harvest_target_kg=3.0)
    other = replace(schedule, batches=(edited, *schedule.batches[1:]))
    job = api.prepare(other, as_of=DATES[0], tables=TABLES)
    with pytest.raises(DestinationError, match="--update"):
        api.run(job, root, workers=1, logs=False)
    report = api.run(job, root, workers=1, update=True, logs=False)
    assert 0 < report.result.batches < len(schedule.batches)
    fresh = ran(other, tmp_path / "fresh", DATES[0])
    assert manifest(root)["totals"] == manifest(fresh)["totals"]


def test_what_an_extension_changes_is_told(root, tmp_path):
    before = {row["batch_id"]: row for row in rows(root, "SELECT * FROM batch")}
    old_rows = manifest(root)["totals"]
    extend(root, DATES[0], workers=1, changes=tmp_path / "changes")
    told = json.loads((tmp_path / "changes/changes.json").read_text())
    assert (told["since"], told["as_of"]) == (FIRST, DATES[0])
    for name in ("feeding_event", "mortality_event", "feed_lot"):
        new_rows = manifest(root)["totals"][name]["rows"]
        assert told["tables"][name] == {"added": new_rows - old_rows[name]["rows"]}
    after = {row["batch_id"]: row for row in rows(root, "SELECT * FROM batch")}
    changed = {key for key in before if before[key] != after[key]}
    found = pq.read_table(tmp_path / "changes/batch/before.parquet")["batch_id"].to_pylist()
    assert sorted(found) == sorted(changed)
    assert told["tables"]["batch"]["after"] == len(changed) > 0
    assert "geography" not in told["tables"]


def test_changes_go_to_an_empty_folder_alone(root, tmp_path):
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes/mine.txt").write_text("mine")
    before = manifest(root)
    with pytest.raises(DestinationError, match="holds something"):
        extend(root, DATES[0], workers=1, changes=tmp_path / "changes")
    assert manifest(root) == before
    extend(root, DATES[0], workers=1)


@pytest.mark.parametrize("when", ["2024-03-19", "1999-01-01"])
def test_an_earlier_date_is_refused(root, when):
    before = files(root)
    with pytest.raises(BadInput, match="R-EXTEND"):
        extend(root, when)
    assert files(root) == before


def test_a_dataset_that_is_not_whole_is_refused(root):
    next((root / SEGMENTS).glob("*-s0000.json")).unlink()
    with pytest.raises(DestinationError, match="Bring it to its end first"):
        extend(root, DATES[0], workers=1)


def test_an_edited_copy_of_the_inputs_is_refused(root):
    path = root / HOUSE / "schedule.yaml"
    path.write_text(path.read_text().replace("eggs: 3", "eggs: 2", 1))
    with pytest.raises(DestinationError, match="are not what it was made of"):
        extend(root, DATES[0])


MADE = extending.make_since


def fail_once(extension, plan):
    if getattr(plan, "number", None) == 2:
        raise ZeroDivisionError
    yield from MADE(extension, plan)


def test_where_a_batch_fails_the_dataset_stays_what_it_was(root, whole, monkeypatch):
    before = manifest(root)
    monkeypatch.setattr(extending, "make_since", fail_once)
    report = extend(root, DATES[0], workers=1, patience=Patience(retries=0))
    assert (report.is_adopted, len(report.result.failures)) == (False, 1)
    assert manifest(root) == before
    monkeypatch.undo()
    report = extend(root, DATES[0], workers=1)
    assert report.result.segments == 1
    assert report.is_adopted


EXTEND = """
import sys, time
from grilse.api import extending
made = extending.make_since
def slowly(extension, plan):
    time.sleep(0.2)
    yield from made(extension, plan)
extending.make_since = slowly
extending.extend(sys.argv[1], sys.argv[2], workers=1)
"""


def test_an_extension_that_was_killed_is_nothing_until_it_goes_on(root, schedule, tmp_path):
    twin = tmp_path / "twin"
    subprocess.run(["cp", "-r", root, twin], check=True)
    before, kept = manifest(root), files(root)
    process = subprocess.Popen([sys.executable, "-c", EXTEND, root, DATES[0]])
    while not list((root / SEGMENTS).glob("e0002-*")):
        time.sleep(0.02)
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert manifest(root) == before
    report = extend(root, DATES[0], workers=1)
    extend(twin, DATES[0], workers=1)
    assert report.result.segments < len(manifest(twin)["segments"]) / 2
    left = {"_grilse/status.json"}
    assert {k: v for k, v in files(root).items() if k not in left} == files(twin)
    assert kept["_grilse/manifest.json"] != (root / HOUSE / "manifest.json").read_bytes()


def test_a_plain_run_removes_an_extension_that_was_begun(root, schedule):
    kept = files(root)
    process = subprocess.Popen([sys.executable, "-c", EXTEND, root, DATES[0]])
    while not list((root / SEGMENTS).glob("e0002-*")):
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    process.wait()
    assert list((root / SEGMENTS).glob("e0002-*"))
    ran(schedule, root, FIRST)
    found = files(root)
    found.pop("_grilse/status.json", None)
    assert found == kept


def test_the_job_of_a_dataset_is_recalled(root, schedule):
    job = recall(root)
    assert job.inputs == api.prepare(schedule, as_of=FIRST, tables=TABLES).inputs
