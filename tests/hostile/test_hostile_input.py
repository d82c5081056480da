"""Input that means harm, or that a tired person makes: refused whole, in time, without a trace."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grilse.cli.main import main

PLAN = ["plan", "--batches", "2", "--stagger", "30", "--start-date", "2020-01-01"]
DATES = ["--as-of", "2021-06-01"]
GRILSE = [sys.executable, "-m", "grilse"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refused(capsys, *words: str) -> str:
    capsys.readouterr()
    assert main([*words]) == 2
    told = capsys.readouterr().err
    assert "Traceback" not in told
    return told


def schedule_with(old: str, new: str) -> Path:
    assert main([*PLAN, *DATES]) == 0
    text = Path("schedule.yaml").read_text(encoding="utf-8")
    assert old in text
    Path("bad.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return Path("bad.yaml")


def test_an_alias_bomb_is_refused_in_time(capsys):
    levels = "\n".join(f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 30))
    Path("bomb.yaml").write_text(f"l0: &l0 [lol]\n{levels}\nbatches: *l29\n")
    for words in (["run", "bomb.yaml", "--to", "out"], ["params", "--params", "bomb.yaml"],
                  ["farm", "show", "--farm", "bomb.yaml"]):  # fmt: skip
        began = time.monotonic()
        refused(capsys, *words)
        assert time.monotonic() - began < 5
    assert not Path("out").exists()


@pytest.mark.slow
def test_a_hundred_megabytes_of_nothing_are_refused_without_the_memory_for_them(capsys):
    line = "x" * 99 + "\n"
    with open("large.yaml", "w") as file:
        file.write("metadata:\n  note: |\n")
        file.writelines(["    " + line * 1000] * 1000)
    command = [*GRILSE, "farm", "show", "--farm", "large.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "large" in done.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("eggs: 3000000", "eggs: .nan"),
        ("eggs: 3000000", "eggs: .inf"),
        ("eggs: 3000000", "eggs: -3"),
        ("start_date: 2020-01-01", "start_date: 9999-12-31"),
        ("start_date: 2020-01-01", "start_date: 0001-01-01"),
        ("start_date: 2020-01-01", "start_date: 2020-02-30"),
        ("as_of: 2021-06-01", "as_of: 9999-12-31"),
        ("hall: FI-FW-01-Hall-A", "hall: FI-FW-01-H\u0430ll-A"),
        ("batch_id: FAR-2020-001", "batch_id: 'F\u0410R-2020-001\u202e'"),
        ("batch_id: FAR-2020-001", "batch_id: '../../../etc/passwd\\0'"),
    ],
)
def test_what_cannot_be_is_refused_at_its_line(capsys, old, new):
    bad = schedule_with(old, new)
    told = refused(capsys, "run", str(bad), "--to", "out", "--farm", "reference")
    assert "bad.yaml:" in told
    assert not Path("out").exists()


def test_a_cyrillic_letter_in_a_name_is_another_name(capsys):
    """A look-alike may name a place that the schedule alone has; it never stands for another."""
    bad = schedule_with("hall: FI-FW-01-Hall-A", "hall: FI-FW-01-H\u0430ll-A")
    told = refused(capsys, "run", str(bad), "--to", "out", "--farm", "reference")
    assert "FI-FW-01-H\u0430ll-A" in told


def test_a_binary_file_a_folder_and_nothing_are_no_schedules(capsys):
    Path("binary.yaml").write_bytes(os.urandom(4096))
    Path("folder.yaml").mkdir()
    Path("empty.yaml").touch()
    for name in ("binary.yaml", "folder.yaml", "empty.yaml", "missing.yaml"):
        assert name in refused(capsys, "run", name, "--to", "out")
    assert not Path("out").exists()


def test_a_link_to_what_is_not_ours_is_left_alone(capsys):
    assert main([*PLAN, *DATES]) == 0
    Path("precious").mkdir()
    Path("precious/thesis.txt").write_text("years of work")
    Path("link").symlink_to("precious")
    refused(capsys, "run", "schedule.yaml", "--to", "link", "--overwrite")
    assert Path("precious/thesis.txt").read_text() == "years of work"
    assert [path.name for path in Path("precious").iterdir()] == ["thesis.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_refused(capsys):
    assert main([*PLAN, *DATES]) == 0
    Path("shut").mkdir(mode=0o555)
    refused(capsys, "run", "schedule.yaml", "--to", "shut/out")


def test_a_file_system_that_takes_nothing_is_refused(capsys):
    """Even root cannot write there."""
    if not Path("/proc/self").is_dir():
        pytest.skip("no /proc on this system")
    assert main([*PLAN, *DATES]) == 0
    refused(capsys, "run", "schedule.yaml", "--to", "/proc/out")


@pytest.mark.slow
def test_no_space_ends_the_run_and_the_same_command_goes_on():
    assert main([*PLAN, *DATES]) == 0
    command = [*GRILSE, "run", "schedule.yaml", "--to", "out", "--workers", "1"]

    def little_space() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run(
        command, capture_output=True, text=True, check=False, preexec_fn=little_space
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "run the same command again" in done.stderr
    assert not [*Path("out").rglob("*.inprogress")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert main(["verify", "out"]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_stops_and_the_same_command_goes_on(workers):
    assert main(["plan", "--batches", "12", *PLAN[3:], *DATES]) == 0
    command = [*GRILSE, "run", "schedule.yaml", "--to", "out", "--workers", workers]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not [*Path("out").glob("batch/*.parquet")] and time.monotonic() < deadline:
        time.sleep(0.01)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=60)
    assert run.returncode in (0, 130), told
    assert "Traceback" not in told
    assert not [*Path("out").rglob("*.inprogress")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert main(["verify", "out"]) == 0
