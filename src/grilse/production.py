"""What a worker does: simulate one batch and expand it; it knows nothing of where the rows go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from grilse.expand.batch import batch_rows, reference_rows
from grilse.farm.model import Farm
from grilse.ground.parameters import Parameters
from grilse.schedule.model import BatchPlan
from grilse.simulate.batch import lived_days, simulate
from grilse.simulate.world import World

__all__ = ["Production", "expected_rows", "make"]


@dataclass(frozen=True)
class Production:
    """All that every batch's rows depend on beside its own schedule entry.

    Attributes
    ----------
    farm, parameters, seed, as_of
        As in `World`.
    tables
        Names of the tables wanted.
    """

    farm: Farm
    parameters: Parameters
    seed: int
    as_of: int
    tables: frozenset[str]

    @cached_property
    def world(self) -> World:
        """What the batches live in."""
        return World(self.farm, self.parameters, self.seed, self.as_of)


def make(production: Production, plan: BatchPlan | None) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the rows of one batch, or the farm's own tables where `plan` is None.

    A function of its arguments and of nothing else (law 1): each batch can be made alone, by any
    worker, in any order.
    """
    world, tables = production.world, production.tables
    rows = (
        reference_rows(world, tables)
        if plan is None
        else batch_rows(world, simulate(world, plan), tables)
    )
    for table, chunk in rows:
        yield table.name, chunk


def expected_rows(production: Production, plan: BatchPlan) -> Mapping[str, int]:
    """Return about how many rows of the large tables a batch will have, without simulating it.

    Every reservation is taken to be used to its end, fish to die every day and to be fed twice
    once they feed: so it errs on the high side, by a tenth or so for a whole life.
    """
    world = production.world
    hours = len(world.parameters.numbers("environment.reading_hours"))
    fish = int(world.parameters.number("sampling.fish"))
    every = world.parameters.number("sampling.every_days")
    rows: dict[str, int] = {}
    lived = lived_days(plan, production.as_of)
    for stay in plan.stays:
        stage = world.stages[stay.stage]
        days = max(0, min(stay.end_day, lived) - stay.start_day)
        held = days * len(stay.containers)
        fed = held if stage.fcr > 0 else 0
        for table, count in (
            ("environmental_reading", held * hours * len(stage.sensors)),
            ("feeding_event", fed * len(world.parameters.numbers("feeding.meal_hours"))),
            ("mortality_event", held),
            ("true_daily_state", held),
            ("growth_sample", round(fed / every)),
            ("individual_growth_observation", round(fed / every) * fish),
        ):
            if table in production.tables:
                rows[table] = rows.get(table, 0) + count
    return rows
