"""`grilse report` as a user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grilse import api
from grilse.cli.main import main
from grilse.dataset.layout import MANIFEST
from grilse.report.page import MARK


@pytest.fixture(scope="module")
def schedule(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("plan") / "schedule.yaml"
    assert main(["plan", "--batches", "2", "--as-of", "2024-01-01", "--output", str(file)]) == 0
    return file


def test_a_schedule_is_reported(
    schedule: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "plan.html"
    assert main(["report", str(schedule), "-o", str(page)]) == 0
    assert page.read_text("utf-8").startswith(f"<!doctype html>{MARK}")
    assert f"report      {page}: 4 batches" in capsys.readouterr().out
    assert main(["report", str(schedule), "-o", str(page)]) == 0, "a report is replaced"


def test_a_dataset_is_reported_with_its_verdict(
    life: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "report.html"
    assert main(["report", str(life), "--output", str(page)]) == 0
    assert "2 batches" in capsys.readouterr().out
    text = page.read_text("utf-8")
    assert 'id="block-life-2"' in text
    assert '"judged":' in text
    assert main(["report", str(life), "--output", str(page), "--no-verify"]) == 0
    assert '"checks":null' in page.read_text("utf-8")


@pytest.mark.parametrize("tables", [["batch"], ["container", "environmental_reading"], ["stage"]])
def test_a_dataset_of_few_tables_is_reported(tables: list[str], tmp_path: Path) -> None:
    answer = api.plan(batches=1, stagger=1, start="2024-01-01", as_of="2024-02-20")
    root = tmp_path / "out"
    api.run(api.prepare(answer.schedule, tables=tables), root, workers=1)
    page = tmp_path / "report.html"
    assert main(["report", str(root), "-o", str(page), "--no-verify"]) == 0


def test_what_is_not_ours_stays(
    schedule: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "mine.html"
    page.write_text("<p>mine", "utf-8")
    assert main(["report", str(schedule), "-o", str(page)]) == 2
    assert "stays as it is" in capsys.readouterr().err
    assert page.read_text("utf-8") == "<p>mine"
    assert main(["report", str(schedule), "-o", str(page), "--overwrite"]) == 0
    assert MARK in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("source", "output", "said"),
    [
        ("{schedule}", "{folder}", "is a folder; name a file"),
        ("{schedule}", "{folder}/no/where.html", "there is no folder"),
        ("{folder}", "{folder}/r.html", "is not a dataset"),
        ("{folder}/none", "{folder}/r.html", "does not exist"),
        ("{text}", "{folder}/r.html", "error"),
        ("{database}", "{folder}/r.html", "name the dataset's folder"),
    ],
)
def test_refusals_say_why_and_write_nothing(
    source: str, output: str, said: str, schedule: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    text = tmp_path / "text.yaml"
    text.write_text("]: no: schedule [", "utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    database = tmp_path / "farm.duckdb"
    database.touch()
    words = {"schedule": schedule, "folder": folder, "text": text, "database": database}
    assert main(["report", source.format(**words), "-o", output.format(**words)]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err
    assert not list(folder.iterdir())


def test_a_dataset_without_its_views_is_refused(
    life: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "out"
    for name in (MANIFEST, "_grilse/schedule.yaml", "_grilse/farm.yaml", "_grilse/parameters.yaml"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes((life / name).read_bytes())
    assert main(["report", str(root), "-o", str(tmp_path / "r.html"), "--no-verify"]) == 2
    assert "has no farm.duckdb" in capsys.readouterr().err
    assert not (tmp_path / "r.html").exists()
