"""Rows of sensors' readings: two thirds of a dataset, made in the arrays that are written.

A stay's readings are a block of shape (containers, parameters, days, hours); in that order lies a
series, one sensor's readings in time, in one piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grilse.expand.grid import Columns
from grilse.expand.water_quality import Level, levels
from grilse.ground.days import MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR
from grilse.ground.draws import halves, normal_table
from grilse.simulate.state import BatchState, Ints, StayState
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue.events import ENVIRONMENTAL_READING
from grilse.tables.catalogue.reference import PARAMETERS
from grilse.tables.schema import Table, storage_dtype

__all__ = ["readings"]

_WORDS_A_DAY = 2
"""Words of a sensor's daily noise: eight 16-bit draws, one a reading; so at most eight a day."""

_NORMAL_BITS = 12
_HALF = 1 << (_NORMAL_BITS - 1)


@dataclass(frozen=True)
class _Block:
    """Containers of a stay that are left on one day: rows `first` up to `end` of its arrays."""

    stay: StayState
    first: int
    end: int
    days: int

    def shape(self, hours: int) -> tuple[int, int, int, int]:
        return self.end - self.first, len(self.stay.stage.sensors), self.days, hours


def readings(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield every reading of a batch's life in one piece, by container, sensor and time."""
    hours = np.array(world.parameters.numbers("environment.reading_hours"), np.int64)
    blocks = [block for stay in state.stays for block in _blocks(stay)]
    sizes = [int(np.prod(block.shape(len(hours)))) for block in blocks]
    if not sum(sizes):
        return
    columns = _empty_columns(sum(sizes))
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    for block, (start, stop) in zip(blocks, pairwise(bounds), strict=True):
        shape = block.shape(len(hours))
        part = {name: array[start:stop].reshape(shape) for name, array in columns.items()}
        _fill_names(state, block, hours, part)
        _fill_values(world, state, block, hours, part["value"])
    yield ENVIRONMENTAL_READING, {**columns, "batch_id": state.plan.number}


def _blocks(stay: StayState) -> Iterator[_Block]:
    row = 0
    for days, same in groupby(stay.present_days):
        end = row + len(list(same))
        yield _Block(stay, row, end, int(days))
        row = end


def _empty_columns(size: int) -> dict[str, NDArray[Any]]:
    return {
        column.name: np.empty(size, storage_dtype(column))
        for column in ENVIRONMENTAL_READING.columns
        if column.name != "batch_id"
    }


def _fill_names(
    state: BatchState, block: _Block, hours: Ints, part: dict[str, NDArray[Any]]
) -> None:
    """Fill the columns that say what was read, where and when."""
    stay, chosen = block.stay, slice(block.first, block.end)
    parameter = np.array([PARAMETERS.index(name) + 1 for name in stay.stage.sensors], np.int64)
    assignment = keys.assignment_id(state.plan.number, stay.slots[chosen])
    container = stay.container_ids[chosen]
    day = stay.start_day + np.arange(block.days)
    hour_of_life = day[:, None] * 24 + hours
    time = (state.plan.start + day)[:, None] * MICROSECONDS_PER_DAY + hours * MICROSECONDS_PER_HOUR
    series = keys.reading_id(assignment[:, None], parameter, 0)  # type: ignore[arg-type]
    part["reading_id"][...] = series[:, :, None, None] + hour_of_life
    part["reading_time"][...] = time
    part["assignment_id"][...] = assignment[:, None, None, None]
    part["container_id"][...] = container[:, None, None, None]
    part["sensor_id"][...] = keys.sensor_id(container[:, None], parameter)[:, :, None, None]  # type: ignore[arg-type]
    part["parameter"][...] = (parameter - 1)[:, None, None]


def _fill_values(
    world: World, state: BatchState, block: _Block, hours: Ints, values: NDArray[Any]
) -> None:
    """Fill the readings: the water's level at that hour, and the sensor's noise."""
    stay = block.stay
    for place, (name, level) in enumerate(levels(world, state, stay, hours).items()):
        for row in range(block.first, block.end):
            noise = _noise(world, state, stay, row, name, block.days, len(hours))
            values[row - block.first, place] = _read(level, row, block.days, noise)


def _noise(
    world: World, state: BatchState, stay: StayState, row: int, name: str, days: int, hours: int
) -> NDArray[np.int16]:
    """Return a sensor's noise in units of 1/4096 standard deviations, shape (days, hours)."""
    path = (state.plan.batch_id, *stay.containers[row].path)
    words = world.draws.days(f"reading.{name}", path, stay.start_day, days, _WORDS_A_DAY)
    return normal_table()[halves(words)][:, :hours]


def _read(level: Level, row: int, days: int, noise: NDArray[np.int16]) -> NDArray[np.int32]:
    """Return readings in thousandths, at the sensor's resolution and within its range."""
    mean = level.mean[row if len(level.mean) > 1 else 0, :days]
    value = np.multiply(noise, np.int32(level.deviation), dtype=np.int32)
    value += _HALF
    value >>= _NORMAL_BITS
    value += mean
    np.maximum(value, _until(level.least, days), out=value)
    np.minimum(value, _until(level.most, days), out=value)
    value *= level.step
    return value


def _until(bound: int | NDArray[np.int32], days: int) -> int | NDArray[np.int32]:
    return bound if isinstance(bound, int) else bound[:days]
