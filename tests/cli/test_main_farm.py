"""The verb farm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grilse.cli.main import main


def test_show_tells_counts_and_capacity(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["farm", "show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("reference (built-in:reference), fingerprint ")
    assert lines[1:4] == [
        "Faroe Islands (FAR): 12 stations with 60 halls, 23 sea areas, 1,060 containers",
        "Scotland (SCO): 10 stations with 50 halls, 20 sea areas, 900 containers",
        "In all 1,960 containers",
    ]
    rows = [line.split() for line in lines[6:]]
    assert len(rows) == 12
    assert rows[-1] == ["Scotland", "adult", "20", "400", "10,000,000", "250,000", "60,000"]
    assert len({len(line) for line in lines[5:]}) == 1


def test_show_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["farm", "show", "--farm", "first-design", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["name"], data["containers"]) == ("first-design", 2110)
    assert [each["stations"] for each in data["geographies"]] == [14, 11]
    assert sum(each["containers"] for each in data["capacity"]) == 2110
    assert data["capacity"][0]["store_kg"] == 14_000


def test_a_farm_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["farm", "show", "--farm", "nix.yaml"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "there is no such farm (found 'nix.yaml'" in captured.err
    assert captured.err.endswith("\n1 problem\n")


def test_a_wrong_farm_file_is_told_with_its_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\ngeographies:\n  - name: A\n    code: a\n", encoding="utf-8")
    assert main(["farm", "show", "--farm", str(path)]) == 2
    assert f"{path}:4: error F-CODE" in capsys.readouterr().err
