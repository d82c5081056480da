"""Tables of health: vaccination, outbreaks, samples for a laboratory, welfare, the journal."""

from __future__ import annotations

from grilse.tables.catalogue.events import MORTALITY_CAUSES
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
    text,
    weight_g,
)
from grilse.tables.schema import Column, Table

__all__ = [
    "DISEASE_OUTBREAK",
    "JOURNAL_CATEGORIES",
    "JOURNAL_ENTRY",
    "JOURNAL_SEVERITIES",
    "LAB_METHODS",
    "LAB_REASONS",
    "LAB_RESULTS",
    "LAB_SAMPLE",
    "LAB_TISSUES",
    "VACCINATION",
    "WELFARE_INDICATORS",
    "WELFARE_OBSERVATION",
    "WELFARE_SAMPLE",
]

LAB_TISSUES = ("HEART", "GILL", "SKIN", "KIDNEY")
LAB_METHODS = ("PCR", "HISTOLOGY", "CULTURE")
LAB_REASONS = ("ROUTINE", "SUSPICION", "FOLLOW_UP")
LAB_RESULTS = ("NEGATIVE", "POSITIVE")
JOURNAL_CATEGORIES = (
    "OBSERVATION", "SUSPICION", "DIAGNOSIS", "RECOVERY", "VACCINATION", "TREATMENT", "HANDLING",
)  # fmt: skip
JOURNAL_SEVERITIES = ("LOW", "MEDIUM", "HIGH")
WELFARE_INDICATORS: dict[str, str] = {
    "gill_score": "Gills: pale patches and mucus.",
    "eye_score": "Eyes: bleeding, protrusion, cataract.",
    "wound_score": "Wounds and ulcers.",
    "scale_score": "Scale loss and skin bleeding.",
    "fin_score": "Fins: erosion and splits.",
    "snout_score": "Snout and jaw damage.",
    "opercula_score": "Shortened gill covers.",
    "spine_score": "Deformed spine.",
    "emaciation_score": "Emaciation.",
    "maturation_score": "Signs of sexual maturation.",
}
"""Indicators of welfare by their columns."""

VACCINATION = Table(
    name="vaccination",
    description="The vaccination of the fish of one container.",
    owner="batch",
    columns=(
        key("vaccination_id", "Key: assignment, day of life."),
        date("vaccination_date", "The day."),
        batch(),
        assignment(),
        container(),
        text("vaccine", "What was injected."),
        decimal("dose_ml", 5, 3, "ml", "How much, a fish."),
        count("fish_count", "Fish vaccinated."),
        weight_g("avg_weight_g", "Their mean weight."),
    ),
    primary_key=("vaccination_id",),
    sort=("vaccination_id",),
    event_date="vaccination_date",
)

DISEASE_OUTBREAK = Table(
    name="disease_outbreak",
    description="An outbreak among a batch's fish, as the simulator knows it: the truth.",
    owner="batch",
    columns=(
        key("disease_outbreak_id", "Key: assignment of the stay's first container, day, cause."),
        batch(),
        reference("stage_id", "stage.stage_id", "The stage.", narrow=True),
        category("disease", MORTALITY_CAUSES, "What the fish suffer from."),
        date("first_date", "The first day on which it could be noticed."),
        date("last_date", "The last such day; none while it goes on.", nullable=True),
        count("container_count", "Containers in which it could be noticed.", unit="container"),
        count("dead_count", "Fish that died of it from the first day to the last."),
    ),
    primary_key=("disease_outbreak_id",),
    sort=("disease_outbreak_id",),
)

LAB_SAMPLE = Table(
    name="lab_sample",
    description="A sample of some fish that a laboratory looked at for one disease.",
    owner="batch",
    columns=(
        key("lab_sample_id", "Key: assignment, day of life, disease."),
        date("result_date", "When the result came: it is not told before."),
        date("sample_date", "When the sample was taken."),
        batch(),
        assignment(),
        container(),
        category("reason", LAB_REASONS, "Why it was taken."),
        category("disease", MORTALITY_CAUSES, "What was looked for."),
        category("tissue", LAB_TISSUES, "What was sent in."),
        category("method", LAB_METHODS, "How it was looked at."),
        count("fish_count", "Fish sampled."),
        category("result", LAB_RESULTS, "What was found."),
        decimal(
            "ct_value", 4, 1, "cycles", "Cycles of PCR to the threshold; the fewer, the more "
            "of it. None for a negative sample, or one not told by PCR.", nullable=True,
        ),
    ),
    primary_key=("lab_sample_id",),
    sort=("lab_sample_id",),
    event_date="result_date",
)  # fmt: skip

WELFARE_SAMPLE = Table(
    name="welfare_sample",
    description="A month's look at the welfare of some fish of one container.",
    owner="batch",
    columns=(
        key("welfare_sample_id", "Key: assignment, day of life."),
        date("sample_date", "The day."),
        batch(),
        assignment(),
        container(),
        count("sample_size", "Fish looked at."),
        decimal("avg_score", 4, 3, "of 3", "Mean of all their scores."),
        count("fish_marked", "Fish with a score of 2 or 3 in any indicator."),
    ),
    primary_key=("welfare_sample_id",),
    sort=("welfare_sample_id",),
    event_date="sample_date",
)


def _score(name: str, meaning: str) -> Column:
    return Column(name, "int32", f"{meaning} 0 is none, 3 severe.", "of 3")


WELFARE_OBSERVATION = Table(
    name="welfare_observation",
    description="A fish of a welfare sample, with its scores from 0 to 3.",
    owner="batch",
    columns=(
        key("welfare_observation_id", "Key: sample, fish."),
        reference("welfare_sample_id", "welfare_sample.welfare_sample_id", "The sample."),
        date("sample_date", "The day."),
        batch(),
        count("fish_number", "Its place in the sample, from 1.", unit="fish"),
        weight_g("weight_g", "Its weight."),
        decimal("length_cm", 6, 2, "cm", "Its fork length."),
        *(_score(name, meaning) for name, meaning in WELFARE_INDICATORS.items()),
    ),
    primary_key=("welfare_observation_id",),
    sort=("welfare_observation_id",),
    event_date="sample_date",
)

JOURNAL_ENTRY = Table(
    name="journal_entry",
    description="What people wrote down about a batch's health.",
    owner="batch",
    columns=(
        key("journal_entry_id", "Key: assignment, day of life, place among the day's entries."),
        date("entry_date", "The day."),
        batch(),
        assignment(),
        container(),
        category("category", JOURNAL_CATEGORIES, "What it is about."),
        category("severity", JOURNAL_SEVERITIES, "How grave it is."),
        text("entry", "What was written."),
    ),
    primary_key=("journal_entry_id",),
    sort=("journal_entry_id",),
    event_date="entry_date",
)
