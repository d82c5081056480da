"""Tables of what is expected: scenarios, the models behind them, and their daily projections."""

from __future__ import annotations

from grilse.tables.columns import (
    batch,
    category,
    count,
    date,
    day_of_life,
    decimal,
    flag,
    key,
    reference,
    text,
    weight_g,
)
from grilse.tables.schema import Column, Table

__all__ = ["SCENARIO", "SCENARIO_KINDS", "SCENARIO_MODEL", "SCENARIO_PROJECTION",
           "TEMPERATURE_PROFILE"]  # fmt: skip

SCENARIO_KINDS = ("FROM_START", "FROM_SEA")

SCENARIO_MODEL = Table(
    name="scenario_model",
    description="The models that scenarios of a geography use in a stage.",
    owner="farm",
    columns=(
        Column("scenario_model_id", "int32", "Key: geography x 64 + stage."),
        reference("geography_id", "geography.geography_id", "The geography.", narrow=True),
        reference("stage_id", "stage.stage_id", "The stage.", narrow=True),
        decimal("tgc_per_1000dd", 6, 4, "g^(1/3) per 1000 degC d",
                "Thermal growth coefficient at the reference temperature."),
        decimal("reference_temp_c", 5, 2, "degC", "Where the coefficient holds as it stands."),
        decimal("fcr", 5, 3, "kg feed per kg gain", "Biological feed conversion."),
        decimal("mortality_pct_per_month", 6, 3, "% a month", "Base mortality, before factors."),
    ),
    primary_key=("scenario_model_id",),
    sort=("scenario_model_id",),
)  # fmt: skip

TEMPERATURE_PROFILE = Table(
    name="temperature_profile",
    description="The water's mean temperature on a day of the year, as scenarios expect it.",
    owner="farm",
    columns=(
        Column("temperature_profile_id", "int32", "Key: model x 512 + day of the year."),
        reference("scenario_model_id", "scenario_model.scenario_model_id", "Whose it is.",
                  narrow=True),
        count("day_of_year", "Day of the year, from 1.", unit="day"),
        decimal("temp_c", 5, 2, "degC", "Mean temperature."),
    ),
    primary_key=("temperature_profile_id",),
    sort=("temperature_profile_id",),
)  # fmt: skip

SCENARIO = Table(
    name="scenario",
    description="What a batch is expected to do, from its start or from its transfer to sea.",
    owner="batch",
    columns=(
        key("scenario_id", "Key: batch, kind."),
        batch(),
        text("name", "Its name."),
        category("kind", SCENARIO_KINDS, "From what day on."),
        date("start_date", "Its first day."),
        count("initial_count", "Fish on its first day."),
        weight_g("initial_weight_g", "Their mean weight."),
        count("duration_days", "How many days it tells.", unit="d"),
        date("harvest_date", "The day it expects the target weight, or the stay's last."),
        flag("is_pinned", "Whether it is the one that the batch is held against."),
    ),
    primary_key=("scenario_id",),
    sort=("scenario_id",),
    future=("harvest_date",),
)

SCENARIO_PROJECTION = Table(
    name="scenario_projection",
    description="A day of a scenario; what it tells holds at the day's end.",
    owner="batch",
    columns=(
        key("projection_id", "Key: scenario, day of life."),
        reference("scenario_id", "scenario.scenario_id", "The scenario."),
        batch(),
        date("projection_date", "The day."),
        day_of_life(),
        reference("stage_id", "stage.stage_id", "The stage.", narrow=True),
        decimal("temp_c", 5, 2, "degC", "Mean temperature of the water."),
        count("population_count", "Fish alive."),
        weight_g("avg_weight_g", "Their mean weight."),
        decimal("biomass_kg", 12, 2, "kg", "Their biomass."),
        decimal("feed_kg", 12, 2, "kg", "Feed of the day."),
        decimal("total_feed_kg", 14, 2, "kg", "Feed since the scenario's first day."),
    ),
    primary_key=("projection_id",),
    sort=("projection_id",),
    future=("projection_date",),
)
