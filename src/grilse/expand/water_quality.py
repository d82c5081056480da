"""What the sensors of a stay stand in: the level of each parameter, by container, day and hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grilse.biology.oxygen import solubility_ug_l
from grilse.simulate.state import BatchState, Ints, StayState
from grilse.simulate.world import World
from grilse.site.oxygen import hatchery_saturation, saturation_diurnal, sea_saturation
from grilse.site.salinity import sea_salinity
from grilse.site.scatter import wander
from grilse.site.water import diurnal

__all__ = ["Level", "levels"]

Integers = NDArray[np.int32]

_LEAST_PERMILLE, _MOST_PERMILLE = 770, 1030
"""Bounds of dissolved oxygen as parts of its solubility; the realism band is 750 to 1050."""


@dataclass(frozen=True)
class Level:
    """What the sensors of a stay would read without noise, in steps of their resolution.

    Attributes
    ----------
    mean
        Shape (parameters, days, hours), as is each bound.
    least, most
        Bounds of what they read.
    deviation
        Standard deviation of their noise, shape (parameters, 1, 1).
    step
        Their resolution in thousandths of the parameter's unit, shape (parameters, 1, 1).
    """

    mean: Integers
    least: Integers
    most: Integers
    deviation: Integers
    step: Integers


@dataclass(frozen=True)
class _Sensor:
    """One parameter of a `Level`; a bound of None is that of the sensor."""

    mean: Integers
    least: Integers | None = None
    most: Integers | None = None


def levels(world: World, state: BatchState, stay: StayState, hours: Ints) -> Level:
    """Return the level of each parameter that the stay's sensors read, in their order."""
    names = stay.stage.sensors
    made = [_MAKERS.get(name, _steady)(world, state, stay, hours, name) for name in names]
    shape = (stay.days, len(hours))
    numbers = world.parameters.numbers
    step = [_step(world, name) for name in names]
    ranges = [
        [round(end * 1000.0 / size) for end in numbers(f"quality.{name}.range")]
        for name, size in zip(names, step, strict=True)
    ]
    deviation = [
        round(world.parameters.number(f"quality.{name}.sensor_sd") * 1000.0 / size)
        for name, size in zip(names, step, strict=True)
    ]
    least = [s.least if s.least is not None else r[0] for s, r in zip(made, ranges, strict=True)]
    most = [s.most if s.most is not None else r[1] for s, r in zip(made, ranges, strict=True)]
    return Level(
        mean=_stacked([sensor.mean for sensor in made], shape),
        least=_stacked(least, shape),
        most=_stacked(most, shape),
        deviation=np.array(deviation, np.int32)[:, None, None],
        step=np.array(step, np.int32)[:, None, None],
    )


def _stacked(parts: Sequence[Integers | int], shape: tuple[int, int]) -> Integers:
    return np.stack([np.broadcast_to(np.asarray(part, np.int32), shape) for part in parts])


def _temperature(
    world: World, state: BatchState, stay: StayState, hours: Ints, name: str
) -> _Sensor:
    """Return the day's mean and what the hour adds to it, in hundredths of a degC."""
    return _Sensor(_water_temp(world, stay, hours))


def _water_temp(world: World, stay: StayState, hours: Ints) -> Integers:
    hourly = diurnal(world.parameters, stay.stage.environment, hours.tolist())
    return (stay.temp_centi_c[:, None] + hourly).astype(np.int32)


def _oxygen(world: World, state: BatchState, stay: StayState, hours: Ints, name: str) -> _Sensor:
    """Return solubility times saturation, in steps, held within 0.77 and 1.03 of solubility."""
    saturation, salt = _saturation_and_salt(world, state, stay)
    hourly = saturation_diurnal(world.parameters, stay.stage.environment, hours.tolist())
    solubility = solubility_ug_l(_water_temp(world, stay, hours), salt[:, None])
    step = _step(world, name)
    in_steps = solubility // step
    mean = in_steps * (saturation[:, None] + hourly) // 1000
    least, most = in_steps * _LEAST_PERMILLE // 1000, in_steps * _MOST_PERMILLE // 1000
    return _Sensor(mean, least, most)


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


def _steady(world: World, state: BatchState, stay: StayState, hours: Ints, name: str) -> _Sensor:
    """Return a parameter that stands at the stage's level and drifts a little from day to day."""
    parameters, step = world.parameters, _step(world, name)
    level = round(parameters.number(f"quality.{name}.mean.{stay.stage.key}") * 1000.0 / step)
    day_sd = round(parameters.number(f"quality.{name}.day_sd") * 1000.0 / step)
    memory = parameters.number(f"quality.{name}.memory_per_day")
    first, place = state.plan.start + stay.start_day, stay.containers[0].path[:3]
    drift = wander(world.draws, f"water.{name}", place, day_sd, memory, first, stay.days)
    return _Sensor((level + drift)[:, None])


def _step(world: World, name: str) -> int:
    return round(world.parameters.number(f"quality.{name}.resolution") * 1000.0)


_MAKERS: Mapping[str, Callable[..., _Sensor]] = {
    "temperature": _temperature,
    "oxygen": _oxygen,
}
