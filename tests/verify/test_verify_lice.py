"""For every check of lice a planted fault: it is found and named, by no others but those told."""

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

MANY = """
lice: {pressure: {default: {farmed: [6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6]},
  Faroe Islands: {farmed: [6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6]}}}
"""
"""So many lice that both batches at sea are treated."""

faults = Faults()


ADULT_FEMALE = (
    (field("sex") == "FEMALE")
    & (field("stage") == "ADULT")
    & (field("species") == "LEPEOPHTHEIRUS_SALMONIS")
)
CALIGUS = "CALIGUS_ELONGATUS"
CHALIMUS = field("stage") == "CHALIMUS"

faults.row("lice.limits", "lice_limit", "lice_limit_id", nth=4, limit_per_fish=Decimal("0.6"))
faults.row("lice.counts", "lice_count", "lice_count_id", CHALIMUS, nth=3, lice_count=-1)
faults.row(
    "lice.counts", "lice_count", "lice_count_id", CHALIMUS, nth=3,
    lice_per_fish=more("lice_per_fish", Decimal("0.05")),
)  # fmt: skip


@faults.fault("lice.counts")
def _(forged: Any) -> Planted:
    """A kind of lice told twice, another not at all."""
    row = forged.change("lice_count", CHALIMUS, 3, species=CALIGUS, stage="ADULT", sex="MALE")
    return "lice_count", row["batch_id"], row["lice_count_id"] - 4


@faults.fault("lice.weekly")
def _(forged: Any) -> Planted:
    """A ring left out of a week's count, on which nothing hung."""
    lost = quiet_count(forged)
    at = (field("assignment_id") == lost["assignment_id"]) & (
        field("count_date") == lost["count_date"]
    )
    for _ in range(7):
        forged.drop("lice_count", at)
    return "lice_count", lost["batch_id"], None


def quiet_count(forged: Any) -> dict[str, Any]:
    """Return a row of the first week at sea, when there are no lice to speak of."""
    row: dict[str, Any] = forged.find("lice_count", ADULT_FEMALE)[2]
    return row


@faults.fault("lice.cause")
def _(forged: Any) -> Planted:
    """A treatment that names the count of a week before."""
    row = forged.change("treatment", count_date=more("count_date", -7 * DAY))
    return "treatment", row["batch_id"], row["treatment_id"]


@faults.fault("lice.cause")
def _(forged: Any) -> Planted:
    """A count that did not pass the limit."""
    _, _, row = forged.find("treatment")
    at = ADULT_FEMALE & (field("count_date") == row["count_date"])
    at &= field("batch_id") == row["batch_id"]
    rings = sum(
        forged.rows("lice_count", segment).filter(at).num_rows
        for segment in forged.segments("lice_count")
    )
    for ring in range(rings):
        forged.change("lice_count", at, ring, lice_count=0, lice_per_fish=Decimal(0))
    return "treatment", row["batch_id"], row["treatment_id"]


faults.row(
    "lice.cause", "treatment", "treatment_id",
    limit_per_fish=more("limit_per_fish", Decimal("0.1")),
)  # fmt: skip


@faults.fault("lice.acted_on", "lice.deaths")
def _(forged: Any) -> Planted:
    """Treatments that were never made: the fish that died of them did not."""
    _, _, first = forged.find("treatment", field("method") == "THERMAL")
    at = (field("batch_id") == first["batch_id"]) & (field("count_date") == first["count_date"])
    while any(
        forged.rows("treatment", segment).filter(at).num_rows
        for segment in forged.segments("treatment")
    ):
        forged.drop("treatment", at)
    return "lice_count", first["batch_id"], None


@faults.fault("lice.withholding")
def _(forged: Any) -> Planted:
    """Fish harvested while they are withheld."""
    _, _, cut = forged.find("harvest_event")
    mine = field("assignment_id") == cut["assignment_id"]
    segment = next(
        name for name in forged.segments("treatment")
        if forged.rows("treatment", name).filter(mine).num_rows
    )  # fmt: skip
    last = forged.rows("treatment", segment).filter(mine).num_rows - 1
    _, _, row = forged.find("treatment", mine, last)
    days = (cut["event_date"] - row["treatment_date"]).days + 1
    forged.change(
        "treatment", mine, last, withholding_days=days,
        harvest_from=row["treatment_date"] + days * DAY,
    )  # fmt: skip
    return "harvest_event", cut["batch_id"], cut["harvest_event_id"]


faults.row("lice.withholding", "treatment", "treatment_id", harvest_from=more("harvest_from", DAY))


@faults.fault("lice.deaths")
def _(forged: Any) -> Planted:
    """Deaths of delousing before any lice had come."""
    lost = quiet_count(forged)
    at = (field("assignment_id") == lost["assignment_id"]) & (
        field("event_date") == lost["count_date"]
    )
    row = forged.change("mortality_event", at, cause="DELOUSING")
    return "mortality_event", row["batch_id"], row["mortality_event_id"]


@faults.fault("lice.planned")
def _(forged: Any) -> Planted:
    done = (field("activity_type") == "TREATMENT") & (field("status") == "COMPLETED")
    row = forged.change("planned_activity", done, completed_date=more("completed_date", -20 * DAY))
    return "planned_activity", row["batch_id"], row["planned_activity_id"]


@faults.fault("lice.fasting")
def _(forged: Any) -> Planted:
    """A meal on the day of a treatment."""
    _, _, row = forged.find("treatment", field("method") != "IN_FEED")
    mine = field("assignment_id") == row["assignment_id"]
    meal = forged.change(
        "feeding_event", mine,
        feeding_time=lambda meal: meal["feeding_time"].replace(
            year=row["treatment_date"].year, month=row["treatment_date"].month,
            day=row["treatment_date"].day,
        ),
    )  # fmt: skip
    return "feeding_event", meal["batch_id"], meal["feeding_event_id"]


@pytest.fixture(scope="session")
def lousy(tmp_path_factory: pytest.TempPathFactory, four: Any) -> Path:
    root = tmp_path_factory.mktemp("lousy") / "dataset"
    job = api.prepare(four, parameters=changed_parameters(MANY, "many.yaml"))
    report = api.run(job, root, workers=1)
    assert not report.result.failures
    return root


@pytest.mark.slow
@faults.each()
def test_a_planted_fault_is_found_and_named(case: Case, lousy: Path, forge: Any) -> None:
    finds(case, forge(lousy), {"lice"})


def test_every_check_of_lice_has_its_fault() -> None:
    assert not faults.lacks("lice")


@pytest.mark.slow
def test_a_dataset_that_nobody_touched_passes(lousy: Path) -> None:
    passes(lousy, "lice")
