"""Tables of a batch's whereabouts: delivery, assignments, transfers."""

from __future__ import annotations

from grilse.tables.columns import (
    assignment,
    batch,
    category,
    container,
    count,
    date,
    decimal,
    flag,
    key,
    reference,
    text,
    weight_g,
)
from grilse.tables.schema import Column, Table

__all__ = [
    "ASSIGNMENT",
    "BATCH",
    "BATCH_STATUSES",
    "CREATION_ACTION",
    "CREATION_WORKFLOW",
    "TRANSFER_ACTION",
    "TRANSFER_WORKFLOW",
]

BATCH_STATUSES = ("PLANNED", "ACTIVE", "COMPLETED")

BATCH = Table(
    name="batch",
    description="A batch: the fish of one egg delivery, from egg to harvest.",
    owner="batch",
    columns=(
        Column("batch_id", "int32", "Key: the batch's number in the schedule."),
        text("batch_number", "Its id in the schedule."),
        reference("geography_id", "geography.geography_id", "Where it lives.", narrow=True),
        text("species", "Its species."),
        date("start_date", "The day its eggs arrive."),
        count("egg_count", "Eggs delivered.", unit="eggs"),
        category("status", BATCH_STATUSES, "As it stands on the as-of date."),
        reference("stage_id", "stage.stage_id", "Its present or last stage.", narrow=True),
        count("population_count", "Fish alive."),
        weight_g("avg_weight_g", "Mean weight of the fish alive, or when the last ones left."),
        decimal("harvest_target_kg", 6, 3, "kg", "Mean weight to harvest at.", nullable=True),
        date("end_date", "The day its last fish left.", nullable=True),
    ),
    primary_key=("batch_id",),
    sort=("batch_id",),
)

CREATION_WORKFLOW = Table(
    name="creation_workflow",
    description="The delivery of a batch's eggs.",
    owner="batch",
    columns=(
        reference("creation_workflow_id", "batch.batch_id", "Key: the batch's."),
        batch(),
        text("workflow_number", "CRT- and the batch's id."),
        text("egg_supplier", "Who delivered the eggs."),
        date("planned_date", "The day planned."),
        date("actual_date", "The day it came."),
        count("egg_count", "Eggs delivered.", unit="eggs"),
    ),
    primary_key=("creation_workflow_id",),
    sort=("creation_workflow_id",),
    event_date="actual_date",
)

CREATION_ACTION = Table(
    name="creation_action",
    description="The part of an egg delivery that went into one container.",
    owner="batch",
    columns=(
        key("creation_action_id", "Key: the assignment's."),
        reference(
            "creation_workflow_id", "creation_workflow.creation_workflow_id", "The delivery."
        ),
        batch(),
        assignment(),
        date("actual_date", "The day it came."),
        count("egg_count", "Eggs put in.", unit="eggs"),
        count("dead_on_arrival", "Eggs found dead.", unit="eggs"),
    ),
    primary_key=("creation_action_id",),
    sort=("creation_action_id",),
    event_date="actual_date",
)

ASSIGNMENT = Table(
    name="assignment",
    description="A batch's stay in one container, for one stage of its life.",
    owner="batch",
    columns=(
        key("assignment_id", "Key: batch, slot."),
        batch(),
        container(),
        reference("stage_id", "stage.stage_id", "The stage.", narrow=True),
        date("start_date", "The day the fish came."),
        date("departure_date", "The day the last left; empty while they are there.", nullable=True),
        flag("is_active", "Whether fish are there."),
        count("initial_count", "Fish put in."),
        count("population_count", "Fish there, or there before the last ones left."),
        weight_g("avg_weight_g", "Their mean weight."),
        decimal("biomass_kg", 12, 2, "kg", "Their biomass."),
    ),
    primary_key=("assignment_id",),
    sort=("assignment_id",),
)

TRANSFER_WORKFLOW = Table(
    name="transfer_workflow",
    description="A batch's move into its next stage.",
    owner="batch",
    columns=(
        key("transfer_workflow_id", "Key: batch, stage."),
        batch(),
        text("workflow_number", "TRF-, the batch's id, -D and the day of its life."),
        reference("from_stage_id", "stage.stage_id", "The stage left.", narrow=True),
        reference("to_stage_id", "stage.stage_id", "The stage entered.", narrow=True),
        date("planned_date", "The day planned."),
        date("transfer_date", "The day it was done."),
        count("source_count", "Fish in the source containers before."),
        count("transferred_count", "Fish that arrived alive."),
        count("mortality_count", "Fish that died of the move."),
        decimal("transferred_biomass_kg", 12, 2, "kg", "Biomass that arrived."),
        count("action_count", "Its moves.", unit="moves"),
    ),
    primary_key=("transfer_workflow_id",),
    sort=("transfer_workflow_id",),
    event_date="transfer_date",
)

TRANSFER_ACTION = Table(
    name="transfer_action",
    description="A move of fish from one container into another.",
    owner="batch",
    columns=(
        key("transfer_action_id", "Key: workflow, source slot, destination slot."),
        reference(
            "transfer_workflow_id", "transfer_workflow.transfer_workflow_id", "The move it is of."
        ),
        batch(),
        reference("source_assignment_id", "assignment.assignment_id", "Where they came from."),
        reference("dest_assignment_id", "assignment.assignment_id", "Where they went."),
        date("transfer_date", "The day it was done."),
        count("source_count_before", "Fish in the source before this move."),
        count("transferred_count", "Fish that arrived alive."),
        count("mortality_count", "Fish that died of this move."),
        weight_g("avg_weight_g", "Mean weight of the fish moved."),
        decimal("transferred_biomass_kg", 12, 2, "kg", "Biomass that arrived."),
        decimal("water_temp_c", 5, 2, "degC", "Temperature of the water they went into."),
    ),
    primary_key=("transfer_action_id",),
    sort=("transfer_action_id",),
    event_date="transfer_date",
)
