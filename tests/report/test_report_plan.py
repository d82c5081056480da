"""The plan's panels hold the plan: every container-day of it, in its place."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from grilse import api
from grilse.report.filling import filling_panel, question_of
from grilse.report.planned import plan_panel
from grilse.report.subject import MOST_LIVES, Subject


@pytest.fixture(scope="module")
def subject() -> Subject:
    answer = api.plan(batches=30, stagger=9, start="2020-01-01", as_of="2024-01-01")
    job = api.prepare(answer.schedule)
    return Subject("plan", job.schedule, job.farm, job.parameters, "0")


def test_every_container_day_is_on_the_map(subject: Subject) -> None:
    panel = plan_panel(subject)
    drawn: Counter[tuple[str, int, str, str]] = Counter()
    for batch in panel["batches"]:
        for stage, start, end, runs in batch["stays"]:
            for number, first, last in runs:
                place = panel["places"][number]
                for name in place["lanes"][first:last]:
                    drawn[batch["id"], stage, place["name"], name] += end - start
    planned = Counter(
        {
            (batch.batch_id, stage, place, name): stay.days
            for batch in subject.schedule.batches
            for stage, stay in enumerate(batch.stays)
            for place, name in stay.containers
        }
    )
    assert drawn == planned


def test_weeks_of_filling_add_up_to_the_reserved_days(subject: Subject) -> None:
    panel = filling_panel(subject)
    for group in panel["groups"]:
        days = sum(
            stay.days * len(stay.containers)
            for batch in subject.schedule.batches
            for stay in batch.stays
            if batch.geography == group["geography"] and stay.stage == group["stage"]
        )
        told = sum(group["weeks"]) / 100 * group["containers"] * 7
        assert told == pytest.approx(days, rel=2e-3), group["stage"]


def test_the_bound_is_that_of_the_plan(subject: Subject) -> None:
    bound = filling_panel(subject)["bound"]
    assert bound["bottleneck"] == "Scotland, egg_alevin"
    assert bound["least_stagger"] == "4.5"
    assert bound["stagger"] == 9
    assert bound["saturation"] == pytest.approx(0.949, abs=0.001)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"rings": "8..6"}, (8, 7, 6)),
        ({"rings": "10,20"}, (10, 20)),
        ({"rings": 10}, (10,)),
        ({"rings": "all of them"}, tuple(range(6, 21))),
        ({"rings": ["<b>"]}, tuple(range(6, 21))),
    ],
)
def test_ring_counts_are_read_as_metadata_tell_them(
    subject: Subject, told: dict[str, Any], expected: tuple[int, ...]
) -> None:
    question = question_of(replace(subject.schedule, metadata=told))
    assert question.ring_counts == expected


@pytest.mark.parametrize(
    "told",
    [
        {"policy": 7, "stage_days": "no", "fallow_days": -3, "interleave": "x"},
        {"policy": "ladder", "stage_days": {"fry": "many"}, "stagger_days": None},
        {"stage_days": {"kelt": 30}},
        {"rings": "0"},
        {"rings": "999..1"},
    ],
)
def test_metadata_of_any_kind_leave_a_panel(subject: Subject, told: dict[str, Any]) -> None:
    panel = filling_panel(replace(subject, schedule=replace(subject.schedule, metadata=told)))
    assert panel["groups"]


def test_of_very_many_batches_some_of_each_geography_are_drawn_evenly(subject: Subject) -> None:
    """Geographies start in turn: every second batch alone would be those of one."""
    two = sorted(subject.schedule.batches, key=lambda batch: batch.number)[:2]
    many = tuple(
        replace(two[n % 2], number=n + 1, batch_id=str(n + 1)) for n in range(2 * MOST_LIVES)
    )
    crowd = replace(subject, schedule=replace(subject.schedule, batches=many))
    drawn = crowd.drawn
    assert len(drawn) == MOST_LIVES
    for batch in two:
        numbers = [each.number for each in drawn if each.geography == batch.geography]
        assert len(numbers) == MOST_LIVES // 2
        assert {after - before for before, after in pairwise(numbers)} == {4}
