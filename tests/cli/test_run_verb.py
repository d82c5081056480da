"""The verbs run and open as a person meets them."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from grilse import api, production
from grilse.cli.main import main
from grilse.plan.saving import save_plan

MOST_LINES = 50


@pytest.fixture
def schedule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A schedule of four young batches, in the working folder."""
    monkeypatch.chdir(tmp_path)
    answer = api.plan(batches=2, stagger=10, start="2024-03-01", as_of="2024-06-01")
    save_plan(answer, "schedule.yaml")
    return "schedule.yaml"


def run(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    assert main(["run", *arguments]) == code
    streams = capsys.readouterr()
    return streams.out, streams.err


def test_the_summary_tells_what_was_made_and_what_it_took(
    schedule: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = run(capsys, schedule, "--to", "out", "--workers", "1")
    assert out.splitlines()[0] == "batches     4 made; 4 active"
    for word in ("environmental_reading", "rows/s", "MB", "CPU s", "ns a row", "reserved",
                 "container-days fished", "egg_alevin"):  # fmt: skip
        assert word in out
    assert out.splitlines()[-1] == "dataset     out (complete); next: grilse verify out"
    assert err == ""


def test_into_a_pipe_it_is_short_and_plain(
    schedule: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = run(capsys, schedule, "--to", "out", "--workers", "1")
    assert len(out.splitlines()) + len(err.splitlines()) < MOST_LINES
    assert "\x1b" not in out


def test_what_is_whole_is_not_made_again(schedule: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, schedule, "--to", "out", "--workers", "1")
    before = {path: path.stat().st_mtime_ns for path in Path("out").glob("*/*.parquet")}
    out, _ = run(capsys, schedule, "--to", "out", "--workers", "1")
    assert "0 made" in out
    assert "segments there already; 4 active" in out
    assert before == {path: path.stat().st_mtime_ns for path in Path("out").glob("*/*.parquet")}


def test_a_dry_run_writes_nothing_and_is_near_the_truth(
    schedule: str, capsys: pytest.CaptureFixture[str]
) -> None:
    foretold, _ = run(capsys, schedule, "--to", "out", "--dry-run", "--workers", "2")
    assert not Path("out").exists()
    assert "with 2 workers" in foretold
    assert foretold.splitlines()[-1] == "Nothing was written (--dry-run)."
    told, _ = run(capsys, schedule, "--to", "out", "--workers", "1")
    for expected, found in (
        (amount(r"rows +about ([\d,]+)$", foretold), amount(r"rows +([\d,]+) in", told)),
        (amount(r"about ([\d,.]+) MB", foretold), amount(r"([\d,.]+) MB$", told)),
    ):
        assert expected == pytest.approx(found, rel=0.25, abs=0.1)


def amount(pattern: str, text: str) -> float:
    match = re.search(pattern, text, re.MULTILINE)
    assert match, text
    return float(match.group(1).replace(",", ""))


def test_a_failed_batch_is_named_and_the_others_are_made(
    schedule: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate = production.simulate

    def stumbling(world: Any, plan: Any) -> Any:
        if plan.number == 2:
            raise ArithmeticError("a fish too many")
        return simulate(world, plan)

    with monkeypatch.context() as patched:
        patched.setattr(production, "simulate", stumbling)
        out, err = run(capsys, schedule, "--to", "out", "--workers", "1", code=1)
        assert re.search(r"failed +3 alike: SCO-2024-001, stores .*: ArithmeticError: a fish", err)
    assert "Traceback" not in err
    assert out.startswith("batches     3 made; 3 active")
    assert "out (incomplete); next: the same command again" in out
    out, _ = run(capsys, schedule, "--to", "out", "--workers", "1")
    assert "out (complete)" in out


def test_open_answers_a_query(schedule: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, schedule, "--to", "out", "--workers", "1")
    assert main(["open", "out", "--sql", "SELECT count(*) AS batches FROM batch"]) == 0
    out = capsys.readouterr().out
    assert "batches" in out
    assert re.search(r"\b4\b", out)


def test_open_asks_for_queries_where_the_program_duckdb_is_missing(
    schedule: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(capsys, schedule, "--to", "out", "--workers", "1")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT nonsense\nSELECT 6 * 7 AS answer\n\n"))
    assert main(["open", "out"]) == 0
    streams = capsys.readouterr()
    assert "42" in streams.out
    assert "O-SQL" in streams.err


def test_open_takes_a_dataset_in_any_folder(
    schedule: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(capsys, schedule, "--to", "out", "--workers", "1")
    root = Path("out").rename("moved").absolute()
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    assert main(["open", str(root), "--sql", "SELECT count(*) FROM assignment"]) == 0
    assert "50" in capsys.readouterr().out
