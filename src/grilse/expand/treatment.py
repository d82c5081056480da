"""Rows of treatments: a row a ring and treatment, with the count that made it necessary."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grilse.expand.grid import Columns, Grid, joined, milligrams
from grilse.simulate.state import BatchState, LiceCourse, StayState
from grilse.simulate.world import World
from grilse.tables.catalogue.lice import TREATMENT, TREATMENT_METHODS, TREATMENT_REASONS
from grilse.tables.schema import Table

__all__ = ["treatments"]


def treatments(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the treatments that were made, of containers that had fish."""
    columns = joined(
        _treatments(world, state, stay, stay.lice) for stay in state.stays if stay.lice is not None
    )
    if columns is not None:
        yield TREATMENT, columns


def _treatments(world: World, state: BatchState, stay: StayState, lice: LiceCourse) -> Columns:
    given = lice.treatments
    there = np.flatnonzero(given.is_made & (given.day < stay.present_days[given.row]))
    there = there[stay.opening[given.row[there], given.day[there]] > 0]
    there = there[np.lexsort((given.day[there], given.row[there]))]
    grid, week = Grid(state, stay, given.row[there], given.day[there]), given.week[there]
    names = world.parameters.table(("treatment", "method", state.plan.geography))["name"]
    codes = np.array([TREATMENT_METHODS.index(str(name)) for name in names])
    return {
        "treatment_id": grid.day_key,
        "treatment_date": grid.date,
        **grid.place,
        "method": codes[given.method[there]],
        "reason": np.full(len(there), TREATMENT_REASONS.index("LICE_LIMIT")),
        "count_date": state.plan.start + stay.start_day + lice.day[week],
        "lice_per_fish": lice.mean_milli[week],
        "limit_per_fish": lice.limit_milli[week],
        "fish_count": grid.of(stay.opening),
        "avg_weight_g": milligrams(grid.of(stay.weight_open_g)),
        "effect_pct": np.rint(given.effect[there] * 10_000.0).astype(np.int64),
        "withholding_days": given.withholding_days[there],
        "harvest_from": grid.date + given.withholding_days[there],
    }
