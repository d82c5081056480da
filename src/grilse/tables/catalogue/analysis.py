"""Tables of growth analysis: what is estimated from the observations, and never from the truth."""

from __future__ import annotations

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
    weight_g,
)
from grilse.tables.schema import Column, Table

__all__ = [
    "ANALYSIS_BATCH_DAY",
    "ANALYSIS_BATCH_WEEK",
    "ANALYSIS_DAILY_STATE",
    "ANALYSIS_OUTLOOK",
    "ANALYSIS_PROJECTION",
    "ANALYSIS_TABLES",
    "ANCHORS",
    "TEMP_SOURCES",
    "WEIGHT_SOURCES",
]

WEIGHT_SOURCES = ("MODELLED", "ASSIMILATED", "MEASURED")
TEMP_SOURCES = ("PROFILE", "NEARBY", "MEASURED")
ANCHORS = ("GROWTH_SAMPLE", "TRANSFER", "HARVEST", "VACCINATION")


def _error(description: str) -> Column:
    return decimal("weight_se_g", 12, 6, "g", description)


def _tgc(description: str) -> Column:
    return decimal(
        "tgc_per_1000dd", 8, 4, "g^(1/3) per 1000 degC d", description, nullable=True
    )  # fmt: skip


def _sgr(description: str) -> Column:
    return decimal("sgr_pct_per_day", 8, 4, "%/day", description, nullable=True)


def _fcr(description: str) -> Column:
    return decimal("observed_fcr", 8, 3, "kg feed per kg gain", description, nullable=True)


def _stage() -> Column:
    return reference("stage_id", "stage.stage_id", "The stage.", narrow=True)


ANALYSIS_DAILY_STATE = Table(
    name="analysis_daily_state",
    description="A container at the end of a day, as the observations tell it.",
    owner="batch",
    columns=(
        key("analysis_state_id", "Key: assignment, day of life."),
        date("state_date", "The day."),
        day_of_life(),
        batch(),
        assignment(),
        container(),
        _stage(),
        count("population_count", "Fish alive at the end of the day, by the books."),
        weight_g("avg_weight_g", "Their mean weight, estimated."),
        _error("Standard error of that: 95 % of truths lie within 1.96 of it."),
        decimal("biomass_kg", 12, 2, "kg", "Fish times mean weight."),
        decimal("temp_c", 5, 2, "degC", "Mean temperature that the day is reckoned with."),
        count("mortality_count", "Fish that died that day."),
        decimal("feed_kg", 9, 2, "kg", "Feed fed that day."),
        _fcr("Feed over the gain of the fish, in the days up to this one."),
        _tgc("Thermal growth coefficient of the days up to this one."),
        _sgr("Specific growth rate of the days up to this one."),
        category("weight_source", WEIGHT_SOURCES, "Weighed that day, between weighings, or not."),
        category("anchor", ANCHORS, "What was weighed that day.", nullable=True),
        category("temp_source", TEMP_SOURCES, "Own sensor, those beside it, or the season."),
        decimal(
            "confidence", 4, 3, "share", "1 less half the 95 % interval over the weight, 0 or more."
        ),
    ),
    primary_key=("analysis_state_id",),
    sort=("analysis_state_id",),
)  # fmt: skip

_OF_BATCH = (
    count("population_count", "Fish alive at its end, by the books."),
    weight_g("avg_weight_g", "Their mean weight, or of the last that left."),
    _error("Standard error of that."),
    decimal("biomass_kg", 12, 2, "kg", "Biomass of the containers together."),
    count("mortality_count", "Fish that died."),
    decimal("feed_kg", 12, 2, "kg", "Feed fed."),
)
_VARIANCE = (
    reference("scenario_id", "scenario.scenario_id", "The scenario that is held against it.",
              nullable=True),
    weight_g("expected_weight_g", "Mean weight that the scenario expects.", nullable=True),
    count("expected_count", "Fish that the scenario expects.", nullable=True),
    decimal("weight_variance_pct", 9, 2, "%", "Weight above what is expected.", nullable=True),
    decimal("count_variance_pct", 9, 2, "%", "Fish above what is expected.", nullable=True),
    decimal("biomass_variance_pct", 9, 2, "%", "Biomass above what is expected.", nullable=True),
)  # fmt: skip

ANALYSIS_BATCH_DAY = Table(
    name="analysis_batch_day",
    description="A batch at the end of a day, as the observations tell it, beside its scenario.",
    owner="batch",
    columns=(
        key("batch_day_id", "Key: batch, day of life."),
        date("state_date", "The day."),
        day_of_life(),
        batch(),
        count("container_count", "Containers with fish that day.", unit="containers"),
        *_OF_BATCH,
        *_VARIANCE,
    ),
    primary_key=("batch_day_id",),
    sort=("batch_day_id",),
)

ANALYSIS_BATCH_WEEK = Table(
    name="analysis_batch_week",
    description="A batch's week, Monday to Sunday, as the observations tell it.",
    owner="batch",
    columns=(
        key("batch_week_id", "Key: batch, week of the calendar."),
        date("week_start", "Its Monday."),
        batch(),
        count("day_count", "Days of it that are told.", unit="d"),
        *_OF_BATCH,
        decimal("mortality_pct", 8, 4, "%", "The dead as a share of the fish at its begin."),
        _fcr("Feed over the gain of the fish."),
        _tgc("Thermal growth coefficient."),
        _sgr("Specific growth rate."),
        *_VARIANCE,
    ),
    primary_key=("batch_week_id",),
    sort=("batch_week_id",),
)

ANALYSIS_PROJECTION = Table(
    name="analysis_projection",
    description="A coming day of a batch, from its last state on up to its harvest weight.",
    owner="batch",
    columns=(
        key("analysis_projection_id", "Key: batch, day of life."),
        date("projection_date", "The day."),
        day_of_life(),
        batch(),
        _stage(),
        decimal("temp_c", 5, 2, "degC", "Mean temperature of the season."),
        count("population_count", "Fish expected alive."),
        weight_g("avg_weight_g", "Their mean weight."),
        weight_g("low_weight_g", "Lower end of its 95 % interval."),
        weight_g("high_weight_g", "Upper end of it."),
        decimal("biomass_kg", 12, 2, "kg", "Biomass expected."),
    ),
    primary_key=("analysis_projection_id",),
    sort=("analysis_projection_id",),
    future=("projection_date",),
)

ANALYSIS_OUTLOOK = Table(
    name="analysis_outlook",
    description="When a living batch will reach its harvest weight, beside its scenario.",
    owner="batch",
    columns=(
        Column("outlook_id", "int32", "Key: the batch's."),
        batch(),
        date("state_date", "The last day that is known."),
        count("population_count", "Fish alive then."),
        weight_g("avg_weight_g", "Their mean weight then."),
        _error("Standard error of that."),
        decimal("target_weight_g", 9, 3, "g", "Mean weight to harvest at."),
        date("harvest_date", "The day the mean weight reaches it.", nullable=True),
        date("earliest_date", "The day the upper end of the interval does.", nullable=True),
        date("latest_date", "The day the lower end of it does.", nullable=True),
        count("harvest_count", "Fish expected then.", nullable=True),
        decimal("harvest_biomass_kg", 12, 2, "kg", "Biomass expected then.", nullable=True),
        reference("scenario_id", "scenario.scenario_id", "The scenario that the batch pins.",
                  nullable=True),
        date("scenario_harvest_date", "The day that the scenario expects.", nullable=True),
    ),
    primary_key=("outlook_id",),
    sort=("outlook_id",),
    future=("harvest_date", "earliest_date", "latest_date", "scenario_harvest_date"),
)  # fmt: skip

ANALYSIS_TABLES = (
    ANALYSIS_DAILY_STATE,
    ANALYSIS_BATCH_DAY,
    ANALYSIS_BATCH_WEEK,
    ANALYSIS_PROJECTION,
    ANALYSIS_OUTLOOK,
)
"""All of them, in the order in which they are made."""
