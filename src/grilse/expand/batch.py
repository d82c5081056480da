"""All rows of one batch, table after table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import pyarrow as pa

from grilse.expand.activities import expectations
from grilse.expand.daily import culls, escapes, feedings, mortalities, true_states
from grilse.expand.finance import companies, finances
from grilse.expand.forecast import scenario_models
from grilse.expand.grid import Columns
from grilse.expand.harvest import harvests
from grilse.expand.health import health_records, vaccinations
from grilse.expand.injected import as_entered, injected
from grilse.expand.legacy import legacy_populations
from grilse.expand.lice import lice_counts, lice_limits
from grilse.expand.readings import readings
from grilse.expand.reference import references
from grilse.expand.sampling import samplings
from grilse.expand.sensing import sensor_faults
from grilse.expand.treatment import treatments
from grilse.expand.welfare import welfare_rows
from grilse.expand.whereabouts import whereabouts
from grilse.simulate.state import BatchState
from grilse.simulate.world import World
from grilse.tables.catalogue import activity, events, finance, health, lice, scenario
from grilse.tables.catalogue import batch as batch_tables
from grilse.tables.catalogue.injected import INJECTED_EVENT
from grilse.tables.catalogue.migration import LEGACY_POPULATION
from grilse.tables.schema import Table, chunk

__all__ = ["batch_rows", "reference_rows"]

Rows = Iterator[tuple[Table, pa.RecordBatch]]
Family = Callable[[World, BatchState], Iterator[tuple[Table, Columns]]]

_FAMILIES: tuple[tuple[Family, tuple[Table, ...]], ...] = (
    (
        whereabouts,
        (
            batch_tables.BATCH,
            batch_tables.CREATION_WORKFLOW,
            batch_tables.CREATION_ACTION,
            batch_tables.ASSIGNMENT,
            batch_tables.TRANSFER_WORKFLOW,
            batch_tables.TRANSFER_ACTION,
        ),
    ),
    (readings, (events.ENVIRONMENTAL_READING,)),
    (sensor_faults, (events.SENSOR_FAULT,)),
    (feedings, (events.FEEDING_EVENT,)),
    (mortalities, (events.MORTALITY_EVENT,)),
    (culls, (events.CULL_EVENT,)),
    (escapes, (events.ESCAPE_EVENT,)),
    (samplings, (events.GROWTH_SAMPLE, events.INDIVIDUAL_GROWTH_OBSERVATION)),
    (lice_counts, (lice.LICE_COUNT,)),
    (treatments, (lice.TREATMENT,)),
    (vaccinations, (health.VACCINATION,)),
    (health_records, (health.DISEASE_OUTBREAK, health.LAB_SAMPLE, health.JOURNAL_ENTRY)),
    (welfare_rows, (health.WELFARE_SAMPLE, health.WELFARE_OBSERVATION)),
    (harvests, (events.HARVEST_EVENT, events.HARVEST_LOT)),
    (finances, (finance.FACT_HARVEST, finance.INTERCOMPANY_TRANSFER)),
    (true_states, (events.TRUE_DAILY_STATE,)),
    (
        expectations,
        (scenario.SCENARIO, scenario.SCENARIO_PROJECTION, activity.PLANNED_ACTIVITY),
    ),
    (injected, (INJECTED_EVENT,)),
    (legacy_populations, (LEGACY_POPULATION,)),
)
"""Each family of tables with what it can yield: one that nobody asked for is not made."""


def batch_rows(world: World, state: BatchState, wanted: Collection[str]) -> Rows:
    """Yield a batch's rows of the wanted tables, each table at most once, in its sort order.

    Parameters
    ----------
    wanted
        Names of tables.
    """
    for family, can_yield in _FAMILIES:
        if any(table.name in wanted for table in can_yield):
            parts = family(world, state)
            told = ((table, as_entered(state, table, columns)) for table, columns in parts)
            yield from _chunks(told, wanted)


def reference_rows(world: World, wanted: Collection[str]) -> Rows:
    """Yield the rows of the wanted reference tables."""
    yield from _chunks(references(world, wanted), wanted)
    yield from _chunks(scenario_models(world), wanted)
    yield from _chunks(companies(world), wanted)
    yield from _chunks(lice_limits(world), wanted)


def _chunks(parts: Iterator[tuple[Table, Columns]], wanted: Collection[str]) -> Rows:
    for table, columns in parts:
        if table.name in wanted:
            yield table, chunk(table, columns)
