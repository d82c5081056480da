"""What a schedule's policy promised is held against the rows; for every rule a planted fault."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow.compute as pc
import pytest

from grilse.plan.policies.ladder import RUNGS
from grilse.verify.bands import rungs
from grilse.verify.checks import policy
from grilse.verify.dataset import Options, verify
from grilse.verify.verdict import CheckResult

field = pc.field
ONE, TWO = (field("batch_id") == number for number in (1, 2))
AT_SEA = field("stage_id") == 6
SEA_RULES = {"policy.fish_a_ring", "policy.density", "policy.generations", "policy.fallow"}


def under(forged: Any, name: str) -> None:
    """Let the saved schedule say that it was planned by a policy."""
    path = forged.root / "_grilse" / "schedule.yaml"
    text = path.read_text()
    assert "metadata:\n" in text
    path.unlink()
    path.write_text(text.replace("metadata:\n", f"metadata:\n  policy: {name}\n", 1))


def results(forged: Any) -> dict[str, CheckResult]:
    verdict = verify(forged.root, Options(only=("policy",), threads=1))
    return {result.name: result for result in verdict.results}


def failed(forged: Any) -> dict[str, CheckResult]:
    return {name: result for name, result in results(forged).items() if result.verdict == "fail"}


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
    assert not failed(forged)
    under(forged, "biosecure")
    found = failed(forged)
    assert set(found) == {name}
    assert [example.key for example in found[name].tally.examples] == [key]


def test_a_biosecure_dataset_without_fault_passes(forged: Any) -> None:
    under(forged, "biosecure")
    found = results(forged)
    assert {found[name].verdict for name in SEA_RULES} == {"pass"}


def test_other_policies_are_told_figures(forged: Any) -> None:
    crowd(forged)
    figures = results(forged)["policy.fish_a_ring"].tally.figures
    assert [(f.group, f.most, f.is_inside) for f in figures] == [
        ("Faroe Islands", 200_000, True), ("Scotland", 200_000, True),
    ]  # fmt: skip
    assert figures[0].high is not None
    assert figures[0].high > 100_000


def test_a_ladder_with_rungs_of_its_own_is_not_judged(forged: Any) -> None:
    under(forged, "ladder")
    found = results(forged)
    told = {found[f"policy.ladder_{rule}"].tally.reason for rule in ("stages", "changes", "fresh")}
    assert told == {"the ladder has rungs of its own"}


def test_the_rungs_are_those_that_are_planned() -> None:
    assert rungs() == RUNGS


def test_a_ladder_that_lacks_batches_is_found(forged: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "rungs", tuple)
    under(forged, "ladder")
    found = failed(forged)
    assert set(found) == {"policy.ladder_stages", "policy.ladder_changes"}
    # Two geographies of six stages; five changes: nowhere are there four, nowhere two.
    assert found["policy.ladder_stages"].tally.faults == 12
    assert found["policy.ladder_changes"].tally.faults == 5


def test_a_ladder_whose_rows_end_early_is_found(
    forged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "rungs", tuple)
    monkeypatch.setattr(policy, "limit", lambda name: 0)
    under(forged, "ladder")
    assert not failed(forged)
    last = forged.find("assignment", TWO & AT_SEA)[2]["assignment_id"]
    days = [row for s in forged.segments("true_daily_state")
            for row in forged.rows("true_daily_state", s).to_pylist()
            if row["assignment_id"] == last]  # fmt: skip
    forged.drop("true_daily_state", field("state_id") == max(day["state_id"] for day in days))
    found = failed(forged)
    assert set(found) == {"policy.ladder_fresh"}
    assert [e.key for e in found["policy.ladder_fresh"].tally.examples] == [last]
