"""What the sensors of a stay make of the water: their offsets, drifts, and days of silence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby, product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from grilse.expand.grid import Columns, joined, met_by
from grilse.ground.draws import NORMAL_ONE
from grilse.simulate.state import BatchState, Ints, StayState
from grilse.simulate.world import World
from grilse.site.sensors import SensorErrors, SensorFault, sensor_errors
from grilse.tables import keys
from grilse.tables.catalogue.events import SENSOR_FAULT, SENSOR_FAULT_KINDS
from grilse.tables.catalogue.reference import PARAMETERS
from grilse.tables.schema import Table

__all__ = ["Gap", "Sensing", "sensing", "sensor_faults"]

_HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True)
class Gap:
    """Days of a stay, `first` up to `end`, that one sensor of it was silent."""

    row: int
    place: int
    first: int
    end: int


@dataclass(frozen=True)
class Sensing:
    """How the sensors of a stay err.

    Attributes
    ----------
    error
        What they read beyond the truth, in steps of their resolution, shape (containers,
        parameters, days).
    gaps
        By container, parameter and day.
    """

    error: NDArray[np.int32]
    gaps: tuple[Gap, ...]


def sensing(
    world: World, state: BatchState, stay: StayState, deviation: NDArray[np.int32]
) -> Sensing:
    """Return how the sensors of a stay err on its days.

    Parameters
    ----------
    deviation
        Standard deviation of the noise of each parameter's sensors, in steps, shape
        (parameters,).
    """
    errors = _errors(world, state, stay)
    sigma = world.parameters.number("sensor.offset") * deviation[:, None] / NORMAL_ONE
    error = np.rint(errors.offset * sigma).astype(np.int32).repeat(errors.window_days, axis=2)
    began = state.plan.start + stay.start_day
    gaps: list[Gap] = []
    for fault in errors.faults:
        first, end = max(fault.first_day - began, 0), min(fault.end_day - began, stay.days)
        if fault.kind == "GAP":
            gaps.append(Gap(fault.row, fault.lane, first, end))
        else:
            since = began + 1 - fault.first_day
            day = np.arange(first + since, end + since)
            most = fault.size * int(deviation[fault.lane]) / (fault.end_day - fault.first_day)
            error[fault.row, fault.lane, first:end] += np.rint(day * most).astype(np.int32)
    return Sensing(error, tuple(_apart(gaps)))


def _apart(gaps: list[Gap]) -> Iterator[Gap]:
    """Yield gaps in order, those of one sensor that touch or overlap as one."""
    gaps.sort(key=lambda gap: (gap.row, gap.place, gap.first))
    last: Gap | None = None
    for gap in gaps:
        if last and (gap.row, gap.place) == (last.row, last.place) and gap.first <= last.end:
            last = Gap(last.row, last.place, last.first, max(last.end, gap.end))
        else:
            if last:
                yield last
            last = gap
    if last:
        yield last


def _errors(world: World, state: BatchState, stay: StayState) -> SensorErrors:
    """Return the sensors' own errors, and the faults that the schedule asks for."""
    errors = _own_errors(world, state, stay)
    asked = tuple(_asked_for(world, state, stay))
    return replace(errors, faults=(*errors.faults, *asked)) if asked else errors


def _asked_for(world: World, state: BatchState, stay: StayState) -> Iterator[SensorFault]:
    """Yield the faults that a schedule's events bring about, of one parameter or of all."""
    away = world.parameters.number("injected.sensor_drift.size")
    for met in met_by(state, stay):
        if met.event.type in ("sensor_outage", "sensor_drift"):
            kind: Literal["GAP", "DRIFT"] = "GAP" if met.event.type == "sensor_outage" else "DRIFT"
            size = away * met.event.severity if kind == "DRIFT" else 0.0
            first, end = met.event.first_day, met.event.end_day
            for row, (lane, name) in product(met.rows, enumerate(stay.stage.sensors)):
                if met.event.detail in (None, name):
                    yield SensorFault(row, lane, kind, first, end, size)


def _own_errors(world: World, state: BatchState, stay: StayState) -> SensorErrors:
    return sensor_errors(
        world.draws,
        world.parameters,
        [ref.path for ref in stay.containers],
        [PARAMETERS.index(name) for name in stay.stage.sensors],
        state.plan.start + stay.start_day,
        stay.days,
    )


def sensor_faults(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the faults of sensors on days that fish were in their containers."""
    columns = joined(_rows(world, state, stay) for stay in state.stays)
    if columns is not None:
        yield SENSOR_FAULT, columns


def _rows(world: World, state: BatchState, stay: StayState) -> Columns:
    began = state.plan.start + stay.start_day
    parameters = np.array([PARAMETERS.index(name) for name in stay.stage.sensors], np.int64)
    listed = [
        (f.row, f.lane, max(f.first_day, began), SENSOR_FAULT_KINDS.index(f.kind), -f.end_day)
        for f in _errors(world, state, stay).faults
        if f.first_day < began + stay.present_days[f.row]
    ]
    # Two faults of one sensor that begin on one day are one row: silence hides a drift.
    listed = [min(same) for _, same in groupby(sorted(listed), key=lambda f: f[:3])]
    row, place, first, kind, end = np.array(listed, np.int64).reshape(-1, 5).T
    assignment: Ints = keys.assignment_id(state.plan.number, stay.first_slot + row)
    container, parameter = stay.container_ids[row], parameters[place]
    hour = (first - state.plan.start) * _HOURS_A_DAY
    return {
        "sensor_fault_id": keys.reading_id(assignment, parameter + 1, hour),
        "first_date": first,
        "batch_id": state.plan.number,
        "assignment_id": assignment,
        "container_id": container,
        "sensor_id": keys.sensor_id(container, parameter + 1),
        "parameter": parameter,
        "kind": kind,
        "end_date": -end,
    }
