"""What the sensors read, week by week: temperature and oxygen, of each area and each batch.

The readings are the largest table by far: they are read once, for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from grilse.report.rows import WEEK, Columns, Rows
from grilse.report.series import Packed, by_group, packed

__all__ = ["Water", "water"]

_READ = f"""
SELECT r.batch_id, coalesce(c.area_id, 0) AS area, r.parameter,
       {WEEK.format("r.reading_time")} AS week,
       sum(r.value)::DOUBLE AS total, count(*)::DOUBLE AS readings,
       min(r.value)::DOUBLE AS least, max(r.value)::DOUBLE AS most
FROM environmental_reading r JOIN container c USING (container_id)
WHERE r.parameter IN ('temperature', 'oxygen') GROUP BY ALL"""

_OF_BATCHES = """
SELECT batch_id, parameter, week, sum(total) / sum(readings) AS mean, min(least) AS least,
       max(most) AS most FROM water_read GROUP BY ALL ORDER BY 1, 2, 3"""

_OF_AREAS = """
SELECT a.name AS area, g.name AS geography, parameter, week, sum(total) / sum(readings) AS mean,
       min(least) AS least, max(most) AS most
FROM water_read w JOIN area a ON a.area_id = w.area JOIN geography g USING (geography_id)
GROUP BY ALL ORDER BY 2, 1, 3, 4"""


@dataclass(frozen=True)
class Water:
    """What was read, by week.

    Attributes
    ----------
    of_batches
        By batch number and parameter: the mean, the least and the most of each week.
    of_areas
        The same by geography and area.
    """

    of_batches: Mapping[int, dict[str, dict[str, Packed | None]]] = field(default_factory=dict)
    of_areas: Mapping[tuple[str, str], dict[str, dict[str, Packed | None]]] = field(
        default_factory=dict
    )


def water(rows: Rows) -> Water:
    """Read the readings once; nothing where the dataset has none."""
    if not rows.has("environmental_reading", "container", "area"):
        return Water()
    rows.hold("water_read", _READ)
    batches: dict[int, dict[str, dict[str, Packed | None]]] = {}
    found = rows.ask(_OF_BATCHES)
    for number, *parts in by_group(found["batch_id"], *_columns(found)):
        batches[int(number)] = _series(*parts)
    areas: dict[tuple[str, str], dict[str, dict[str, Packed | None]]] = {}
    found = rows.ask(_OF_AREAS)
    for name, geography, *parts in by_group(found["area"], found["geography"], *_columns(found)):
        areas[str(geography[0]), str(name)] = _series(*parts)
    return Water(batches, areas)


def _columns(found: Columns) -> tuple[np.ndarray[Any, Any], ...]:
    return tuple(found[name] for name in ("parameter", "week", "mean", "least", "most"))


def _series(*columns: np.ndarray[Any, Any]) -> dict[str, dict[str, Packed | None]]:
    return {
        str(parameter): {
            "mean": packed(week, mean),
            "least": packed(week, least, 3),
            "most": packed(week, most, 3),
        }
        for parameter, week, mean, least, most in by_group(columns[0], *columns[1:])
    }
