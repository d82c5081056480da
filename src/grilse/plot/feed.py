"""Panels of feed: what fish ate, and what the stores that they eat from held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from grilse.plot.canvas import Panel, colour
from grilse.plot.reader import Reader
from grilse.plot.subject import Subject

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["FEED", "STORES"]

_FED = """
SELECT label, feeding_time::TIMESTAMP::DATE AS day, sum(amount_kg)::DOUBLE / 1000 AS tonnes
FROM feeding_event JOIN stay USING (batch_id, assignment_id)
WHERE feeding_time >= $first::TIMESTAMP AND feeding_time < $end::TIMESTAMP
GROUP BY ALL ORDER BY label, day"""

_LEVELS = """
WITH own AS (
    SELECT coalesce(s.hall_id, s.area_id) AS place_id, s.place, min(start_date) AS first_day,
           max(until) AS last_day, min(store_id) AS store_id, min(capacity_kg)::DOUBLE AS most
    FROM stay s JOIN feed_store f ON f.hall_id = s.hall_id OR f.area_id = s.area_id GROUP BY ALL
), day AS (
    SELECT place, store_id, most,
           unnest(generate_series(greatest(first_day, $first::DATE),
                                  least(last_day, $end::DATE) - 1, INTERVAL 1 DAY))::DATE AS day
    FROM own
), feed AS (SELECT DISTINCT store_id, feed_id FROM feed_stock)
SELECT d.place, d.day, sum(level_kg)::DOUBLE / 1000 AS tonnes, any_value(most) / 1000 AS most
FROM (SELECT day.*, feed_id FROM day JOIN feed USING (store_id)) d
ASOF JOIN feed_stock k ON d.store_id = k.store_id AND d.feed_id = k.feed_id
                       AND d.day >= k.stock_date
GROUP BY ALL ORDER BY d.place, d.day"""


def _feed(axes: Axes, reader: Reader, subject: Subject) -> None:
    told = reader.columns(_FED, first=subject.span.first, end=subject.span.end)
    for place, label in enumerate(subject.labels):
        mine = told["label"] == label
        day, tonnes = _every_day(told["day"][mine], told["tonnes"][mine])
        axes.step(day, tonnes, where="post", color=colour(place), linewidth=0.9, label=label)
    axes.set_ylim(bottom=0)


def _every_day(
    day: NDArray[Any],
    value: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Put nought on days without a row, so that fasts are seen."""
    if not len(day):
        return day, value
    last = day.max().astype("M8[D]")
    whole = np.arange(day.min().astype("M8[D]"), last + np.timedelta64(1, "D"))
    filled = np.zeros(len(whole))
    filled[(day.astype("M8[D]") - whole[0]).astype(int)] = value
    return whole, filled


def _stores(axes: Axes, reader: Reader, subject: Subject) -> None:
    told = reader.columns(_LEVELS, first=subject.span.first, end=subject.span.end)
    for place, name in enumerate(dict.fromkeys(told["place"].tolist())):
        mine = told["place"] == name
        axes.plot(told["day"][mine], 100 * told["tonnes"][mine] / told["most"][mine],
                  color=colour(place), linewidth=0.9, label=name)  # fmt: skip
    axes.set_ylim(0, 1.2 * max(axes.get_ylim()[1], 0.1))
    if len(told["day"]):
        axes.legend(loc="upper left", ncols=6)


FEED = Panel("feed, t a day", ("feeding_event",), _feed, 0.9)
STORES = Panel("store, % full", ("feed_stock", "feed_store"), _stores, 0.8)
