"""Many seeds: each is planned, made aside, judged as `verify` judges it, and forgotten."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from grilse import api
from grilse.cli.main import main
from grilse.ground.errors import BadInput
from grilse.verify.bands import band
from grilse.verify.dataset import Options, verify

ASKED = {"batches": 1, "years": 1, "as_of": "2024-06-01"}


@pytest.fixture(autouse=True)
def aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where histories are made that are forgotten."""
    folder = tmp_path / "aside"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.slow
def test_each_seed_is_judged_as_its_dataset_would_be(aside: Path, tmp_path: Path) -> None:
    told = {}
    figures = api.judge_seeds(
        2, first_seed=7, workers=1, told=lambda seed, found: told.update({seed: found}), **ASKED
    )
    assert list(told) == [7, 8]
    assert list(aside.iterdir()) == []
    plan = api.plan(seed=8, **ASKED)
    root = tmp_path / "out"
    api.run(api.prepare(plan.schedule), root, workers=1)
    mine = [
        f for r in verify(root, Options(("realism", "policy"))).results for f in r.tally.figures
    ]
    here = {(f.name, f.group): f.value for f in mine}
    there = {(f.name, f.group): f.value for f in told[8]}
    assert here.keys() == there.keys()
    for key in here:
        if not key[0].startswith(("sea_temperature", "sea_oxygen")):
            assert here[key] == there[key], key
    for figure in figures:
        assert len(figure.values) == sum((figure.name, figure.group) in
                                         {(f.name, f.group) for f in each}
                                         for each in told.values())  # fmt: skip
        assert not figure.judged
        assert "batches that must be over" in figure.reason or figure.applies_to == "biosecure"
        if figure.applies_to == "all":
            assert (figure.least, figure.most) == band(figure.name, figure.group)


@pytest.mark.slow
def test_a_schedule_is_made_anew_with_each_seed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "schedule.yaml"
    assert main(["plan", "--batches", "1", "--as-of", "2024-06-01", "-o", str(file)]) == 0
    capsys.readouterr()
    weights = ["--only", "realism.weight_day_172"]
    assert main(["verify", "--seeds", "2", str(file), *weights, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {each["name"] for each in told} <= {"weight_day_172"}
    assert main(["verify", "--seeds", "1", str(file), "--batches", "2"]) == 2
    assert "R-SEEDS" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [{"seeds": 0}, {"seeds": 1, "first_seed": -1},
                                   {"seeds": 1, "without": ["nonsense"]}])  # fmt: skip
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        api.judge_seeds(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("words", [["--batches", "3"], ["--first-seed", "4"], []])
def test_options_of_seeds_go_with_seeds(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", *words]) == 2
    assert "seeds" in capsys.readouterr().err
