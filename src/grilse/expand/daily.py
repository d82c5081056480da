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

_RANGE = 65536
_MOST_CAUSES = 256


def feedings(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the feedings: the day's ration in meals, in steps of 10 g that add up to it."""
    parts = (_feedings(world, state, stay) for stay in state.stays)
    columns = joined(parts, tables.FEEDING_EVENT)
    if columns is not None:
        yield tables.FEEDING_EVENT, columns


def _feedings(world: World, state: BatchState, stay: StayState) -> Columns:
    grid = chosen(state, stay, (stay.feed_10g > 0) & stay.present)
    hours = np.array(world.parameters.numbers("feeding.meal_hours"), np.int64)
    amount = _meals(world, grid, len(hours))
    grams = grid.of(stay.weight_open_g)
    biomass = biomass_10g(grid.of(stay.opening), grams)
    share = amount / np.maximum(biomass, 1)[:, None]
    meals = {
        "feeding_event_id": keys.sub_key(grid.day_key[:, None], np.arange(len(hours))),
        "feeding_time": grid.date[:, None] * MICROSECONDS_PER_DAY + hours * MICROSECONDS_PER_HOUR,
        "amount_kg": amount,
        "feeding_pct": np.rint(share * 1_000_000),
    }
    days = {
        "assignment_id": grid.assignment,
        "container_id": grid.container,
        "feed_id": feed_index(world.parameters, grams) + 1,
        "biomass_kg": biomass,
    }
    told = {name: column.ravel() for name, column in meals.items()}
    told |= {name: np.repeat(column, len(hours)) for name, column in days.items()}
    if not amount.all():
        given = amount.ravel() > 0
        told = {name: column[given] for name, column in told.items()}
    return {"batch_id": state.plan.number, **told}


def _meals(world: World, grid: Grid, meals: int) -> Ints:
    """Split each day's feed into meals, shape (container-days, meals)."""
    feed = grid.of(grid.stay.feed_10g)
    scatter = world.parameters.number("feeding.meal_scatter")
    draw = grid.of(grid.stay.luck.raw("meals"))[:, None] / _RANGE - 0.5
    upto = np.empty((len(feed), meals + 1), np.int64)
    upto[:, 0], upto[:, -1] = 0, feed
    upto[:, 1:-1] = np.rint(feed[:, None] * ((np.arange(1, meals) + scatter * draw) / meals))
    return upto[:, 1:] - upto[:, :-1]


def mortalities(_world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the deaths: a row for each container, day and cause of which fish died."""
    parts = (_mortalities(state, stay) for stay in state.stays)
    columns = joined(parts, tables.MORTALITY_EVENT)
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
        is_of = stay.cause == code
        told[code] = counts + np.where(is_of, ordinary, 0)
        ordinary = np.where(is_of, 0, ordinary)
    parts = [(ordinary, stay.cause), *((counts, None) for counts in told.values())]
    found = [np.flatnonzero((counts > 0) & stay.present) for counts, _ in parts]
    dead = np.concatenate([n.take(at) for (n, _), at in zip(parts, found, strict=True)])
    codes = [np.full(len(at), code) for code, at in zip(told, found[1:], strict=True)]
    cause = np.concatenate([stay.cause.take(found[0]), *codes], dtype=np.int64)
    flat = np.concatenate(found)
    # A day's causes differ, so that no two of these are equal.
    order = np.argsort(flat * _MOST_CAUSES + cause)
    row, column = np.divmod(flat[order], stay.days)
    return Grid(state, stay, row, column), cause[order], dead[order]


def culls(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the fish culled at gradings."""
    parts = (_culls(world, state, stay) for stay in state.stays if stay.culled.any())
    columns = joined(parts, tables.CULL_EVENT)
    if columns is not None:
        yield tables.CULL_EVENT, columns


def _culls(world: World, state: BatchState, stay: StayState) -> Columns:
    reason = world.parameters.text(("grading", "stage", stay.stage.key, "reason"))
    taken = _taken(state, stay, stay.culled, "cull_event_id")
    size = len(taken["cull_event_id"])
    return {**taken, "reason": np.full(size, tables.CULL_REASONS.index(reason))}


def escapes(_world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the fish that got away."""
    stays = (stay for stay in state.stays if stay.escaped.any())
    parts = (_taken(state, stay, stay.escaped, "escape_event_id") for stay in stays)
    columns = joined(parts, tables.ESCAPE_EVENT)
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
    parts = (_true_states(state, stay) for stay in state.stays)
    columns = joined(parts, tables.TRUE_DAILY_STATE)
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
