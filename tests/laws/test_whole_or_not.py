"""Law 8: a run that is killed leaves nothing that is taken for done, and goes on by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from grilse_laws import company, content, run

from grilse.dataset.manifest import read_manifest
from grilse.dataset.records import read_records

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "killpg"), reason="processes have no groups here"),
]

_MOST_SECONDS = 60


def wait_for_a_record(root: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until a run has recorded two segments."""
    end = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if len(list(root.glob("_grilse/segments/*.json"))) >= 2:
            return
        time.sleep(0.005)


def test_a_killed_run_leaves_whole_segments_alone_and_goes_on(tmp_path: Path) -> None:
    whole = run(company(), tmp_path / "whole", "--workers", "1")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "schedule.yaml").write_bytes((tmp_path / "whole/schedule.yaml").read_bytes())
    root = broken / "dataset"
    command = [sys.executable, "-m", "grilse", "run", str(broken / "schedule.yaml"), "--to"]
    with subprocess.Popen(
        [*command, str(root), "--workers", "1"],
        start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        wait_for_a_record(root, process)
        os.killpg(process.pid, signal.SIGKILL)
    assert read_manifest(root).state == "begun"
    done = read_records(root)
    assert 2 <= len(done) < len(read_records(whole))
    for record in done.values():
        for table, file in record.files.items():
            assert pq.ParquetFile(root / file).metadata.num_rows == record.tables[table].rows
    assert content(root) != content(whole)
    assert content(run(company(), broken, "--workers", "2")) == content(whole)
    assert not list(root.rglob("*.inprogress"))
