"""Each sea area over the years: who stood there, and what its sensors read."""

from __future__ import annotations

from typing import Any

from grilse.report.subject import Subject
from grilse.report.water import Water

__all__ = ["areas_panel"]


def areas_panel(subject: Subject, water: Water) -> list[dict[str, Any]]:
    """Return the areas of which anything is known, in the farm's order."""
    areas = [
        {"geography": geography.name, "name": area.name, "water": water.of_areas[key]}
        for geography in subject.farm.geographies
        for area in geography.areas
        for key in [(geography.name, area.name)]
        if key in water.of_areas
    ]
    return areas
