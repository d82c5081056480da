"""A full disk says what is needed, and leaves whole segments that the next run goes on from."""

import errno
import os
import subprocess

import pytest

from grilse import api
from grilse.ground.errors import DestinationError, DiskFull, kind_of_failure

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


def test_other_failures_are_no_full_disk():
    assert kind_of_failure(OSError(errno.ENOSPC, "full")) is DiskFull
    assert kind_of_failure(OSError(errno.EDQUOT, "quota")) is DiskFull
    assert kind_of_failure(OSError(errno.EACCES, "no")) is DestinationError
