"""Culls and escapes: whole fish, never more than are alive, and no earlier day is changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.biology.parameters import builtin_parameters, changed_parameters
from grilse.farm.builtin import reference_farm
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.batch import simulate
from grilse.simulate.losses import Loss, after_handling, lost, share_kept
from grilse.simulate.state import BatchState
from grilse.simulate.world import World

AS_OF = 19_500


def world(text: str = "", as_of: int = AS_OF) -> World:
    parameters = changed_parameters(text, "t.yaml") if text else builtin_parameters()
    return World(reference_farm(), parameters, 3, as_of)


def plan(start: int = AS_OF - 800, target: float = 3.0, **extra: object) -> BatchPlan:
    stays = tuple(
        Stay(stage, f"FI-FW-02-Hall-{letter}",
             tuple((f"FI-FW-02-Hall-{letter}", f"FI-FW-02-{letter}-C{i:02d}") for i in (1, 2, 3)),
             90 * at, 90 * at + 90)
        for at, (stage, letter) in enumerate(
            zip(("egg_alevin", "fry", "parr", "smolt", "post_smolt"), "ABCDE", strict=True))
    )  # fmt: skip
    rings = tuple(("FI-SEA-02", f"FI-SEA-02-Ring-{i:02d}") for i in (1, 2, 3, 4))
    sea = Stay("adult", "FI-SEA-02", rings, 450, 780)
    return BatchPlan("FAR-T", 9, start, 1_000_000, 780, "Faroe Islands", "FI-FW-02", target,
                     (*stays, sea), extra=extra)  # fmt: skip


def balance(state: BatchState) -> int:
    delivered = state.delivery
    assert delivered is not None
    gone = int(delivered.dead.sum()) + sum(int(move.dead.sum()) for move in state.transfers)
    for stay in state.stays:
        gone += int(stay.dead.sum()) + int(stay.removed.sum())
        assert (stay.harvested >= 0).all()
        assert (stay.closing >= 0).all()
    return int(delivered.eggs.sum()) - gone - int(state.stays[-1].closing[:, -1].sum())


@given(
    st.lists(st.tuples(st.integers(0, 19), st.floats(0, 1)), max_size=4),
    st.integers(0, 2**32 - 1),
)
def test_no_container_loses_more_than_it_has(losses: list[tuple[int, float]], seed: int) -> None:
    random = np.random.default_rng(seed)
    initial = random.integers(0, 500, 3)
    dead = np.minimum(np.cumsum(random.integers(0, 20, (3, 20)), axis=1), initial[:, None])
    made = [
        Loss("culled", day, np.full(3, share), np.full(3, 0.5)) for day, share in sorted(losses)
    ]
    gone = sum(lost(made, initial, dead).values())
    total = np.minimum(dead, (initial - gone.sum(axis=1))[:, None])
    assert (gone >= 0).all()
    assert (np.cumsum(gone, axis=1) + total <= initial[:, None]).all()
    assert (np.diff(total, axis=1) >= 0).all()


def test_a_later_loss_changes_nothing_before_it() -> None:
    initial, dead = np.array([100, 200]), np.cumsum(np.ones((2, 10), np.int64), axis=1)
    first = Loss("culled", 3, np.array([0.1, 0.2]), np.zeros(2))
    second = Loss("escaped", 7, np.array([0.5, 0.5]), np.zeros(2))
    alone = lost([first], initial, dead)["culled"]
    both = lost([first, second], initial, dead)
    assert (both["culled"] == alone).all()
    assert both["escaped"][0, 7] == (100 - 8 - alone[0, 3]) // 2
    assert share_kept([first], 2, 10)[:, 3].tolist() == [1.0, 1.0]
    assert share_kept([first], 2, 10)[:, 4].tolist() == [0.9, 0.8]


def test_more_die_after_handling_and_fewer_day_by_day() -> None:
    factor = after_handling(world(), [Loss("culled", 5, np.zeros(1), np.zeros(1))], 20)
    assert (factor[:5] == 1).all()
    assert factor[5] == pytest.approx(3.0)
    assert (np.diff(factor[5:12]) < 0).all()
    assert (factor[12:] == 1).all()


def test_every_stage_on_land_is_graded_and_every_fish_accounted_for() -> None:
    state = simulate(world(), plan())
    assert balance(state) == 0
    for stay in state.stays[:5]:
        assert ((stay.culled > 0).sum(axis=1) == 1).all()
        day = int(stay.culled[0].argmax())
        assert (stay.feed_10g[:, day - 1] == 0).all()
        deaths = stay.dead.sum(axis=0)
        if stay.stage.key == "smolt":
            assert deaths[day : day + 4].mean() > 1.4 * deaths[day - 10 : day].mean()
    assert not state.stays[5].culled.any()
    assert state.status == "COMPLETED"


def test_without_gradings_nothing_is_culled() -> None:
    shares = "".join(
        f"    {stage}: {{cull_share: {{value: 0}}}}\n"
        for stage in ("egg_alevin", "fry", "parr", "smolt", "post_smolt")
    )
    state = simulate(world("grading:\n  stage:\n" + shares), plan())
    assert not any(stay.culled.any() for stay in state.stays)
    assert balance(state) == 0


def test_a_harvest_takes_a_days_capacity_and_ends_with_the_stay() -> None:
    slow = world("harvest: {capacity_kg_per_day: {value: 40000}}")
    stay = simulate(slow, plan()).stays[-1]
    kilos = (stay.harvested * stay.weight_g).sum(axis=0) / 1000
    days = np.flatnonzero(kilos)
    assert len(days) > 20
    assert np.median(kilos[days]) == pytest.approx(40_000, rel=0.35)
    assert stay.left.all()
    far_too_slow = world("harvest: {capacity_kg_per_day: {value: 1}}")
    stay = simulate(far_too_slow, plan(target=None)).stays[-1]  # type: ignore[arg-type]
    assert stay.left.all()
    assert stay.closing[:, -1].sum() == 0


@pytest.mark.parametrize("event", [
    {"type": "outbreak", "start": 500, "days": 40, "severity": 2, "cause": "PD"},
    {"type": "jellyfish", "start": 520, "days": 6, "where": "FI-SEA-02"},
    {"type": "heatwave", "start": 530, "days": 20},
    {"type": "oxygen_drop", "start": 540, "days": 3, "severity": 1.5},
    {"type": "feed_delay", "start": 540, "days": 3, "where": "FI-SEA-02-Ring-02"},
    {"type": "escape", "start": 600, "where": "FI-SEA-02-Ring-01", "severity": 3},
])  # fmt: skip
def test_an_event_changes_the_days_from_its_own_on_and_keeps_the_books(
    event: dict[str, object],
) -> None:
    plain = simulate(world(), plan()).stays[-1]
    state = simulate(world(), plan(events=[event]))
    assert balance(state) == 0
    stay, first = state.stays[-1], int(event["start"]) - 450  # type: ignore[call-overload]
    for name in ("opening", "dead", "removed", "weight_g", "feed_10g"):
        before, after = getattr(plain, name), getattr(stay, name)
        assert (before[:, :first] == after[:, :first]).all(), name
    span = slice(first, first + int(event.get("days", 1)))  # type: ignore[call-overload]
    if event["type"] in ("outbreak", "jellyfish", "oxygen_drop"):
        assert stay.dead[:, span].sum() > 3 * plain.dead[:, span].sum()
    elif event["type"] == "heatwave":
        assert (stay.temp_centi_c[span] > plain.temp_centi_c[span]).all()
    elif event["type"] == "feed_delay":
        assert (stay.feed_10g[1, span] == 0).all()
        assert (stay.feed_10g[0, span] > 0).all()
    else:
        assert 0 < stay.escaped.sum() == stay.escaped[0, first]


def test_the_worse_an_oxygen_drop_the_less_they_eat_and_the_more_of_them_die() -> None:
    where = {"start": 540, "days": 5, "where": "FI-SEA-02-Ring-01"}
    stays = [
        simulate(
            world(), plan(events=[{"type": "oxygen_drop", "severity": severity, **where}])
        ).stays[-1]
        for severity in (0.1, 1, 1.5, 2, 3)
    ]
    day = 540 - 450 + 2
    eaten = [int(stay.feed_10g[0, day]) for stay in stays]
    died = [stay.dead[0, day - 2 : day + 3].sum() / stay.opening[0, day - 2] for stay in stays]
    assert eaten == sorted(eaten, reverse=True)
    assert eaten[1] > 0 == eaten[3] == eaten[4]
    assert died == sorted(died)
    assert died[0] < 0.01 < died[2] < 0.1 < died[3] < 0.5 < died[4]
    others = [stay.dead[1:, : day + 3].tolist() for stay in stays]
    assert others == others[:1] * len(stays), "one ring alone"


def test_what_is_to_come_changes_no_day_that_was() -> None:
    whole = simulate(world(), plan())
    for cut in (120, 330, 500, 745, 760):
        part = simulate(world(as_of=plan().start + cut), plan())
        for now, then in zip(part.stays, whole.stays, strict=False):
            for name in ("opening", "dead", "removed", "culled", "weight_g", "feed_10g"):
                known = getattr(now, name)
                assert (known == getattr(then, name)[:, : known.shape[1]]).all(), (cut, name)


def test_events_of_other_places_and_times_meet_no_one() -> None:
    plain = simulate(world(), plan())
    away = [
        {"type": "outbreak", "start": "2031-01-01", "days": 9},
        {"type": "outbreak", "start": 500, "days": 9, "where": "S-SEA-01"},
    ]
    state = simulate(world(), replace(plan(), extra={"events": away}))
    for now, then in zip(state.stays, plain.stays, strict=True):
        assert (now.dead == then.dead).all()
