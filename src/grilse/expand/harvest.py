"""Rows of the harvest: a row a ring and day, and its parts by grade, which add up to it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grilse.expand.grid import Columns, Grid, biomass_10g, chosen, milligrams
from grilse.ground.draws import NORMAL_ONE, normal_table
from grilse.simulate.state import BatchState, Floats, Ints
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue import events as tables
from grilse.tables.schema import Table

__all__ = ["harvests"]


def harvests(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the harvests of a batch's last stay and their lots."""
    if not state.stays or not state.stays[-1].harvested.any():
        return
    stay = state.stays[-1]
    grid = chosen(state, stay, stay.harvested > 0)
    fish, grams = grid.of(stay.harvested), grid.of(stay.weight_g)
    live = biomass_10g(fish, grams)
    yield (
        tables.HARVEST_EVENT,
        {
            "harvest_event_id": grid.day_key,
            "event_date": grid.date,
            **grid.place,
            "fish_count": fish,
            "avg_weight_g": milligrams(grams),
            "live_weight_kg": live,
        },
    )
    yield tables.HARVEST_LOT, _lots(world, grid, fish, live)


def _lots(world: World, grid: Grid, fish: Ints, live: Ints) -> Columns:
    grades = np.arange(len(tables.GRADES))
    counts = _split(_shares(world, grid), fish)
    weights = np.array(
        [world.parameters.number(f"harvest.relative_weight.{grade}") for grade in tables.GRADES]
    )
    kilos = _split(counts * weights, live)
    gutted = np.rint(kilos * world.parameters.number("harvest.gutted_yield")).astype(np.int64)
    some = counts.ravel() > 0
    each = np.repeat(np.arange(len(fish)), len(grades))[some]
    return {
        "harvest_lot_id": keys.sub_key(grid.day_key[:, None], grades).ravel()[some],
        "harvest_event_id": grid.day_key[each],
        "event_date": grid.date[each],
        "batch_id": grid.state.plan.number,
        "grade": np.tile(grades, len(fish))[some],
        "fish_count": counts.ravel()[some],
        "live_weight_kg": kilos.ravel()[some],
        "gutted_weight_kg": gutted.ravel()[some],
        "waste_kg": (kilos - gutted).ravel()[some],
    }


def _shares(world: World, grid: Grid) -> Floats:
    """Draw the share of each grade in each harvest, shape (harvests, grades)."""
    mean = np.array(
        [world.parameters.number(f"harvest.grade_share.{grade}") for grade in tables.GRADES]
    )
    scatter = world.parameters.number("harvest.grade_cv")
    batch, containers = grid.state.plan.batch_id, grid.stay.containers
    words = [
        world.draws.parts("harvest.grades", (batch, *containers[row].path), day)
        for row, day in zip(grid.row.tolist(), grid.day_of_life.tolist(), strict=True)
    ]
    draws = normal_table().take(np.array(words, np.int64).reshape(-1, len(mean)))
    factor = np.maximum(1.0 + scatter * (draws / NORMAL_ONE), 0.1)
    factor[:, 0] = 1.0
    return mean * factor


def _split(parts: Floats, whole: Ints) -> Ints:
    """Split whole numbers in proportion, shape (wholes, parts); each row adds up to its whole."""
    running = np.cumsum(parts, axis=1)
    cuts = np.rint(whole[:, None] * (running / running[:, -1:])).astype(np.int64)
    return np.diff(cuts, axis=1, prepend=0)
