"""The verbs ``validate``, ``capacity`` and ``show`` as a person meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grilse.cli.main import main


@pytest.fixture(autouse=True)
def _here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["plan", "--batches", "3", "--as-of", "2024-01-01"]) == 0
    capsys.readouterr()


def test_a_plan_is_valid_and_says_how_full_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "schedule.yaml"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1].startswith("schedule.yaml: valid; 6 batches on farm reference")
    assert "saturation" in out


def test_a_faulty_one_exits_2_with_file_and_line(capsys: pytest.CaptureFixture[str]) -> None:
    file = Path("schedule.yaml")
    file.write_text(file.read_text().replace("  eggs: 3000000", "  eggs: 0", 1))
    assert main(["validate", "schedule.yaml"]) == 2
    out = capsys.readouterr().out
    assert "error S-EGGS: batch FAR-" in out
    assert "not valid" in out


def test_strict_lets_claims_refuse(capsys: pytest.CaptureFixture[str]) -> None:
    file = Path("schedule.yaml")
    file.write_text(file.read_text().replace("total_batches: 6", "total_batches: 7"))
    assert main(["validate", "schedule.yaml"]) == 0
    assert main(["validate", "schedule.yaml", "--strict"]) == 2
    assert "S-DECLARED-TOTAL" in capsys.readouterr().out


def test_json_says_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "schedule.yaml", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["valid"]
    assert data["errors"] == 0
    assert {"code", "severity", "file", "line", "batch", "found", "allowed", "mend"} <= set(
        data["problems"][0]
    )


def test_capacity_names_the_bottleneck_in_words_and_in_a_table(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["capacity"]) == 0
    out = capsys.readouterr().out
    assert (
        "Scotland, sea: 20 areas x 20 rings; 10 rings a batch: one start in 11.25 days; "
        "6 rings: one in 7.5; mixed 7+7+6 and 10+10: one in 9"
    ) in out
    assert "Scotland, fresh water: 10 halls for egg_alevin, 90 days each: one start in 9" in out
    assert "Bottleneck: Scotland, egg_alevin; a stagger of 4.5 days" in out


def test_capacity_of_a_schedule_shows_the_three_saturations(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["capacity", "schedule.yaml"]) == 0
    out = capsys.readouterr().out
    assert all(word in out for word in ("reserved ", "fished ", "ever used "))


def test_capacity_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["capacity", "--policy", "biosecure", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["least_stagger_days"] == 11.95
    assert data["bottleneck"] == "Scotland, adult"
    assert len(data["groups"]) == 12


def test_a_schedule_on_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "schedule.yaml"]) == 0
    assert "Scotland, post_smolt" in capsys.readouterr().out
    assert main(["show", "schedule.yaml", "--batch", "1"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("FAR-20")
    assert len(out) <= 24
    assert main(["show", "schedule.yaml", "--area", "FI-SEA-01"]) == 0
    assert "FI-SEA-01-Ring-20" in capsys.readouterr().out
    assert main(["show", "schedule.yaml", "--area", "nowhere"]) == 2
    assert main(["show", "schedule.yaml", "--batch", "nobody"]) == 2
