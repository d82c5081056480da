"""The verb ``params``, and parameter files on plan and run."""

import json
from pathlib import Path

import pytest

from grilse.biology.parameters import builtin_parameters
from grilse.cli.main import main


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def out(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main([*words]) == code
    captured = capsys.readouterr()
    return captured.out if code == 0 else captured.err


def test_every_parameter_has_its_line(capsys):
    told = out(capsys, "params")
    for leaf in builtin_parameters().leaves():
        assert ".".join(leaf.path) in told
        assert leaf.source in told


def test_a_group_alone(capsys):
    told = out(capsys, "params", "sampling").splitlines()
    assert told[1].startswith("sampling.every_days = 7 d (1 to 365)")
    assert all(line.startswith("sampling.") for line in told[1:])
    assert "P-PATH" in out(capsys, "params", "nothing", code=2)


def test_json_and_yaml_read_back(capsys):
    told = json.loads(out(capsys, "params", "--format", "json"))
    assert len(told["parameters"]) == len(builtin_parameters().entries)
    Path("whole.yaml").write_text(out(capsys, "params", "--format", "yaml"))
    assert builtin_parameters().fingerprint in out(capsys, "params", "--params", "whole.yaml")


def test_a_file_of_ones_own_is_checked(capsys):
    Path("bad.yaml").write_text("sampling:\n  every_days: 0\n  fishes: 3\n")
    told = out(capsys, "params", "--params", "bad.yaml", code=2)
    assert "bad.yaml:2" in told
    assert "bad.yaml:3" in told
    Path("nan.yaml").write_text("sampling:\n  every_days: .nan\n")
    assert "nan.yaml:2" in out(capsys, "params", "--params", "nan.yaml", code=2)
    assert "F-MISSING" in out(capsys, "params", "--params", "none.yaml", code=2)


def test_a_schedule_is_not_run_with_others_unless_told(capsys):
    Path("mine.yaml").write_text("sampling: {every_days: 14}\n")
    plan = ["plan", "--batches", "1", "--as-of", "2020-01-01"]
    out(capsys, *plan, "--params", "mine.yaml")
    run = ["run", "schedule.yaml", "--dry-run"]
    assert "R-OTHER-PARAMETERS" in out(capsys, *run, code=2)
    assert "Nothing was written" in out(capsys, *run, "--params", "mine.yaml")
    assert "Nothing was written" in out(capsys, *run, "--other-inputs")


def test_nor_on_another_farm(capsys):
    out(capsys, "plan", "--batches", "1", "--as-of", "2020-01-01", "--farm", "first-design")
    run = ["run", "schedule.yaml", "--dry-run"]
    assert "Nothing was written" in out(capsys, *run)
    assert "R-OTHER-FARM" in out(capsys, *run, "--farm", "reference", code=2)
    assert "Nothing was written" in out(capsys, *run, "--farm", "reference", "--other-inputs")


def test_the_dataset_keeps_its_parameters_and_can_be_verified(capsys):
    Path("mine.yaml").write_text("sampling: {every_days: 14}\n")
    plan = ["plan", "--batches", "1", "--as-of", "2020-01-01", "--start-date", "2019-06-01"]
    out(capsys, *plan, "--params", "mine.yaml")
    out(capsys, "run", "schedule.yaml", "--params", "mine.yaml", "--to", "out", "--workers", "1")
    assert builtin_parameters().fingerprint not in out(
        capsys, "params", "--params", "out/_grilse/parameters.yaml"
    )
    assert main(["verify", "out"]) == 0
