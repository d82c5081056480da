"""Who delivers, and at what price: by year, pellet and supplier, a little different day by day."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from grilse.biology.ration import pellets
from grilse.ground.days import date_of
from grilse.ground.draws import NORMAL_ONE, Draws, halves, normal_table
from grilse.ground.parameters import Parameters
from grilse.ledger.book import EXPRESS, Order

__all__ = ["PRICE_SCALE", "Price", "prices"]

PRICE_SCALE = 10_000
"""Prices are counted in steps of 0.0001 EUR/kg."""

_RANGE = 65536

Price = tuple[int, int]
"""Place of the supplier, from 0, and the price in steps of 0.0001 EUR/kg."""


def prices(
    parameters: Parameters, draws: Draws, place: tuple[str, str], orders: list[Order], origin: int
) -> list[Price]:
    """Return the supplier and the price of each order of a store.

    Parameters
    ----------
    place
        Geography and name of the hall or area: with the day they name the draw.
    origin
        Day number of the store's first day.
    """
    if not orders:
        return []
    first, last = orders[0].day, orders[-1].day
    words = halves(draws.days("feed.order", place, origin + first, last - first + 1, 1))
    suppliers = _supplier_bounds(parameters).searchsorted(words[:, 0], side="right")
    spread = parameters.number("feed.price.day_sd") / NORMAL_ONE
    factors = 1.0 + spread * normal_table()[words[:, 1]]
    own = [float(value) for value in parameters.table("feed.suppliers")["price_factor"]]
    express = parameters.number("feed.price.express_factor")
    paid = []
    for order in orders:
        supplier, factor = suppliers.item(order.day - first), factors.item(order.day - first)
        listed = _listed_price(parameters, _year(origin + order.day), order.feed)
        dearer = express if order.kind == EXPRESS else 1.0
        paid.append((supplier, round(listed * own[supplier] * dearer * factor * PRICE_SCALE)))
    return paid


@lru_cache(maxsize=4096)
def _listed_price(parameters: Parameters, year: int, feed: int) -> float:
    """Return the year's price of a pellet, EUR/kg; years outside the table cost as its nearest."""
    by_year = parameters.table("feed.price.by_year")
    years = [int(value) for value in by_year["year"]]
    row = max(sum(known <= year for known in years) - 1, 0)
    by_pellet = parameters.table("feed.price.by_pellet")
    size = pellets(parameters)[feed].pellet_mm
    sizes = [float(value) for value in by_pellet["pellet_mm"]]
    at = max(sum(known <= size for known in sizes) - 1, 0)
    return float(by_year["eur_per_kg"][row]) * float(by_pellet["factor"][at])


@lru_cache(maxsize=8)
def _supplier_bounds(parameters: Parameters) -> NDArray[np.int64]:
    """Return where, of 65,536, each supplier's part ends, the last one's apart."""
    shares = [float(share) for share in parameters.table("feed.suppliers")["share"]]
    running = np.cumsum(np.array(shares))
    bounds: NDArray[np.int64] = np.rint(running / running[-1] * _RANGE).astype(np.int64)[:-1]
    return bounds


@lru_cache(maxsize=65536)
def _year(day: int) -> int:
    return date_of(day).year
