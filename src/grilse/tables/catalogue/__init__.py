"""Every table there is, by name, in an order in which parents come before children."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from grilse.tables.catalogue import (
    activity,
    analysis,
    batch,
    events,
    feed,
    finance,
    health,
    injected,
    lice,
    migration,
    reference,
    scenario,
    weather,
)
from grilse.tables.schema import Table

__all__ = ["TABLES"]

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        table.name: table
        for table in (
            reference.GEOGRAPHY,
            reference.STATION,
            reference.HALL,
            reference.AREA,
            reference.CONTAINER,
            reference.SENSOR,
            reference.STAGE,
            reference.FEED,
            finance.COMPANY,
            lice.LICE_LIMIT,
            scenario.SCENARIO_MODEL,
            scenario.TEMPERATURE_PROFILE,
            feed.SUPPLIER,
            feed.FEED_STORE,
            batch.BATCH,
            batch.CREATION_WORKFLOW,
            batch.ASSIGNMENT,
            batch.CREATION_ACTION,
            batch.TRANSFER_WORKFLOW,
            batch.TRANSFER_ACTION,
            events.ENVIRONMENTAL_READING,
            events.FEEDING_EVENT,
            events.MORTALITY_EVENT,
            events.CULL_EVENT,
            events.ESCAPE_EVENT,
            events.SENSOR_FAULT,
            events.GROWTH_SAMPLE,
            events.INDIVIDUAL_GROWTH_OBSERVATION,
            lice.LICE_COUNT,
            lice.TREATMENT,
            health.VACCINATION,
            health.DISEASE_OUTBREAK,
            health.LAB_SAMPLE,
            health.WELFARE_SAMPLE,
            health.WELFARE_OBSERVATION,
            health.JOURNAL_ENTRY,
            events.HARVEST_EVENT,
            events.HARVEST_LOT,
            finance.FACT_HARVEST,
            finance.INTERCOMPANY_TRANSFER,
            events.TRUE_DAILY_STATE,
            scenario.SCENARIO,
            scenario.SCENARIO_PROJECTION,
            activity.PLANNED_ACTIVITY,
            injected.INJECTED_EVENT,
            migration.LEGACY_POPULATION,
            feed.FEED_PURCHASE,
            feed.FEED_LOT,
            feed.FEED_CONSUMPTION,
            feed.FEED_STOCK,
            weather.AREA_WEATHER,
            *analysis.ANALYSIS_TABLES,
        )
    }
)
"""Tables by name; law 2 holds because no draw and no key depends on a table's place here."""
