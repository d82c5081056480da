"""Presets: plans that have a name, the same for everybody, with published fingerprints.

The fingerprints of a preset's schedule and content are a promise: they change with a new version
alone, and with a line in the changelog. `python tests/presets/publish_anew.py` writes those of the
content anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from grilse.ground.errors import BadInput, Problem

__all__ = ["PRESETS", "Preset", "preset"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A plan that has a name.

    Attributes
    ----------
    title
        What it is, in a line.
    question
        Arguments of `grilse.api.plan`.
    batches
        How many it has.
    schedule
        Fingerprint of its schedule.
    rows, content
        What a run of it makes: rows of all tables that a run writes unless told otherwise, and
        their fingerprint (`grilse.tables.totals.content_fingerprint`).
    """

    title: str
    batches: int
    schedule: str
    rows: int
    content: str
    question: Mapping[str, Any] = field(default_factory=dict)


_CLASSIC = {"start": "2016-01-01", "as_of": "2025-11-18"}

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "demo": Preset(
            "twenty batches, the oldest harvested, the youngest fry",
            20,
            "0537d8bf5ba3a56798daef6dee15f1b9",
            4_816_919,
            "0904259044f28164fd10d957d654c6ec",
            {"batches": 10, "stagger": 60, "as_of": "2025-11-18"},
        ),
        "170": Preset(
            "a middling company: 85 batches in each geography over fourteen years",
            170,
            "56f5a98511202f583d8200687009fed2",
            56_475_765,
            "13b16e9df9c7977999165dd8c59af0f6",
            {"batches": 85, "stagger": 30, "start": "2011-10-01", "as_of": "2025-11-18"},
        ),
        "550": Preset(
            "the classic load: 275 batches in each geography, one every six days",
            550,
            "518c4862ad59d09ba94085a7b63fce33",
            186_308_451,
            "28ab48120e3b401c03ca73e72c746535",
            {"batches": 275, "stagger": 6, **_CLASSIC},
        ),
        "584": Preset(
            "the farm as full as it can be: 292 batches in each geography",
            584,
            "61909edd5fc22cd119746e25640e676e",
            206_400_514,
            "4485d2cc243ab3cc2ce459fc2862f382",
            {"batches": 292, "stagger": "4.5", **_CLASSIC},
        ),
    }
)
"""The presets by name; `grilse plan --preset NAME` plans one."""


def preset(name: str) -> Preset:
    """Return the preset of a name.

    Raises
    ------
    BadInput
        Where there is none.
    """
    if name not in PRESETS:
        allowed = ", ".join(PRESETS)
        raise BadInput(Problem("R-PRESET", "no such preset", found=name, allowed=allowed))
    return PRESETS[name]
