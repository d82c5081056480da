"""Every check, in the order in which results are told."""

from __future__ import annotations

from grilse.verify.check import Check
from grilse.verify.checks import (
    asked,
    books,
    conservation,
    feed,
    fish,
    injected,
    keys,
    lice,
    occupancy,
    policy,
    realism,
    schedule,
    structure,
    time,
    transfers,
    water,
)

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    *structure.CHECKS,
    *asked.CHECKS,
    *keys.CHECKS,
    *schedule.CHECKS,
    *occupancy.CHECKS,
    *time.CHECKS,
    *conservation.CHECKS,
    *feed.CHECKS,
    *books.CHECKS,
    *transfers.CHECKS,
    *fish.CHECKS,
    *injected.CHECKS,
    *lice.CHECKS,
    *water.CHECKS,
    *policy.CHECKS,
    *realism.CHECKS,
)
