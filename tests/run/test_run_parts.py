"""Parts made alone, in any order, beside each other or apart, are the whole (law 5)."""

import json
import random
import shutil
import subprocess
import sys

import pytest

from grilse import api
from grilse.api.finalising import finalise
from grilse.dataset.layout import HOUSE
from grilse.dataset.parts import Part, part_of
from grilse.ground.errors import BadInput, CheckFailed, DestinationError
from grilse.plan.saving import save_plan

TABLES = ("geography", "batch", "mortality_event", "feeding_event", "feed_lot")


@pytest.fixture(scope="module")
def job():
    answer = api.plan(batches=3, stagger=20, as_of="2024-04-01")
    chosen = [name for name in TABLES if name in api.prepare(answer.schedule).tables]
    return api.prepare(answer.schedule, tables=chosen)


@pytest.fixture(scope="module")
def whole(job, tmp_path_factory):
    root = tmp_path_factory.mktemp("whole") / "dataset"
    api.run(job, root, workers=1)
    return root


def manifest(root):
    return json.loads((root / HOUSE / "manifest.json").read_text())


@pytest.mark.parametrize("text", ["", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "1.0/3", "１/3"])
def test_what_is_no_part_is_refused(text):
    with pytest.raises(BadInput, match="R-PART"):
        part_of(text)


@pytest.mark.parametrize("parts", [1, 2, 3, 7, 100])
def test_every_segment_is_in_one_part(parts):
    names = [f"e0001-s{i:04d}" for i in range(20)]
    found = [name for i in range(parts) for name in Part(i + 1, parts).of(names)]
    assert sorted(found) == names
    assert part_of(f"{parts}/{parts}") == Part(parts, parts)


def test_parts_in_one_folder_are_the_whole(job, whole, tmp_path):
    root = tmp_path / "dataset"
    for index in (3, 1, 2):
        with pytest.raises((CheckFailed, DestinationError), match=r"not whole|not a dataset"):
            finalise(root)
        report = api.run(job, root, workers=1, part=f"{index}/3")
        assert report.next_verb == "finalise"
    assert manifest(root)["state"] == "begun"
    finalise(root)
    assert manifest(root) == manifest(whole)


def test_parts_of_many_folders_are_joined_and_left_as_they_are(job, whole, tmp_path):
    folders = [tmp_path / name for name in "ab"]
    for index, folder in enumerate(folders):
        api.run(job, folder, workers=1, part=Part(index + 1, 2))
    shutil.copytree(folders[0], tmp_path / "copied")
    assert finalise(tmp_path / "joined", folders).joined == len(manifest(whole)["segments"])
    assert manifest(tmp_path / "joined") == manifest(whole)
    finalise(tmp_path / "copied", [folders[1]])
    assert manifest(tmp_path / "copied") == manifest(whole)
    assert manifest(folders[0])["state"] == "begun"


def test_a_part_of_other_inputs_is_refused(job, tmp_path):
    other = api.prepare(job.schedule, tables=job.tables, seed=7)
    api.run(job, tmp_path / "a", workers=1, part="1/2")
    api.run(other, tmp_path / "b", workers=1, part="2/2")
    with pytest.raises(DestinationError, match="seed: there 7, wanted 1"):
        finalise(tmp_path / "a", [tmp_path / "b"])
    with pytest.raises(DestinationError, match="seed: there 1, wanted 7"):
        api.run(other, tmp_path / "a", workers=1, part="2/2")


def test_records_of_other_inputs_that_were_copied_in_are_not_taken(job, tmp_path):
    other = api.prepare(job.schedule, tables=job.tables, seed=7)
    api.run(job, tmp_path / "a", workers=1, part="1/2")
    api.run(other, tmp_path / "b", workers=1, part="2/2")
    shutil.copytree(
        tmp_path / "b", tmp_path / "a", dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("manifest.json"),
    )  # fmt: skip
    with pytest.raises(CheckFailed, match="are not whole"):
        finalise(tmp_path / "a")


def test_a_part_replaces_nothing(job, tmp_path):
    for option in ("overwrite", "update", "only_failed"):
        with pytest.raises(BadInput, match="without --partition"):
            api.run(job, tmp_path / "x", part="1/2", **{option: True})
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
def test_24_parts_by_24_processes_in_random_order_are_the_whole(job, tmp_path):
    answer = api.plan(batches=3, stagger=20, as_of="2024-04-01")
    save_plan(answer, tmp_path / "schedule.yaml")
    parts = list(range(1, 25))
    random.Random(24).shuffle(parts)
    script = (
        "import sys; from grilse import api; "
        "job = api.prepare(sys.argv[1], tables=sys.argv[4].split(',')); "
        "api.run(job, sys.argv[2], workers=1, part=sys.argv[3])"
    )
    for first in range(0, 24, 4):  # Four at a time, to be kind to the machine.
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", script, tmp_path / "schedule.yaml", tmp_path / "parts",
                 f"{part}/24", ",".join(job.tables)]
            )
            for part in parts[first : first + 4]
        ]  # fmt: skip
        assert [process.wait() for process in processes] == [0] * 4
    finalise(tmp_path / "parts")
    read = api.prepare(tmp_path / "schedule.yaml", tables=job.tables)
    api.run(read, tmp_path / "whole", workers=1)
    assert manifest(tmp_path / "parts") == manifest(tmp_path / "whole")
