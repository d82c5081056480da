"""grilse prepare: a run with what it wrote makes the same rows; what is for others is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from grilse import api, production
from grilse.cli.main import main
from grilse.dataset.manifest import read_manifest
from grilse.tables.catalogue import TABLES

STORES = ",".join(
    name for name, table in TABLES.items() if table.owner == "store" and not table.optional
)
PLAN = ["plan", "--batches", "2", "--stagger", "45", "--start-date", "2022-01-05",
        "--as-of", "2023-06-01"]  # fmt: skip


@pytest.fixture
def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """A schedule in the working folder."""
    monkeypatch.chdir(tmp_path)
    assert main(PLAN) == 0
    capsys.readouterr()
    return tmp_path


def prepared(*options: str) -> int:
    return main(["prepare", "schedule.yaml", "--to", "demand", "--workers", "1", *options])


def run(to: str, *options: str) -> int:
    whole = ["--tables", STORES, "--workers", "1", "--no-logs", *options]
    return main(["run", "schedule.yaml", "--to", to, *whole])


@pytest.mark.slow
def test_a_run_with_it_makes_the_same_rows_and_simulates_nothing_for_them(
    planned: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("without") == 0
    assert prepared() == 0
    assert "prepared    4 of 4 batches" in capsys.readouterr().out
    before = sorted((path.name, path.stat().st_mtime_ns) for path in Path("demand").iterdir())
    lived: list[str] = []
    simulate = production.simulate
    monkeypatch.setattr(
        production,
        "simulate",
        lambda world, plan: lived.append(plan.batch_id) or simulate(world, plan),
    )
    for part in ("1/2", "2/2"):
        assert run("with", "--prepared", "demand", "--partition", part, "--sample-every", "9") == 0
    assert main(["finalise", "with", "--no-verify"]) == 0
    assert len(lived) == 4, "each batch for its own rows, none for its stores'"
    found = read_manifest(Path("with")).totals
    assert found == read_manifest(Path("without")).totals
    assert found["feed_consumption"].rows > 1000
    assert before == sorted(
        (path.name, path.stat().st_mtime_ns) for path in Path("demand").iterdir()
    )


@pytest.mark.slow
def test_what_is_damaged_or_gone_is_worked_out_again(planned: Path) -> None:
    assert run("without") == 0
    assert prepared() == 0
    Path("demand/1.demand").write_bytes(b"x" * 99)
    Path("demand/2.demand").unlink()
    assert run("with", "--prepared", "demand") == 0
    assert read_manifest(Path("with")).totals == read_manifest(Path("without")).totals


def test_it_goes_on_where_it_stopped_and_is_no_use_before(
    planned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepared() == 0
    note = Path("demand/prepared.json")
    note.write_text(note.read_text().replace("complete", "begun"))
    Path("demand/3.demand").unlink()
    assert run("out", "--prepared", "demand") == 2
    assert "goes on where it stopped" in capsys.readouterr().err
    assert prepared() == 0
    assert "(3 of them were there)" in capsys.readouterr().out
    assert json.loads(note.read_text())["state"] == "complete"
    assert prepared() == 0
    assert "(4 of them were there)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "word"),
    [(["--seed", "9"], "seed"), (["--as-of", "2023-05-30"], "as_of"), (["--clean"], "parameters")],
)
def test_what_was_prepared_for_others_is_refused(
    planned: Path, capsys: pytest.CaptureFixture[str], options: list[str], word: str
) -> None:
    assert prepared() == 0
    assert run("out", "--prepared", "demand", *options) == 2
    told = capsys.readouterr().err
    assert "R-PREPARED" in told
    assert f"{word}: there" in told
    assert not Path("out").exists()
    assert prepared(*options) == 2
    assert prepared(*options, "--overwrite") == 0
    assert run("out", "--prepared", "demand", *options, "--dry-run") == 0


def test_another_schedule_is_refused(planned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prepared() == 0
    text = Path("schedule.yaml").read_text()
    eggs = re.findall(r"eggs: (\d+)", text)[0]
    Path("schedule.yaml").write_text(text.replace(eggs, str(int(eggs) + 1), 1))
    assert run("out", "--prepared", "demand") == 2
    assert "schedule: there" in capsys.readouterr().err


def test_folders_of_others_are_left_alone(
    planned: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("demand").mkdir()
    Path("demand/mine.txt").write_text("x")
    assert prepared() == 2
    assert prepared("--overwrite") == 2
    assert run("out", "--prepared", "demand") == 2
    assert run("out", "--prepared", "nowhere") == 2
    assert "Traceback" not in capsys.readouterr().err
    assert [path.name for path in Path("demand").iterdir()] == ["mine.txt"]
    Path("demand/prepared.json").write_text("{}")
    assert prepared() == 2
    assert "is missing" in capsys.readouterr().err


def test_ways_of_writing_do_not_matter_to_it(planned: Path) -> None:
    usual = api.prepare("schedule.yaml")
    from grilse.api.writing import Writing

    other = api.prepare("schedule.yaml", tables=["batch"], writing=Writing(2, 9, 30))
    assert usual.provided_for == other.provided_for
    assert usual.inputs != other.inputs
