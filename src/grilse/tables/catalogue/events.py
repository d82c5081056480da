"""Tables of what happens day by day: readings, feeding, deaths, samples, harvest, state."""

from __future__ import annotations

from grilse.tables.catalogue.reference import PARAMETERS
from grilse.tables.columns import (
    assignment,
    batch,
    category,
    container,
    count,
    date,
    day_of_life,
    decimal,
    key,
    reference,
    time,
    weight_g,
)
from grilse.tables.schema import Table

__all__ = [
    "CULL_EVENT",
    "CULL_REASONS",
    "ENVIRONMENTAL_READING",
    "ESCAPE_EVENT",
    "FEEDING_EVENT",
    "GRADES",
    "GROWTH_SAMPLE",
    "HARVEST_EVENT",
    "HARVEST_LOT",
    "INDIVIDUAL_GROWTH_OBSERVATION",
    "MORTALITY_CAUSES",
    "MORTALITY_EVENT",
    "SENSOR_FAULT",
    "SENSOR_FAULT_KINDS",
    "TRUE_DAILY_STATE",
]

MORTALITY_CAUSES = (
    "UNKNOWN",
    "NATURAL",
    "NON_VIABLE",
    "FAILED_FEEDING",
    "HANDLING",
    "DEFORMITY",
    "MATURATION",
    "PREDATION",
    "ENVIRONMENT",
    "DISEASE",
    "WINTER_ULCER",
    "PD",
    "CMS",
    "GILL_DISEASE",
    "JELLYFISH",
    "DELOUSING",
    "LICE",
    "VACCINATION",
)
GRADES = ("SUPERIOR", "ORDINARY", "PRODUCTION", "REJECT")
CULL_REASONS = ("NON_VIABLE", "RUNTS", "DEFORMED", "UNSMOLTIFIED")
SENSOR_FAULT_KINDS = ("GAP", "DRIFT")

ENVIRONMENTAL_READING = Table(
    name="environmental_reading",
    description="A sensor's reading, taken while a batch is in the container.",
    owner="batch",
    columns=(
        key("reading_id", "Key: assignment, parameter, hour of life."),
        time("reading_time", "When it was taken."),
        batch(),
        assignment(),
        container(),
        reference("sensor_id", "sensor.sensor_id", "The sensor.", narrow=True),
        category("parameter", PARAMETERS, "What was measured."),
        decimal("value", 9, 3, "of the parameter", "What it read, in the sensor's unit."),
    ),
    primary_key=("reading_id",),
    sort=("reading_id",),
    event_date="reading_time",
    bulk=True,
)

SENSOR_FAULT = Table(
    name="sensor_fault",
    description="Days on which a sensor told nothing, or drifted, while a batch was there.",
    owner="batch",
    columns=(
        key("sensor_fault_id", "Key: that of a reading at midnight of its first day."),
        date("first_date", "Its first day while the batch is there."),
        batch(),
        assignment(),
        container(),
        reference("sensor_id", "sensor.sensor_id", "The sensor.", narrow=True),
        category("parameter", PARAMETERS, "What it measures."),
        category("kind", SENSOR_FAULT_KINDS, "Silence, or an error that grows day by day."),
        date("end_date", "The day it was set right, which may be after the batch has left."),
    ),
    primary_key=("sensor_fault_id",),
    sort=("sensor_fault_id",),
    event_date="first_date",
    future=("end_date",),
)

FEEDING_EVENT = Table(
    name="feeding_event",
    description="A feeding of one container; two a day, none where the fish fast.",
    owner="batch",
    columns=(
        key("feeding_event_id", "Key: assignment, day of life, meal."),
        time("feeding_time", "When it was given."),
        batch(),
        assignment(),
        container(),
        reference("feed_id", "feed.feed_id", "The feed.", narrow=True),
        decimal("amount_kg", 9, 2, "kg", "How much was fed, in steps of 10 g."),
        decimal("biomass_kg", 12, 2, "kg", "Biomass of the fish fed."),
        decimal("feeding_pct", 9, 4, "% of biomass", "The amount as a share of the biomass."),
    ),
    primary_key=("feeding_event_id",),
    sort=("feeding_event_id",),
    event_date="feeding_time",
)

MORTALITY_EVENT = Table(
    name="mortality_event",
    description="Deaths of one container and day, of one cause; no row where none died.",
    owner="batch",
    columns=(
        key("mortality_event_id", "Key: assignment, day of life, cause."),
        date("event_date", "The day."),
        batch(),
        assignment(),
        container(),
        category("cause", MORTALITY_CAUSES, "What they died of."),
        count("dead_count", "Fish that died."),
        weight_g("avg_weight_g", "Mean weight of the fish there."),
        decimal("biomass_kg", 12, 2, "kg", "Biomass of the dead."),
    ),
    primary_key=("mortality_event_id",),
    sort=("mortality_event_id",),
    event_date="event_date",
)

CULL_EVENT = Table(
    name="cull_event",
    description="Fish of one container taken out at a grading, alive: not a mortality.",
    owner="batch",
    columns=(
        key("cull_event_id", "Key: assignment, day of life."),
        date("event_date", "The day."),
        batch(),
        assignment(),
        container(),
        category("reason", CULL_REASONS, "Why they would not do."),
        count("fish_count", "Fish culled."),
        weight_g("avg_weight_g", "Mean weight of the fish there."),
        decimal("biomass_kg", 12, 2, "kg", "Biomass of those culled."),
    ),
    primary_key=("cull_event_id",),
    sort=("cull_event_id",),
    event_date="event_date",
)

ESCAPE_EVENT = Table(
    name="escape_event",
    description="Fish that got away from one container.",
    owner="batch",
    columns=(
        key("escape_event_id", "Key: assignment, day of life."),
        date("event_date", "The day."),
        batch(),
        assignment(),
        container(),
        count("fish_count", "Fish that got away."),
        weight_g("avg_weight_g", "Mean weight of the fish there."),
        decimal("biomass_kg", 12, 2, "kg", "Their biomass."),
    ),
    primary_key=("escape_event_id",),
    sort=("escape_event_id",),
    event_date="event_date",
)

GROWTH_SAMPLE = Table(
    name="growth_sample",
    description="A sampling of some fish of one container; its figures are those of its fish.",
    owner="batch",
    columns=(
        key("growth_sample_id", "Key: assignment, day of life."),
        date("sample_date", "The day."),
        batch(),
        assignment(),
        count("sample_size", "Fish sampled."),
        weight_g("avg_weight_g", "Mean weight."),
        weight_g("std_weight_g", "Standard deviation of weight, of the sample (n - 1)."),
        weight_g("min_weight_g", "Least weight."),
        weight_g("max_weight_g", "Greatest weight."),
        decimal("avg_length_cm", 7, 3, "cm", "Mean fork length."),
        decimal(
            "std_length_cm", 7, 3, "cm", "Standard deviation of length, of the sample (n - 1)."
        ),
        decimal("condition_factor", 5, 3, "100 g/cm3", "Mean condition factor K of the fish."),
    ),
    primary_key=("growth_sample_id",),
    sort=("growth_sample_id",),
    event_date="sample_date",
)

INDIVIDUAL_GROWTH_OBSERVATION = Table(
    name="individual_growth_observation",
    description="A fish of a sampling.",
    owner="batch",
    columns=(
        key("observation_id", "Key: sampling, fish."),
        reference("growth_sample_id", "growth_sample.growth_sample_id", "The sampling."),
        date("sample_date", "The day."),
        batch(),
        count("fish_number", "Its place in the sample, from 1.", unit="fish"),
        weight_g("weight_g", "Its weight."),
        decimal("length_cm", 6, 2, "cm", "Its fork length."),
    ),
    primary_key=("observation_id",),
    sort=("observation_id",),
    event_date="sample_date",
)

HARVEST_EVENT = Table(
    name="harvest_event",
    description="A day's harvest from one container.",
    owner="batch",
    columns=(
        key("harvest_event_id", "Key: assignment, day of life."),
        date("event_date", "The day."),
        batch(),
        assignment(),
        container(),
        count("fish_count", "Fish harvested."),
        weight_g("avg_weight_g", "Their mean live weight."),
        decimal("live_weight_kg", 12, 2, "kg", "Their live weight."),
    ),
    primary_key=("harvest_event_id",),
    sort=("harvest_event_id",),
    event_date="event_date",
)

HARVEST_LOT = Table(
    name="harvest_lot",
    description="The part of a day's harvest that fell into one grade.",
    owner="batch",
    columns=(
        key("harvest_lot_id", "Key: harvest, grade."),
        reference("harvest_event_id", "harvest_event.harvest_event_id", "The harvest."),
        date("event_date", "The day."),
        batch(),
        category("grade", GRADES, "Quality."),
        count("fish_count", "Fish of the grade."),
        decimal("live_weight_kg", 12, 2, "kg", "Their live weight."),
        decimal("gutted_weight_kg", 12, 2, "kg", "Their weight head on, gutted."),
        decimal("waste_kg", 12, 2, "kg", "What gutting left over."),
    ),
    primary_key=("harvest_lot_id",),
    sort=("harvest_lot_id",),
    event_date="event_date",
)

TRUE_DAILY_STATE = Table(
    name="true_daily_state",
    description="What the simulator knows of a container at the end of a day: the truth.",
    owner="batch",
    columns=(
        key("state_id", "Key: assignment, day of life."),
        date("state_date", "The day."),
        day_of_life(),
        batch(),
        assignment(),
        container(),
        reference("stage_id", "stage.stage_id", "The stage.", narrow=True),
        count("population_count", "Fish alive at the end of the day."),
        weight_g("avg_weight_g", "Their mean weight at the end of the day."),
        decimal("biomass_kg", 12, 2, "kg", "Their biomass."),
        decimal("temp_c", 5, 2, "degC", "Mean temperature of the water."),
        count("mortality_count", "Fish that died that day."),
        count("removed_count", "Fish culled, escaped or harvested that day."),
        decimal("feed_kg", 9, 2, "kg", "Feed fed that day."),
    ),
    primary_key=("state_id",),
    sort=("state_id",),
    event_date="state_date",
)
