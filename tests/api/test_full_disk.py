"""A full disk says what is needed, and leaves whole segments that the next run goes on from."""

import errno
import os
import shutil
import subprocess
from contextlib import suppress

import duckdb
import pytest

from grilse import api
from grilse.api.loading import find_place, load
from grilse.api.migrating import export_as_legacy
from grilse.api.room import telling_room_at
from grilse.cli.main import main
from grilse.ground.errors import DestinationError, DiskFull, kind_of_failure
from grilse.sinks.postgres.connection import describe

TABLES = ("geography", "batch", "mortality_event", "feeding_event", "environmental_reading")


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 3 MB, which root alone may mount."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if os.name != "posix" or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here: that takes root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_needed_and_what_is_free_is_told(small_disk, workers):
    plan = api.plan(batches=8, stagger=15, start="2023-01-01", as_of="2024-06-01")
    job = api.prepare(plan.schedule, tables=TABLES)
    needed = r"No space left on device.*The rest takes about [1-9][0-9.]* MB; [0-9.]+ MB are free"
    with pytest.raises(DiskFull, match=needed):
        api.run(job, small_disk / "out", workers=workers, logs=False)
    assert not list((small_disk / "out").rglob("*.inprogress"))
    subprocess.run(["mount", "-o", "remount,size=60m", small_disk], check=True)
    report = api.run(job, small_disk / "out", workers=workers, logs=False)
    assert report.manifest.state == "complete"
    assert report.manifest.totals == api.run_to_nothing(job, workers=1).tables


@pytest.fixture(scope="module")
def job():
    plan = api.plan(batches=1, stagger=15, start="2023-01-01", as_of="2024-06-01")
    return api.prepare(plan.schedule, tables=TABLES)


@pytest.mark.parametrize("name", ["csv:{}/out", "{}/farm.duckdb"])
def test_other_places_tell_it_as_well_and_go_on(small_disk, job, name):
    place = name.format(small_disk)
    with pytest.raises(DiskFull, match=r"No space left on device.* [0-9.]+ MB are free there"):
        load(job, place, workers=1)
    assert not list(small_disk.rglob("*.inprogress*"))
    subprocess.run(["mount", "-o", "remount,size=100m", small_disk], check=True)
    finished = load(job, place, workers=1).finished
    assert finished.is_complete
    assert finished.totals == api.run_to_nothing(job, workers=1).tables


@pytest.mark.parametrize("free", [6_000_000, 11_000_000])
def test_a_database_that_is_not_whole_is_not_taken_for_one(small_disk, job, free):
    subprocess.run(["mount", "-o", f"remount,size={free}", small_disk], check=True)
    path = small_disk / "farm.duckdb"
    with suppress(DiskFull):
        load(job, path, workers=1)
    if path.exists():
        with duckdb.connect(str(path), read_only=True) as rows:
            found = rows.execute("SELECT count(*) FROM environmental_reading").fetchone()
        assert found == (api.run_to_nothing(job, workers=1).tables["environmental_reading"].rows,)
    subprocess.run(["mount", "-o", "remount,size=100m", small_disk], check=True)
    assert load(job, path, workers=1).finished.is_complete


def test_an_export_is_whole_or_not_there(small_disk, job, tmp_path):
    everything = api.prepare(job.schedule, skip=("environmental_reading",))
    api.run(everything, tmp_path / "data", workers=1, logs=False)
    room = shutil.disk_usage(small_disk).free - 60_000
    (small_disk / "ballast").write_bytes(bytes(room))
    for folder, is_there in ((small_disk / "new", False), (small_disk / "empty", True)):
        if is_there:
            folder.mkdir()
        with pytest.raises(DiskFull, match=r"No space left on device\. Nothing of it was kept"):
            export_as_legacy(tmp_path / "data", folder)
        assert folder.exists() is is_there
        assert not is_there or not list(folder.iterdir())


def test_a_file_that_finds_no_room_is_not_there(small_disk, capsys):
    (small_disk / "ballast").write_bytes(bytes(shutil.disk_usage(small_disk).free))
    assert main(["farm", "scale", "2", "--output", str(small_disk / "two.yaml")]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]


def test_a_servers_full_disk_is_told_with_what_the_load_takes(job):
    class Full(Exception):
        sqlstate = "53100"

    place = find_place("postgresql://nowhere/farm")
    told = describe(place.target, Full("could not extend file"), "writing batch 3")
    needed = r"disk is full\. Whole batches are there.* takes about [1-9][0-9.]* MB there"
    with pytest.raises(DiskFull, match=needed), telling_room_at(job, place):
        raise told


def test_other_failures_are_no_full_disk():
    assert kind_of_failure(OSError(errno.ENOSPC, "full")) is DiskFull
    assert kind_of_failure(OSError(errno.EDQUOT, "quota")) is DiskFull
    assert kind_of_failure(OSError(errno.EACCES, "no")) is DestinationError
