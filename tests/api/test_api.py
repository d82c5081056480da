"""The verbs as functions: what they take, what they refuse, and what they cost to import."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from grilse import api
from grilse.ground.errors import BadInput

AS_OF = "2024-06-01"


def loaded_by(program: str) -> set[str]:
    """Names of the modules that a program has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint('LOADED', *sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stdout.partition("LOADED")[2].split())


def test_every_name_is_there_and_no_other() -> None:
    for name in api.__all__:
        assert getattr(api, name) is not None
    assert set(api.__all__) <= set(dir(api))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        api.nonsense  # noqa: B018


def test_the_names_are_those_that_the_type_checker_sees() -> None:
    import ast

    tree = ast.parse(Path(api.__file__).read_text("utf-8"))
    checked = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: f"{node.module}"
        for node in checked.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert sorted(seen) == sorted(api.__all__)
    for name, module in seen.items():
        home = getattr(getattr(api, name), "__module__", module)
        assert home == module or not str(home).startswith("grilse.api"), name


@pytest.mark.parametrize(
    "program",
    [
        "from grilse import api\napi.plan(batches=1, as_of='2024-06-01')",
        "from grilse.cli.main import main\nmain(['plan', '--batches', '1', '--dry-run'])",
        "from grilse.cli.main import main\nmain(['farm', 'show'])",
    ],
)
def test_planning_needs_neither_arrow_nor_duckdb(program: str) -> None:
    assert loaded_by(program) & {"pyarrow", "duckdb", "rich"} == set()


def test_a_plan_runs_as_it_is_or_from_its_file(tmp_path: Path) -> None:
    from grilse.plan.saving import save_plan

    answer = api.plan(batches=1, stagger=10, as_of=AS_OF)
    save_plan(answer, tmp_path / "s.yaml")
    one = api.run_to_nothing(api.prepare(answer.schedule), workers=1)
    other = api.run_to_nothing(api.prepare(tmp_path / "s.yaml"), workers=1)
    assert one.tables == other.tables
    assert one.batches == 2
    assert not one.failures


def test_dates_are_taken_as_dates_and_as_texts() -> None:
    one = api.plan(batches=1, start="2023-01-05", as_of=AS_OF)
    other = api.plan(batches=1, start=date(2023, 1, 5), as_of=date(2024, 6, 1))
    assert one.schedule == other.schedule


def test_a_stagger_is_taken_exactly() -> None:
    for days in (14.35, "14.35", Fraction(287, 20)):
        answer = api.plan(batches=11, stagger=days, start="2023-01-01", as_of=AS_OF)
        starts = sorted(batch.start for batch in answer.schedule.batches)
        assert starts[20] - starts[0] == 287


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ({"stagger": "soon"}, "'soon'"),
        ({"stagger": float("nan")}, "nan"),
        ({"stagger": float("inf")}, "inf"),
        ({"stagger": "1e999999999"}, "1e999999999"),
        ({"batches": "many"}, "'many'"),
        ({"batches": 1.5}, "1.5"),
        ({"batches": True}, "True"),
        ({"seed": "x"}, "'x'"),
        ({"start": "yesterday"}, "'yesterday'"),
        ({"start": 20240101}, "20240101"),
        ({"as_of": datetime(2024, 6, 1, 12)}, "datetime"),
        ({"as_of": "2024-02-30"}, "'2024-02-30'"),
        ({"farm": "nowhere"}, "'nowhere'"),
    ],
)
def test_questions_that_make_no_sense_are_refused(question: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInput) as refusal:
        api.plan(**{"as_of": AS_OF, **question})
    assert told in str(refusal.value)


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ({"tables": ["batch", "fish", "sea"]}, "there is no such table (found fish"),
        ({"tables": "feeding"}, "there is no such table (found feeding"),
        ({"seed": -1}, "-1"),
        ({"seed": 2**63}, str(2**63)),
        ({"as_of": "soon"}, "'soon'"),
    ],
)
def test_choices_that_are_not_there_are_refused(choice: dict[str, Any], told: str) -> None:
    schedule = api.plan(batches=1, as_of=AS_OF).schedule
    with pytest.raises(BadInput) as refusal:
        api.prepare(schedule, **choice)
    assert told in str(refusal.value)


@pytest.mark.parametrize("workers", [0, -1, 1025, 1.5, "2", True])
def test_workers_that_cannot_be_are_refused_before_anything_is_written(
    workers: Any, tmp_path: Path
) -> None:
    job = api.prepare(api.plan(batches=1, as_of=AS_OF).schedule)
    with pytest.raises(BadInput):
        api.run(job, tmp_path / "out", workers=workers)
    with pytest.raises(BadInput):
        api.run_to_nothing(job, workers=workers)
    assert not (tmp_path / "out").exists()


def test_one_table_may_be_named_alone() -> None:
    job = api.prepare(api.plan(batches=1, as_of=AS_OF).schedule, tables="batch")
    assert job.tables == ("batch",)
    assert set(api.run_to_nothing(job, workers=1).tables) == {"batch"}
