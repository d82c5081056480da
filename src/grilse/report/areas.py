"""Each sea area over the years: who stood there, and what its sensors read, and its lice."""

from __future__ import annotations

from typing import Any

from grilse.report.lice import Lice
from grilse.report.subject import Subject
from grilse.report.water import Water

__all__ = ["areas_panel"]


def areas_panel(subject: Subject, water: Water, lice: Lice) -> list[dict[str, Any]]:
    """Return the areas of which anything is known, in the farm's order."""
    return [
        {
            "geography": geography.name,
            "name": area.name,
            "water": water.of_areas.get(key),
            "lice": lice.of_areas.get(key),
        }
        for geography in subject.farm.geographies
        for area in geography.areas
        for key in [(geography.name, area.name)]
        if key in water.of_areas or key in lice.of_areas
    ]
