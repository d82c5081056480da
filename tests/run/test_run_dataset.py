"""Runs of a toy maker into a dataset: whole, resumed, killed, stopped, in any order."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from grilse_toy import NAMES, TOY_TABLES, make, readings, samples

from grilse.dataset import segments, views
from grilse.dataset.destination import finish, open_destination
from grilse.dataset.manifest import Inputs
from grilse.dataset.records import read_records, write_record
from grilse.ground.errors import DestinationError
from grilse.run.run import run_segments
from grilse.run.task import BatchTask, Patience, SegmentTask, Work
from grilse.sinks.null import NullSink
from grilse.sinks.parquet import ParquetSink

INPUTS = Inputs("0.1.0", 1, "2025-01-01", "s1", "f1", "p1", NAMES)
NUMBERS = tuple(range(1, 260, 2))  # 130 numbers up to 259: segments of 4, two batches each
QUICK = Patience(first_pause_seconds=0.001)


def tasks_of(numbers, size, done=()):
    farm = SegmentTask(segments.farm_segment_name(), (BatchTask(0, "farm", "f1", 0),))
    tasks = [farm] + [
        SegmentTask(
            segments.segment_name(index),
            tuple(BatchTask(n, f"TOY-{n}", f"entry{n}", n) for n in held),
        )
        for index, held in segments.numbers_by_segment(numbers, size).items()
    ]
    return [task for task in tasks if task.segment not in done]


def run(
    root, context=None, numbers=NUMBERS, workers=1, order=None, inputs=INPUTS, patience=None,
    **options,
):  # fmt: skip
    with open_destination(root, inputs, numbers, {"schedule.yaml": "x"}, **options) as dest:
        sink = ParquetSink(root, {"version": "0.1.0", "seed": "1"})
        keep = partial(write_record, root, made=dest.made)
        work = Work(make, context or {}, TOY_TABLES, sink, keep, patience or QUICK)
        tasks = tasks_of(numbers, dest.manifest.segment_size, dest.done)
        result = run_segments(work, order(tasks) if order else tasks, workers=workers)
        return result, finish(dest)


def content(root):
    """Every file of a dataset, byte by byte."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    root = tmp_path_factory.mktemp("whole") / "dataset"
    run(root)
    return root


def test_rows_are_read_back_in_order_and_the_manifest_adds_them_up(whole):
    manifest = json.loads((whole / "_grilse/manifest.json").read_text())
    assert manifest["state"] == "complete"
    assert manifest["totals"]["environmental_reading"]["rows"] == 80 * len(NUMBERS)
    found = pq.read_table(whole / "environmental_reading" / "e0001-s0000.parquet")
    wanted = [readings(n, slot, hours) for n in (1, 3) for slot, hours in ((0, 50), (1, 30))]
    assert found.equals(pa.Table.from_batches(wanted))
    found = pq.read_table(whole / "growth_sample" / "e0001-s0064.parquet")
    assert found.equals(pa.Table.from_batches([samples(257, 10), samples(259, 10)]))


def test_any_number_of_workers_and_any_order_make_equal_files(whole, tmp_path):
    result, _ = run(tmp_path / "two", workers=2, order=lambda tasks: tasks[::-1])
    assert result.workers == 2
    assert content(tmp_path / "two") == content(whole)


def test_the_null_sink_finds_the_same_fingerprints(whole):
    size = segments.segment_size(max(NUMBERS))
    work = Work(make, {}, TOY_TABLES, NullSink())
    result = run_segments(work, tasks_of(NUMBERS, size), workers=1)
    found = json.loads((whole / "_grilse/manifest.json").read_text())["totals"]
    assert {n: f"{t.fingerprint:016x}" for n, t in result.tables.items()} == {
        name: item["fingerprint"] for name, item in found.items()
    }


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failed_batch_is_left_out_alone_and_made_by_the_next_run(whole, tmp_path, workers):
    root = tmp_path / "dataset"
    result, manifest = run(root, {"fail": (3, 101)}, workers=workers)
    assert [f.number for f in result.failures] == [3, 101]
    assert result.failures[0].reason == "ZeroDivisionError: batch 3 divides by nothing"
    assert "misbehave" in result.failures[0].traceback
    assert (manifest.state, result.batches) == ("incomplete", len(NUMBERS) - 2)
    batches = read_records(root)["e0001-s0000"].batches
    assert {n: b.status for n, b in batches.items()} == {1: "done", 3: "failed"}
    kept = pq.read_table(root / "environmental_reading" / "e0001-s0000.parquet")
    assert set(kept["batch_id"].to_pylist()) == {1}
    again, _ = run(root)
    assert (again.segments, again.batches) == (2, 4)
    assert content(root) == content(whole)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_batch_that_fails_once_is_made_at_the_second_try(whole, tmp_path, workers):
    context = {"fail_once": (3, 201), "marks": str(tmp_path)}
    result, _ = run(tmp_path / "dataset", context, workers=workers)
    assert result.failures == ()
    assert content(tmp_path / "dataset") == content(whole)


def test_without_retries_a_batch_that_fails_once_is_left_out(tmp_path):
    context = {"fail_once": (3,), "marks": str(tmp_path)}
    result, _ = run(tmp_path / "dataset", context, patience=Patience(retries=0))
    assert [f.reason for f in result.failures] == ["ConnectionError: batch 3 lost its line"]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_batch_that_hangs_is_left_out_when_its_time_is_over(tmp_path, workers):
    began = time.monotonic()
    patience = Patience(batch_seconds=0.5)
    result, _ = run(tmp_path / "dataset", {"hang": (3,)}, workers=workers, patience=patience)
    assert [(f.number, f.reason) for f in result.failures] == [
        (3, "BatchTimeout: it took more than 0.5 s (--timeout)")
    ]
    assert time.monotonic() - began < 20


def test_a_batch_that_cannot_be_interrupted_is_ended_with_its_worker(tmp_path, monkeypatch):
    monkeypatch.setattr("grilse.run.pool._SECONDS_OF_GRACE", 0.5)
    patience = Patience(batch_seconds=2.0)
    result, _ = run(tmp_path / "dataset", {"stall": (3,)}, workers=2, patience=patience)
    assert [f.reason for f in result.failures] == ["it took more than 2 s (--timeout)"]
    assert result.restarts == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stop_undoes_a_segment_that_would_take_long(tmp_path, workers):
    root, numbers = tmp_path / "dataset", tuple(range(1, 4097))
    timer = threading.Timer(2.5, os.kill, (os.getpid(), signal.SIGTERM))
    began = time.monotonic()
    timer.start()
    result, _ = run(root, {"seconds": 0.5}, numbers, workers=workers)
    timer.join()
    assert (result.is_stopped, time.monotonic() - began < 8) == (True, True)
    assert {*read_records(root)} == {"e0001-farm"}
    assert not list(root.rglob("*.inprogress"))
    assert result.restarts == 0


def test_a_second_run_makes_nothing(whole):
    before = content(whole)
    result, manifest = run(whole, {"fail": NUMBERS})
    assert (result.segments, result.rows, manifest.state) == (0, 0, "complete")
    assert content(whole) == before


def test_a_killed_worker_is_replaced_and_its_segment_made_again(whole, tmp_path):
    context = {"kill_once": (5, 200 + 1), "marks": str(tmp_path)}
    result, _ = run(tmp_path / "dataset", context, workers=2)
    assert (result.restarts, result.failures) == (2, ())
    assert content(tmp_path / "dataset") == content(whole)


def test_a_batch_that_always_kills_is_left_out_and_harms_no_other(whole, tmp_path):
    root = tmp_path / "dataset"
    result, manifest = run(root, {"kill_always": (7,)}, workers=2)
    assert [f.number for f in result.failures] == [7]
    assert "its worker died 3 times, the last time of signal SIGKILL" in result.failures[0].reason
    assert (result.restarts, manifest.state) == (3, "incomplete")
    assert len(read_records(root)) == len(manifest.segments)
    assert not list(root.rglob("*.inprogress"))
    run(root)
    assert content(root) == content(whole)


def test_a_segment_that_kills_batch_after_batch_is_given_up(tmp_path):
    root, numbers = tmp_path / "dataset", tuple(range(1, 1025))
    result, _ = run(root, {"kill_always": (1, 2, 3, 4, 5, 6, 7, 8)}, numbers, workers=2)
    assert [f.number for f in result.failures] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert result.restarts == 12


@pytest.mark.parametrize("workers", [1, 2])
def test_a_destination_that_fails_stops_the_run_and_leaves_nothing_half(tmp_path, workers):
    root = tmp_path / "dataset"
    root.mkdir()
    with pytest.raises(DestinationError, match="growth_sample"):
        run_with_blocked_table(root, workers)
    assert not list(root.rglob("*.inprogress"))
    # With two workers, the farm's segment may still be in hand when the other one fails.
    assert {*read_records(root)} <= {"e0001-farm"}


def run_with_blocked_table(root, workers):
    with open_destination(root, INPUTS, NUMBERS, {}) as dest:
        (root / "growth_sample").write_text("in the way")
        sink = ParquetSink(root)
        work = Work(make, {}, TOY_TABLES, sink, partial(write_record, root))
        run_segments(work, tasks_of(NUMBERS, dest.manifest.segment_size), workers=workers)


def stop_amid(root):
    """Ask this process to stop as soon as some segments are recorded."""
    while len(list((root / "_grilse/segments").glob("*.json"))) < 5:
        time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stop_finishes_what_is_in_hand_and_the_next_run_the_rest(whole, tmp_path, workers):
    root = tmp_path / "dataset"
    stopping = threading.Thread(target=stop_amid, args=(root,))
    stopping.start()
    result, manifest = run(root, {"seconds": 0.05}, workers=workers)
    stopping.join()
    assert result.is_stopped
    assert 0 < result.segments < len(manifest.segments)
    assert manifest.state == "incomplete"
    assert not list(root.rglob("*.inprogress"))
    run(root)
    assert content(root) == content(whole)


def test_a_second_stop_undoes_what_is_in_hand(tmp_path):
    def twice():
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.3)

    timer = threading.Timer(2.0, twice)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "dataset", {"seconds": 1.0}, workers=2)
    timer.join()
    assert not list((tmp_path / "dataset").rglob("*.inprogress"))
    assert not (tmp_path / "dataset/_grilse/lock").exists()


RUN_SLOWLY = """
import sys; sys.path[:0] = {paths!r}
from pathlib import Path
from test_run_dataset import run
if __name__ == "__main__":
    run(Path(sys.argv[1]), {{"seconds": 0.02}}, workers=int(sys.argv[2]))
"""


RUN_AND_TELL = """
import sys; sys.path[:0] = {paths!r}
from pathlib import Path
from test_run_dataset import run
if __name__ == "__main__":
    result, manifest = run(Path(sys.argv[1]), {{"seconds": 0.05}}, workers=2)
    print(result.is_stopped, result.restarts, len(result.failures), manifest.state)
"""


def test_a_terminals_ctrl_c_reaches_all_processes_and_only_the_parent_heeds_it(tmp_path):
    script, root = tmp_path / "slow.py", tmp_path / "dataset"
    script.write_text(RUN_AND_TELL.format(paths=[str(Path(__file__).parent)]))
    command = [sys.executable, script, root]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        wait_for_records(root, process)
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.read().split() == ["True", "0", "0", "incomplete"]


def wait_for_records(root, process):
    while len(list((root / "_grilse/segments").glob("*.json"))) < 5:
        assert process.poll() is None
        time.sleep(0.02)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_killed_with_its_parent_goes_on_where_it_was(whole, tmp_path, workers):
    script, root = tmp_path / "slow.py", tmp_path / "dataset"
    script.write_text(RUN_SLOWLY.format(paths=[str(Path(__file__).parent)]))
    process = subprocess.Popen([sys.executable, script, root, str(workers)])
    wait_for_records(root, process)
    process.kill()
    process.wait()
    time.sleep(0.3)
    assert (root / "_grilse/lock").exists()
    (root / "batch" / "e0001-s0060.parquet.inprogress").write_text("half")
    (root / "batch" / "e0001-s0061.parquet").write_text("renamed, but not recorded")
    result, _ = run(root)
    assert 0 < result.segments < 66
    assert content(root) == content(whole)


def test_a_damaged_file_is_made_again(whole, tmp_path):
    root = tmp_path / "dataset"
    run(root)
    (root / "batch" / "e0001-s0002.parquet").write_bytes(b"")
    (root / "growth_sample" / "e0001-s0003.parquet").unlink()
    result, _ = run(root)
    assert result.segments == 2
    assert content(root) == content(whole)


def test_views_show_every_table_from_any_working_folder(whole, tmp_path, monkeypatch):
    tables = [*TOY_TABLES.values()]
    views.make_views(whole, tables, read_records(whole), {"version": "0.1.0", "seed": "1"})
    moved = tmp_path / "it's moved"
    whole.rename(moved)
    try:
        with views.connect(moved) as database:
            sql = "SELECT count(*), count(DISTINCT batch_id), max(value) FROM environmental_reading"
            assert database.execute(sql).fetchone()[:2] == (80 * 130, 130)
            sql = "SELECT comment FROM duckdb_views() WHERE view_name = 'batch'"
            assert "version 0.1.0, seed 1" in database.execute(sql).fetchone()[0]
    finally:
        moved.rename(whole)
        (whole / "farm.duckdb").unlink()


def test_usage_is_told(tmp_path):
    result, _ = run(tmp_path / "dataset", workers=2, numbers=(1, 2))
    assert result.worker_cpu_seconds > 0
    assert result.parent_cpu_seconds > 0
    assert 10 << 20 < result.worker_peak_bytes < 400 << 20
    assert result.parent_peak_bytes > 10 << 20
    assert result.bytes["batch"] == sum(
        path.stat().st_size for path in (tmp_path / "dataset/batch").iterdir()
    )


def test_views_that_a_full_disk_cuts_short_are_told(whole, tmp_path, monkeypatch):
    """DuckDB closes a database that it could not write without a word."""
    root = tmp_path / "dataset"
    run(root)
    connect = views.duckdb.connect
    empty = lambda path, **options: connect() if not options else connect(path, **options)  # noqa: E731
    monkeypatch.setattr("grilse.dataset.views.duckdb.connect", empty)
    with pytest.raises(DestinationError, match="cannot be made"):
        views.make_views(root, TOY_TABLES.values(), read_records(root), {})
    assert not list(root.glob("farm.duckdb*"))
