"""Rows of sensors' readings: two thirds of a dataset, made in the arrays that are written.

A stay's readings are a block of shape (containers, parameters, days, hours); in that order lies a
series, one sensor's readings in time, in one piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grilse.expand.cadence import written
from grilse.expand.grid import Columns, empty_columns
from grilse.expand.water_quality import Level, levels
from grilse.ground.days import MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR
from grilse.ground.draws import halves, normal_table
from grilse.simulate.state import BatchState, Ints, StayState
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue.events import ENVIRONMENTAL_READING
from grilse.tables.catalogue.reference import PARAMETERS
from grilse.tables.schema import Table

__all__ = ["readings"]

_WORDS_A_DAY = 2
"""Words of a sensor's daily noise: eight 16-bit draws, one a reading; so at most eight a day."""

_LANES = 4
"""Parameters whose noise shares a stream."""

_NORMAL_BITS = 12
_HALF = 1 << (_NORMAL_BITS - 1)


@dataclass(frozen=True)
class _Block:
    """Containers of a stay that are left on one day: rows `first` up to `end` of its arrays."""

    stay: StayState
    level: Level
    first: int
    end: int
    days: int

    def shape(self, hours: int) -> tuple[int, int, int, int]:
        return self.end - self.first, len(self.stay.stage.sensors), self.days, hours


def readings(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield every reading of a batch's life in one piece, by container, sensor and time."""
    hours = np.array(world.parameters.numbers("environment.reading_hours"), np.int64)
    blocks = [
        block for stay in state.stays for block in _blocks(stay, levels(world, state, stay, hours))
    ]
    sizes = [int(np.prod(block.shape(len(hours)))) for block in blocks]
    if not sum(sizes):
        return
    columns, filled = empty_columns(ENVIRONMENTAL_READING, sum(sizes)), 0
    for block, size in zip(blocks, sizes, strict=True):
        shape = block.shape(len(hours))
        flat = {name: array[filled : filled + size] for name, array in columns.items()}
        part = {name: array.reshape(shape) for name, array in flat.items()}
        _fill_names(state, block, hours, part)
        _fill_values(world, state, block, part["value"])
        filled += _without_gaps(block, len(hours), flat)
    told = written(world, {name: array[:filled] for name, array in columns.items()}, hours)
    yield ENVIRONMENTAL_READING, {**told, "batch_id": state.plan.number}


def _without_gaps(block: _Block, hours: int, flat: dict[str, NDArray[Any]]) -> int:
    """Close the gaps of silent sensors in place; return how many readings are left.

    What lies behind a gap is moved forward while it is still in the processor's cache.
    """
    _, parameters, days, _ = block.shape(hours)
    end = size = len(flat["value"])
    cuts = []
    for gap in block.level.gaps:
        if block.first <= gap.row < block.end and gap.first < days:
            series = ((gap.row - block.first) * parameters + gap.place) * days
            cuts.append(((series + gap.first) * hours, (series + min(gap.end, days)) * hours))
    if not cuts:
        return size
    for array in flat.values():
        end = cuts[0][0]
        for (_, start), (stop, _) in zip(cuts, [*cuts[1:], (size, size)], strict=True):
            array[end : end + stop - start] = array[start:stop]
            end += stop - start
    return end


def _blocks(stay: StayState, level: Level) -> Iterator[_Block]:
    row = 0
    for days, same in groupby(stay.present_days):
        end = row + len(list(same))
        yield _Block(stay, level, row, end, int(days))
        row = end


def _fill_names(
    state: BatchState, block: _Block, hours: Ints, part: dict[str, NDArray[Any]]
) -> None:
    """Fill the columns that say what was read, where and when."""
    stay, chosen = block.stay, slice(block.first, block.end)
    parameter = np.array([PARAMETERS.index(name) + 1 for name in stay.stage.sensors], np.int64)
    assignment = keys.assignment_id(state.plan.number, stay.slots[chosen])
    container = stay.container_ids[chosen]
    day = stay.start_day + np.arange(block.days)
    hour_of_life = (day[:, None] * 24 + hours).ravel()
    series = keys.reading_id(assignment[:, None], parameter, 0)
    # A series lies in one piece: filled as one axis it takes half the time of days by hours.
    flat = {name: array.reshape(*series.shape, -1) for name, array in part.items()}
    np.add(series[:, :, None], hour_of_life, out=flat["reading_id"])
    flat["reading_time"][...] = (
        state.plan.start * MICROSECONDS_PER_DAY + hour_of_life * MICROSECONDS_PER_HOUR
    )
    flat["assignment_id"][...] = assignment[:, None, None]
    flat["container_id"][...] = container[:, None, None]
    flat["sensor_id"][...] = keys.sensor_id(container[:, None], parameter)[:, :, None]
    flat["parameter"][...] = (parameter - 1)[:, None]


def _fill_values(world: World, state: BatchState, block: _Block, values: NDArray[Any]) -> None:
    """Fill the readings, in thousandths: the water's level, the sensor's noise, its resolution."""
    level, hours = block.level, values.shape[-1]
    series = values.reshape(*values.shape[:2], -1)
    _normal_table().take(halves(_draws(world, state, block))[..., :hours], out=values, mode="wrap")
    series *= level.deviation[:, 0]
    series += _HALF
    series >>= _NORMAL_BITS
    series += _in_line(level.mean, block.days)
    series += np.repeat(level.offset[block.first : block.end, :, : block.days], hours, axis=2)
    np.maximum(series, _in_line(level.least, block.days), out=series)
    np.minimum(series, _in_line(level.most, block.days), out=series)
    _let_fall(block, values)
    series *= level.step[:, 0]


def _let_fall(block: _Block, values: NDArray[Any]) -> None:
    """Take away what the schedule asks for, in place; nothing falls below zero."""
    for fall in block.level.falls:
        if block.first <= fall.row < block.end:
            series = values[fall.row - block.first, fall.place]
            days = series[fall.first : fall.first + len(fall.by)]
            np.maximum(days - fall.by[: len(days), None], 0, out=days)


def _in_line(by_day: NDArray[np.int32], days: int) -> NDArray[np.int32]:
    """Return the first days' hours of each parameter as one axis, shape (parameters, hours)."""
    return by_day[:, :days].reshape(len(by_day), -1)


@lru_cache(maxsize=1)
def _normal_table() -> NDArray[np.int32]:
    """Return the normal table as wide as readings are: it is looked up where they are written."""
    return normal_table().astype(np.int32)


def _draws(world: World, state: BatchState, block: _Block) -> NDArray[np.uint64]:
    """Draw two words for each sensor's day, shape (containers, parameters, days, 2).

    Four parameters share a stream, each in its own lane of a day's words: a sensor's draws do not
    depend on which others there are.
    """
    stay, lanes = block.stay, [PARAMETERS.index(name) for name in block.stay.stage.sensors]
    draws = np.empty((*block.shape(0)[:3], _WORDS_A_DAY), np.uint64)
    pairs, groups = _as_pairs(draws), _by_stream(lanes)
    for row in range(block.first, block.end):
        name = (state.plan.batch_id, *stay.containers[row].path)
        for group, (places, own) in groups.items():
            words = world.draws.days(
                f"reading.{group}", name, stay.start_day, block.days, _LANES * _WORDS_A_DAY
            ).reshape(block.days, _LANES, _WORDS_A_DAY)
            pairs[row - block.first, places] = _as_pairs(words).T[own]
    return draws


def _as_pairs(words: NDArray[np.uint64]) -> NDArray[np.complex128]:
    """View a day's two words as one item, whatever its name: moved as one they cost a fifth."""
    return words.view(np.complex128)[..., 0]


def _by_stream(lanes: list[int]) -> dict[int, tuple[slice | list[int], slice | list[int]]]:
    """Return for each stream which of the parameters it serves, and their lanes in it."""
    return {
        group: (
            _stretch([place for place, lane in enumerate(lanes) if lane // _LANES == group]),
            _stretch([lane % _LANES for lane in lanes if lane // _LANES == group]),
        )
        for group in sorted({lane // _LANES for lane in lanes})
    }


def _stretch(places: list[int]) -> slice | list[int]:
    """Return places that follow each other as a slice, which is taken without a copy."""
    first, end = places[0], places[-1] + 1
    return slice(first, end) if places == list(range(first, end)) else places
