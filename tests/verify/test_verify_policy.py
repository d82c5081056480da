"""What a schedule's policy promised is held against the rows; for every rule a planted fault."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow.compute as pc
import pytest
from grilse_planting import failed, results, under

field = pc.field
ONE, TWO = (field("batch_id") == number for number in (1, 2))
AT_SEA = field("stage_id") == 6
SEA_RULES = {"policy.fish_a_ring", "policy.density", "policy.generations", "policy.fallow"}


def crowd(forged: Any) -> tuple[str, int]:
    row = forged.change("assignment", ONE & AT_SEA, initial_count=200_001)
    return "policy.fish_a_ring", row["assignment_id"]


def thicken(forged: Any) -> tuple[str, int]:
    where = TWO & AT_SEA
    row = forged.change("true_daily_state", where, 7, biomass_kg=Decimal("9000000.00"))
    return "policy.density", row["state_id"]


def join(forged: Any) -> tuple[str, int]:
    ring = forged.find("assignment", ONE & AT_SEA)[2]
    row = forged.change(
        "assignment", TWO & AT_SEA, container_id=ring["container_id"],
        start_date=ring["start_date"] + timedelta(days=61),
    )  # fmt: skip
    return "policy.generations", row["assignment_id"]


def follow(forged: Any) -> tuple[str, int]:
    rings = [forged.find("assignment", ONE & AT_SEA, nth)[2] for nth in range(3)]
    came = max(ring["departure_date"] for ring in rings) + timedelta(days=27)
    row = forged.change(
        "assignment", TWO & AT_SEA, container_id=rings[0]["container_id"], start_date=came
    )
    return "policy.fallow", row["assignment_id"]


@pytest.mark.parametrize("plant", [crowd, thicken, join, follow])
def test_what_breaks_a_rule_of_the_sea_fails_a_biosecure_dataset_alone(
    forged: Any, plant: Any
) -> None:
    name, key = plant(forged)
    assert not failed(forged, "policy")
    under(forged, "biosecure")
    found = failed(forged, "policy")
    assert set(found) == {name}
    assert [example.key for example in found[name].tally.examples] == [key]


def test_a_biosecure_dataset_without_fault_passes(forged: Any) -> None:
    under(forged, "biosecure")
    found = results(forged, "policy")
    assert {found[name].verdict for name in SEA_RULES} == {"pass"}


def test_other_policies_are_told_figures(forged: Any) -> None:
    crowd(forged)
    figures = results(forged, "policy")["policy.fish_a_ring"].tally.figures
    assert [(f.group, f.most, f.is_inside) for f in figures] == [
        ("Faroe Islands", 200_000, True), ("Scotland", 200_000, True),
    ]  # fmt: skip
    assert figures[0].high is not None
    assert figures[0].high > 100_000
