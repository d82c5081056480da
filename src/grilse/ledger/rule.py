"""The rule by which stores order, read from the parameters into whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from grilse.ground.parameters import Parameters

__all__ = ["STEPS_PER_KG", "Rule", "rule_of"]

STEPS_PER_KG = 100
"""Feed is counted in steps of 10 g."""

_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Rule:
    """When and how much is ordered; shares in thousandths, amounts in steps of 10 g.

    Attributes
    ----------
    lead_days
        From the evening of an order to the morning of its delivery.
    reorder, top_up
        Shares of the capacity at which, and up to which, a line is ordered.
    safety
        Times the lead time's largest demand that stock and orders shall cover.
    window_days
        Days back over which the largest daily draw is taken.
    cover_days
        Most days' feed that a line is given room for.
    first_lot_days
        Days' feed of the first lot.
    least_delivery
        Share of the capacity that the least part of a delivery has.
    pack_10g
        What orders are a multiple of.
    shelf_days
        How long a lot keeps.
    """

    lead_days: int
    reorder: int
    top_up: int
    safety: int
    window_days: int
    cover_days: int
    first_lot_days: int
    least_delivery: int
    pack_10g: int
    shelf_days: int


@lru_cache(maxsize=8)
def rule_of(parameters: Parameters) -> Rule:
    """Return the rule that the parameters give."""

    def whole(name: str, factor: int = 1) -> int:
        return round(parameters.number(("feed", "order", name)) * factor)

    return Rule(
        lead_days=whole("lead_days"),
        reorder=whole("reorder_share", _THOUSAND),
        top_up=whole("top_up_share", _THOUSAND),
        safety=whole("safety", _THOUSAND),
        window_days=whole("window_days"),
        cover_days=whole("cover_days"),
        first_lot_days=whole("first_lot_days"),
        least_delivery=whole("least_delivery_share", _THOUSAND),
        pack_10g=whole("pack_kg", STEPS_PER_KG),
        shelf_days=whole("shelf_days"),
    )
