"""Biosecure and ladder, planning onto what is there, and one batch."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from grilse import api
from grilse.biology.parameters import builtin_parameters
from grilse.farm.builtin import reference_farm
from grilse.ground.days import day_of
from grilse.ground.errors import BadInput
from grilse.plan.customs import sea_rules
from grilse.plan.metadata import command_text
from grilse.plan.planning import plan_life
from grilse.plan.policies.ladder import RUNGS
from grilse.plan.question import PlanAnswer, PlanQuestion
from grilse.plan.saving import save_plan
from grilse.schedule.occupancy import double_held

START = day_of(date(2010, 1, 1))
BIOSECURE = PlanQuestion(
    as_of=START + 4000, batches_per_geography=120, stagger_days=Fraction("11.95"), start=START,
    policy="biosecure",
)  # fmt: skip


def planned(question: PlanQuestion) -> PlanAnswer:
    return plan_life(question, reference_farm(), builtin_parameters())


def generations(answer: PlanAnswer) -> dict[str, list[tuple[int, int, str]]]:
    """Stays at sea by area: from, to, batch."""
    held = defaultdict(list)
    for batch in answer.schedule.batches:
        stay = batch.stays[-1]
        held[stay.place].append(
            (batch.start + stay.start_day, batch.start + stay.end_day, batch.batch_id)
        )
    return {area: sorted(stays) for area, stays in held.items()}


def test_biosecure_keeps_one_generation_an_area_and_its_fallow() -> None:
    for area, stays in generations(planned(BIOSECURE)).items():
        fallow = 60 if area.startswith("FI") else 28
        for (_, end, _), (start, _, _) in pairwise(stays):
            assert start - end >= fallow, area


def test_biosecure_leaves_about_58_percent() -> None:
    assert planned(BIOSECURE).saturation.overall == pytest.approx(0.576, abs=0.005)
    paces = {"Faroe Islands": Fraction("22.174"), "Scotland": Fraction("23.9")}
    own = replace(BIOSECURE, interleave=False, own_staggers=paces)
    assert planned(own).saturation.overall == pytest.approx(0.595, abs=0.01)


def test_biosecure_counts_eggs_back_from_the_rings() -> None:
    farm = reference_farm()
    for batch in planned(BIOSECURE).schedule.batches[:40]:
        rules = sea_rules(builtin_parameters(), batch.geography)
        stay = batch.stays[-1]
        _, area = farm.places[batch.geography, stay.place]
        fish = batch.eggs * rules.smolts_an_egg / len(stay.containers)
        volume = area.containers[0].volume_m3
        assert fish <= 200_000
        assert fish * (batch.harvest_target_kg or 0) / volume <= 25 * rules.fill_share + 0.01
        assert fish * 1.0 / volume <= rules.density_limit(0.9)


def test_two_batches_may_share_an_area_and_a_generation() -> None:
    shared = replace(
        BIOSECURE, batches_an_area=2, stagger_days=Fraction("6.2"), batches_per_geography=90
    )
    answer = planned(shared)
    assert not list(double_held(answer.schedule.batches))
    for stays in generations(answer).values():
        for (one, _, _), (two, _, _) in zip(stays[::2], stays[1::2], strict=False):
            assert 0 < two - one <= 60
        for (_, end, _), (start, _, _) in zip(stays[1::2], stays[2::2], strict=False):
            assert start - end >= 28


def test_biosecure_is_refused_below_its_bound() -> None:
    with pytest.raises(BadInput, match=r"P-CAPACITY.*Scotland, adult.*--stagger 11\.95 or more"):
        planned(replace(BIOSECURE, stagger_days=Fraction("11.5")))


def test_a_ladder_has_a_batch_on_every_rung_in_every_stage() -> None:
    answer = api.plan(policy="ladder", as_of="2025-11-18")
    day = answer.schedule.as_of
    for name in ("Faroe Islands", "Scotland"):
        own = [batch for batch in answer.schedule.batches if batch.geography == name]
        ages = {day - batch.start for batch in own}
        assert set(RUNGS) <= ages
        completed = [age for age in ages if age > 900]
        assert max(completed) == 1826
        assert len(completed) >= 30
        for stage in range(6):
            first, last = stage * 90, 900 if stage == 5 else stage * 90 + 90
            assert sum(first <= age < last for age in ages) >= 4
            assert stage == 5 or sum(last - 20 <= age < last + 20 for age in ages) >= 2
    assert [batch.number for batch in answer.schedule.batches] == list(range(1, 119))
    assert not list(double_held(answer.schedule.batches))


def test_a_ladder_of_one_s_own() -> None:
    answer = api.plan(policy="ladder", ladder=[45, 25], as_of="2025-11-18")
    day = answer.schedule.as_of
    assert [day - batch.start for batch in answer.schedule.batches] == [45, 45, 25, 25]
    with pytest.raises(BadInput, match="P-CONTRADICTION"):
        api.plan(policy="ladder", batches=3, as_of="2025-11-18")


def test_a_plan_goes_on_from_what_is_there(tmp_path: Path) -> None:
    first = api.plan(batches=20, stagger=10, start="2020-01-01", as_of="2023-01-01", seed=7)
    save_plan(first, tmp_path / "there.yaml")
    more = api.plan(batches=5, stagger=10, start="2020-01-03", onto=tmp_path / "there.yaml")
    assert more.schedule.batches[:40] == first.schedule.batches
    assert (more.schedule.seed, more.schedule.as_of) == (7, first.schedule.as_of)
    new = more.schedule.batches[40:]
    assert [batch.number for batch in new] == list(range(41, 51))
    assert [batch.batch_id for batch in new[:4]] == [
        "FAR-2020-021", "SCO-2020-021", "FAR-2020-022", "SCO-2020-022",
    ]  # fmt: skip
    assert not list(double_held(more.schedule.batches))


def test_a_plan_goes_on_from_a_dataset(tmp_path: Path) -> None:
    first = api.plan(
        batches=1, geographies=["SCO"], eggs=1000, start="2023-01-01", as_of="2023-02-01"
    )
    api.run(api.prepare(first.schedule), tmp_path / "there", workers=1)
    more = api.plan(batches=1, geographies=["SCO"], start="2023-01-15", onto=tmp_path / "there")
    assert [batch.batch_id for batch in more.schedule.batches] == ["SCO-2023-001", "SCO-2023-002"]
    assert more.schedule.batches[0].stays == first.schedule.batches[0].stays
    assert not list(double_held(more.schedule.batches))


def test_what_is_there_leaves_no_room_and_is_named() -> None:
    full = api.plan(batches=60, fit=True, start="2020-01-01", as_of="2025-01-01")
    with pytest.raises(BadInput, match=r"P-CAPACITY.*held by SCO-20") as refusal:
        api.plan(
            batches=30, stagger=10, geographies=["SCO"], start="2020-06-01", onto=full.schedule
        )
    assert "--batches" in str(refusal.value) or "larger farm" in str(refusal.value)


def test_one_batch_for_a_quick_test() -> None:
    answer = api.plan(batches=1, geographies=["SCO"], eggs=1000, start="2023-01-01", duration=500)
    (batch,) = answer.schedule.batches
    assert (batch.batch_id, batch.eggs, batch.duration) == ("SCO-2023-001", 1000, 500)
    back = api.plan(batches=1, geographies=["Scotland"], as_of="2023-01-01", duration=100)
    assert back.schedule.batches[0].duration == 100
    with pytest.raises(BadInput, match="P-CONTRADICTION"):
        api.plan(batches=1, start="2023-01-01", as_of="2023-02-01", duration=500)


def test_unknown_names_are_refused() -> None:
    for options, code in (
        ({"geographies": ["Norway"]}, "P-GEOGRAPHY"),
        ({"policy": "guess"}, "P-POLICY"),
        ({"eggs": 0}, "P-EGGS"),
        ({"stage_days": {"frye": 80}}, "P-STAGE-DAYS"),
        ({"policy": "ladder", "ladder": [-3]}, "P-LADDER"),
    ):
        with pytest.raises(BadInput, match=code):
            api.plan(as_of="2025-01-01", **options)


def test_the_head_of_the_file_names_the_ladder_where_it_is_not_the_usual_one() -> None:
    own = api.plan(ladder=[45, 25], policy="ladder", as_of="2025-11-18")
    assert "--ladder 45,25" in command_text(own)
    usual = api.plan(policy="ladder", as_of="2025-11-18")
    assert "--policy ladder" in command_text(usual)
    assert "--ladder" not in command_text(usual)
