"""A run's folder goes with the run; one whose process was killed goes with the next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from grilse.run.scratch import scratch_folder

_HOLD = """
import sys, time
from pathlib import Path
from grilse.run.scratch import scratch_folder
with scratch_folder("mine-", Path(sys.argv[1])) as folder:
    (folder / "1.demand").write_bytes(b"x")
    print(folder, flush=True)
    time.sleep(60)
"""


def test_it_is_there_for_the_block_alone(tmp_path: Path) -> None:
    with scratch_folder("mine-", tmp_path / "new") as folder:
        (folder / "a").write_text("b")
        assert folder.parent == tmp_path / "new"
    assert list((tmp_path / "new").iterdir()) == []


def test_one_that_was_killed_is_removed_by_the_next_and_one_at_work_is_not(tmp_path: Path) -> None:
    other = tmp_path / "mine-somebody-elses"
    other.mkdir()
    held = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert held.stdout is not None
    left = Path(held.stdout.readline().strip())
    with scratch_folder("mine-", tmp_path):
        assert left.is_dir(), "its process is at work"
    os.kill(held.pid, signal.SIGKILL)
    held.wait()
    held.stdout.close()
    assert left.is_dir()
    with scratch_folder("mine-", tmp_path):
        assert not left.exists()
        assert other.is_dir(), "nobody knows whose it is"


def test_links_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "held").touch()
    (tmp_path / "mine-link").symlink_to(tmp_path / "real")
    with scratch_folder("mine-", tmp_path):
        pass
    assert (tmp_path / "real" / "held").exists()


def test_it_is_made_among_temporary_files_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with scratch_folder("mine-") as folder:
        assert folder.parent == tmp_path
