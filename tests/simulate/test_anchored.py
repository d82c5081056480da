"""A life with anchors passes through each of them exactly, whatever the as-of date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from grilse import api
from grilse.ground.days import date_of, day_of
from grilse.ground.errors import BadInput
from grilse.schedule.anchors import anchors_of, check_anchors
from grilse.schedule.model import BatchPlan, Schedule, Stay
from grilse.simulate.batch import simulate
from grilse.simulate.state import BatchState, StayState
from grilse.simulate.world import World

AS_OF = date(2024, 6, 1)


def life(age: int, target_kg: float | None = 1.0, *, open_ended: bool = False) -> BatchPlan:
    stays = [
        Stay(stage, f"S-FW-01-Hall-{letter}",
             tuple((f"S-FW-01-Hall-{letter}", f"S-FW-01-{letter}-C{c:02d}") for c in range(1, 4)),
             90 * i, 90 * i + 90)
        for i, (stage, letter) in enumerate(
            zip(("egg_alevin", "fry", "parr", "smolt", "post_smolt"), "ABCDE", strict=True))
    ]  # fmt: skip
    rings = tuple(("S-SEA-01", f"S-SEA-01-Ring-{c:02d}") for c in (1, 2))
    stays.append(Stay("adult", "S-SEA-01", rings, 450, 700))
    return BatchPlan("SCO-1", 1, day_of(AS_OF) - age, 90_000, age, "Scotland", "S-FW-01",
                     target_kg, tuple(stays), open_ended=open_ended)  # fmt: skip


def world(as_of: int, seed: int) -> World:
    job = api.prepare(Schedule({"seed": 1, "as_of": AS_OF}, (life(750),), as_of, seed))
    return World(job.farm, job.parameters, seed, as_of)


def told(plan: BatchPlan, state: BatchState) -> list[dict[str, Any]]:
    """What a source could say of a life: starts, ends, the fortieth day, every harvest."""
    anchors = []
    for index, stay in enumerate(state.stays):
        for row, ref in enumerate(stay.containers):
            name, born = ref.path[-1], plan.start + stay.start_day
            days = [0] + ([40] if stay.days > 40 and stay.opening[row, 40] else [])
            for day in days:
                fish, grams = stay.opening[row, day], stay.weight_open_g[row, day]
                anchors.append(_told(born + day, name, fish, grams))
            if index < len(state.stays) - 1:
                fish, grams = stay.closing[row, -1], stay.weight_g[row, -1]
                anchors.append(_told(born + stay.days, name, fish, grams))
            for day in np.flatnonzero(stay.harvested[row]):
                caught = _told(born + int(day), name, 0, stay.weight_g[row, day])
                caught["harvested"] = int(stay.harvested[row, day])
                del caught["count"]
                anchors.append(caught)
    return anchors


def _told(day: int, name: str, fish: Any, grams: Any) -> dict[str, Any]:
    return {"date": date_of(day), "container": name, "count": int(fish),
            "weight_g": round(float(grams), 3)}  # fmt: skip


def met(stay: StayState, row: int, day: int) -> tuple[int, float]:
    if day < stay.days:
        return int(stay.opening[row, day]), round(float(stay.weight_open_g[row, day]), 3)
    return int(stay.closing[row, -1]), round(float(stay.weight_g[row, -1]), 3)


def anchored(age: int, **options: Any) -> BatchPlan:
    plan = life(age, **options)
    state = simulate(world(day_of(AS_OF), 99), plan)
    return replace(plan, extra={"anchors": told(plan, state)})


@pytest.mark.parametrize("age", [750, 560, 300])
def test_every_anchor_is_met(age: int) -> None:
    plan = anchored(age)
    state = simulate(world(day_of(AS_OF), 5), plan)
    for anchor in anchors_of(plan):
        stay = state.stays[anchor.stay]
        if anchor.harvested:
            assert stay.harvested[anchor.row, anchor.day] == anchor.harvested
            weight = round(float(stay.weight_g[anchor.row, anchor.day]), 3)
            assert weight == anchor.weight_g
        else:
            assert met(stay, anchor.row, anchor.day) == (anchor.count, anchor.weight_g)
    assert state.status == ("COMPLETED" if age == 750 else "ACTIVE")
    for stay in state.stays:
        assert (stay.closing >= 0).all()
        assert (stay.dead >= 0).all()
        assert (stay.initial - (stay.dead + stay.removed).sum(axis=1) == stay.closing[:, -1]).all()
        assert all((of <= stay.dead).all() for of in stay.dead_of.values())


def test_the_as_of_date_changes_no_earlier_day() -> None:
    plan = anchored(750)
    whole = simulate(world(day_of(AS_OF), 5), plan)
    for lived in (30, 95, 470, 520, 640):
        early = simulate(world(plan.start + lived, 5), plan)
        for a, b in zip(early.stays, whole.stays, strict=False):
            for name in ("opening", "dead", "removed", "weight_g", "feed_10g", "cause"):
                assert (getattr(a, name) == getattr(b, name)[:, : a.days]).all(), (lived, name)


def test_after_its_last_anchor_a_life_goes_on_and_is_harvested() -> None:
    plan = anchored(500, target_kg=1.0)
    later = simulate(world(plan.start + 760, 5), plan)
    assert later.status == "COMPLETED"
    sea = later.stays[-1]
    first = np.flatnonzero(sea.harvested.sum(axis=0))[0]
    assert first >= 50
    assert (sea.initial == (sea.dead + sea.removed).sum(axis=1)).all()


def test_a_batch_of_no_anchors_lives_as_ever() -> None:
    at = world(day_of(AS_OF), 5)
    plain, empty = simulate(at, life(750)), replace(life(750), extra={"anchors": []})
    for a, b in zip(plain.stays, simulate(at, empty).stays, strict=True):
        assert (a.opening == b.opening).all()
        assert (a.weight_g == b.weight_g).all()


def test_an_end_that_is_not_anchored_is_what_the_next_stay_begins_with() -> None:
    plan = life(200)
    start = [_told(plan.start + 90, f"S-FW-01-B-C{c:02d}", 20_000 + c, 0.25) for c in (1, 2, 3)]
    state = simulate(world(day_of(AS_OF), 5), replace(plan, extra={"anchors": start}))
    assert state.transfers[0].dead.sum() == 0
    assert state.stays[0].closing[:, -1].tolist() == [20_001, 20_002, 20_003]
    assert state.stays[1].initial.tolist() == [20_001, 20_002, 20_003]


WRONG: dict[str, list[Any]] = {
    "no mapping": ["x"],
    "a key": [{"date": AS_OF, "container": "S-SEA-01-Ring-01", "cuont": 1}],
    "a date": [{"date": "soon", "container": "S-SEA-01-Ring-01", "count": 1}],
    "a number": [{"date": AS_OF, "container": "S-SEA-01-Ring-01", "count": -1}],
    "a weight": [{"date": AS_OF, "container": "S-SEA-01-Ring-01", "weight_g": 0}],
    "nothing": [{"date": AS_OF, "container": "S-SEA-01-Ring-01"}],
    "both": [{"date": AS_OF, "container": "S-SEA-01-Ring-01", "count": 1, "harvested": 1}],
    "nowhere": [{"date": date(2019, 1, 1), "container": "S-SEA-01-Ring-01", "count": 1}],
    "no container": [{"date": AS_OF, "container": "S-SEA-01-Ring-09", "count": 1}],
    "more fish": [
        {"date": date_of(day_of(AS_OF) - day), "container": "S-SEA-01-Ring-01", "count": count}
        for day, count in ((100, 10), (90, 11))
    ],
    "twice": [{"date": AS_OF, "container": "S-SEA-01-Ring-01", "count": 1}] * 2,
    "harvest on land": [
        {"date": date_of(day_of(AS_OF) - 540), "container": "S-FW-01-B-C01", "harvested": 1}
    ],
    "no list": {"date": AS_OF},  # type: ignore[dict-item]
}


@pytest.mark.parametrize("name", list(WRONG))
def test_anchors_that_cannot_be_are_refused(name: str) -> None:
    plan = replace(life(600), extra={"anchors": WRONG[name]})
    with pytest.raises(BadInput) as refused:
        check_anchors(Schedule({}, (plan,), day_of(AS_OF), 1, "s.yaml"))
    assert {problem.code for problem in refused.value.problems} == {"S-ANCHOR"}
