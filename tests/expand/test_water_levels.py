"""Water follows the fish, and sensors err and fall silent, as functions of place and day."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from grilse.biology.parameters import changed_parameters
from grilse.expand.readings import readings
from grilse.expand.sensing import sensing, sensor_faults
from grilse.expand.water_load import strain
from grilse.expand.water_quality import levels
from grilse.simulate.state import BatchState, StayState
from grilse.simulate.world import World
from grilse.site.sensors import WINDOW_DAYS, sensor_errors
from grilse.tables.catalogue.reference import PARAMETERS

HOURS = np.array([6, 8, 10, 14, 16, 18])
SOUND = "sensor: {gaps_per_year: {value: 0}, drifts_per_year: {value: 0}, offset: {value: 0}}"


@pytest.fixture(scope="module")
def state(life: BatchState) -> BatchState:
    return life


def _place(stay: StayState, parameter: str) -> int:
    return stay.stage.sensors.index(parameter)


def _value(columns: dict[str, Any], name: str) -> NDArray[Any]:
    return columns["value"][columns["parameter"] == PARAMETERS.index(name)]


def _starved(stay: StayState) -> StayState:
    return replace(stay, feed_10g=np.zeros_like(stay.feed_10g))


@pytest.mark.parametrize(("parameter", "sign"), [
    ("co2", 1), ("ammonia", 1), ("nitrite", 1), ("nitrate", 1), ("ph", -1), ("oxygen", -1),
])  # fmt: skip
def test_fed_fish_move_each_parameter_its_own_way(
    world: World, state: BatchState, parameter: str, sign: int
) -> None:
    stay = state.stays[2]
    place = _place(stay, parameter)
    fed = levels(world, state, stay, HOURS).offset[:, place, 20:-1]
    hungry = levels(world, state, _starved(stay), HOURS).offset[:, place, 20:-1]
    assert ((fed - hungry) * sign > 0)[stay.feed_10g[:, 20:-1] > 0].all()


def test_a_doubled_volume_halves_the_load_and_lowers_the_level(
    world: World, state: BatchState
) -> None:
    stay = state.stays[2]
    small = strain(world, stay).share(1)
    wide = replace(
        stay,
        containers=tuple(
            replace(ref, container=replace(ref.container, volume_m3=2 * ref.container.volume_m3))
            for ref in stay.containers
        ),
    )
    large = strain(world, wide).share(1)
    fed = stay.feed_10g > 0
    assert (large[fed] < small[fed]).all()
    assert (large[fed] > small[fed] / 2).all()


def test_the_load_of_a_lag_is_the_mean_of_its_days(world: World, state: BatchState) -> None:
    stay = state.stays[3]
    load = strain(world, stay)
    days = 5
    mean = stay.feed_10g[:, 10 - days + 1 : 11].sum(axis=1) / 100 / days / load.volume_m3[:, 0]
    expected = mean / (mean + load.half_kg_m3_d) * load.warmth[10]
    assert np.allclose(load.share(days)[:, 10], expected, rtol=1e-12)


def test_rings_that_hold_more_have_less_oxygen(world: World, state: BatchState) -> None:
    stay = state.stays[-1]
    assert stay.stage.environment == "sea water"
    place = _place(stay, "oxygen")
    crowded = replace(stay, opening=stay.opening * 3)
    few = levels(world, state, stay, HOURS).offset[:, place]
    many = levels(world, state, crowded, HOURS).offset[:, place]
    assert (many < few)[:, :100].all()


def test_oxygen_of_overfull_rings_does_not_lie_flat_on_a_floor(
    world: World, state: BatchState
) -> None:
    """Twice the density that is allowed: the water still tells one day from the next."""
    sound = replace(world, parameters=changed_parameters(SOUND, "sound.yaml"))
    stay = state.stays[-1]
    crowded = replace(stay, opening=stay.opening * 3)
    place = _place(stay, "oxygen")
    level = levels(sound, state, crowded, HOURS)
    told = level.mean[place] + level.offset[:, place, :, None]
    assert (strain(world, crowded).density > 1.4).any()
    assert (told > level.least[place]).mean() > 0.995
    share = told.min(axis=2) / (level.least[place] / 0.77).min(axis=1)
    late = share[:, 150:]
    assert late.min() < 0.83
    assert (late.std(axis=1) > 0.005).all()


def test_what_oxygen_is_taken_does_not_depend_on_the_hours_told(
    world: World, state: BatchState
) -> None:
    stay = state.stays[-1]
    all_day = levels(world, state, stay, np.arange(24))
    some = levels(world, state, stay, HOURS)
    assert (all_day.offset == some.offset).all()
    assert (all_day.mean[:, :, HOURS] == some.mean).all()


def test_a_sensors_errors_do_not_depend_on_the_stretch_or_on_other_sensors(world: World) -> None:
    paths = [("F", "S", "H", name) for name in "abcdefgh"]
    whole = sensor_errors(world.draws, world.parameters, paths, [0, 1, 6], 19_000, 700)
    part = sensor_errors(world.draws, world.parameters, paths[3:4], [6], 19_300, 200)
    days = whole.offset.repeat(whole.window_days, axis=2)[3, 2, 300:500]
    assert (part.offset.repeat(part.window_days, axis=2)[0, 0] == days).all()
    assert whole.window_days.sum() == 700
    same = [f for f in whole.faults if f.row == 3 and f.lane == 2]
    touched = [f for f in same if f.first_day < 19_500 and f.end_day > 19_300]
    told = [(f.kind, f.first_day, f.end_day, f.size) for f in part.faults]
    assert told == [(f.kind, f.first_day, f.end_day, f.size) for f in touched]


def test_faults_come_as_often_and_last_as_long_as_the_parameters_say(world: World) -> None:
    paths = [("F", "S", "H", str(i)) for i in range(500)]
    days = 3650
    faults = sensor_errors(world.draws, world.parameters, paths, [0, 1], 10_000, days).faults
    years = 500 * 2 * days / 365.25
    for kind, a_year, length in (("GAP", 0.1, (1, 10)), ("DRIFT", 0.15, (10, 45))):
        found = [fault for fault in faults if fault.kind == kind]
        assert len(found) / years == pytest.approx(a_year, rel=0.12)
        lengths = {fault.end_day - fault.first_day for fault in found}
        assert (min(lengths), max(lengths)) == length
    for fault in faults:
        assert fault.first_day // WINDOW_DAYS == (fault.end_day - 1) // WINDOW_DAYS


def test_readings_miss_where_and_only_where_a_sensor_is_told_to_be_silent(
    world: World, state: BatchState
) -> None:
    (_, columns), = readings(world, state)  # fmt: skip
    sound = replace(world, parameters=changed_parameters(SOUND, "sound.yaml"))
    (_, whole), = readings(sound, state)  # fmt: skip
    missing = set(whole["reading_id"].tolist()) - set(columns["reading_id"].tolist())
    silent = set()
    (_, faults), = sensor_faults(world, state)  # fmt: skip
    for assignment, parameter, kind, first, end in zip(
        *(faults[n] for n in ("assignment_id", "parameter", "kind", "first_date", "end_date")),
        strict=True,
    ):
        if kind == 0:
            for day in range(first - state.plan.start, end - state.plan.start):
                key = (int(assignment) * 16 + int(parameter) + 1) * 65536 + day * 24
                silent |= {key + int(hour) for hour in HOURS}
    assert missing == silent & set(whole["reading_id"].tolist())
    assert missing
    assert (np.diff(columns["reading_id"]) > 0).all()
    kept = np.isin(whole["reading_id"], columns["reading_id"])
    for name in ("reading_time", "assignment_id", "sensor_id", "container_id", "parameter"):
        assert (whole[name][kept] == columns[name]).all()


def test_a_drift_grows_day_by_day_until_it_is_set_right(world: World, state: BatchState) -> None:
    deviation = np.full(7, 1000, np.int32)
    for stay in state.stays[:5]:
        error = sensing(world, state, stay, deviation).error
        began = state.plan.start + stay.start_day
        paths = [ref.path for ref in stay.containers]
        lanes = [PARAMETERS.index(name) for name in stay.stage.sensors]
        told = sensor_errors(world.draws, world.parameters, paths, lanes, began, stay.days)
        for fault in told.faults:
            first, end = fault.first_day - began, fault.end_day - began
            if fault.kind == "DRIFT" and first > 0 and end < stay.days:
                steps = np.diff(error[fault.row, fault.lane, first - 1 : end])
                assert (np.sign(steps) == np.sign(fault.size)).all()
                grown = steps.sum()
                assert grown == pytest.approx(fault.size * 1000, abs=2)


def test_limits_of_recirculated_water_are_kept_on_ordinary_days(
    world: World, state: BatchState
) -> None:
    (_, columns), = readings(world, state)  # fmt: skip
    for name, most in (("co2", 15_000), ("nitrite", 100), ("ammonia", 2_000), ("nitrate", 100_000)):
        assert np.quantile(_value(columns, name), 0.999) < most
    assert np.quantile(_value(columns, "ph"), 0.001) > 6_200
