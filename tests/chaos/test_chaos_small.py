"""The tools of `make chaos`, in small: a few interruptions, and some hundred damaged inputs."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from chaos.__main__ import Found  # noqa: E402
from chaos.fuzz import damaged, fuzz  # noqa: E402
from chaos.interruptions import Scene, interruptions  # noqa: E402

from chaos import content  # noqa: E402


def test_damaged_inputs_are_taken_or_refused_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = fuzz(240, 7, tmp_path)
    assert found.faults == []
    assert sum(found.ends.values()) == 240
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


def test_what_is_wrong_is_kept_with_its_words_and_its_folder(tmp_path, capsys):
    root, found = tmp_path / "dataset", Found(tmp_path / "kept")
    root.mkdir()
    (root / "half").write_text("x")
    found.keep("7 SIGTERM", [], "all is well", root)
    assert not found.kept.exists()
    found.keep("8 SIGTERM", ["differs"], "what it said", root)
    assert found.wrong == ["8 SIGTERM: differs"]
    assert "what it said" in (found.kept / "001" / "said.txt").read_text()
    assert (found.kept / "001" / "dataset" / "half").read_text() == "x"
    assert "WRONG  8 SIGTERM: differs" in capsys.readouterr().out


def test_every_run_has_a_limit_of_its_own(tmp_path):
    scene = Scene(tmp_path / "dataset", False, random.Random(1))
    way = next(way for way in interruptions(scene) if "limit" in way.name)
    limits = set()
    for _ in range(20):
        way.prepare(scene)
        limits.add(scene.file_bytes)
    assert len(limits) == 20
    assert min(limits) >= 2_000
    assert max(limits) <= 600_000


@pytest.mark.slow
def test_runs_that_are_interrupted_come_out_the_same():
    command = [sys.executable, "-m", "chaos", "--count", "8", "--batches", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "content equal every time" in done.stdout
