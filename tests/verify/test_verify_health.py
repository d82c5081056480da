"""For every check of health a planted fault: it is found and named, by no others but those told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from grilse_planting import Case, Faults, Planted, finds, more, passes

from grilse import api
from grilse.biology.parameters import changed_parameters

field = pc.field
DAY = timedelta(days=1)

SICK = """
disease: {by_chance: {value: 60}, taken_share: {value: 1}}
"""
"""So many outbreaks that every batch at sea falls ill."""

faults = Faults()


POSITIVE, NEGATIVE = field("result") == "POSITIVE", field("result") == "NEGATIVE"
PCR = field("method") == "PCR"

faults.row(
    "health.vaccination", "vaccination", "vaccination_id", nth=1,
    avg_weight_g=Decimal("350.0"),
)  # fmt: skip
faults.row("health.vaccination", "vaccination", "vaccination_id", dose_ml=Decimal(0))
faults.row("health.outbreaks", "disease_outbreak", "disease_outbreak_id",
       dead_count=more("dead_count", 100_000))  # fmt: skip
faults.row("health.outbreaks", "disease_outbreak", "disease_outbreak_id", container_count=0)
faults.row("health.outbreaks", "disease_outbreak", "disease_outbreak_id",
       ~field("last_date").is_null(),
       last_date=lambda row: row["first_date"] - DAY)  # fmt: skip
faults.row("health.laboratory", "lab_sample", "lab_sample_id", NEGATIVE,
       sample_date=more("result_date", DAY))  # fmt: skip
faults.row("health.laboratory", "lab_sample", "lab_sample_id", POSITIVE & PCR, ct_value=None)
faults.row("health.laboratory", "lab_sample", "lab_sample_id", NEGATIVE & PCR,
       ct_value=Decimal("25.0"))  # fmt: skip
faults.row("health.scores", "welfare_sample", "welfare_sample_id", nth=3,
       avg_score=more("avg_score", Decimal("0.01")))  # fmt: skip
faults.row("health.scores", "welfare_sample", "welfare_sample_id",
       fish_marked=more("fish_marked", 1))  # fmt: skip
faults.row("health.sizes", "welfare_observation", "welfare_observation_id", nth=9,
       weight_g=lambda row: row["weight_g"] * 3)  # fmt: skip
faults.row("health.journal", "journal_entry", "journal_entry_id",
       field("category") == "RECOVERY", category="DIAGNOSIS")  # fmt: skip


@faults.fault("health.fasting")
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


@faults.fault("health.vaccination", "health.fasting")
def _(forged: Any) -> Planted:
    """A container that was vaccinated a day after the others, when it was fed again."""
    row = forged.change(
        "vaccination", None, 1, vaccination_date=more("vaccination_date", 3 * DAY)
    )  # fmt: skip
    return "vaccination", row["batch_id"], row["vaccination_id"]


@faults.fault("health.scores")
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


@pytest.mark.slow
@faults.each()
def test_a_planted_fault_is_found_and_named(case: Case, sick: Path, forge: Any) -> None:
    finds(case, forge(sick), {"health"})


def test_every_check_of_health_has_its_fault() -> None:
    assert not faults.lacks("health")


@pytest.mark.slow
def test_a_dataset_that_nobody_touched_passes(sick: Path) -> None:
    passes(sick, "health")
