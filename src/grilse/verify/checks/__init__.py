"""Every check, in the order in which results are told."""

from __future__ import annotations

from grilse.verify.check import Check
from grilse.verify.checks import (
    analysis,
    application,
    asked,
    books,
    conservation,
    feed,
    fish,
    freshness,
    health,
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
    truth,
    water,
    weather,
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
    *health.CHECKS,
    *water.CHECKS,
    *weather.CHECKS,
    *policy.CHECKS,
    *freshness.CHECKS,
    *analysis.CHECKS,
    *realism.CHECKS,
    *truth.CHECKS,
    *application.CHECKS,
)
