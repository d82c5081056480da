"""Whom and what a picture of a feed store is of: levels, deliveries and draws, prices."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from grilse.ground.errors import BadInput, Problem
from grilse.plot.canvas import Panel, colour
from grilse.plot.reader import Reader
from grilse.plot.subject import Asked, Subject

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["PANELS", "subject_of_store"]

_STORE = """
SELECT store_id, s.name, kind, capacity_kg::DOUBLE / 1000, coalesce(h.name, r.name)
FROM feed_store s LEFT JOIN hall h USING (hall_id) LEFT JOIN area r ON r.area_id = s.area_id
WHERE s.name = $named OR coalesce(h.name, r.name) = $named OR store_id = $number"""

_CHOSEN = """
CREATE OR REPLACE TEMP TABLE chosen_store AS SELECT store_id, capacity_kg FROM feed_store
WHERE store_id = """

_LEVELS = """
WITH day AS (
    SELECT unnest(generate_series($first::DATE, $end::DATE - 1, INTERVAL 1 DAY))::DATE AS day
), feeds AS (SELECT DISTINCT store_id, feed_id FROM feed_stock
             WHERE store_id = (SELECT store_id FROM chosen_store))
SELECT d.feed_id, f.name AS feed, d.day, coalesce(level_kg, 0)::DOUBLE / 1000 AS tonnes
FROM (SELECT * FROM day, feeds) d
ASOF LEFT JOIN feed_stock k ON d.store_id = k.store_id AND d.feed_id = k.feed_id
                            AND d.day >= k.stock_date
JOIN feed f ON f.feed_id = d.feed_id ORDER BY d.feed_id, d.day"""

_FLOWS = """
SELECT stock_date AS day, sum(received_kg)::DOUBLE / 1000 AS received,
       sum(fed_kg)::DOUBLE / 1000 AS fed
FROM feed_stock WHERE store_id = (SELECT store_id FROM chosen_store)
  AND stock_date >= $first AND stock_date < $end GROUP BY 1 ORDER BY 1"""

_PRICES = """
SELECT f.name AS feed, arrival_date AS day, price_eur::DOUBLE AS price
FROM feed_lot JOIN feed f USING (feed_id)
WHERE store_id = (SELECT store_id FROM chosen_store)
  AND arrival_date >= $first AND arrival_date < $end ORDER BY feed_id, day"""


def subject_of_store(reader: Reader, named: str, asked: Asked) -> Subject:
    """Choose a feed store by its name, that of its hall or area, or its id.

    Raises
    ------
    BadInput
        If there is no such store, or nothing has ever been in it.
    """
    is_number = named.isascii() and named.isdigit() and len(named) < 10
    found = reader.rows(_STORE, named=named, number=int(named) if is_number else -1)
    if len(found) != 1:
        raise BadInput(
            Problem("L-STORE", "the dataset has no such feed store", found=named[:80],
                    mend="give the name of its hall or area, as in FI-SEA-01")
        )  # fmt: skip
    store, name, kind, tonnes, place = found[0]
    reader.connection.execute(_CHOSEN + str(int(store)))
    first, end = reader.rows(
        "SELECT min(stock_date), max(stock_date) + 1 FROM feed_stock WHERE store_id = $store",
        store=store,
    )[0]
    if first is None:
        raise BadInput(Problem("L-EMPTY", f"nothing has been in {name} by the as-of date"))
    note = f"{str(kind).lower()} of {place}, holds {tonnes:,.0f} t"
    return Subject(str(name), note, [str(name)], asked.within(_date(first), _date(end)))


def _date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _levels(axes: Axes, reader: Reader, subject: Subject) -> None:
    told = reader.columns(_LEVELS, first=subject.span.first, end=subject.span.end)
    floor = np.zeros(subject.span.days)
    day = np.datetime64(subject.span.first) + np.timedelta64(1, "D") * np.arange(subject.span.days)
    shown = 0
    for feed in np.unique(told["feed_id"]):
        mine = told["feed_id"] == feed
        level = told["tonnes"][mine]
        if level.max() > 0:
            name = str(told["feed"][mine][0])
            axes.fill_between(day, floor, floor + level, step="post", color=colour(shown),
                              alpha=0.75, linewidth=0, label=name)  # fmt: skip
            floor, shown = floor + level, shown + 1
    ((capacity,),) = reader.rows("SELECT capacity_kg::DOUBLE / 1000 FROM chosen_store")
    if floor.max() > 0.4 * capacity:
        axes.axhline(capacity, color="#b3261e", linewidth=0.9, linestyle="--", label="capacity")
    axes.set_ylim(0, 1.1 * max(axes.get_ylim()[1], 0.1))
    axes.legend(loc="upper left", ncols=8)


def _flows(axes: Axes, reader: Reader, subject: Subject) -> None:
    told = reader.columns(_FLOWS, first=subject.span.first, end=subject.span.end)
    came, day = told["received"] > 0, told["day"].astype("M8[D]")
    axes.bar(day[came], told["received"][came], 1, align="edge", color=colour(2),
             linewidth=0, label="came")  # fmt: skip
    axes.bar(day, -told["fed"], 1, align="edge", color=colour(1), linewidth=0,
             label="eaten")  # fmt: skip
    axes.axhline(0, color="black", linewidth=0.5)
    axes.legend(loc="upper left", ncols=2)


def _draws(axes: Axes, reader: Reader, subject: Subject) -> None:
    told = reader.columns(_FLOWS, first=subject.span.first, end=subject.span.end)
    axes.bar(
        told["day"].astype("M8[D]"), told["fed"], 1, align="edge", color=colour(1), linewidth=0
    )


def _prices(axes: Axes, reader: Reader, subject: Subject) -> None:
    told = reader.columns(_PRICES, first=subject.span.first, end=subject.span.end)
    for place, feed in enumerate(dict.fromkeys(told["feed"].tolist())):
        mine = told["feed"] == feed
        axes.plot(told["day"][mine], told["price"][mine], ".", color=colour(place), label=feed)
    if len(told["day"]):
        axes.legend(loc="upper left", ncols=6)


PANELS = (
    Panel("level, t", ("feed_stock", "feed"), _levels, 1.6),
    Panel("deliveries and draws, t", ("feed_stock",), _flows, 1.3),
    Panel("draws, t a day", ("feed_stock",), _draws, 1.0),
    Panel("price of a lot, EUR/kg", ("feed_lot", "feed"), _prices, 0.9),
)
