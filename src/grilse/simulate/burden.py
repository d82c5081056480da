"""What weighs on a stay's fish beside ordinary life: deaths of one cause, and feed left uneaten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grilse.simulate.chance import Chance
from grilse.simulate.state import Burden, Counts, Floats
from grilse.tables.catalogue.events import MORTALITY_CAUSES

__all__ = ["Toll", "appetite_left", "burden", "dearness", "hazard_of", "tolls"]

_MOST_DEARNESS = 2.0
"""Most that all burdens together can raise the feed that a gain takes."""


@dataclass(frozen=True)
class Toll:
    """Deaths that burdens ask for beside the ordinary ones.

    Attributes
    ----------
    codes
        Codes of the causes, each once, ascending.
    bounds
        Part of each day's hazard that is due to all causes up to each one, shape
        (causes, containers, days).
    threshold
        The day's draw in [0, 1) by which parts of fish are rounded.
    """

    codes: tuple[int, ...]
    bounds: Floats
    threshold: Floats

    def shared(self, dead: Counts) -> Mapping[int, Counts]:
        """Share each day's deaths out: those of the causes, by code; the rest are ordinary."""
        if not self.codes:
            return {}
        upto = np.minimum(np.floor(dead * self.bounds + self.threshold).astype(np.int64), dead)
        upto[1:] -= upto[:-1].copy()
        return dict(zip(self.codes, upto, strict=True))


def burden(
    cause: str, hazard: Floats, appetite: Floats | float = 1.0, dearness: Floats | float = 1.0
) -> Burden:
    """Make a burden; what is given for all containers or days alike is drawn out to each."""
    shape = hazard.shape
    return Burden(
        MORTALITY_CAUSES.index(cause),
        hazard,
        _drawn_out(appetite, shape),
        _drawn_out(dearness, shape),
    )


def _drawn_out(values: Floats | float, shape: tuple[int, ...]) -> Floats:
    if isinstance(values, np.ndarray) and values.shape == shape:
        return values
    return np.broadcast_to(np.asarray(values, np.float64), shape)


def hazard_of(burdens: Sequence[Burden], hazard: Floats) -> Floats:
    """Add what burdens add to the part of the fish that die, 1 at most."""
    total = hazard
    for each in burdens:
        total = total + each.hazard
    return np.minimum(total, 1.0)


def appetite_left(burdens: Sequence[Burden]) -> Floats | float:
    """Return the part of each day's gain that burdens leave."""
    left: Floats | float = 1.0
    for each in burdens:
        left = left * each.appetite
    return left


def dearness(burdens: Sequence[Burden]) -> Floats | float:
    """Return how many times the usual feed a gain takes."""
    factor: Floats | float = 1.0
    for each in burdens:
        factor = factor * each.dearness
    return np.minimum(factor, _MOST_DEARNESS)


def tolls(burdens: Sequence[Burden], hazard: Floats, luck: Chance) -> Toll:
    """Return the part of the deaths that is due to each cause.

    Parameters
    ----------
    hazard
        Of the ordinary causes, shape (containers, days).
    """
    by_code: dict[int, Floats] = {}
    for each in burdens:
        by_code[each.cause] = by_code.get(each.cause, 0.0) + each.hazard
    codes = tuple(sorted(by_code))
    if not codes:
        return Toll((), np.empty((0, *hazard.shape)), np.empty(0))
    parts = np.stack([by_code[code] for code in codes])
    upto = np.cumsum(parts, axis=0)
    whole = upto[-1] + hazard
    bounds = upto / np.where(whole > 0.0, whole, 1.0)
    return Toll(codes, bounds, luck.even("cause_rounding"))
