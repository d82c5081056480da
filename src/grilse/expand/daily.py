"""Rows of each container's days: feeding, deaths, and the true state that analysis is judged by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grilse.biology.ration import feed_index
from grilse.expand.grid import Columns, Grid, biomass_10g, chosen, joined, milligrams
from grilse.ground.days import MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR
from grilse.simulate.state import BatchState, Ints, StayState
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue import events as tables
from grilse.tables.schema import Table

__all__ = ["culls", "escapes", "feedings", "mortalities", "true_states"]


def feedings(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the feedings: the day's ration in meals, in steps of 10 g that add up to it."""
    columns = joined(_feedings(world, state, stay) for stay in state.stays)
    if columns is not None:
        yield tables.FEEDING_EVENT, columns


def _feedings(world: World, state: BatchState, stay: StayState) -> Columns:
    grid = chosen(state, stay, (stay.feed_10g > 0) & stay.present)
    hours = np.array(world.parameters.numbers("feeding.meal_hours"), np.int64)
    amount = _meals(world, grid, len(hours))
    grams = grid.of(stay.weight_open_g)
    biomass = biomass_10g(grid.of(stay.opening), grams)
    day_us = grid.date * MICROSECONDS_PER_DAY
    meal = np.arange(len(hours))
    given = amount.ravel() > 0
    each = np.repeat(np.arange(len(biomass)), len(hours))[given]
    share = amount.ravel()[given] / np.maximum(biomass[each], 1)
    return {
        "feeding_event_id": keys.sub_key(grid.day_key[:, None], meal).ravel()[given],
        "feeding_time": (day_us[:, None] + hours * MICROSECONDS_PER_HOUR).ravel()[given],
        "batch_id": state.plan.number,
        "assignment_id": grid.assignment[each],
        "container_id": grid.container[each],
        "feed_id": feed_index(world.parameters, grams)[each] + 1,
        "amount_kg": amount.ravel()[given],
        "biomass_kg": biomass[each],
        "feeding_pct": np.rint(share * 1_000_000).astype(np.int64),
    }


def _meals(world: World, grid: Grid, meals: int) -> Ints:
    """Split each day's feed into meals, shape (container-days, meals)."""
    feed = grid.of(grid.stay.feed_10g)
    scatter = world.parameters.number("feeding.meal_scatter")
    draw = grid.of(grid.stay.luck.even("meals"))[:, None] - 0.5
    bounds = (np.arange(1, meals) + scatter * draw) / meals
    cuts = np.rint(feed[:, None] * bounds).astype(np.int64)
    return np.diff(cuts, axis=1, prepend=0, append=feed[:, None])


def mortalities(_world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the deaths: a row for each container, day and cause of which fish died."""
    columns = joined(_mortalities(state, stay) for stay in state.stays)
    if columns is not None:
        yield tables.MORTALITY_EVENT, columns


def _mortalities(state: BatchState, stay: StayState) -> Columns:
    grid, cause, dead = _by_cause(state, stay)
    grams = grid.of(stay.weight_open_g)
    return {
        "mortality_event_id": keys.sub_key(grid.day_key, cause),
        "event_date": grid.date,
        **grid.place,
        "cause": cause,
        "dead_count": dead,
        "avg_weight_g": milligrams(grams),
        "biomass_kg": biomass_10g(dead, grams),
    }


def _by_cause(state: BatchState, stay: StayState) -> tuple[Grid, Ints, Ints]:
    """Return container-days with the cause and the number of their dead, by container and day."""
    if not stay.dead_of:
        grid = chosen(state, stay, (stay.dead > 0) & stay.present)
        return grid, grid.of(stay.cause).astype(np.int64), grid.of(stay.dead)
    ordinary = stay.dead - sum(stay.dead_of.values())
    told = {}
    for code, counts in stay.dead_of.items():
        told[code] = counts + np.where(stay.cause == code, ordinary, 0)
        ordinary = np.where(stay.cause == code, 0, ordinary)
    shape = stay.cause.shape
    parts = [(ordinary, stay.cause)]
    parts += [(told[code], np.broadcast_to(np.int8(code), shape)) for code in told]
    found = [(*np.nonzero((n > 0) & stay.present), n, which) for n, which in parts]
    row, column = (np.concatenate([part[axis] for part in found]) for axis in (0, 1))
    dead = np.concatenate([n[r, c] for r, c, n, _ in found])
    cause = np.concatenate([which[r, c] for r, c, _, which in found]).astype(np.int64)
    order = np.lexsort((cause, column, row))
    return Grid(state, stay, row[order], column[order]), cause[order], dead[order]


def culls(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the fish culled at gradings."""
    columns = joined(_culls(world, state, stay) for stay in state.stays)
    if columns is not None:
        yield tables.CULL_EVENT, columns


def _culls(world: World, state: BatchState, stay: StayState) -> Columns:
    reason = world.parameters.text(("grading", "stage", stay.stage.key, "reason"))
    taken = _taken(state, stay, stay.culled, "cull_event_id")
    size = len(taken["cull_event_id"])
    return {**taken, "reason": np.full(size, tables.CULL_REASONS.index(reason))}


def escapes(_world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the fish that got away."""
    columns = joined(_taken(state, stay, stay.escaped, "escape_event_id") for stay in state.stays)
    if columns is not None:
        yield tables.ESCAPE_EVENT, columns


def _taken(state: BatchState, stay: StayState, counts: Ints, key: str) -> dict[str, Any]:
    """Return the columns of fish that left alive, a row a container and day."""
    grid = chosen(state, stay, (counts > 0) & stay.present)
    fish, grams = grid.of(counts), grid.of(stay.weight_open_g)
    return {
        key: grid.day_key,
        "event_date": grid.date,
        **grid.place,
        "fish_count": fish,
        "avg_weight_g": milligrams(grams),
        "biomass_kg": biomass_10g(fish, grams),
    }


def true_states(_world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the true state of each container at the end of each day that fish were in it."""
    columns = joined(_true_states(state, stay) for stay in state.stays)
    if columns is not None:
        yield tables.TRUE_DAILY_STATE, columns


def _true_states(state: BatchState, stay: StayState) -> Columns:
    grid = chosen(state, stay, stay.present)
    fish, grams = grid.of(stay.closing), grid.of(stay.weight_g)
    return {
        "state_id": grid.day_key,
        "state_date": grid.date,
        "day_number": grid.day_of_life,
        **grid.place,
        "stage_id": np.full(len(fish), stay.stage.order),
        "population_count": fish,
        "avg_weight_g": milligrams(grams),
        "biomass_kg": biomass_10g(fish, grams),
        "temp_c": stay.temp_centi_c[grid.column],
        "mortality_count": grid.of(stay.dead),
        "removed_count": grid.of(stay.removed),
        "feed_kg": grid.of(stay.feed_10g),
    }
