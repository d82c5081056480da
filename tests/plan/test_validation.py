"""The validator: planted faults at their lines, claims, limits, and files that we did not write."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grilse.biology.parameters import builtin_parameters
from grilse.farm.builtin import reference_farm
from grilse.ground.days import day_of
from grilse.plan.limits import LIMITS
from grilse.plan.metadata import header_lines
from grilse.plan.planning import plan_life
from grilse.plan.question import PlanAnswer, PlanQuestion
from grilse.plan.validation import Validation, validate_schedule
from grilse.schedule.fingerprint import entry_fingerprint
from grilse.schedule.model import BatchPlan, Schedule, Stay
from grilse.schedule.writing import dump

SHARED = Path(__file__).parents[2].parent / "shared" / "schedules"
START = day_of(date(2020, 1, 1))
QUESTION = PlanQuestion(
    as_of=START + 1200, batches_per_geography=2, stagger_days=Fraction(30), start=START
)


def planned(question: PlanQuestion) -> PlanAnswer:
    return plan_life(question, reference_farm(), builtin_parameters())


def validated(source: Schedule | Path, **options: bool) -> Validation:
    return validate_schedule(source, builtin_parameters(), **options)


@pytest.fixture(scope="module")
def text() -> str:
    answer = planned(QUESTION)
    return dump(answer.schedule, header_lines(answer))


FAULTS = [
    # (what stands there, what is put in its place, code, text of the line, severity)
    ("total_batches: 4", "total_batches: 5", "S-DECLARED-TOTAL", "total_batches: 5", "warning"),
    ("batches_per_geography: 2", "batches_per_geography: 3", "S-DECLARED-NUMBER",
     "batches_per_geography: 3", "warning"),
    ("  stagger_days: 30", "  stagger_days: 7", "S-DECLARED-STAGGER", "  stagger_days: 7",
     "warning"),
    ("  total_batches: 4", "  total_batches: 4\n  target_saturation: 0.87",
     "S-DECLARED-SATURATION", "target_saturation", "warning"),
    ("  total_batches: 4",
     "  total_batches: 4\n  worker_partitions: {w1: {batch_indices: [0, 1, 2]}}",
     "S-PARTITIONS", "worker_partitions", "warning"),
    ("  total_batches: 4",
     "  total_batches: 4\n  worker_partitions: {w1: {batch_indices: [0, 1, 2, 3]}, "
     "w2: {batch_indices: [3]}}", "S-PARTITIONS", "worker_partitions", "warning"),
    ("  total_batches: 4",
     "  total_batches: 4\n  worker_partitions: {w1: {batch_indices: [0, 1, 2, 3, 9]}}",
     "S-PARTITIONS", "worker_partitions", "warning"),
    ("area: FI-SEA-01", "area: S-SEA-05", "S-GEOGRAPHY", "  sea:", "error"),
    ("hall: FI-FW-01-Hall-B", "hall: S-FW-01-Hall-B", "S-GEOGRAPHY", "    fry:", "error"),
    ("hall: FI-FW-01-Hall-B", "hall: FI-FW-01-Hall-X", "S-UNKNOWN-HALL", "    fry:", "error"),
    ("area: FI-SEA-01", "area: FI-SEA-99", "S-UNKNOWN-AREA", "  sea:", "error"),
    ("FI-FW-01-B-C03", "FI-FW-01-B-C77", "S-UNKNOWN-CONTAINER", "FI-FW-01-B-C77", "error"),
    ("station: FI-FW-01", "station: FI-FW-77", "S-UNKNOWN-STATION", "station: FI-FW-77", "error"),
    ("geography: Faroe Islands", "geography: Norway", "S-UNKNOWN-GEOGRAPHY", "geography: Norway",
     "error"),
    ("hall: FI-FW-01-Hall-B\n      containers: [FI-FW-01-B-C01, FI-FW-01-B-C02",
     "hall: FI-FW-01-Hall-C\n      containers: [FI-FW-01-C-C01, FI-FW-01-C-C02",
     "S-WRONG-HALL", "    fry:", "error"),
    ("FI-FW-01-A-C02", "FI-FW-01-A-C01", "S-REPEATED-CONTAINER", "FI-FW-01-A-C01", "error"),
    ("start_date: 2020-01-31", "start_date: 2029-01-31", "S-NOT-BEGUN", "start_date: 2029-01-31",
     "info"),
    ("  duration: 900\n", "  duration: 44\n", "S-DURATION", "  duration: 44", "info"),
    ("batch_id: SCO-2020-001", "batch_id: FAR-2020-001", "S-DUPLICATE-ID", None, "error"),
    ("  number: 2\n", "  number: 1\n", "S-DUPLICATE-NUMBER", None, "error"),
    ("  eggs: 3000000", "  eggs: 0", "S-EGGS", "  eggs: 0", "error"),
    ("  eggs: 3000000", "  eggs: 3000000000", "S-EGGS", "  eggs: 3000000000", "error"),
    ("  eggs: 3000000", "  egs: 3000000", "S-UNKNOWN-KEY", "  egs:", "error"),
    ("      end_day: 180", "      end_day: 170", "S-GAP", None, "error"),
    ("      end_day: 180", "      end_day: 190", "S-STAGE-OVERLAP", None, "error"),
    ("      end_day: 180", "      end_day: 80", "S-END-BEFORE-START", "      end_day: 80",
     "error"),
    ("start_date: 2020-01-01", "start_date: 2020-13-01", "S-DATE", "start_date: 2020-13-01",
     "error"),
    ("    parr:", "    parrr:", "S-STAGE", "    parrr:", "error"),
    ("batch_id: SCO-2020-001", "batch_id: ../x", "S-BATCH-ID", "batch_id: ../x", "error"),
    ("  seed: 1", "  seed: -1", "S-SEED", "  seed: -1", "error"),
    ("  number: 2\n", "  number: 0\n", "S-NUMBER", "  number: 0", "error"),
    ("      start_day: 90", "      start_day: [90]", "S-TYPE", "      start_day: [90]", "error"),
    ("harvest_target_kg: 5", "harvest_target_kg: 55", "S-TARGET", "harvest_target_kg: 55", "error"),
    ("    fry:", "    fry: &x", "Y-ANCHOR", "    fry: &x", "error"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "marker", "severity"), FAULTS)
def test_a_planted_fault_is_found_at_its_line(
    text: str, tmp_path: Path, old: str, new: str, code: str, marker: str | None, severity: str
) -> None:
    assert old in text
    faulty = text.replace(old, new, 1)
    file = tmp_path / "s.yaml"
    file.write_text(faulty)
    found = [problem for problem in validated(file).problems if problem.code == code]
    assert found
    problem = found[0]
    assert problem.severity == severity
    assert problem.file == str(file)
    assert problem.line is not None
    if marker is not None:
        assert marker in faulty.splitlines()[problem.line - 1]


def test_every_fault_is_told_not_only_the_first(text: str, tmp_path: Path) -> None:
    faulty = text.replace("  eggs: 3000000", "  eggs: 0", 1)
    faulty = faulty.replace("hall: S-FW-01-Hall-B", "hall: S-FW-01-Hall-X", 1)
    faulty = faulty.replace("total_batches: 4", "total_batches: 9", 1)
    file = tmp_path / "s.yaml"
    file.write_text(faulty)
    codes = {problem.code for problem in validated(file).problems}
    assert {"S-EGGS", "S-UNKNOWN-HALL", "S-DECLARED-TOTAL"} <= codes


def test_warnings_are_errors_when_strict(text: str, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(text.replace("total_batches: 4", "total_batches: 5"))
    assert validated(file).is_valid
    assert not validated(file, strict=True).is_valid


def test_the_public_files_are_valid_and_say_what_they_do_not_hold() -> None:
    if not SHARED.exists():
        pytest.skip("the shared schedules are not here")
    large = validated(SHARED / "schedule_170_production.yaml")
    assert large.is_valid
    claims = {problem.code: problem for problem in large.problems}
    assert claims["S-DECLARED-SATURATION"].found == "target_saturation: 0.87"
    assert claims["S-DECLARED-SATURATION"].allowed == "0.14"
    small = validated(SHARED / "test_schedule_20.yaml")
    assert small.is_valid
    claims = {problem.code: problem for problem in small.problems}
    assert (claims["S-DECLARED-STAGGER"].found, claims["S-DECLARED-STAGGER"].allowed) == (
        "stagger_days: 30", "5.0",
    )  # fmt: skip
    assert not validated(SHARED / "test_schedule_20.yaml", strict=True).is_valid


@settings(max_examples=12, deadline=None)
@given(
    stagger=st.fractions(Fraction(5), Fraction(60), max_denominator=8),
    batches=st.integers(1, 25),
    policy=st.sampled_from(["saturation", "biosecure"]),
    reserve=st.sampled_from(["days", "weight"]),
    rings=st.sampled_from([tuple(range(6, 21)), tuple(range(20, 5, -1)), (8,)]),
)
def test_any_plan_validates_clean(
    stagger: Fraction, batches: int, policy: str, reserve: str, rings: tuple[int, ...]
) -> None:
    wide = stagger + 9 if policy == "biosecure" else stagger + 1
    question = replace(
        QUESTION, stagger_days=wide, batches_per_geography=batches, policy=policy,
        reserve=reserve, ring_counts=rings,
    )  # fmt: skip
    found = validated(planned(question).schedule, strict=True)
    assert [problem for problem in found.problems if problem.severity == "error"] == []


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_edit_that_double_books_is_found(data: st.DataObject) -> None:
    """A container of one batch is given to another that lives through some of the same days."""
    schedule = planned(
        replace(QUESTION, batches_per_geography=12, stagger_days=Fraction(9))
    ).schedule
    taker = data.draw(st.sampled_from(schedule.batches))
    stay = data.draw(st.sampled_from(taker.stays))
    others = [
        (other, theirs)
        for other in schedule.batches
        for theirs in other.stays
        if other is not taker
        and other.geography == taker.geography
        and (theirs.stage == "adult") == (stay.stage == "adult")
        and other.start + theirs.start_day < taker.start + stay.end_day
        and taker.start + stay.start_day < other.start + theirs.end_day
    ]
    if not others:
        return
    _, theirs = data.draw(st.sampled_from(others))
    stolen = data.draw(st.sampled_from(theirs.containers))
    edited = replace(stay, containers=(stolen, *stay.containers[1:]))
    found = validated(_edited(schedule, taker, stay, edited))
    assert "S-HELD-TWICE" in {problem.code for problem in found.problems}


def test_two_rings_swapped_stay_valid_and_change_their_batches_alone() -> None:
    schedule = planned(replace(QUESTION, batches_per_geography=30)).schedule
    one, two = schedule.batches[0], schedule.batches[2]
    ours, theirs = one.stays[-1], two.stays[-1]
    mine = replace(ours, containers=(theirs.containers[0], *ours.containers[1:]))
    yours = replace(theirs, containers=(ours.containers[0], *theirs.containers[1:]))
    edited = _edited(_edited(schedule, one, ours, mine), two, theirs, yours)
    assert validated(edited).is_valid
    changed = [
        before.number
        for before, after in zip(schedule.batches, edited.batches, strict=True)
        if entry_fingerprint(before) != entry_fingerprint(after)
    ]
    assert changed == [one.number, two.number]


def _edited(schedule: Schedule, batch: BatchPlan, stay: Stay, edited: Stay) -> Schedule:
    stays = tuple(edited if each is stay else each for each in batch.stays)
    batches = tuple(
        replace(each, stays=stays) if each.number == batch.number else each
        for each in schedule.batches
    )
    return replace(schedule, batches=batches)


def test_the_classic_plan_is_told_of_its_limits_and_the_biosecure_one_keeps_them() -> None:
    tight = replace(QUESTION, batches_per_geography=40, stagger_days=Fraction(12))
    informed = validated(planned(tight).schedule)
    assert informed.is_valid
    assert {"S-FISH-A-RING", "S-DENSITY", "S-OVERFULL"} <= {
        problem.code for problem in informed.problems if problem.severity == "info"
    }
    kept = validated(planned(replace(tight, policy="biosecure")).schedule)
    assert kept.is_valid
    codes = {problem.code for problem in kept.problems}
    assert not codes & {"S-FISH-A-RING", "S-DENSITY", "S-OVERFULL", "S-FALLOW", "S-GENERATIONS"}


@pytest.mark.parametrize(
    ("eggs", "earlier_days", "code"),
    [
        (20_000_000, 0, "S-FISH-A-RING"),
        (5_000_000, 0, "S-DENSITY"),
        (9_000_000, 0, "S-OVERFULL"),
        (None, 50, "S-FALLOW"),
    ],
)
def test_what_breaks_a_limit_is_an_error_under_biosecure(
    eggs: int | None, earlier_days: int, code: str
) -> None:
    """The 24th Faroese batch comes into the first area again, just after its fallow."""
    question = replace(
        QUESTION, policy="biosecure", batches_per_geography=24, stagger_days=Fraction("11.95"),
        as_of=START + 2000,
    )  # fmt: skip
    schedule = planned(question).schedule
    batch = [each for each in schedule.batches if each.batch_id.startswith("FAR")][-1]
    moved = replace(batch, eggs=eggs or batch.eggs, start=batch.start - earlier_days)
    batches = tuple(moved if each is batch else each for each in schedule.batches)
    found = validated(replace(schedule, batches=batches))
    told = {(problem.code, problem.batch, problem.severity) for problem in found.problems}
    assert (code, batch.batch_id, "error") in told


def test_generations_are_told_apart_by_the_window_of_stocking() -> None:
    question = replace(QUESTION, batches_per_geography=40, stagger_days=Fraction(6))
    schedule = planned(question).schedule
    found = validated(replace(schedule, metadata={**schedule.metadata, "policy": "biosecure"}))
    assert "S-GENERATIONS" in {problem.code for problem in found.problems}
    assert len(LIMITS) == 5


def test_a_megabyte_is_validated_in_a_second(tmp_path: Path) -> None:
    answer = planned(replace(QUESTION, batches_per_geography=300, stagger_days=Fraction("4.5")))
    file = tmp_path / "s.yaml"
    file.write_text(dump(answer.schedule))
    assert file.stat().st_size > 1_000_000
    begun = process_time()
    assert validated(file).is_valid
    assert process_time() - begun < 1.0
