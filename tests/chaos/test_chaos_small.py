"""The tools of `make chaos`, in small: a few interruptions, and some hundred damaged inputs."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from chaos.fuzz import damaged, fuzz  # noqa: E402

from chaos import content  # noqa: E402


def test_damaged_inputs_are_taken_or_refused_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = fuzz(300, 7, tmp_path)
    assert found.faults == []
    assert sum(found.ends.values()) == 300
    assert any(name.endswith("taken") for name in found.ends)


def test_a_fault_is_found(tmp_path, monkeypatch):
    def faulty(folder):
        def read(text):
            raise KeyError(text)

        return [("broken", b"a: 1", read)]

    monkeypatch.setattr("chaos.fuzz.inputs", faulty)
    found = fuzz(3, 1, tmp_path)
    assert len(found.faults) == 4
    assert "KeyError" in found.faults[1]


def test_the_same_seed_does_the_same_damage():
    text = b"a: 1\nb: [2, 3]\n"
    one, two = ([damaged(text, random.Random(s)) for s in range(20)] for _ in range(2))
    assert one == two
    assert len({*one}) > 10


def test_a_claim_that_is_not_there_is_found(tmp_path):
    segments = tmp_path / "_grilse/segments"
    segments.mkdir(parents=True)
    (segments / "e0001-s0000.json").write_text('{"tables": {"batch": {"file": "b", "bytes": 1}}}')
    assert content.broken_claims(tmp_path) == ["e0001-s0000.json: b"]
    (tmp_path / "b").write_text("x")
    assert content.broken_claims(tmp_path) == []


@pytest.mark.slow
def test_runs_that_are_interrupted_come_out_the_same():
    command = [sys.executable, "-m", "chaos", "--count", "8", "--batches", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "content equal every time" in done.stdout
