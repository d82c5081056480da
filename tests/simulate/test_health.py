"""Health of a life: outbreaks make fish ill that are there; each batch is vaccinated once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from grilse.biology.parameters import builtin_parameters, changed_parameters, clean_parameters
from grilse.farm.builtin import reference_farm
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.batch import simulate
from grilse.simulate.state import BatchState, StayState
from grilse.simulate.world import World
from grilse.tables.catalogue.events import MORTALITY_CAUSES

AS_OF = 19_500
DISEASES = {MORTALITY_CAUSES.index(name) for name in ("PD", "CMS", "GILL_DISEASE", "JELLYFISH")}
VACCINATION = MORTALITY_CAUSES.index("VACCINATION")
SICK = "disease: {by_chance: {value: 40}, taken_share: {value: 1}}"


def world(text: str = SICK, as_of: int = AS_OF) -> World:
    return World(reference_farm(), changed_parameters(text, "t.yaml"), 3, as_of)


def plan(batch_id: str = "SCO-T", **changes: object) -> BatchPlan:
    land = tuple(
        Stay(stage, f"S-FW-02-Hall-{letter}",
             tuple((f"S-FW-02-Hall-{letter}", f"S-FW-02-{letter}-C{i:02d}") for i in (1, 2)),
             90 * at, 90 * at + 90)
        for at, (stage, letter) in enumerate(
            zip(("egg_alevin", "fry", "parr", "smolt", "post_smolt"), "ABCDE", strict=True))
    )  # fmt: skip
    rings = tuple(("S-SEA-02", f"S-SEA-02-Ring-{i:02d}") for i in (1, 2, 3))
    sea = Stay("adult", "S-SEA-02", rings, 450, 900)
    made = BatchPlan(batch_id, 9, AS_OF - 880, 900_000, 880, "Scotland", "S-FW-02", None,
                     (*land, sea))  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def ill() -> BatchState:
    return simulate(world(), plan())


@pytest.fixture(scope="module")
def well() -> BatchState:
    return simulate(World(reference_farm(), clean_parameters(builtin_parameters()), 3, AS_OF),
                    plan())  # fmt: skip


def diseased(stay: StayState) -> int:
    return sum(int(counts.sum()) for code, counts in stay.dead_of.items() if code in DISEASES)


def test_outbreaks_kill_at_sea_alone_and_leave_the_others_smaller(
    ill: BatchState, well: BatchState
) -> None:
    assert not any(diseased(stay) for stay in (*ill.stays[:5], *well.stays))
    sick, sound = ill.stays[-1], well.stays[-1]
    assert diseased(sick) > 0.05 * sick.initial.sum()
    assert sick.dead.sum() > sound.dead.sum() + 0.5 * diseased(sick)
    assert sick.weight_g[:, -1].mean() < sound.weight_g[:, -1].mean()
    fed = [float(stay.feed_10g.sum() / stay.closing.sum()) for stay in (sick, sound)]
    assert fed[0] < fed[1]


def test_ill_fish_take_more_feed_for_what_they_gain(ill: BatchState, well: BatchState) -> None:
    def conversion(stay: StayState) -> float:
        gain = (stay.weight_g - stay.weight_open_g) * stay.opening
        return float(stay.feed_10g.sum() * 10.0 / gain.sum())

    assert conversion(ill.stays[-1]) > 1.01 * conversion(well.stays[-1])


def test_causes_never_tell_more_dead_than_there_are(ill: BatchState) -> None:
    for stay in ill.stays:
        told = sum(stay.dead_of.values(), np.zeros_like(stay.dead))
        assert (told <= stay.dead).all()
        assert all((counts >= 0).all() for counts in stay.dead_of.values())


def test_what_an_outbreak_does_by_a_day_does_not_depend_on_what_follows(ill: BatchState) -> None:
    earlier = simulate(world(as_of=AS_OF - 200), plan())
    now, then = ill.stays[-1], earlier.stays[-1]
    days = then.days
    assert (then.dead == now.dead[:, :days]).all()
    assert (then.weight_g == now.weight_g[:, :days]).all()
    assert then.dead_of.keys() <= now.dead_of.keys()
    for code, counts in then.dead_of.items():
        assert (counts == now.dead_of[code][:, :days]).all()


def test_batches_in_an_area_meet_the_same_outbreaks_each_in_its_way(ill: BatchState) -> None:
    other = simulate(world(), plan("SCO-U"))
    mine, theirs = ({b.cause for b in s.stays[-1].burdens} for s in (ill, other))
    assert mine & theirs & DISEASES
    first = next(b for b in ill.stays[-1].burdens if b.cause in DISEASES)
    same = next(b for b in other.stays[-1].burdens if b.cause == first.cause)
    assert not (first.hazard == same.hazard).all()
    together = np.corrcoef(first.hazard.mean(axis=0), same.hazard.mean(axis=0))[0, 1]
    assert together > 0.5


def test_a_batch_is_vaccinated_once_fasted_and_slowed(ill: BatchState) -> None:
    on = ill.stays[-1].vaccinated_on
    assert on is not None
    stay = next(s for s in ill.stays if s.start_day <= on < s.start_day + s.days)
    day = on - stay.start_day
    means = (stay.weight_open_g * stay.opening).sum(axis=0) / stay.opening.sum(axis=0)
    assert 40 < means[day] < 75
    assert (stay.feed_10g[:, day - 2 : day + 1] == 0).all()
    assert (stay.feed_10g[:, day - 3] > 0).all()
    eaten = (stay.feed_10g / stay.opening).mean(axis=0)
    assert eaten[day + 1 : day + 4].mean() < 0.85 * eaten[day - 6 : day - 2].mean()
    assert sum(VACCINATION in s.dead_of for s in ill.stays) == 1
    assert 0 < stay.dead_of[VACCINATION].sum() < 0.01 * stay.initial.sum()
    assert all(s.vaccinated_on == on for s in ill.stays if s.start_day > on)
    assert all(s.vaccinated_on is None for s in ill.stays if s.start_day + s.days <= on)


def test_none_is_vaccinated_too_late_for_the_sea() -> None:
    late = "vaccination: {least_degree_days: {value: 3000}}"
    assert simulate(world(late), plan()).stays[-1].vaccinated_on is None


def test_a_vaccination_keeps_clear_of_a_move() -> None:
    clear = "vaccination: {clear_days: {value: 60}, settle_days: {value: 20}}"
    on = simulate(world(clear), plan()).stays[-1].vaccinated_on
    assert on is not None
    assert 20 <= on % 90 < 90 - 60


def test_no_batch_has_pd_again_once_it_has_had_it() -> None:
    """Every area is under PD for nearly all of the time; a fish takes it once."""
    names = [f"SCO-{letter}" for letter in "ABCDEFGH"]
    states = [simulate(world(), plan(name)) for name in names]
    pd = MORTALITY_CAUSES.index("PD")
    ill = [b.hazard for s in states for b in s.stays[-1].burdens if b.cause == pd]
    assert len(ill) == len(names)
    course = int(builtin_parameters().numbers("disease.kind.PD.immunity_after_range")[-1])
    for hazard in ill:
        first = (hazard > 0).argmax(axis=1)
        for row, began in zip(hazard, first, strict=True):
            assert row[began : began + course].max() > 0.001
            assert (row[began + course + 30 :] == 0).all()


def test_containers_fall_ill_one_after_another(ill: BatchState) -> None:
    number = builtin_parameters().number
    for each in ill.stays[-1].burdens:
        name = MORTALITY_CAUSES[each.cause]
        if each.cause in DISEASES and each.hazard[:, 0].max() == 0.0:
            first = (each.hazard > 0).argmax(axis=1)
            assert np.ptp(first) <= number(("disease", "kind", name, "container_lag_days"))
    pd = next(b for b in ill.stays[-1].burdens if b.cause == MORTALITY_CAUSES.index("PD"))
    rise = (pd.hazard > pd.hazard.max(axis=1, keepdims=True) / 2).argmax(axis=1)
    assert len(set(rise.tolist())) > 1


def test_some_batches_are_spared() -> None:
    some = world(SICK.replace("taken_share: {value: 1}", "taken_share: {value: 0.5}"))
    pd = MORTALITY_CAUSES.index("PD")
    states = [simulate(some, plan(f"SCO-{at}")) for at in range(10)]
    taken = sum(any(b.cause == pd for b in s.stays[-1].burdens) for s in states)
    assert 2 <= taken <= 8


def test_the_unvaccinated_suffer_more() -> None:
    never = SICK + "\nvaccination: {least_degree_days: {value: 3000}}"
    always = SICK + "\nvaccination: {least_degree_days: {value: 0}}"
    bare, safe = (simulate(world(text), plan()).stays[-1] for text in (never, always))
    ulcer = MORTALITY_CAUSES.index("WINTER_ULCER")
    share = [s.dead_of[ulcer].sum() / s.initial.sum() for s in (bare, safe)]
    assert share[0] > 1.3 * share[1]
