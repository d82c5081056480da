"""What the sensors of a stay stand in: the level of each parameter, by container, day and hour.

The water of a hall or an area is shared, and stands in `Level.mean`; what the fish of each
container make of it, and what each sensor errs by, is its own and stands in `Level.offset`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from grilse.biology.oxygen import solubility_ug_l
from grilse.expand.grid import met_by
from grilse.expand.sensing import Gap, sensing
from grilse.expand.water_load import Strain, strain
from grilse.ground.parameters import Parameters
from grilse.simulate.state import BatchState, Floats, Ints, StayState
from grilse.simulate.world import World
from grilse.site.oxygen import (
    hatchery_saturation,
    missing_oxygen,
    saturation_diurnal,
    sea_saturation,
)
from grilse.site.salinity import sea_salinity
from grilse.site.scatter import wander
from grilse.site.water import diurnal

__all__ = ["Fall", "Level", "levels"]

Integers = NDArray[np.int32]

_ALL_DAY = range(24)
_LEAST_PERMILLE, _MOST_PERMILLE = 770, 1030
"""Bounds of dissolved oxygen as parts of its solubility; the realism band is 750 to 1050."""


@dataclass(frozen=True)
class Level:
    """What the sensors of a stay would read without noise, in steps of their resolution.

    Attributes
    ----------
    mean
        What the containers share, shape (parameters, days, hours), as is each bound.
    offset
        What each container's fish and sensors add to it, shape (containers, parameters, days).
    least, most
        Bounds of what they read.
    deviation
        Standard deviation of their noise, shape (parameters, 1, 1).
    step
        Their resolution in thousandths of the parameter's unit, shape (parameters, 1, 1).
    gaps
        Days on which a sensor was silent.
    falls
        What the schedule asks to be taken from some of them, whatever the bounds.
    """

    mean: Integers
    offset: Integers
    least: Integers
    most: Integers
    deviation: Integers
    step: Integers
    gaps: tuple[Gap, ...]
    falls: tuple[Fall, ...] = ()


@dataclass(frozen=True)
class Fall:
    """What a parameter of one container falls by, in steps, from day `first` of the stay on.

    `by` is of shape (days,); nothing falls below zero.
    """

    row: int
    place: int
    first: int
    by: Integers


@dataclass(frozen=True)
class _Sensor:
    """One parameter of a `Level`; a bound of None is that of the sensor.

    `offset` is of shape (containers, days), None for nothing; `falls` are containers, the first
    day, and what they fall by.
    """

    mean: Integers
    offset: Integers | None = None
    least: Integers | None = None
    most: Integers | None = None
    falls: tuple[tuple[tuple[int, ...], int, Integers], ...] = ()


@dataclass(frozen=True)
class _Scales:
    """What a stage's sensors read in: steps, (parameters,), and bounds, (2, parameters, 1, 1)."""

    step: Integers
    deviation: Integers
    ranges: Integers


@dataclass(frozen=True, slots=True)
class _Habit:
    """How a parameter of a stage stands, wanders and follows the load, in steps."""

    base: int
    day_sd: int
    memory_per_day: float
    span: float
    hourly: float
    lag_days: int


def levels(world: World, state: BatchState, stay: StayState, hours: Ints) -> Level:
    """Return the level of each parameter that the stay's sensors read, in their order."""
    names = stay.stage.sensors
    load, scales = strain(world, stay), _scales(world.parameters, names)
    made = [_MAKERS.get(name, _loaded)(world, state, stay, hours, name, load) for name in names]
    mean, least, most = np.empty((3, len(names), stay.days, len(hours)), np.int32)
    least[...], most[...] = scales.ranges
    for place, sensor in enumerate(made):
        mean[place] = sensor.mean
        if sensor.least is not None:
            least[place] = sensor.least
        if sensor.most is not None:
            most[place] = sensor.most
    errors = sensing(world, state, stay, scales.deviation)
    for place, sensor in enumerate(made):
        if sensor.offset is not None:
            errors.error[:, place] += sensor.offset
    return Level(
        mean=mean,
        offset=errors.error,
        least=least,
        most=most,
        deviation=scales.deviation[:, None, None],
        step=scales.step[:, None, None],
        gaps=errors.gaps,
        falls=tuple(
            Fall(row, place, first, by)
            for place, sensor in enumerate(made)
            for rows, first, by in sensor.falls
            for row in rows
        ),
    )


@lru_cache(maxsize=64)
def _scales(parameters: Parameters, names: tuple[str, ...]) -> _Scales:
    step = [_step(parameters, name) for name in names]
    deviation, ranges = [], []
    for name, size in zip(names, step, strict=True):
        least, most = parameters.numbers(f"quality.{name}.range")
        ranges.append((round(least * 1000.0 / size), round(most * 1000.0 / size)))
        deviation.append(round(parameters.number(f"quality.{name}.sensor_sd") * 1000.0 / size))
    bounds = np.array(ranges, np.int32).T[:, :, None, None]
    return _Scales(np.array(step, np.int32), np.array(deviation, np.int32), bounds)


@lru_cache(maxsize=256)
def _habit(parameters: Parameters, name: str, stage: str) -> _Habit:
    number, step = parameters.number, _step(parameters, name)
    return _Habit(
        base=round(number(f"quality.{name}.base.{stage}") * 1000.0 / step),
        day_sd=round(number(f"quality.{name}.day_sd") * 1000.0 / step),
        memory_per_day=number(f"quality.{name}.memory_per_day"),
        span=number(f"quality.{name}.span.{stage}") * 1000.0 / step,
        hourly=number(f"quality.{name}.hourly"),
        lag_days=int(number(f"quality.{name}.lag_days")),
    )


def _temperature(
    world: World, state: BatchState, stay: StayState, hours: Ints, name: str, load: Strain
) -> _Sensor:
    """Return the day's mean and what the hour adds to it, in hundredths of a degC."""
    return _Sensor(_water_temp(world, stay, hours))


def _water_temp(world: World, stay: StayState, hours: Ints) -> Integers:
    hourly = diurnal(world.parameters, stay.stage.environment, hours.tolist())
    return (stay.temp_centi_c[:, None] + hourly).astype(np.int32)


def _oxygen(
    world: World, state: BatchState, stay: StayState, hours: Ints, name: str, load: Strain
) -> _Sensor:
    """Return solubility times saturation less what the fish take, in steps.

    It is held within 0.77 and 1.03 of solubility, but for what the schedule asks for.
    """
    saturation, salt = _saturation_and_salt(world, state, stay)
    hourly = saturation_diurnal(world.parameters, stay.stage.environment, hours.tolist())
    solubility = solubility_ug_l(_water_temp(world, stay, hours), salt[:, None])
    in_steps = solubility // _step(world.parameters, name)
    mean = in_steps * (saturation[:, None] + hourly) // 1000
    least, most = in_steps * _LEAST_PERMILLE // 1000, in_steps * _MOST_PERMILLE // 1000
    permille = _taken(world.parameters, stay, load, saturation)
    taken = permille * in_steps[:, 0] // 1000
    falls = tuple(
        (met.rows, met.first, missing_oxygen(world.parameters, met.course)
         * in_steps[met.first : met.end, 0] // 1000)
        for met in met_by(state, stay) if met.event.type == "oxygen_drop"
    )  # fmt: skip
    return _Sensor(mean, -taken, least, most, falls)


def _taken(parameters: Parameters, stay: StayState, load: Strain, there: Integers) -> Integers:
    """Return what the fish take of a day's oxygen, per mille of saturation, (containers, days).

    Drop x room / (drop + room): of the room above the floor in the day's lowest hour some is
    always left, however many fish there are.
    """
    environment = stay.stage.environment
    most = parameters.number(f"water_load.oxygen_drop_pct.{environment}") * 10.0
    lowest = there + saturation_diurnal(parameters, environment, _ALL_DAY).min()
    room = np.maximum(lowest - parameters.number("water_load.oxygen_floor_pct") * 10.0, 1.0)
    drop = load.on_oxygen * most
    taken: Integers = np.rint(drop * room / (drop + room)).astype(np.int32)
    return taken


def _saturation_and_salt(
    world: World, state: BatchState, stay: StayState
) -> tuple[Integers, Integers]:
    """Return the days' oxygen in per mille of saturation, and salinity in hundredths of g/kg."""
    geography, site, place, _ = stay.containers[0].path
    when = (state.plan.start + stay.start_day, stay.days)
    if stay.stage.environment == "sea water":
        where = (world.draws, world.parameters, geography, place)
        return sea_saturation(*where, *when), sea_salinity(*where, *when)
    land = hatchery_saturation(world.draws, world.parameters, geography, site, place, *when)
    return land, np.zeros_like(land)


def _loaded(
    world: World, state: BatchState, stay: StayState, hours: Ints, name: str, load: Strain
) -> _Sensor:
    """Return a parameter that wanders about its base, and moves by its span with the load."""
    habit = _habit(world.parameters, name, stay.stage.key)
    first, place = state.plan.start + stay.start_day, stay.containers[0].path[:3]
    drift = wander(
        world.draws, f"water.{name}", place, habit.day_sd, habit.memory_per_day, first, stay.days
    )
    mean = (habit.base + drift)[:, None]
    if habit.span == 0.0 or not stay.stage.fcr:
        return _Sensor(mean)
    share = load.share(habit.lag_days)
    if habit.hourly != 0.0:
        mean = mean + _whole(load.swing(hours, habit.lag_days) * (habit.span * habit.hourly))
    return _Sensor(mean, _whole(habit.span * share))


def _whole(values: Floats) -> Integers:
    return np.rint(values).astype(np.int32)


def _step(parameters: Parameters, name: str) -> int:
    return round(parameters.number(f"quality.{name}.resolution") * 1000.0)


_MAKERS: Mapping[str, Callable[..., _Sensor]] = {
    "temperature": _temperature,
    "oxygen": _oxygen,
}
