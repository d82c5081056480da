"""Rows of money: what lots brought at the day's price, and what a batch was sold for at sea."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from grilse.expand.grid import Columns, biomass_10g, from_rows
from grilse.expand.harvest import harvests
from grilse.simulate.state import BatchState, Ints
from grilse.simulate.world import World
from grilse.site.scatter import wander
from grilse.tables import keys
from grilse.tables.catalogue import events, finance
from grilse.tables.schema import Table

__all__ = ["companies", "finances"]

_KINDS = len(finance.COMPANY_KINDS)


def companies(world: World) -> Iterator[tuple[Table, Columns]]:
    """Yield the companies of each geography."""
    yield (
        finance.COMPANY,
        from_rows(
            [
                {
                    "company_id": number * _KINDS + kind,
                    "geography_id": number,
                    "name": f"{geography.name} {word.title()}",
                    "kind": kind,
                }
                for number, geography in enumerate(world.farm.geographies, start=1)
                for kind, word in enumerate(finance.COMPANY_KINDS)
            ]
        ),
    )


def finances(world: World, state: BatchState) -> Iterator[tuple[Table, Columns]]:
    """Yield what a batch's lots brought, and what was paid for it as it went to sea."""
    for table, columns in harvests(world, state):
        if table is events.HARVEST_LOT:
            facts = _facts(world, state, columns)
            if len(facts["fact_harvest_id"]):
                yield finance.FACT_HARVEST, facts
    sold = [_sold(world, state, index) for index in _to_sea(state)]
    if sold:
        yield finance.INTERCOMPANY_TRANSFER, from_rows(sold)


def _facts(world: World, state: BatchState, lots: Columns) -> dict[str, Any]:
    prices = np.array(
        [world.parameters.number(f"finance.grade_price.{grade}") for grade in events.GRADES]
    )
    eaten = prices[lots["grade"]] > 0.0
    lot = {n: lots[n][eaten] for n in ("harvest_lot_id", "event_date", "grade", "fish_count")}
    gutted = lots["gutted_weight_kg"][eaten]
    each_kg = gutted // (lot["fish_count"] * 100)
    weight_class = np.minimum(each_kg, len(finance.WEIGHT_CLASSES) - 1)
    by_class = np.array(world.parameters.numbers("finance.class_price"))
    share = prices[lot["grade"]] * by_class[np.minimum(weight_class, len(by_class) - 1)]
    cents = np.rint(_market_cents(world, state, lot["event_date"]) * share).astype(np.int64)
    return {
        "fact_harvest_id": lot["harvest_lot_id"],
        "event_date": lot["event_date"],
        "batch_id": state.plan.number,
        "company_id": np.full(len(gutted), _company(world, state, "FARMING")),
        "grade": lot["grade"],
        "weight_class": weight_class,
        "fish_count": lot["fish_count"],
        "quantity_kg": gutted,
        "unit_price_eur": cents,
        "amount_eur": (gutted * cents + 50) // 100,
    }


def _market_cents(world: World, state: BatchState, days: Ints) -> Ints:
    """Return the day's price of a kilogram in cents: a function of geography and day."""
    first, last = int(days.min()), int(days.max())
    mean = round(world.parameters.number("finance.price_eur_per_kg") * 100.0)
    sd = round(world.parameters.number("finance.price_sd_eur_per_kg") * 100.0)
    memory = world.parameters.number("finance.price_memory_per_day")
    away = wander(
        world.draws, "price", (state.plan.geography,), sd, memory, first, last - first + 1
    )
    cents: Ints = np.maximum(mean + away.astype(np.int64), 1)[days - first]
    return cents


def _to_sea(state: BatchState) -> Iterator[int]:
    """Yield the places of transfers that bring fish from land to sea."""
    for index, move in enumerate(state.transfers):
        before, after = (state.stays[i].stage.environment for i in (move.from_index, move.to_index))
        if before != after and after == "sea water" and (move.taken > move.dead).any():
            yield index


def _sold(world: World, state: BatchState, index: int) -> dict[str, Any]:
    move = state.transfers[index]
    arrived = move.taken - move.dead
    kilos = int(biomass_10g(arrived, move.weight_g).sum())
    cents = round(world.parameters.number("finance.smolt_price_eur_per_kg") * 100.0)
    return {
        "intercompany_transfer_id": keys.transfer_workflow_id(state.plan.number, move.to_index),
        "transfer_date": state.plan.start + move.day,
        "batch_id": state.plan.number,
        "from_company_id": _company(world, state, "FRESHWATER"),
        "to_company_id": _company(world, state, "FARMING"),
        "fish_count": int(arrived.sum()),
        "quantity_kg": kilos,
        "unit_price_eur": cents,
        "amount_eur": (kilos * cents + 50) // 100,
    }


def _company(world: World, state: BatchState, kind: str) -> int:
    names = [geography.name for geography in world.farm.geographies]
    number = names.index(state.plan.geography) + 1
    return number * _KINDS + finance.COMPANY_KINDS.index(kind)
