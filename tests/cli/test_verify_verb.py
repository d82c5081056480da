"""`grilse verify` as a user meets it: lines or JSON, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grilse import api
from grilse.cli.main import main


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("verb") / "out"
    plan = api.plan(batches=1, stagger=1, as_of="2024-01-20", start="2024-01-01")
    report = api.run(api.prepare(plan.schedule), root, workers=1)
    assert not report.result.failures
    return root


def test_a_sound_dataset_passes(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(dataset), "--no-realism", "--threads", "1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("ok    structure.files")
    assert "checks passed" in out.splitlines()[-1]
    assert "realism" not in out


def test_json_is_for_programs(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["verify", str(dataset), "--format", "json", "--only", "keys"])
    assert code == 0
    data = json.loads(capsys.readouterr().out)
    assert data["verdict"] == "pass"
    assert {check["group"] for check in data["checks"]} == {"keys"}


def test_a_fault_exits_with_one(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stray = dataset / "batch" / "stray.parquet"
    stray.write_bytes(b"PAR1")
    try:
        assert main(["verify", str(dataset), "--only", "structure.files"]) == 1
    finally:
        stray.unlink()
    told = capsys.readouterr()
    assert "FAIL  structure.files" in told.out
    assert "batch/stray.parquet: no record names this file" in told.out
    assert told.err.strip() == "grilse: 1 check failed"


@pytest.mark.parametrize("arguments", [["nowhere"], ["."], [".", "--only", "fishes"]])
def test_what_cannot_be_read_exits_with_two(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["verify", *arguments]) == 2
