"""The table of what a schedule asked for beyond the ordinary, so that detection can be scored."""

from __future__ import annotations

from grilse.tables.columns import assignment, batch, category, count, date, decimal, key, text
from grilse.tables.schema import Column, Table

__all__ = ["INJECTED_EVENT", "INJECTED_TYPES"]

INJECTED_TYPES = (
    "outbreak", "jellyfish", "heatwave", "oxygen_drop", "sensor_outage", "sensor_drift",
    "feed_delay", "escape", "data_entry_error",
)  # fmt: skip

INJECTED_EVENT = Table(
    name="injected_event",
    description="Rows that an event touched which the schedule asked for: those of one table and "
    "assignment between two keys.",
    owner="batch",
    columns=(
        key("injected_event_id", "Key: batch, place among its rows."),
        batch(),
        count("event_number", "The event's place among the batch's, from 1.", unit="event"),
        category("event_type", INJECTED_TYPES, "What was asked for."),
        text("detail", "Kind of mistake, parameter or cause, where one was named.", nullable=True),
        decimal("severity", 6, 2, "of an ordinary case", "How bad it was asked to be."),
        assignment(),
        date("first_date", "Its first day in the assignment."),
        date("end_date", "The day after its last there."),
        text("table_name", "The table touched."),
        Column("first_key", "int64", "Least primary key that it can have touched."),
        Column("last_key", "int64", "Greatest primary key that it can have touched."),
    ),
    primary_key=("injected_event_id",),
    sort=("injected_event_id",),
    future=("end_date",),
)
