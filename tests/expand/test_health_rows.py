"""Rows of health tell one story: outbreak, sample, result, journal, and scores that show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from grilse.biology.checks import LAB_METHODS, LAB_TISSUES, WELFARE_INDICATORS
from grilse.biology.parameters import changed_parameters
from grilse.expand.batch import batch_rows
from grilse.schedule.model import BatchPlan
from grilse.simulate.batch import simulate
from grilse.simulate.world import World
from grilse.tables.catalogue import TABLES, health

SICK = "disease: {by_chance: {value: 30}, taken_share: {value: 1}}"
NAMES = (
    "vaccination", "disease_outbreak", "lab_sample", "welfare_sample", "welfare_observation",
    "journal_entry", "mortality_event", "planned_activity",
)  # fmt: skip
Rows = dict[str, list[dict[str, Any]]]


def made(world: World, plan: BatchPlan, names: tuple[str, ...] = NAMES) -> Rows:
    chunks = batch_rows(world, simulate(world, plan), frozenset(names))
    return {table.name: pa.Table.from_batches([chunk]).to_pylist() for table, chunk in chunks}


@pytest.fixture(scope="module")
def sick(world: World) -> World:
    return replace(world, parameters=changed_parameters(SICK, "t.yaml"))


@pytest.fixture(scope="module")
def rows(sick: World, life_plan: BatchPlan) -> Rows:
    return made(sick, life_plan)


def test_words_are_those_of_the_parameters() -> None:
    assert health.LAB_TISSUES == LAB_TISSUES
    assert health.LAB_METHODS == LAB_METHODS
    assert tuple(health.WELFARE_INDICATORS) == WELFARE_INDICATORS


def test_keys_ascend_and_are_unique(rows: Rows) -> None:
    assert set(rows) == set(NAMES)
    for name, told in rows.items():
        keys = [row[TABLES[name].primary_key[0]] for row in told]
        assert keys == sorted(set(keys)), name


def test_an_outbreak_is_seen_sampled_confirmed_and_over(rows: Rows) -> None:
    over = [row for row in rows["disease_outbreak"] if row["last_date"] is not None]
    assert len(over) >= 3
    for outbreak in over:
        disease, first, last = (outbreak[n] for n in ("disease", "first_date", "last_date"))
        signs = [e for e in rows["journal_entry"] if e["entry_date"] == first]
        assert any("dead in a week in" in e["entry"] for e in signs)
        samples = [
            s for s in rows["lab_sample"]
            if s["disease"] == disease and first <= s["sample_date"] <= last
            and s["reason"] != "ROUTINE"
        ]  # fmt: skip
        if (last - first).days > 3:
            assert samples[0]["result_date"] > samples[0]["sample_date"]
    found = [s for s in rows["lab_sample"] if s["reason"] == "SUSPICION"]
    assert {s["result"] for s in found} == {"POSITIVE", "NEGATIVE"}


def test_strong_infections_are_found_in_fewer_cycles(rows: Rows) -> None:
    cts = [float(s["ct_value"]) for s in rows["lab_sample"] if s["ct_value"] is not None]
    assert 15 < min(cts) < 25 < max(cts) < 40


def test_a_diagnosis_in_the_journal_is_a_positive_sample(rows: Rows) -> None:
    came = {
        (s["assignment_id"], s["result_date"])
        for s in rows["lab_sample"] if s["result"] == "POSITIVE"
    }  # fmt: skip
    told = [e for e in rows["journal_entry"] if e["category"] == "DIAGNOSIS"]
    assert told
    assert all((e["assignment_id"], e["entry_date"]) in came for e in told)


def test_the_dead_of_an_outbreak_are_in_the_book(rows: Rows) -> None:
    for outbreak in rows["disease_outbreak"]:
        until = outbreak["last_date"] or date.max
        dead = sum(
            row["dead_count"] for row in rows["mortality_event"]
            if row["cause"] == outbreak["disease"]
            and outbreak["first_date"] <= row["event_date"] <= until
        )  # fmt: skip
        assert 0 < outbreak["dead_count"] <= dead


def test_nothing_is_told_before_it_is_known(sick: World, life_plan: BatchPlan, rows: Rows) -> None:
    earlier = replace(sick, as_of=sick.as_of - 200)
    then = made(earlier, life_plan)
    for name in NAMES:
        dated = TABLES[name].event_date
        if dated is not None:
            limit = date(1970, 1, 1) + timedelta(days=earlier.as_of)
            assert then[name] == [row for row in rows[name] if row[dated] < limit], name


def test_a_sample_is_told_with_its_result_and_not_before(
    sick: World, life_plan: BatchPlan, rows: Rows
) -> None:
    sample = next(row for row in rows["lab_sample"] if row["reason"] == "SUSPICION")
    result = sick.as_of + (sample["result_date"] - rows_as_of(sick)).days
    for late in (0, 1):
        told = made(replace(sick, as_of=result + late), life_plan, ("lab_sample",))
        keys = {row["lab_sample_id"] for row in told["lab_sample"]}
        assert (sample["lab_sample_id"] in keys) == bool(late)


def test_some_samples_miss_what_is_there(sick: World, life_plan: BatchPlan, rows: Rows) -> None:
    blind = SICK + "\nlaboratory: {missed_share: {value: 1}}"
    world = replace(sick, parameters=changed_parameters(blind, "t.yaml"))
    told = made(world, life_plan, ("lab_sample",))["lab_sample"]
    assert told
    assert not any(row["result"] == "POSITIVE" for row in told)
    assert any(row["result"] == "POSITIVE" for row in rows["lab_sample"])


def rows_as_of(world: World) -> date:
    return date(1970, 1, 1) + timedelta(world.as_of)


def test_all_containers_are_vaccinated_on_one_day_and_the_plan_says_it_is_done(rows: Rows) -> None:
    given = rows["vaccination"]
    assert len(given) == 10
    (day,) = {row["vaccination_date"] for row in given}
    (task,) = [r for r in rows["planned_activity"] if r["activity_type"] == "VACCINATION"]
    assert (task["status"], task["completed_date"]) == ("COMPLETED", day)
    assert abs((task["due_date"] - day).days) < 25
    assert any(e["entry_date"] == day and e["category"] == "VACCINATION"
               for e in rows["journal_entry"])  # fmt: skip


@pytest.fixture(scope="module")
def scores(rows: Rows) -> np.ndarray[Any, Any]:
    return np.array([[r[n] for n in WELFARE_INDICATORS] for r in rows["welfare_observation"]])


def test_scores_go_from_0_to_3_and_most_are_0(scores: Any) -> None:
    assert scores.min() == 0
    assert scores.max() == 3
    assert 0.6 < (scores == 0).mean() < 0.98


def test_a_fish_that_fares_badly_does_so_in_many_ways(scores: Any, rows: Rows) -> None:
    odd, even = scores[:, ::2].sum(axis=1), scores[:, 1::2].sum(axis=1)
    sample = np.array([r["welfare_sample_id"] for r in rows["welfare_observation"]])
    _, place = np.unique(sample, return_inverse=True)
    size = np.bincount(place)
    within = [part - (np.bincount(place, part) / size)[place] for part in (odd, even)]
    assert np.corrcoef(*within)[0, 1] > 0.12


def test_thin_fish_are_light(rows: Rows) -> None:
    told = rows["welfare_observation"]
    mean: dict[int, list[float]] = {}
    for row in told:
        mean.setdefault(row["welfare_sample_id"], []).append(float(row["weight_g"]))
    rest, thin = (
        np.mean([
            float(row["weight_g"]) / np.mean(mean[row["welfare_sample_id"]])
            for row in told if (row["emaciation_score"] > 0) is is_thin
        ])
        for is_thin in (False, True)
    )  # fmt: skip
    assert thin < 0.97 * rest


def test_scores_show_what_has_happened(world: World, sick: World, life_plan: BatchPlan) -> None:
    calm = replace(world, parameters=changed_parameters("disease: {by_chance: 0}", "t.yaml"))
    names = ("welfare_observation",)
    ill, well = (made(each, life_plan, names)[names[0]] for each in (sick, calm))

    def mean(told: list[dict[str, Any]], name: str) -> float:
        return float(np.mean([row[name] for row in told]))

    assert mean(ill, "gill_score") > 1.2 * mean(well, "gill_score")
    assert mean(ill, "spine_score") == pytest.approx(mean(well, "spine_score"), rel=0.15)


def test_scores_are_those_of_the_sample(rows: Rows) -> None:
    sample = rows["welfare_sample"][7]
    fish = [r for r in rows["welfare_observation"]
            if r["welfare_sample_id"] == sample["welfare_sample_id"]]  # fmt: skip
    told = [[r[n] for n in WELFARE_INDICATORS] for r in fish]
    assert len(fish) == sample["sample_size"] == 20
    assert float(sample["avg_score"]) == pytest.approx(np.mean(told), abs=0.0006)
    assert sample["fish_marked"] == sum(max(each) >= 2 for each in told)
