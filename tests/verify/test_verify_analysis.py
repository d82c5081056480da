"""Growth analysis: each fault that is planted in its rows is found, and the truth judges it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow.compute as pc
import pytest
from grilse_planting import more

from grilse.verify.verdict import Verdict

FIELD = pc.field
STATES, DAYS = "analysis_daily_state", "analysis_batch_day"
AT_SEA = (FIELD("batch_id") == 1) & (FIELD("day_number") == 500)


def analysis_faults(verdict: Verdict) -> dict[str, int]:
    return {r.name: r.tally.faults for r in verdict.failed if r.name.startswith(("analysis", "tr"))}


def times(name: str, factor: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda row: type(row[name])(str(round(row[name] * type(row[name])(str(factor)), 2)))


def test_a_day_that_is_not_analysed_is_found(forged: Any) -> None:
    forged.drop(STATES, AT_SEA)
    found = analysis_faults(forged.verify(only=("analysis",)))
    assert set(found) == {"analysis.complete", "analysis.batch_days"}


def test_an_assignment_that_is_not_analysed_is_found(forged: Any) -> None:
    segment, _, row = forged.find(STATES, AT_SEA)
    rows = forged.rows(STATES, segment)
    forged.write(
        STATES, segment, rows.filter(FIELD("assignment_id") != row["assignment_id"])
    )  # fmt: skip
    verdict = forged.verify(only=("analysis.complete",))
    assert analysis_faults(verdict) == {"analysis.complete": 1}
    (result,) = verdict.failed
    assert "is not analysed" in result.tally.examples[0].what


def test_more_fish_than_the_day_before_are_found(forged: Any) -> None:
    row = forged.change(STATES, AT_SEA, population_count=more("population_count", 100))
    verdict = forged.verify(only=("analysis.population",))
    assert analysis_faults(verdict) == {"analysis.population": 1}
    assert verdict.failed[0].tally.examples[0].key == row["analysis_state_id"]


def test_more_fish_in_a_batch_are_found_across_a_change_of_stage(forged: Any) -> None:
    at = (FIELD("batch_id") == 1) & (FIELD("day_number") == 90)
    row = forged.change(DAYS, at, population_count=more("population_count", 5_000))
    verdict = forged.verify(only=("analysis.population",))
    assert analysis_faults(verdict) == {"analysis.population": 1}
    assert verdict.failed[0].tally.examples[0].key == row["batch_day_id"]


@pytest.mark.parametrize("factor", [0.9, 1.3])
def test_a_step_of_weight_at_a_change_of_stage_is_found(forged: Any, factor: float) -> None:
    at = (FIELD("batch_id") == 1) & (FIELD("day_number") == 450)
    row = forged.change(STATES, at, avg_weight_g=times("avg_weight_g", factor))
    verdict = forged.verify(only=("analysis.steps",))
    keys = {example.key for example in verdict.failed[0].tally.examples}
    assert row["analysis_state_id"] in keys


def test_a_step_of_a_batch_is_found(forged: Any) -> None:
    at = (FIELD("batch_id") == 2) & (FIELD("day_number") == 300)
    row = forged.change(DAYS, at, avg_weight_g=times("avg_weight_g", 1.4))
    examples = forged.verify(only=("analysis.steps",)).failed[0].tally.examples
    assert row["batch_day_id"] in {example.key for example in examples}


@pytest.mark.parametrize(
    "changes",
    [{"biomass_kg": more("biomass_kg", 1)}, {"weight_se_g": lambda row: 0 * row["weight_se_g"]}],
)
def test_a_biomass_or_an_error_that_cannot_be_is_found(forged: Any, changes: Any) -> None:
    forged.change(STATES, AT_SEA, **changes)
    assert analysis_faults(forged.verify(only=("analysis.biomass",))) == {"analysis.biomass": 1}


@pytest.mark.parametrize("column", ["population_count", "mortality_count", "container_count"])
def test_a_batchs_day_that_is_not_its_containers_is_found(forged: Any, column: str) -> None:
    forged.change(DAYS, AT_SEA, **{column: more(column, -1)})
    found = analysis_faults(forged.verify(only=("analysis.batch_days",)))
    assert set(found) == {"analysis.batch_days"}


def test_a_week_that_does_not_end_as_its_last_day_is_found(forged: Any) -> None:
    at = FIELD("batch_id") == 1
    forged.change("analysis_batch_week", at, 20, population_count=more("population_count", -1))
    found = analysis_faults(forged.verify(only=("analysis.batch_days",)))
    assert found == {"analysis.batch_days": 1}


def test_a_count_that_is_not_the_truth_is_found_where_that_is_asked_for(forged: Any) -> None:
    forged.change("true_daily_state", AT_SEA, population_count=more("population_count", -1))
    assert analysis_faults(forged.verify()) == {}
    asked = forged.verify(against_truth=True, only=("truth",))
    assert analysis_faults(asked) == {"truth.count": 1}


def test_figures_against_the_truth_are_told_by_stage_and_source(forged: Any) -> None:
    verdict = forged.verify(against_truth=True, only=("truth",))
    figures = {r.name: {f.group: f for f in r.tally.figures} for r in verdict.results}
    assert verdict.passed
    for name in ("truth.weight_bias", "truth.weight_error", "truth.told_error", "truth.coverage"):
        assert next(iter(figures[name])) == "all"
        assert {"fry", "adult", "measured", "modelled"} <= set(figures[name])
    error = figures["truth.weight_error"]["all"].value
    assert error is not None
    assert 0.1 < error < 3.0
    coverage = figures["truth.coverage"]["all"].value
    assert coverage is not None
    assert coverage > 85.0


def test_weights_that_are_off_are_told(forged: Any) -> None:
    for segment in forged.segments(STATES):
        rows = forged.rows(STATES, segment)
        place = rows.schema.get_field_index("avg_weight_g")
        heavier = pc.multiply(rows["avg_weight_g"].cast("double"), 1.1)
        column = pc.round(heavier, 3).cast(rows.schema.field(place).type)
        forged.write(STATES, segment, rows.set_column(place, rows.schema.field(place), column))
    verdict = forged.verify(against_truth=True, only=("truth",))
    told = {r.name: r.tally.figures[0].value for r in verdict.results if r.tally.figures}
    assert told["truth.weight_bias"] == pytest.approx(10.0, abs=0.6)
    assert told["truth.coverage"] < 20.0
