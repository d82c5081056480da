"""What is told of a run to whoever looks on: state, figures, and who works on it."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import replace

import pytest
from click.testing import CliRunner

from grilse import api
from grilse.api.watching import as_json, as_metrics, as_text, status
from grilse.cli.status import command
from grilse.dataset.layout import HOUSE
from grilse.dataset.lock import hold
from grilse.dataset.records import read_records, write_record
from grilse.ground.errors import DestinationError
from grilse.run.progress import Silent
from grilse.run.status import noting


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    answer = api.plan(batches=2, stagger=20, as_of="2024-04-01")
    job = api.prepare(answer.schedule, tables=("geography", "batch", "mortality_event"))
    path = tmp_path_factory.mktemp("status") / "dataset"
    api.run(job, path, workers=1)
    return path


def test_a_run_that_came_to_its_end_leaves_no_note(root):
    found = status(root)
    assert not list((root / HOUSE).glob("status*"))
    assert (found.state, found.batches_done, found.batches_failed) == ("complete", 4, 0)
    assert (found.segments_done, found.batches_left, found.holders) == (found.segments, None, ())
    rows = sum(
        t["rows"]
        for t in json.loads((root / HOUSE / "manifest.json").read_text())["totals"].values()
    )
    assert found.rows == rows > 0
    assert found.bytes == sum(path.stat().st_size for path in root.glob("*/*.parquet"))


def note_of(root, name="status.json", rows=500, done=5):
    with noting(root / HOUSE / name, Silent(), batches=20, there=3, workers=2) as noted:
        time.sleep(1.1)
        noted.advance(done, rows, 1)
        yield


def test_a_run_at_work_is_seen_with_its_rate_and_the_time_left(root):
    note = note_of(root)
    with hold(root / HOUSE / "lock"):
        next(note)
        found = status(root)
        assert (found.state, found.batches_left, found.workers) == ("running", 15, 2)
        assert 300 < found.rows_per_second < 500
        assert 3.0 < found.seconds_left < 4.5
        assert f"process {os.getpid()} on {socket.gethostname()}" in found.holders[0]
        text = "\n".join(as_text(found))
        assert "15 left" in text
        assert "time left   about" in text
    assert status(root).state == "complete"
    assert status(root).batches_left is None
    next(note, None)
    assert not (root / HOUSE / "status.json").exists()


def test_parts_at_work_add_up_and_the_dead_are_left_out(root):
    one, two = note_of(root, "status.part-0001-of-0003.json"), note_of(root)
    (root / HOUSE / "status.part-0002-of-0003.json").write_text("half a no")
    with (
        hold(root / HOUSE / "lock.part-0001-of-0003"),
        hold(root / HOUSE / "lock.part-0002-of-0003"),
    ):
        next(one)
        next(two)
        found = status(root)
        assert (found.batches_left, found.workers, len(found.holders)) == (15, 2, 2)
    next(one, None)
    next(two, None)
    (root / HOUSE / "status.part-0002-of-0003.json").unlink()


def test_failed_batches_are_told_with_their_reason(root):
    name, record = [*read_records(root).items()][1]
    number = next(iter(record.batches))
    failed = replace(record.batches[number], status="failed", reason="ValueError: told so")
    try:
        write_record(root, replace(record, batches={number: failed}))
        found = status(root)
        assert found.batches_failed == 1
        assert found.last[0].endswith("ValueError: told so")
    finally:
        write_record(root, record)
    assert name in read_records(root)


def test_a_folder_without_a_dataset_is_refused(tmp_path):
    with pytest.raises(DestinationError, match="is not a dataset"):
        status(tmp_path)


def test_programs_read_json_and_metrics(root):
    found = json.loads(as_json(status(root)))
    assert found["state"] == "complete"
    said = CliRunner().invoke(command, [str(root), "--format", "json"])
    assert json.loads(said.output) == found
    lines = as_metrics(status(root)).splitlines()
    assert "grilse_complete 1" in lines
    assert all(line.startswith("#") or len(line.split()) == 2 for line in lines)
    assert (
        CliRunner()
        .invoke(command, [str(root), "--watch"])
        .output.startswith("state       complete")
    )


def test_metrics_are_served_on_the_loopback_address(root):
    process = subprocess.Popen(
        [sys.executable, "-m", "grilse", "status", root, "--metrics-port", "0"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    killer = threading.Timer(20, process.kill)
    killer.start()
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address, timeout=10) as answer:
            assert "grilse_complete 1\n" in answer.read().decode()
    finally:
        killer.cancel()
        process.kill()
        process.communicate()
