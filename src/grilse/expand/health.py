"""Rows of a batch's health: its vaccination, its outbreaks, laboratory, welfare and journal."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from grilse.expand.grid import Columns, chosen, milligrams
from grilse.expand.journal import journal_rows
from grilse.expand.laboratory import lab_rows, lab_samples
from grilse.expand.outbreaks import outbreak_rows, outbreaks
from grilse.simulate.state import BatchState
from grilse.simulate.world import World
from grilse.tables.catalogue import health as tables
from grilse.tables.schema import Table

__all__ = ["health_records", "vaccinations"]


def health_records(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the outbreaks of a batch, what the laboratory found, and the journal."""
    found = [each for stay in state.stays for each in outbreaks(world, stay)]
    samples = lab_samples(world, state, found)
    yield from outbreak_rows(world, state, found)
    yield from lab_rows(world, state, samples)
    yield from journal_rows(world, state, found, samples)


def vaccinations(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield the vaccination of a batch, a row a container."""
    for stay in state.stays:
        on = stay.vaccinated_on
        if on is not None and 0 <= on - stay.start_day < stay.days:
            on_day = np.arange(stay.days) == on - stay.start_day
            grid = chosen(state, stay, stay.present & (stay.opening > 0) & on_day)
            if len(grid.row):
                yield (
                    tables.VACCINATION,
                    {
                        "vaccination_id": grid.day_key,
                        "vaccination_date": grid.date,
                        **grid.place,
                        "vaccine": world.parameters.text("vaccination.vaccine"),
                        "dose_ml": round(world.parameters.number("vaccination.dose_ml") * 1000.0),
                        "fish_count": grid.of(stay.opening),
                        "avg_weight_g": milligrams(grid.of(stay.weight_open_g)),
                    },
                )
            return
