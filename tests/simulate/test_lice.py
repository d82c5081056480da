"""Lice of a life at sea: counted weekly, treated with cause, and harvested when it is allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from grilse.biology.parameters import builtin_parameters, changed_parameters
from grilse.farm.builtin import reference_farm
from grilse.ground.days import day_of
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.batch import simulate
from grilse.simulate.burden import burden
from grilse.simulate.lice import Lousing, stay_lice
from grilse.simulate.state import BatchState, LiceCourse, StayState
from grilse.simulate.world import World
from grilse.tables.catalogue.events import MORTALITY_CAUSES

AS_OF = day_of(date(2024, 6, 1))
DELOUSING = MORTALITY_CAUSES.index("DELOUSING")
MANY = "lice: {pressure: {Scotland: {farmed: [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]}}}"
WITHHELD = """
treatment:
  method:
    default:
      name: [BATH]
      share: [1]
      share_when_ill: [1]
      mobile_effect: [0.9]
      sessile_effect: [0.2]
      death_share: [0.002]
      fast_days: [1]
      withholding_days: [{days}]
"""


def world(text: str = "", as_of: int = AS_OF) -> World:
    parameters = changed_parameters(text, "ours.yaml") if text else builtin_parameters()
    return World(reference_farm(), parameters, 3, as_of)


def plan(target_kg: float | None = 4.5, rings: int = 4, age: int = 920) -> BatchPlan:
    stays = [
        Stay(
            stage,
            f"S-FW-01-Hall-{letter}",
            tuple((f"S-FW-01-Hall-{letter}", f"S-FW-01-{letter}-C{i:02d}") for i in (1, 2)),
            90 * place,
            90 * (place + 1),
        )
        for place, (stage, letter) in enumerate(
            zip(("egg_alevin", "fry", "parr", "smolt", "post_smolt"), "ABCDE", strict=True)
        )
    ]
    at_sea = tuple(("S-SEA-01", f"S-SEA-01-Ring-{i:02d}") for i in range(1, rings + 1))
    stays.append(Stay("adult", "S-SEA-01", at_sea, 450, 900))
    return BatchPlan(
        "SCO-2021-001", 1, AS_OF - age, 800_000, 900, "Scotland", "S-FW-01", target_kg, tuple(stays)
    )


def sea(state: BatchState) -> tuple[StayState, LiceCourse]:
    stay = state.stays[-1]
    assert stay.lice is not None
    return stay, stay.lice


def test_there_are_none_on_land_and_a_count_each_week_at_sea() -> None:
    state = simulate(world(), plan())
    assert all(stay.lice is None for stay in state.stays[:-1])
    stay, lice = sea(state)
    assert lice.day.tolist() == list(range(7, stay.days, 7))
    assert (lice.counts >= 0).all()
    assert (lice.female >= 0.0).all()
    female = lice.counts[0].ravel()
    assert female.var() > female.mean()


def test_the_rings_of_an_area_go_together() -> None:
    _, lice = sea(simulate(world(), plan(rings=12)))
    weekly = np.diff(lice.female, axis=1)
    together = np.corrcoef(weekly)[np.triu_indices(12, 1)]
    assert together.mean() > 0.3


def test_each_treatment_has_its_cause_and_each_cause_its_treatment() -> None:
    stay, lice = sea(simulate(world(MANY), plan(target_kg=None)))
    made = lice.treatments.is_made
    weeks = lice.treatments.week[made]
    assert len(weeks) > 8
    assert (lice.mean_milli[weeks] > lice.limit_milli[weeks]).all()
    later = lice.treatments.day[made] - lice.day[weeks]
    assert later.min() >= 3
    assert later.max() <= 6
    in_time = lice.day + 7 + 21 + 21 <= stay.days
    passed = np.flatnonzero((lice.mean_milli > lice.limit_milli) & in_time)
    assert set(passed) <= set(lice.treatments.week)


def test_a_treatment_takes_lice_and_costs_fish_and_feed() -> None:
    stay, lice = sea(simulate(world(MANY), plan(target_kg=None)))
    given = lice.treatments
    week = given.week[0]
    rows = given.row[given.week == week]
    assert (lice.female[rows, week + 1] < 0.5 * lice.female[rows, week]).all()
    handled = given.is_made & (given.fast_days > 0) & (given.death_share > 0.001)
    row, day = given.row[handled], given.day[handled]
    assert (stay.feed_10g[row, day] == 0).all()
    assert (stay.feed_10g[row, day - 1] == 0).all()
    died = stay.dead_of[DELOUSING]
    assert (died[row, day] > 0).all()
    near = np.zeros(died.shape, bool)
    for after in range(7):
        there = given.day[given.is_made] + after < stay.days
        near[given.row[given.is_made][there], given.day[given.is_made][there] + after] = True
    assert not died[~near].any()


def test_a_batchs_own_adults_add_to_what_comes_from_without() -> None:
    never = f"lice: {{limit: {{Scotland: {[90] * 12}}}, own_infestation: {{value: OWN}}}}"
    both, alone = (
        sea(simulate(world(never.replace("OWN", own)), plan(target_kg=None)))[1]
        for own in ("0.45", "0")
    )
    assert (both.female[:, :3] == alone.female[:, :3]).all()
    assert both.female[:, 20:].mean() > 1.2 * alone.female[:, 20:].mean()


def test_what_a_treatment_does_to_sessile_lice_shows_in_the_next_count() -> None:
    text = MANY + WITHHELD.format(days=2)
    left = []
    for effect in ("0.0", "1.0"):
        changed = text.replace("sessile_effect: [0.2]", f"sessile_effect: [{effect}]")
        _, lice = sea(simulate(world(changed), plan(target_kg=None)))
        week = lice.treatments.week[0]
        rows = lice.treatments.row[lice.treatments.week == week]
        left.append(lice.counts[4, rows, week + 1].sum())
    assert left[1] < 0.8 * left[0]


def test_nothing_that_comes_later_changes_a_day() -> None:
    whole, _ = sea(simulate(world(MANY), plan()))
    for days in (120, 121, 122, 123, 124, 125, 126, 127, 201, 290, 410):
        part, lice = sea(simulate(world(MANY, AS_OF - 470 + days), plan()))
        assert part.days == days
        for name in ("dead", "opening", "feed_10g", "weight_g", "removed"):
            assert (getattr(part, name) == getattr(whole, name)[:, :days]).all(), name
        assert whole.lice is not None
        weeks = len(lice.day)
        assert (lice.counts == whole.lice.counts[:, :, :weeks]).all()


@pytest.mark.parametrize("days", [2, 40, 90])
def test_no_harvest_while_fish_are_withheld(days: int) -> None:
    early = simulate(world(MANY), plan(target_kg=1.0))
    stay, lice = sea(simulate(world(MANY + WITHHELD.format(days=days)), plan(target_kg=1.0)))
    taken = stay.harvested > 0
    assert taken.any()
    given, made = lice.treatments, lice.treatments.is_made
    assert made.any()
    for row, day in zip(given.row[made], given.day[made], strict=True):
        assert not taken[row, day : day + days].any()
    assert early.status == "COMPLETED"


def test_no_treatment_once_the_harvest_has_begun() -> None:
    for target in (1.0, 2.0, 3.0, 4.0):
        stay, lice = sea(simulate(world(MANY), plan(target_kg=target)))
        first = np.flatnonzero(stay.harvested.any(axis=0))[0]
        assert (lice.treatments.day[lice.treatments.is_made] < first).all()


def lousing(many: World) -> Lousing:
    """Return the lice of four rings that nobody has told yet."""
    batch = plan()
    stay = batch.stays[-1]
    paths = [many.farm.by_path["Scotland", *path].path for path in stay.containers]
    temp = np.full(stay.days, 1100, np.int32)
    found = stay_lice(many, batch, stay, paths, np.full(4, 100_000), temp)
    assert found is not None
    return found


def test_what_is_told_again_is_what_would_have_been_told_at_first() -> None:
    many = world(MANY)
    told = lousing(many)
    first = told.course()
    for until in (400, 300, 200, 103, 102, 101, 100, 99, 98, 97, 50, 3):
        again, alone = told.course(until), lousing(many).course(until)
        for name in ("counts", "female", "mean_milli"):
            assert (getattr(again, name) == getattr(alone, name)).all(), (until, name)
        for name in ("is_made", "row", "day", "week", "effect"):
            assert (getattr(again.treatments, name) == getattr(alone.treatments, name)).all(), (
                until,
                name,
            )
    assert (first.counts == told.course().counts).all()


def test_a_treatment_that_a_harvest_forestalls_leaves_the_lice_as_they_are() -> None:
    many = world(MANY)
    first = lousing(many).course().treatments
    week, last = first.week[0], first.day[first.week == first.week[0]].max()
    untreated = lousing(many).course(0)
    partly = lousing(many).course(int(last))
    of_week = partly.treatments.week == week
    spared = partly.treatments.row[of_week & ~partly.treatments.is_made]
    treated = partly.treatments.row[of_week & partly.treatments.is_made]
    assert len(spared)
    assert len(treated)
    after = partly.female[:, week + 1]
    assert (after[spared] == untreated.female[spared, week + 1]).all()
    assert (after[treated] < 0.5 * untreated.female[treated, week + 1]).all()


def test_ill_fish_are_treated_gently() -> None:
    many, batch = world(MANY), plan()
    stay = batch.stays[-1]
    paths = [many.farm.by_path["Scotland", *path].path for path in stay.containers]
    temp, fish = np.full(stay.days, 1100, np.int32), np.full(4, 100_000)
    names = many.parameters.table(("treatment", "method", "Scotland"))["name"]

    def methods(hazard: float) -> set[str]:
        ailing = burden("PD", np.full((4, stay.days), hazard))
        found = stay_lice(many, batch, stay, paths, fish, temp, [ailing])
        assert found is not None
        return {str(names[place]) for place in found.course().treatments.method}

    assert "THERMAL" in methods(0.0001)
    assert "THERMAL" not in methods(0.002)
    assert "FRESHWATER" in methods(0.002)


def test_a_batch_does_not_know_of_another() -> None:
    one, other = plan(), replace(plan(), batch_id="SCO-2021-002", number=2)
    before = sea(simulate(world(), one))[1]
    simulate(world(), other)
    after = sea(simulate(world(), one))[1]
    assert (before.counts == after.counts).all()


def test_a_handful_of_fish_is_not_counted() -> None:
    _, lice = sea(simulate(world(), replace(plan(), eggs=900)))
    assert not lice.is_counted.any()
    assert not len(lice.treatments.row)


def test_methods_must_be_known_and_their_shares_one_whole() -> None:
    from grilse.ground.errors import BadInput

    bad = WITHHELD.format(days=2)
    for text in (bad.replace("BATH", "PRAYER"), bad.replace("_ill: [1]", "_ill: [0.5]", 1)):
        with pytest.raises(BadInput):
            changed_parameters(text, "ours.yaml")


@pytest.mark.parametrize("weeks", [1, 2, 100])
def test_as_many_weeks_as_are_lived_before_a_count_the_lice_are_the_same(
    monkeypatch: pytest.MonkeyPatch, weeks: int
) -> None:
    many = world(MANY)
    usual = lousing(many).course()
    assert len(usual.treatments.row) > 0
    monkeypatch.setattr("grilse.simulate.lice._WEEKS_AT_ONCE", weeks)
    other = lousing(many).course()
    for name in ("counts", "female", "mean_milli"):
        assert (getattr(usual, name) == getattr(other, name)).all(), name
    for name in ("is_made", "row", "day", "week", "effect"):
        assert (getattr(usual.treatments, name) == getattr(other.treatments, name)).all(), name
