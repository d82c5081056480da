"""Treatments against sea lice: which rings, when and how; what they do to lice and to fish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grilse.biology.lice import treated
from grilse.ground.draws import SPREAD_ONE, halves, spread_table
from grilse.ground.parameters import Table
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.burden import burden
from grilse.simulate.state import Burden, Floats, LiceCourse, Treatments
from grilse.simulate.world import World

__all__ = ["Remedies", "is_withheld", "remedies", "treatment_burdens"]

_WEEK = 7
_RANGE = 65536


class _Decided(NamedTuple):
    """A treatment, as in `Treatments`."""

    day: int
    row: int
    week: int
    method: int
    effect: float
    death_share: float
    fast_days: int
    withholding_days: int


@dataclass(frozen=True)
class _Habits:
    """How a geography's farms treat: days, and a table of methods."""

    delay: int
    within: int
    methods: Table
    effect_spread: float
    death_spread: float


@dataclass
class Remedies:
    """The treatments of a stay as they are decided, week after week.

    Attributes
    ----------
    least
        Share of the limit above which a ring is treated when the mean has passed it.
    last_day
        Day of the stay to which withholding may last.
    until
        Day from which nothing is treated any more.
    """

    world: World
    names: Sequence[tuple[str, ...]]
    first_week: int
    last_day: int
    least: float
    habits: _Habits
    words: NDArray[np.uint16]
    until: int = 0
    decided: list[_Decided] = field(default_factory=list)
    left: dict[int, Floats] = field(default_factory=dict)

    def forget(self, week: int, until: int) -> None:
        """Forget what was decided from a week's count on: it is to be decided anew."""
        self.until = until
        self.decided = [one for one in self.decided if one.week < week]
        self.left = {count: left for count, left in self.left.items() if count < week}

    def decide(self, week: int, rings: NDArray[np.bool_], *, is_ill: bool) -> bool:
        """Treat some rings in the days after the count of a week; ill fish gently.

        Returns whether anything can be done.
        """
        count_day = _WEEK * (week + 1)
        method = self._method(week, count_day, is_ill)
        if method is None:
            return False
        left = np.ones((2, len(rings)))
        rows = np.flatnonzero(rings).tolist()
        for place, row in enumerate(rows):
            later = self.habits.delay + place * self.habits.within // len(rows)
            day = count_day + min(later, _WEEK - 1)
            shares = self._treat(row, day, week, method)
            if day < self.until:
                left[:, row] = shares
        self.left[week] = left
        return True

    def apply(self, week: int, lice: Floats) -> None:
        """Leave what treatments after the count of the week before left of a week's lice."""
        left = self.left.get(week - 1)
        if left is not None:
            lice[...] = treated(lice, left)

    def given(self) -> Treatments:
        """Return all that was decided, by day and ring."""
        each = sorted(self.decided)
        day, row, week, method, fast_days, withholding_days = (
            np.array([getattr(one, name) for one in each], np.int64)
            for name in ("day", "row", "week", "method", "fast_days", "withholding_days")
        )
        effect, death_share = (
            np.array([getattr(one, name) for one in each], np.float64)
            for name in ("effect", "death_share")
        )
        return Treatments(
            day < self.until, row, day, week, method, effect, death_share, fast_days,
            withholding_days,
        )  # fmt: skip

    def _method(self, week: int, count_day: int, is_ill: bool) -> int | None:
        """Draw the method among those whose withholding ends in time; None where none does."""
        days = np.array(self.habits.methods["withholding_days"], np.float64)
        column = "share_when_ill" if is_ill else "share"
        shares = np.array(self.habits.methods[column], np.float64)
        running = np.cumsum(np.where(count_day + _WEEK + days <= self.last_day, shares, 0.0))
        if running[-1] <= 0.0:
            return None
        draw = int(self.words[week]) / _RANGE * running[-1]
        return int(np.searchsorted(running, draw, side="right"))

    def _treat(self, row: int, day: int, week: int, method: int) -> tuple[float, float]:
        """Decide one ring's treatment; return the shares of mobile and sessile lice it leaves."""
        place = self.first_week + week
        draw = self.world.draws.parts("treatment", self.names[row], place)
        of = {name: float(column[method]) for name, column in self._numbers.items()}
        effect = int(spread_table(self.habits.effect_spread)[draw[0]]) / SPREAD_ONE
        deaths = int(spread_table(self.habits.death_spread)[draw[1]]) / SPREAD_ONE
        mobile, sessile = (
            min((1.0 - of[name]) * effect, 1.0) for name in ("mobile_effect", "sessile_effect")
        )
        dead = min(of["death_share"] * deaths, 1.0)
        fast_days, withholding = int(of["fast_days"]), int(of["withholding_days"])
        self.decided.append(
            _Decided(day, row, week, method, 1.0 - mobile, dead, fast_days, withholding)
        )
        return mobile, sessile

    @property
    def _numbers(self) -> Table:
        return {name: column for name, column in self.habits.methods.items() if name != "name"}


def remedies(
    world: World,
    plan: BatchPlan,
    stay: Stay,
    paths: Sequence[tuple[str, ...]],
    weeks: int,
) -> Remedies:
    """Return a stay's treatments, of which none has yet been decided."""
    first = stay.start_day // _WEEK + 1
    drawn = world.draws.days("treatment.method", (plan.batch_id,), first, weeks, 1)[:, 0]
    reserve = int(world.parameters.number("treatment.reserve_days"))
    return Remedies(
        world=world,
        names=[(plan.batch_id, *path) for path in paths],
        first_week=first,
        last_day=1 << 30 if plan.open_ended else stay.days - reserve,
        least=world.parameters.number("treatment.least_ring_share"),
        habits=_habits(world, plan.geography),
        words=halves(drawn)[::4],
    )


def _habits(world: World, geography: str) -> _Habits:
    return _Habits(
        int(world.parameters.number("treatment.delay_days")),
        int(world.parameters.number("treatment.within_days")),
        world.parameters.table(("treatment", "method", geography)),
        world.parameters.number("treatment.effect_spread"),
        world.parameters.number("treatment.death_spread"),
    )


def treatment_burdens(
    world: World, lice: LiceCourse | None, days: int, until: int | None = None
) -> list[Burden]:
    """Return what treatments weigh on the fish: deaths for some days, and days without feed.

    Parameters
    ----------
    days
        Of the stay.
    until
        Day from which nothing is treated, and no fish fast for it.
    """
    if lice is None or not len(lice.treatments.row):
        return []
    shape = (len(lice.is_counted), days)
    hazard, appetite = np.zeros(shape), np.ones(shape)
    _fast(lice, appetite, days if until is None else until)
    made = lice.treatments.is_made
    row, day = lice.treatments.row[made], lice.treatments.day[made]
    for after, part in enumerate(world.parameters.numbers("treatment.death_days")):
        there = day + after < days
        share = lice.treatments.death_share[made][there] * part
        np.add.at(hazard, (row[there], day[there] + after), share)
    is_handled = lice.treatments.fast_days[made] > 0
    for after, left in enumerate(world.parameters.numbers("treatment.appetite_days")):
        there = is_handled & (day + after < days)
        at = row[there], day[there] + after
        appetite[at] = np.minimum(appetite[at], left)
    return [burden("DELOUSING", np.minimum(hazard, 1.0), appetite)]


def _fast(lice: LiceCourse, appetite: Floats, until: int) -> None:
    """Take the appetite of fish that are starved for a treatment to come, from the count on."""
    given = lice.treatments
    for before in range(1, int(given.fast_days.max()) + 1):
        day = given.day - before
        fasts = (given.fast_days >= before) & (day > lice.day[given.week]) & (day < until)
        appetite[given.row[fasts], day[fasts]] = 0.0


def is_withheld(lice: LiceCourse | None, days: int) -> NDArray[np.bool_]:
    """Whether some container may not be harvested on each day, shape (days,)."""
    withheld = np.zeros(days, bool)
    if lice is not None:
        given = lice.treatments
        spans = zip(given.day[given.is_made], given.withholding_days[given.is_made], strict=True)
        for day, length in spans:
            withheld[day : day + length] = True
    return withheld
