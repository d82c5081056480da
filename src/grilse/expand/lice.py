"""Rows of sea lice: the weekly counts, a row a kind of lice; and the limits, of the farm."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grilse.expand.grid import Columns, Grid, from_rows, joined
from grilse.simulate.state import BatchState, Ints, LiceCourse, StayState
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue.lice import LICE_COUNT, LICE_LIMIT, LICE_TYPES
from grilse.tables.schema import Table

__all__ = ["lice_counts", "lice_limits"]

_MONTHS_A_GEOGRAPHY = 16


def lice_counts(_world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the weekly counts of lice."""
    columns = joined(
        _counts(state, stay, stay.lice) for stay in state.stays if stay.lice is not None
    )
    if columns is not None:
        yield LICE_COUNT, columns


def _counts(state: BatchState, stay: StayState, lice: LiceCourse) -> Columns:
    is_there = lice.is_counted[:, None] & (stay.opening[:, lice.day] >= lice.fish_counted)
    row, week = np.nonzero(is_there & stay.present[:, lice.day])
    grid, kinds = Grid(state, stay, row, lice.day[week]), len(LICE_TYPES)
    found: Ints = lice.counts[:, row, week].T.ravel()
    each = np.arange(len(row)).repeat(kinds)
    told = {
        name: np.tile([getattr(kind, name) for kind in LICE_TYPES], len(row))
        for name in ("species", "sex", "stage")
    }
    return {
        "lice_count_id": keys.sub_key(grid.day_key[:, None], np.arange(kinds)).ravel(),
        "count_date": grid.date[each],
        "batch_id": state.plan.number,
        "assignment_id": grid.assignment[each],
        "container_id": grid.container[each],
        **told,
        "fish_counted": np.full(len(found), lice.fish_counted),
        "lice_count": found,
        "lice_per_fish": (2000 * found + lice.fish_counted) // (2 * lice.fish_counted),
    }


def lice_limits(world: World) -> Iterator[tuple[Table, Columns]]:
    """Yield the limits of every geography by month; they follow from farm and parameters alone."""
    rows = [
        {
            "lice_limit_id": place * _MONTHS_A_GEOGRAPHY + month,
            "geography_id": place,
            "month": month,
            "limit_per_fish": round(limit * 1000.0),
        }
        for place, geography in enumerate(world.farm.geographies, start=1)
        for month, limit in enumerate(
            world.parameters.numbers(("lice", "limit", geography.name)), start=1
        )
    ]
    if rows:
        yield LICE_LIMIT, from_rows(rows)
