"""Feed stores: the level of each at the end of a week, and what came into it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from grilse.report.rows import WEEK, Rows
from grilse.report.series import by_group, packed, rounded

__all__ = ["stores_panel"]

_STORES = """
SELECT store_id, f.name, coalesce(h.name, a.name) AS place, coalesce(g.name, k.name) AS geography,
       f.kind, f.capacity_kg::DOUBLE AS capacity
FROM feed_store f LEFT JOIN hall h USING (hall_id) LEFT JOIN station s USING (station_id)
LEFT JOIN geography g ON g.geography_id = s.geography_id
LEFT JOIN area a ON a.area_id = f.area_id LEFT JOIN geography k ON k.geography_id = a.geography_id
ORDER BY 1"""

_LEVELS = f"""
SELECT store_id, feed_id, {WEEK.format("stock_date")} AS week,
       arg_max(level_kg, stock_date)::DOUBLE AS level, sum(received_kg)::DOUBLE AS came
FROM feed_stock GROUP BY ALL ORDER BY 1, 2, 3"""


def stores_panel(rows: Rows) -> list[dict[str, Any]]:
    """Return every store that was ever used: where it serves, and its level by week, in kg."""
    if not rows.has("feed_store", "feed_stock", "hall", "area", "station", "geography"):
        return []
    found = rows.ask(_LEVELS)
    levels = {
        int(number): _series(feed, week, level, came)
        for number, feed, week, level, came in by_group(
            *(found[name] for name in ("store_id", "feed_id", "week", "level", "came"))
        )
    }
    known = rows.ask(_STORES)
    return [
        {
            "name": str(name), "place": str(place), "geography": str(geography), "kind": str(kind),
            "capacity": rounded(float(capacity), 6), **levels[int(number)],
        }
        for number, name, place, geography, kind, capacity in zip(*known.values(), strict=True)
        if int(number) in levels
    ]  # fmt: skip


def _series(
    feed: NDArray[Any], week: NDArray[Any], level: NDArray[Any], came: NDArray[Any]
) -> dict[str, Any]:
    """Add up a store's feeds: a feed's level stays where no day of a week tells of it."""
    first, last = int(week.min()), int(week.max())
    weeks = np.arange(first, last + 1)
    total = np.zeros(len(weeks))
    for _, at, kilos in by_group(feed, week, level):
        latest = np.searchsorted(at, weeks, side="right") - 1
        total += np.where(latest < 0, 0.0, kilos[latest])
    arrived = np.bincount(week - first, weights=came, minlength=len(weeks))
    return {"level": packed(weeks, total, 3), "came": packed(weeks, arrived, 3)}
