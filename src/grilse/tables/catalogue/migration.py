"""The table of what a batch's rows stand for in the system that it was migrated from."""

from __future__ import annotations

from grilse.tables.columns import assignment, batch, container, key, text
from grilse.tables.schema import Table

__all__ = ["LEGACY_POPULATION"]

LEGACY_POPULATION = Table(
    name="legacy_population",
    description="A population of the source system, and the assignment that stands for it.",
    owner="batch",
    columns=(
        key("legacy_population_id", "Key: assignment, place among its populations."),
        batch(),
        assignment(),
        container(),
        text("source_system", "The system it comes from."),
        text("source_input", "The deliveries that its fish came from, in that system."),
        text("source_population", "Its id in that system."),
    ),
    primary_key=("legacy_population_id",),
    sort=("legacy_population_id",),
)
