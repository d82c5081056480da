"""The table of what is planned for a batch, and whether it is done."""

from __future__ import annotations

from grilse.tables.columns import batch, category, date, key, reference, text
from grilse.tables.schema import Table

__all__ = ["ACTIVITY_STATUSES", "ACTIVITY_TYPES", "PLANNED_ACTIVITY"]

ACTIVITY_TYPES = ("TRANSFER", "GRADING", "VACCINATION", "SAMPLING", "TREATMENT", "HARVEST")
ACTIVITY_STATUSES = ("PENDING", "COMPLETED", "CANCELLED")

PLANNED_ACTIVITY = Table(
    name="planned_activity",
    description="What is planned for a batch: when it is due, and whether it is done.",
    owner="batch",
    columns=(
        key("planned_activity_id", "Key: batch, type, place among its like."),
        batch(),
        reference("scenario_id", "scenario.scenario_id", "The scenario it was planned by."),
        category("activity_type", ACTIVITY_TYPES, "What is to be done."),
        reference("stage_id", "stage.stage_id", "The stage in which it is due.", narrow=True),
        date("due_date", "When it is due."),
        category("status", ACTIVITY_STATUSES, "As it stands on the as-of date."),
        date("completed_date", "When it was done.", nullable=True),
        text("note", "What it is for."),
    ),
    primary_key=("planned_activity_id",),
    sort=("planned_activity_id",),
    future=("due_date",),
)
