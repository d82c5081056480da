"""A ladder that does not stand ready on its as-of day is found."""

from __future__ import annotations

from typing import Any

import pyarrow.compute as pc
import pytest
from grilse_planting import failed, results, under

from grilse.plan.policies.ladder import RUNGS
from grilse.verify.bands import rungs
from grilse.verify.checks import freshness

field = pc.field
TWO, AT_SEA = field("batch_id") == 2, field("stage_id") == 6


def test_a_ladder_with_rungs_of_its_own_is_not_judged(forged: Any) -> None:
    under(forged, "ladder")
    found = results(forged, "freshness")
    assert set(found) == {"freshness.stages", "freshness.changes", "freshness.rows"}
    told = {result.tally.reason for result in found.values()}
    assert told == {"the ladder has rungs of its own"}


def test_the_rungs_are_those_that_are_planned() -> None:
    assert rungs() == RUNGS


def test_a_ladder_that_lacks_batches_is_found(forged: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freshness, "rungs", tuple)
    under(forged, "ladder")
    found = failed(forged, "freshness")
    assert set(found) == {"freshness.stages", "freshness.changes"}
    # Two geographies of six stages; five changes: nowhere are there four, nowhere two.
    assert found["freshness.stages"].tally.faults == 12
    assert found["freshness.changes"].tally.faults == 5


def test_a_ladder_whose_rows_end_early_is_found(
    forged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "rungs", tuple)
    monkeypatch.setattr(freshness, "limit", lambda name: 0)
    under(forged, "ladder")
    assert not failed(forged, "freshness")
    last = forged.find("assignment", TWO & AT_SEA)[2]["assignment_id"]
    days = [row for s in forged.segments("true_daily_state")
            for row in forged.rows("true_daily_state", s).to_pylist()
            if row["assignment_id"] == last]  # fmt: skip
    forged.drop("true_daily_state", field("state_id") == max(day["state_id"] for day in days))
    found = failed(forged, "freshness")
    assert set(found) == {"freshness.rows"}
    assert [e.key for e in found["freshness.rows"].tally.examples] == [last]
