"""The verb demo: the whole way once, in one folder, with questions to ask of what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from os import PathLike
from pathlib import Path

from grilse.api.planning import plan
from grilse.api.preparing import prepare
from grilse.api.reporting import report as report_of
from grilse.api.running import RunReport, run
from grilse.ground.errors import DestinationError
from grilse.plan.question import PlanAnswer
from grilse.plan.saving import save_plan
from grilse.verify.dataset import verify
from grilse.verify.verdict import Verdict

__all__ = ["QUESTIONS", "DemoReport", "Question", "demo", "demo_plan"]

_MARK = "Made by `grilse demo`, and made anew by it."
_NOTES = "README.txt"
_SCHEDULE = "schedule.yaml"
_DATA = "data"
_PAGE = "report.html"
_OURS = frozenset({_NOTES, _SCHEDULE, _DATA, _PAGE})

_BATCHES_PER_GEOGRAPHY = 10
_STAGGER_DAYS = 60
"""Far enough apart for the oldest batches to be harvested: twenty starts span 1,140 days."""

_AS_OF = date(2025, 11, 18)
"""A fixed day, so that the demo is the same for everybody."""


@dataclass(frozen=True)
class Question:
    """A question to ask of a dataset: in words, and in DuckDB's SQL."""

    title: str
    sql: str


QUESTIONS: Sequence[Question] = (
    Question(
        "How the batches stand",
        "SELECT batch_number, status, population_count, avg_weight_g FROM batch ORDER BY batch_id;",
    ),
    Question(
        "What fish died of, by month",
        "SELECT date_trunc('month', event_date) AS month, cause, sum(dead_count) AS dead\n"
        "FROM mortality_event GROUP BY ALL ORDER BY month, dead DESC;",
    ),
    Question(
        "The year at sea, as the sensors saw it",
        "SELECT month(reading_time) AS month, round(avg(value), 2) AS temp_c\n"
        "FROM environmental_reading JOIN container USING (container_id)\n"
        "WHERE parameter = 'temperature' AND kind = 'ring' GROUP BY month ORDER BY month;",
    ),
)
"""Three to begin with; every dataset that holds all tables can answer them."""


@dataclass(frozen=True)
class DemoReport:
    """What the demo made.

    Attributes
    ----------
    root, schedule, data
        The folder, and in it the schedule's file and the dataset.
    plan, run, verdict
        What came of each step.
    page
        The report, to be opened in a browser; None where a batch failed.
    """

    root: Path
    schedule: Path
    data: Path
    plan: PlanAnswer
    run: RunReport
    verdict: Verdict
    page: Path | None


def demo(
    to: str | PathLike[str] = "demo", *, workers: int | None = None, progress: bool = False
) -> DemoReport:
    """Plan twenty batches, make their history, verify it, and report it.

    Parameters
    ----------
    to
        A folder that is not there yet, is empty, or was made by an earlier demo: that one is
        replaced.
    workers, progress
        As `run` takes them.

    Raises
    ------
    DestinationError
        If the folder holds anything else; nothing of it is touched.
    """
    root = Path(to)
    _check_folder(root)
    schedule, data = root / _SCHEDULE, root / _DATA
    answer = demo_plan()
    try:
        root.mkdir(parents=True, exist_ok=True)
        (root / _NOTES).write_text(_notes(), encoding="utf-8")
    except OSError as error:
        raise DestinationError(f"{root}: cannot be written: {error.strerror}") from error
    save_plan(answer, schedule, overwrite=True)
    report = run(prepare(schedule), data, workers=workers, overwrite=True, progress=progress)
    verdict = verify(data)
    page = None if report.result.failures else _page(root, data, verdict)
    return DemoReport(root, schedule, data, answer, report, verdict, page)


def _page(root: Path, data: Path, verdict: Verdict) -> Path:
    page = root / _PAGE
    return report_of(data, page, title="Grilse’s demo", verdict=verdict, overwrite=True).output


def demo_plan() -> PlanAnswer:
    """Plan the demo's twenty batches."""
    return plan(batches=_BATCHES_PER_GEOGRAPHY, stagger=_STAGGER_DAYS, as_of=_AS_OF)


def _check_folder(root: Path) -> None:
    """Refuse a folder that an earlier demo did not make."""
    try:
        names = {path.name for path in root.iterdir()} if root.exists() else set()
        notes = root / _NOTES
        is_ours = notes.is_file() and notes.read_text("utf-8", "replace").startswith(_MARK)
    except OSError as error:
        raise DestinationError(f"{root}: cannot be a folder to write: {error.strerror}") from error
    if names and not (is_ours and names <= _OURS):
        raise DestinationError(
            f"{root}: holds something that no demo made, and stays as it is; "
            "choose another folder: grilse demo --to DIR"
        )


def _notes() -> str:
    """Return the text that marks the folder as the demo's, and says what to do there."""
    lines = [
        _MARK,
        "All data here are synthetic.",
        "",
        f"{_SCHEDULE}  the plan: who holds which container from when to when",
        f"{_DATA}/          the dataset: a folder of Parquet files a table, farm.duckdb over them",
        f"{_PAGE}    a page to look at: open it in a browser",
        "",
        f"Open it with `grilse open {_DATA}`, and ask:",
    ]
    for question in QUESTIONS:
        lines += ["", f"-- {question.title}", question.sql]
    return "\n".join(lines) + "\n"
