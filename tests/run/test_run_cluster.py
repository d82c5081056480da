"""Runs on a Dask cluster: equal to one machine's, whatever is lost on the way."""

import json
import os
import signal
import sys
import threading
import time
from functools import partial

import grilse_cluster
import pytest
from grilse_toy import TOY_TABLES, make
from test_run_dataset import INPUTS, QUICK, content, tasks_of

from grilse.cli.main import main
from grilse.dataset.destination import finish, open_destination
from grilse.dataset.layout import ASIDE, HOUSE
from grilse.dataset.records import write_record
from grilse.ground.errors import BadInput, MissingExtra
from grilse.run.cluster import ClusterError, joined
from grilse.run.run import run_segments
from grilse.run.task import Patience, Work
from grilse.sinks.aside import AsideSink
from grilse.sinks.parquet import ParquetSink

pytest.importorskip("distributed", reason="the extra grilse[dask] is not installed")

NUMBERS = tuple(range(1, 81))


@pytest.fixture(scope="module")
def cluster():
    with grilse_cluster.running() as found:
        yield found


def run(root, cluster, context=None, numbers=NUMBERS, patience=QUICK):
    """Make the toy's rows, on a cluster's workers or, without one, here."""
    with open_destination(root, INPUTS, numbers, {"schedule.yaml": "x"}) as dest:
        inner = ParquetSink(root, {"version": "0.1.0", "seed": "1"})
        sink = inner if cluster is None else AsideSink(inner, root / ASIDE)
        keep = partial(write_record, root, made=dest.made)
        work = Work(make, context or {}, TOY_TABLES, sink, keep, patience)
        tasks = tasks_of(numbers, dest.manifest.segment_size, dest.done)
        result = run_segments(work, tasks, workers=1, cluster=cluster)
        return result, finish(dest)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    root = tmp_path_factory.mktemp("whole") / "dataset"
    run(root, None)
    return content(root)


def records(root):
    return len(list((root / HOUSE / "segments").glob("*.json")))


def when(condition, strike):
    """Strike as soon as a condition holds, from a thread."""

    def wait():
        end = time.monotonic() + 60
        while not condition() and time.monotonic() < end:
            time.sleep(0.01)
        strike()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.mark.slow
def test_a_cluster_makes_equal_files(cluster, whole, tmp_path):
    with joined(cluster.address) as dask:
        result, manifest = run(tmp_path / "d", dask)
    assert content(tmp_path / "d") == whole
    assert (manifest.state, result.workers, result.restarts) == ("complete", 2, 0)
    assert result.worker_cpu_seconds > 0


@pytest.mark.slow
def test_a_failing_batch_is_left_out_and_a_slow_one_is_ended(cluster, whole, tmp_path):
    patience = Patience(retries=0, batch_seconds=0.5)
    with joined(cluster.address) as dask:
        context = {"fail": (3,), "naps": (5,)}
        result, manifest = run(tmp_path / "d", dask, context, patience=patience)
        assert [(f.number, f.reason) for f in result.failures] == [
            (3, "ZeroDivisionError: batch 3 divides by nothing"),
            (5, "BatchTimeout: it took more than 0.5 s (--timeout)"),
        ]
        assert manifest.state == "incomplete"
        run(tmp_path / "d", dask)
    assert content(tmp_path / "d") == whole


@pytest.mark.slow
def test_a_stop_undoes_what_is_in_hand_and_the_next_run_does_the_rest(cluster, whole, tmp_path):
    root = tmp_path / "d"
    with joined(cluster.address) as dask:
        stop = when(lambda: records(root) > 4, lambda: os.kill(os.getpid(), signal.SIGINT))
        result, manifest = run(root, dask, {"seconds": 0.05})
        stop.join()
        assert (result.is_stopped, manifest.state) == (True, "incomplete")
        assert not (root / ASIDE).exists()
        run(root, dask)
    assert content(root) == whole


@pytest.mark.slow
def test_workers_that_are_killed_cost_only_time_and_a_batch_that_kills_is_left_out(whole, tmp_path):
    with grilse_cluster.running(5, apart=True) as found, joined(found.address) as dask:
        root = tmp_path / "d"
        strike = when(lambda: records(root) > 4, found.workers[0].kill)
        result, manifest = run(root, dask, {"seconds": 0.02})
        strike.join()
        assert (result.failures, result.restarts, manifest.state) == ((), 1, "complete")
        assert content(root) == whole
        result, _ = run(tmp_path / "killed", dask, {"kill_always": (7,)})
        assert [f.number for f in result.failures] == [7]
        assert "its worker died" in result.failures[0].reason
        assert not found.scheduler.poll()
    if not found.is_apart:
        pytest.skip("passed; but this machine allows no network namespaces, so on one net")


@pytest.mark.slow
def test_a_scheduler_that_goes_leaves_whole_segments(whole, tmp_path):
    root = tmp_path / "d"
    with grilse_cluster.running() as found:
        strike = when(lambda: records(root) > 4, found.scheduler.kill)
        with (
            pytest.raises(ClusterError, match=r"scheduler is gone.*same command goes on"),
            joined(found.address) as dask,
        ):
            run(root, dask, {"seconds": 0.05})
        strike.join()
    assert records(root) > 4
    run(root, None)
    assert content(root) == whole


@pytest.mark.slow
def test_a_cluster_that_has_lost_all_workers_is_not_waited_for(tmp_path, monkeypatch):
    root = tmp_path / "d"
    with grilse_cluster.running(1) as found, joined(found.address) as dask:
        monkeypatch.setattr("grilse.run.cluster._SECONDS_TO_COME", 3)
        strike = when(lambda: records(root) > 4, found.workers[0].kill)
        with pytest.raises(ClusterError, match=r"no worker is left.*same command goes on"):
            run(root, dask, {"seconds": 0.02})
        strike.join()
    assert records(root) > 4


@pytest.mark.slow
def test_the_command_line_runs_on_a_cluster(cluster, tmp_path, capsys):
    schedule = str(tmp_path / "schedule.yaml")
    words = ["--batches", "2", "--stagger", "20", "--as-of", "2024-03-01", "--output", schedule]
    assert main(["plan", *words]) == 0
    there = ["--engine", "dask", "--scheduler", cluster.address]
    for name, options in (("here", ["--workers", "1"]), ("there", there)):
        assert main(["run", schedule, "--to", str(tmp_path / name), *options]) == 0
        assert main(["run", schedule, "--to", f"csv:{tmp_path / name}-csv", *options]) == 0
    told = [json.loads((tmp_path / n / HOUSE / "manifest.json").read_text()) for n in
            ("here", "there")]  # fmt: skip
    assert told[0] == told[1]
    for path in sorted((tmp_path / "here-csv").rglob("*.csv")):
        assert path.read_bytes() == (tmp_path / "there-csv" / path.relative_to(
            tmp_path / "here-csv")).read_bytes()  # fmt: skip
    assert main(["run", schedule, "--to", "-", "--tables", "batch", *there]) == 2
    assert "this machine alone" in capsys.readouterr().err


@pytest.mark.slow
def test_a_folder_that_workers_do_not_see_is_refused(cluster, tmp_path):
    with (
        joined(cluster.address) as dask,
        pytest.raises(ClusterError, match=r"2 of the workers do not see it.*all machines share"),
    ):
        dask.refuse_unseen(tmp_path / "not/there")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--engine", "dask"], "go together"),
        (["--scheduler", "tcp://h:1"], "go together"),
        (["--engine", "dask", "--scheduler", "h:1"], "R-SCHEDULER"),
        (["--engine", "dask", "--scheduler", "tcp://h:1", "--workers", "2"], "own workers"),
        (["--engine", "dask", "--scheduler", "tcp://h:1", "--use-partitions"], "slices are for"),
    ],
)
def test_what_does_not_go_together_is_refused(words, said, tmp_path, capsys):
    schedule = str(tmp_path / "schedule.yaml")
    assert main(["plan", "--batches", "1", "--output", schedule, "--as-of", "2024-03-01"]) == 0
    assert main(["run", schedule, "--to", str(tmp_path / "out"), *words]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_no_scheduler_is_told_in_one_line(monkeypatch):
    monkeypatch.setattr("grilse.run.cluster._SECONDS_TO_CONNECT", 1)
    with pytest.raises(ClusterError, match="no scheduler answers there") as caught:
        joined("tcp://127.0.0.1:9").__enter__()
    assert "\n" not in str(caught.value)


def test_without_the_package_the_command_to_install_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match=r"pip install 'grilse\[dask\]'"):
        joined("tcp://127.0.0.1:9").__enter__()


@pytest.mark.parametrize("address", ["", "tcp://", "tcp://h", "h:8786", "tcp://h:x", "tcp://a b:1"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(BadInput, match="R-SCHEDULER"):
        joined(address).__enter__()
