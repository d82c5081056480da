"""Tables of sea lice: what is counted, the limits in force, and the treatments that follow."""

from __future__ import annotations

from typing import NamedTuple

from grilse.tables.columns import (
    assignment,
    batch,
    category,
    container,
    count,
    date,
    decimal,
    key,
    reference,
    weight_g,
)
from grilse.tables.schema import Column, Table

__all__ = [
    "LICE_COUNT",
    "LICE_LIMIT",
    "LICE_SEXES",
    "LICE_SPECIES",
    "LICE_STAGES",
    "LICE_TYPES",
    "TREATMENT",
    "TREATMENT_METHODS",
    "TREATMENT_REASONS",
    "LiceType",
]

LICE_SPECIES = ("LEPEOPHTHEIRUS_SALMONIS", "CALIGUS_ELONGATUS")
LICE_SEXES = ("FEMALE", "MALE", "UNKNOWN")
LICE_STAGES = ("CHALIMUS", "PRE_ADULT", "ADULT")


class LiceType(NamedTuple):
    """What lice are told apart by, as they are counted: codes of species, sex and stage."""

    species: int
    sex: int
    stage: int


LICE_TYPES = (
    LiceType(0, 0, 2),
    LiceType(0, 1, 2),
    LiceType(0, 0, 1),
    LiceType(0, 1, 1),
    LiceType(0, 2, 0),
    LiceType(1, 0, 2),
    LiceType(1, 1, 2),
)
"""In the order of their rows; the first is the adult female salmon louse, whom limits are for."""

TREATMENT_METHODS = ("THERMAL", "MECHANICAL", "FRESHWATER", "BATH", "IN_FEED")
TREATMENT_REASONS = ("LICE_LIMIT",)

LICE_COUNT = Table(
    name="lice_count",
    description="Lice of one species, sex and stage on the fish of one ring's weekly count.",
    owner="batch",
    columns=(
        key("lice_count_id", "Key: assignment, day of life, kind of lice."),
        date("count_date", "The day."),
        batch(),
        assignment(),
        container(),
        category("species", LICE_SPECIES, "Whose lice."),
        category("sex", LICE_SEXES, "Their sex; unknown for chalimus."),
        category("stage", LICE_STAGES, "Their stage."),
        count("fish_counted", "Fish looked at."),
        count("lice_count", "Lice on all of them.", unit="lice"),
        decimal("lice_per_fish", 8, 3, "lice", "Lice a fish."),
    ),
    primary_key=("lice_count_id",),
    sort=("lice_count_id",),
    event_date="count_date",
)

LICE_LIMIT = Table(
    name="lice_limit",
    description="Adult female salmon lice a fish above which fish are treated, by month.",
    owner="farm",
    columns=(
        Column("lice_limit_id", "int32", "Key: geography, month."),
        reference("geography_id", "geography.geography_id", "Where it holds.", narrow=True),
        Column("month", "int32", "Month of the year, 1 to 12."),
        decimal("limit_per_fish", 7, 3, "lice", "Mean of a batch's rings that may not be passed."),
    ),
    primary_key=("lice_limit_id",),
    sort=("lice_limit_id",),
)

TREATMENT = Table(
    name="treatment",
    description="A treatment of one ring's fish, and the count that made it necessary.",
    owner="batch",
    columns=(
        key("treatment_id", "Key: assignment, day of life."),
        date("treatment_date", "The day."),
        batch(),
        assignment(),
        container(),
        category("method", TREATMENT_METHODS, "How."),
        category("reason", TREATMENT_REASONS, "Why."),
        date("count_date", "The day of the count that passed the limit."),
        decimal("lice_per_fish", 8, 3, "lice", "Adult females a fish then, mean of the rings."),
        decimal("limit_per_fish", 7, 3, "lice", "The limit in force on that day."),
        count("fish_count", "Fish treated."),
        weight_g("avg_weight_g", "Their mean weight."),
        decimal("effect_pct", 5, 2, "%", "Share of the mobile lice that it took."),
        count("withholding_days", "Days from it on which none may be harvested.", unit="d"),
        date("harvest_from", "The first day on which they may be harvested."),
    ),
    primary_key=("treatment_id",),
    sort=("treatment_id",),
    event_date="treatment_date",
    future=("harvest_from",),
)
