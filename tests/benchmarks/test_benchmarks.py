"""The benchmarks tell a wrong answer, and run at all."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.figure import Figure  # noqa: E402
from benchmarks.machine import machine  # noqa: E402


def test_a_figure_says_whether_it_is_reached_and_right():
    assert Figure("a", 3.0, "s", 2.0).is_reached is False
    assert Figure("a", 3.0, "s", 2.0, more_is_better=True).is_reached is True
    assert "missed" in Figure("a", 3.0, "s", 2.0).line
    assert "WRONG: rows" in Figure("a", 3.0, "s", answer="rows", is_right=False).line
    assert Figure("a", 3.0, "s").is_reached is None


def test_the_machine_has_facts():
    assert {"processor", "python", "numpy"} <= set(machine())


@pytest.mark.slow
def test_planning_is_measured_and_checked(tmp_path):
    command = [sys.executable, "-m", "benchmarks", "--only", "plan_550", "--json", "out.json",
               "--folder", str(tmp_path)]  # fmt: skip
    done = subprocess.run(
        [*command[:-3], str(tmp_path / "out.json"), *command[-2:]],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "out.json").read_text())
    assert told["figures"][0]["is_right"]
    assert "right: its published fingerprint" in done.stdout
