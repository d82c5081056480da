"""The words of a schedule file: stages, the keys of each level, and the mark of our own layout."""

from __future__ import annotations

__all__ = [
    "BATCH_EXTRAS", "BATCH_KEYS", "DEFAULT_SEED", "FORMAT", "METADATA_KEYS", "SEA_EXTRAS",
    "SEA_KEYS", "STAGES", "STAGE_EXTRAS", "STAGE_KEYS", "TOP_KEYS", "stage_key",
]  # fmt: skip

STAGES = ("egg_alevin", "fry", "parr", "smolt", "post_smolt", "adult")
"""Keys of the stages, in the order of life."""

FORMAT = "grilse-schedule-1"
"""Mark of our own layout, in the metadata: batches are whole lives, or say that they are open."""

DEFAULT_SEED = 1
"""Seed of a schedule whose file and caller name none."""

TOP_KEYS = ("metadata", "batches")

METADATA_KEYS = (
    "format", "seed", "as_of", "policy", "farm", "parameters", "capacity", "stagger_days",
    "generated_date", "total_batches", "batches_per_geography", "target_saturation",
    "saturation_target", "worker_partitions", "start_date", "command",
)  # fmt: skip
"""What the metadata usually say; others are kept too, unless they look like one misspelt."""

BATCH_EXTRAS = (
    "effective_duration", "purpose", "sea_batch_number_target", "source", "anchors", "events",
    "note", "saturation_target",
)  # fmt: skip
"""Keys of a batch that are kept as read."""

BATCH_KEYS = (
    "batch_id", "number", "start_date", "eggs", "duration", "geography", "station",
    "harvest_target_kg", "open_ended", "freshwater", "sea", "containers", "sea_area",
    *BATCH_EXTRAS,
)  # fmt: skip

STAGE_EXTRAS = ("station", "container_ids", "note")
STAGE_KEYS = ("hall", "halls", "containers", "start_day", "end_day", *STAGE_EXTRAS)

SEA_EXTRAS = ("ring_ids", "container_ids", "rings_count", "note")
SEA_KEYS = ("area", "areas", "rings", "containers", "start_day", "end_day", *SEA_EXTRAS)

_ALIASES = {
    "egg": "egg_alevin", "alevin": "egg_alevin", "postsmolt": "post_smolt", "sea": "adult",
}  # fmt: skip


def stage_key(name: str) -> str | None:
    """Return the key of a stage by any usual spelling (``post-smolt``, ``Egg&Alevin``), or None."""
    plain = name.lower()
    for mark in "&- ":
        plain = plain.replace(mark, "_")
    plain = _ALIASES.get(plain, plain)
    # The stage's own word, not its equal: a company's schedule has it hundred thousands of times.
    return next((stage for stage in STAGES if stage == plain), None)
