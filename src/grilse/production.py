"""What a worker does: one batch or some feed stores become rows; it knows not where they go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from grilse.expand.batch import batch_rows, reference_rows
from grilse.expand.demand import demand_of
from grilse.expand.weather import weather
from grilse.farm.model import Farm
from grilse.ground.parameters import Parameters
from grilse.ledger.demand import BatchDemand
from grilse.ledger.demand_file import demand_file, read_demand, write_demand
from grilse.ledger.rows import StoreInfo, store_rows
from grilse.schedule.model import BatchPlan
from grilse.simulate.batch import lived_days, simulate
from grilse.simulate.state import BatchState
from grilse.simulate.world import World
from grilse.tables.catalogue import TABLES
from grilse.tables.catalogue.events import FEEDING_EVENT
from grilse.tables.catalogue.weather import AREA_WEATHER
from grilse.tables.schema import chunk, storage_dtype

__all__ = [
    "Production", "StoreGroup", "draw_on", "expected_rows", "farm_stores", "leave_demand", "make",
]  # fmt: skip


_OF_FEED = frozenset(name for name, table in TABLES.items() if table.owner == "store") - {
    AREA_WEATHER.name
}
"""Tables that follow from what batches want of feed stores."""

_STORES_AT_ONCE = 8


@dataclass(frozen=True)
class Production:
    """All that every batch's rows depend on beside its own schedule entry.

    Attributes
    ----------
    farm, parameters, seed, as_of
        As in `World`.
    tables
        Names of the tables wanted.
    handover
        A folder in which workers leave what batches want of feed stores, so that no batch is
        simulated twice; without it they are. The rows are the same.
    """

    farm: Farm
    parameters: Parameters
    seed: int
    as_of: int
    tables: frozenset[str]
    handover: str | None = None

    @cached_property
    def world(self) -> World:
        """What the batches live in."""
        return World(self.farm, self.parameters, self.seed, self.as_of)


@dataclass(frozen=True)
class StoreGroup:
    """Some feed stores, whose ids follow each other, and the batches that draw on them.

    Attributes
    ----------
    stores
        By ascending id.
    batches
        All that ever stand in a hall or area of theirs, by ascending number.
    """

    stores: tuple[StoreInfo, ...]
    batches: tuple[BatchPlan, ...]


Rows = Iterator[tuple[str, pa.RecordBatch]]


def make(production: Production, plan: BatchPlan | StoreGroup | None) -> Rows:
    """Yield the rows of one batch, of some feed stores, or the farm's own where `plan` is None.

    A function of its arguments and of nothing else (law 1): each can be made alone, by any worker,
    in any order.
    """
    world, tables = production.world, production.tables
    if isinstance(plan, StoreGroup):
        yield from _make_stores(production, plan)
        return
    if plan is None:
        for table, part in reference_rows(world, tables):
            yield table.name, part
        return
    state, fed = simulate(world, plan), None
    for table, part in batch_rows(world, state, tables):
        fed = part if table is FEEDING_EVENT else fed
        yield table.name, part
    _hand_over(production, state, fed)


def farm_stores(farm: Farm) -> list[StoreInfo]:
    """Return the feed stores of a farm; their ids are those of halls and areas, from 1."""
    places = [
        (geography.name, place)
        for geography in farm.geographies
        for site in geography.sites
        for place in site.places
    ]
    return [
        StoreInfo(place_id, geography, place.name, place.store.capacity_kg)
        for place_id, (geography, place) in enumerate(places, start=1)
    ]


def draw_on(farm: Farm, batches: Iterable[BatchPlan]) -> dict[int, list[BatchPlan]]:
    """Return by store the batches that ever draw on it, in the order given."""
    known, drawing = farm.place_ids, dict[int, list[BatchPlan]]()
    for batch in batches:
        places = {place for stay in batch.stays for place, _ in stay.containers}
        for store_id in sorted(known[batch.geography, place] for place in places):
            drawing.setdefault(store_id, []).append(batch)
    return drawing


def _make_stores(production: Production, group: StoreGroup) -> Rows:
    if production.tables & _OF_FEED:
        yield from _make_books(production, group)
    if AREA_WEATHER.name in production.tables:
        for table, columns in weather(production.world, _areas(production.world, group)):
            yield table.name, chunk(table, columns)


def _areas(world: World, group: StoreGroup) -> Iterator[tuple[int, str, str, int]]:
    """Yield the areas among a group's places, each from the day on which fish first come there."""
    first: dict[tuple[str, str], int] = {}
    for plan in group.batches:
        for stay in plan.stays:
            if world.stages[stay.stage].environment == "sea water":
                for place in {place for place, _ in stay.containers}:
                    day, area = plan.start + stay.start_day, (plan.geography, place)
                    first[area] = min(day, first.get(area, day))
    for store in group.stores:
        area = (store.geography, store.place)
        if area in first:
            yield store.store_id, *area, first[area]


def _make_books(production: Production, group: StoreGroup) -> Rows:
    """Keep the books of some stores at a time: what a hundred batches were fed takes 100 MB."""
    world, tables = production.world, production.tables
    drawing = draw_on(production.farm, group.batches)
    for first in range(0, len(group.stores), _STORES_AT_ONCE):
        stores = group.stores[first : first + _STORES_AT_ONCE]
        wanted = {plan.number: plan for each in stores for plan in drawing.get(each.store_id, ())}
        demands = (_demand(production, wanted[number]) for number in sorted(wanted))
        rows = store_rows(stores, demands, world.parameters, world.draws, world.as_of)
        for table, columns in rows:
            if table.name in tables:
                yield table.name, chunk(table, columns)


def _demand(production: Production, plan: BatchPlan) -> BatchDemand:
    """Take what a batch wants from where another worker left it, or simulate the batch."""
    if production.handover is not None:
        try:
            return read_demand(demand_file(production.handover, plan.number))
        except (OSError, ValueError):
            pass
    return demand_of(production.world, simulate(production.world, plan))


def leave_demand(production: Production, plan: BatchPlan) -> Rows:
    """Leave what a batch wants of feed stores where it is handed over, and yield no row.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    assert production.handover is not None
    demand = demand_of(production.world, simulate(production.world, plan))
    write_demand(demand_file(production.handover, plan.number), demand)
    yield from ()


def _hand_over(production: Production, state: BatchState, fed: pa.RecordBatch | None) -> None:
    """Leave what a batch wants of feed stores, if any are wanted and there is room for it."""
    if production.handover is None or not production.tables & _OF_FEED:
        return
    path = demand_file(production.handover, state.plan.number)
    if not path.exists():
        with suppress(OSError):
            write_demand(path, _demand_by_rows(production.world, state, fed))


def _demand_by_rows(world: World, state: BatchState, fed: pa.RecordBatch | None) -> BatchDemand:
    """Return what a batch wants of feed stores, of its feedings' rows where they were made."""
    if fed is None:
        return demand_of(world, state)
    names = ("feeding_event_id", "feed_id", "amount_kg")
    types = (storage_dtype(FEEDING_EVENT.column(name)) for name in names)
    buffers = (fed.column(name).buffers()[1] for name in names)
    columns = {
        name: np.frombuffer(buffer, kind)[: fed.num_rows]
        for name, buffer, kind in zip(names, buffers, types, strict=True)
    }
    return demand_of(world, state, columns)


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
            ("feed_consumption", fed * len(world.parameters.numbers("feeding.meal_hours"))),
            ("mortality_event", held),
            ("true_daily_state", held),
            ("analysis_daily_state", held),
            ("growth_sample", round(fed / every)),
            ("individual_growth_observation", round(fed / every) * fish),
        ):
            if table in production.tables:
                rows[table] = rows.get(table, 0) + count
    return rows
