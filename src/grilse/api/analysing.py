"""The verb analyse: what the observations tell of growth, beside the rows or after them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa

from grilse.analysis.batch import analyse
from grilse.analysis.models import REFERENCE, Models, read_models
from grilse.analysis.observations import COLUMNS, NEEDED
from grilse.production import Production, StoreGroup, make
from grilse.schedule.model import BatchPlan
from grilse.tables.catalogue.analysis import ANALYSIS_TABLES

__all__ = ["ANALYSIS", "Analysed", "analysed", "looked_at", "make_analysed"]

ANALYSIS = tuple(table.name for table in ANALYSIS_TABLES)
"""Names of the tables that growth analysis makes."""


@dataclass(frozen=True)
class Analysed(Production):
    """A production whose batches are analysed as they are made."""

    @cached_property
    def making(self) -> Analysed:
        """The same with all tables that analysis looks at, where not even batches are written."""
        if self.tables.issuperset(NEEDED):
            return self
        return replace(self, tables=self.tables.union(COLUMNS, REFERENCE))

    @cached_property
    def models(self) -> Models:
        """The farm's models, from the tables of it that are written."""
        told: dict[str, list[pa.RecordBatch]] = {}
        for name, rows in make(replace(self, tables=self.tables.intersection(REFERENCE)), None):
            told.setdefault(name, []).append(rows)
        return read_models(told, self.parameters)


def analysed(production: Production) -> Analysed:
    """Return a production whose batches are analysed as they are made."""
    return Analysed(
        production.farm, production.parameters, production.seed, production.as_of,
        production.tables, production.handover,
    )  # fmt: skip


def looked_at(tables: frozenset[str]) -> frozenset[str]:
    """Return those of some tables that analysis looks at; none where it is not wanted."""
    return tables.intersection(COLUMNS) if tables.intersection(ANALYSIS) else frozenset()


def make_analysed(
    production: Analysed, plan: BatchPlan | StoreGroup | None
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the rows of `make`, and after a batch's own those of its growth analysis.

    It sees what is written and nothing else: the same rows read back tell the same. Only where
    batches and assignments are not written, so that there is nothing to read back, it sees all.
    """
    wanted = production.tables
    if not isinstance(plan, BatchPlan) or not wanted.intersection(ANALYSIS):
        yield from make(production, plan)
        return
    making, seen = production.making, dict[str, list[pa.RecordBatch]]()
    for name, rows in make(making, plan):
        if name in COLUMNS:
            seen.setdefault(name, []).append(rows)
        if name in wanted:
            yield name, rows
    for table, rows in analyse(seen, making.models, making.as_of):
        if table.name in wanted:
            yield table.name, rows
