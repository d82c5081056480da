"""Slices: each whole in one worker, its failures its own, the content as without."""

from __future__ import annotations

import re

import pytest

from grilse.cli.main import main
from grilse.dataset.manifest import read_manifest
from grilse.run.slices import Queue
from grilse.run.task import BatchTask, SegmentTask


def segment(number: int) -> SegmentTask:
    return SegmentTask(f"e0001-s{number:04d}", (BatchTask(number, str(number), "", None),))


def test_a_worker_keeps_its_slice_and_takes_the_next_when_it_is_done():
    slice_of = {1: "a", 2: "a", 3: "b", 4: "c", 5: "c"}
    queue = Queue(map(segment, range(1, 6)), slice_of)
    taken = [(worker, queue.take(worker)) for worker in (0, 1, 1, 0, 1, 0)]
    assert [(worker, task and task.batches[0].number) for worker, task in taken] == [
        (0, 1), (1, 3), (1, 4), (0, 2), (1, 5), (0, None),
    ]  # fmt: skip


def test_without_slices_they_come_as_they_stand():
    assert [task.batches[0].number for task in Queue(map(segment, (3, 1, 2)))] == [3, 1, 2]


@pytest.mark.slow
def test_the_content_is_as_without(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    plan = ["plan", "--batches", "3", "--as-of", "2020-01-01", "--partitions", "4"]
    assert main(plan) == 0
    assert main(["run", "schedule.yaml", "--to", "with", "--workers", "2", "--use-partitions"]) == 0
    told = capsys.readouterr().out
    assert re.findall(r"slice +(worker_\d): (\d) made", told) == [
        ("worker_1", "2"), ("worker_2", "2"), ("worker_3", "1"), ("worker_4", "1"),
    ]  # fmt: skip
    assert main(["run", "schedule.yaml", "--to", "without", "--workers", "1"]) == 0
    one, two = (read_manifest(tmp_path / name).totals for name in ("with", "without"))
    assert one == two


def test_absent_partitions_are_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["plan", "--batches", "1", "--as-of", "2020-01-01"]) == 0
    assert main(["run", "schedule.yaml", "--to", "out", "--use-partitions"]) == 2
    assert "S-PARTITIONS" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
