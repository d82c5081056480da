"""For every check of health a planted fault: it is found and named, by no others but those told."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from grilse import api
from grilse.biology.parameters import changed_parameters
from grilse.verify.checks import CHECKS
from grilse.verify.dataset import Options, verify

field = pc.field
DAY = timedelta(days=1)
Planted = tuple[str, int | None, int | None]
"""Where a fault was planted: table, batch, key."""

SICK = """
disease: {by_chance: {value: 60}, taken_share: {value: 1}}
"""
"""So many outbreaks that every batch at sea falls ill."""

CASES: list[tuple[str, Callable[[Any], Planted], frozenset[str]]] = []


def fault(name: str, *others: str) -> Callable[[Callable[[Any], Planted]], None]:
    def add(plant: Callable[[Any], Planted]) -> None:
        CASES.append((name, plant, frozenset(others)))

    return add


def simple(
    name: str, table: str, key: str, where: Any = None, others: tuple[str, ...] = (),
    nth: int = 0, **values: Any,
) -> None:  # fmt: skip
    """Add a fault that is one row with other values."""

    def plant(forged: Any) -> Planted:
        row = forged.change(table, where, nth, **values)
        return table, row.get("batch_id"), row[key]

    fault(name, *others)(plant)


def more(column: str, by: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda row: row[column] + by


POSITIVE, NEGATIVE = field("result") == "POSITIVE", field("result") == "NEGATIVE"
PCR = field("method") == "PCR"

simple(
    "health.vaccination", "vaccination", "vaccination_id", nth=1,
    avg_weight_g=Decimal("350.0"),
)  # fmt: skip
simple("health.vaccination", "vaccination", "vaccination_id", dose_ml=Decimal(0))
simple("health.outbreaks", "disease_outbreak", "disease_outbreak_id",
       dead_count=more("dead_count", 100_000))  # fmt: skip
simple("health.outbreaks", "disease_outbreak", "disease_outbreak_id", container_count=0)
simple("health.outbreaks", "disease_outbreak", "disease_outbreak_id",
       ~field("last_date").is_null(),
       last_date=lambda row: row["first_date"] - DAY)  # fmt: skip
simple("health.laboratory", "lab_sample", "lab_sample_id", NEGATIVE,
       sample_date=more("result_date", DAY))  # fmt: skip
simple("health.laboratory", "lab_sample", "lab_sample_id", POSITIVE & PCR, ct_value=None)
simple("health.laboratory", "lab_sample", "lab_sample_id", NEGATIVE & PCR,
       ct_value=Decimal("25.0"))  # fmt: skip
simple("health.scores", "welfare_sample", "welfare_sample_id", nth=3,
       avg_score=more("avg_score", Decimal("0.01")))  # fmt: skip
simple("health.scores", "welfare_sample", "welfare_sample_id",
       fish_marked=more("fish_marked", 1))  # fmt: skip
simple("health.sizes", "welfare_observation", "welfare_observation_id", nth=9,
       weight_g=lambda row: row["weight_g"] * 3)  # fmt: skip
simple("health.journal", "journal_entry", "journal_entry_id",
       field("category") == "RECOVERY", category="DIAGNOSIS")  # fmt: skip


@fault("health.fasting")
def _(forged: Any) -> Planted:
    """A meal on the day of a vaccination."""
    _, _, done = forged.find("vaccination")
    day = done["vaccination_date"]
    meal = forged.change(
        "feeding_event", field("assignment_id") == done["assignment_id"],
        feeding_time=lambda meal: meal["feeding_time"].replace(
            year=day.year, month=day.month, day=day.day
        ),
    )  # fmt: skip
    return "feeding_event", meal["batch_id"], meal["feeding_event_id"]


@fault("health.vaccination", "health.fasting")
def _(forged: Any) -> Planted:
    """A container that was vaccinated a day after the others, when it was fed again."""
    row = forged.change(
        "vaccination", None, 1, vaccination_date=more("vaccination_date", 3 * DAY)
    )  # fmt: skip
    return "vaccination", row["batch_id"], row["vaccination_id"]


@fault("health.scores")
def _(forged: Any) -> Planted:
    """A score that the scale does not have; the sample's figures are made to fit it."""
    row = forged.change("welfare_observation", None, 4, eye_score=more("eye_score", -1))
    return "welfare_observation", row["batch_id"], row["welfare_observation_id"]


@pytest.fixture(scope="session")
def sick(tmp_path_factory: pytest.TempPathFactory, four: Any) -> Path:
    """A dataset with outbreaks that nobody has touched."""
    root = tmp_path_factory.mktemp("sick") / "dataset"
    job = api.prepare(four, parameters=changed_parameters(SICK, "sick.yaml"))
    assert not api.run(job, root, workers=1).result.failures
    return root


@pytest.fixture
def forged_health(sick: Path, tmp_path: Path, dataset_of: Any) -> Any:
    root = tmp_path / "dataset"
    shutil.copytree(sick, root, copy_function=os.link)
    return dataset_of(root)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "plant", "others"), CASES, ids=[f"{i}-{name}" for i, (name, *_) in enumerate(CASES)]
)
def test_a_planted_fault_is_found_and_named(
    name: str, plant: Callable[[Any], Planted], others: frozenset[str], forged_health: Any
) -> None:
    planted = plant(forged_health)
    verdict = verify(forged_health.root, Options(only=("health",), threads=1))
    found = {result.name: result for result in verdict.failed}
    assert set(found) == {name, *others}
    examples = found[name].tally.examples
    assert planted in [(e.table, e.batch, e.key) for e in examples], examples
    assert all(e.what for result in found.values() for e in result.tally.examples)


def test_every_check_of_health_has_its_fault() -> None:
    wanted = {check.name for check in CHECKS if check.name.startswith("health.")}
    assert {name for name, *_ in CASES} == wanted


@pytest.mark.slow
def test_a_dataset_that_nobody_touched_passes(sick: Path) -> None:
    verdict = verify(sick, Options(threads=1, without=("realism",)))
    assert [r.name for r in verdict.results if r.verdict == "fail"] == []
    own = [r for r in verdict.results if r.name.startswith("health.")]
    assert [r.verdict for r in own] == ["pass"] * len(own)
    assert all(result.tally.rows > 0 for result in own)
