"""The demo passes every check, its figures are those of real farms, its queries are answered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grilse import api
from grilse.cli.main import main
from grilse.dataset.views import connect
from grilse.ground.errors import DestinationError
from grilse.verify.verdict import Figure

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

FIGURES = (
    "first_feeding_weight",
    "weight_day_172",
    "weight_day_260",
    "weight_day_350",
    "sea_transfer_weight",
    "cycle_tgc",
    "harvest_weight",
    "harvest_weight_cv",
    "adult_condition",
    "egg_to_smolt_survival",
    "sea_loss",
    "unknown_cause_share",
    "sea_efcr",
    "sea_temperature_lowest",
    "sea_temperature_highest",
    "sea_oxygen_lowest",
    "sea_oxygen_highest",
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> api.DemoReport:
    """What the demo makes in a folder that is not there yet."""
    return api.demo(tmp_path_factory.mktemp("here") / "deep" / "demo", workers=2)


@pytest.fixture(scope="module")
def figures(report: api.DemoReport) -> dict[str, list[Figure]]:
    """What verify measured, by name: a figure a geography."""
    found: dict[str, list[Figure]] = {}
    for result in report.verdict.results:
        for figure in result.tally.figures:
            found.setdefault(figure.name, []).append(figure)
    return found


def test_all_batches_are_made_and_every_check_passes(report: api.DemoReport) -> None:
    assert len(report.plan.schedule.batches) == 20
    assert not report.run.result.failures
    assert report.run.statuses["COMPLETED"] >= 4
    assert sum(report.run.statuses.values()) == 20
    assert report.run.manifest.state == "complete"
    assert [result.name for result in report.verdict.failed] == []


@pytest.mark.parametrize("name", FIGURES)
def test_figures_lie_in_their_bands(figures: dict[str, list[Figure]], name: str) -> None:
    assert {figure.group for figure in figures[name]} == {"Faroe Islands", "Scotland"}
    for figure in figures[name]:
        assert figure.batches >= 2, figure
        assert figure.is_inside, figure


@pytest.mark.parametrize("question", api.QUESTIONS, ids=lambda question: question.title)
def test_its_questions_are_answered(report: api.DemoReport, question: api.Question) -> None:
    with connect(report.data) as rows:
        answer = rows.execute(question.sql).fetchall()
    assert len(answer) >= 12
    assert all(value is not None for row in answer for value in row)


def test_water_at_sea_is_coldest_in_spring_and_warmest_in_late_summer(
    report: api.DemoReport,
) -> None:
    with connect(report.data) as rows:
        months = dict(rows.execute(api.QUESTIONS[2].sql).fetchall())
    assert min(months, key=lambda month: months[month]) in (2, 3, 4)
    assert max(months, key=lambda month: months[month]) in (8, 9)


def test_its_questions_stand_in_the_readme_and_in_the_folder(report: api.DemoReport) -> None:
    notes = (report.root / "README.txt").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    for question in api.QUESTIONS:
        assert question.sql in notes
        assert question.sql in readme


def test_it_is_the_same_every_time_and_replaces_itself(report: api.DemoReport) -> None:
    before = report.run.manifest.totals
    again = api.demo(report.root, workers=1)
    assert again.run.manifest.totals == before
    assert again.run.skipped == 0


def test_the_command_says_where_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^verified +(\d+) of \1 checks passed", out, re.MULTILINE)
    assert "grilse open demo/data" in out
    assert len(out.splitlines()) < 50
    assert sorted(path.name for path in Path("demo").iterdir()) == [
        "README.txt", "data", "report.html", "schedule.yaml",
    ]  # fmt: skip
    query = api.QUESTIONS[0].sql
    assert main(["open", "demo/data", "--sql", query]) == 0
    assert "FAR-2022-001" in capsys.readouterr().out


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    for name, text in (("README.txt", "mine"), ("notes.txt", "mine")):
        (tmp_path / name).write_text(text)
        with pytest.raises(DestinationError, match="no demo made"):
            api.demo(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [name]
        (tmp_path / name).unlink()


def test_what_was_added_to_the_folder_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "README.txt").write_text("Made by `grilse demo`, and made anew by it.\n")
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(DestinationError):
        api.demo(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"
