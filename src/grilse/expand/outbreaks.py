"""Outbreaks among a batch's fish, as they can be noticed: when each begins, and when it is over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grilse.biology.disease import disease_names
from grilse.expand.grid import Columns, from_rows
from grilse.simulate.state import BatchState, Floats, Ints, StayState
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue.events import MORTALITY_CAUSES
from grilse.tables.catalogue.health import DISEASE_OUTBREAK
from grilse.tables.schema import Table

__all__ = ["Outbreak", "illnesses", "outbreak_rows", "outbreaks"]

_UNNAMED = "DISEASE"


@dataclass(frozen=True, eq=False, slots=True)
class Outbreak:
    """An outbreak among the fish of a stay.

    Attributes
    ----------
    stay
        The stay.
    cause
        Code of the disease.
    hazard
        Part of the fish that die of it on each day, 0 where none are, shape (containers, days).
    first, end
        Days of the stay: the first on which it can be noticed, and the one after the last.
    is_over
        Whether it was over before the as-of date, or before the last fish left.
    """

    stay: StayState
    cause: int
    hazard: Floats
    first: int
    end: int
    is_over: bool

    @property
    def name(self) -> str:
        """Its name among the causes."""
        return MORTALITY_CAUSES[self.cause]

    def worst(self, day: int) -> int:
        """Return the place of the container that it is worst in on a day of the stay."""
        return int(self.hazard[:, day].argmax())


def illnesses(world: World, stay: StayState) -> dict[int, Floats]:
    """Return the hazard of each disease of a stay by its code, 0 where no fish are."""
    names = (*disease_names(world.parameters), _UNNAMED)
    codes = {MORTALITY_CAUSES.index(name) for name in names}
    there = stay.present & (stay.opening > 0)
    found: dict[int, Floats] = {}
    for each in stay.burdens:
        if each.cause in codes:
            found[each.cause] = found.get(each.cause, 0.0) + np.where(there, each.hazard, 0.0)
    return dict(sorted(found.items()))


def outbreaks(world: World, stay: StayState) -> Iterator[Outbreak]:
    """Yield the outbreaks of a stay that can be noticed, by disease and day.

    One begins on the first day on which its deaths pass what can be noticed in some container,
    and is over when they have come down to half of that: both are told by the days up to then.
    """
    least = world.parameters.number("disease.noticed_pct_per_day") / 100.0
    for cause, hazard in illnesses(world, stay).items():
        for first, end in _spans(hazard.max(axis=0), least):
            is_over = end < stay.days or bool(stay.left.all())
            yield Outbreak(stay, cause, hazard, first, end, is_over)


def _spans(worst: Floats, least: float) -> Iterator[tuple[int, int]]:
    """Yield half-open spans from where a course comes up to `least` to where it is below half."""
    rises, falls = np.flatnonzero(worst >= least), np.flatnonzero(worst < least / 2.0)
    at = 0
    while (later := _next(rises, at)) is not None:
        end = _next(falls, later)
        at = len(worst) if end is None else end
        yield later, at


def _next(days: NDArray[np.intp], at: int) -> int | None:
    place = int(np.searchsorted(days, at))
    return int(days[place]) if place < len(days) else None


def outbreak_rows(
    world: World, state: BatchState, found: Iterable[Outbreak]
) -> Iterator[tuple[Table, Columns]]:
    """Yield the outbreaks of a batch."""
    rows = [_row(world, state, each) for each in found]
    if rows:
        columns = from_rows(rows)
        order = np.argsort(columns["disease_outbreak_id"], kind="stable")
        yield DISEASE_OUTBREAK, {name: column[order] for name, column in columns.items()}


def _row(world: World, state: BatchState, each: Outbreak) -> dict[str, object]:
    stay, span = each.stay, slice(each.first, each.end)
    least = world.parameters.number("disease.noticed_pct_per_day") / 100.0
    begun = state.plan.start + stay.start_day
    own = keys.assignment_id(state.plan.number, stay.first_slot)
    dead: Ints = stay.dead_of[each.cause]
    return {
        "disease_outbreak_id": keys.sub_key(
            keys.day_key(own, stay.start_day + each.first), each.cause
        ),
        "batch_id": state.plan.number,
        "stage_id": stay.stage.order,
        "disease": each.cause,
        "first_date": begun + each.first,
        "last_date": begun + each.end - 1 if each.is_over else None,
        "container_count": int((each.hazard[:, span].max(axis=1) >= least).sum()),
        "dead_count": int(dead[:, span].sum()),
    }
