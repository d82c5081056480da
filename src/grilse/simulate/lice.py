"""Sea lice of a stay: a week's step, a count, and a treatment where the limit was passed.

A week's lice follow from those of the week before, the water's warmth, the area's pressure and the
batch's own adult females some weeks earlier. What is counted decides, not what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grilse.biology.lice import CALIGUS, FEMALE, MOBILE, SESSILE, Rates, a_week_later, rates
from grilse.ground.counted import MOST_SIZE, counted
from grilse.ground.draws import SPREAD_ONE, halves, spread_table
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.state import Burden, Counts, Floats, Ints, LiceCourse
from grilse.simulate.treatment import Remedies, remedies
from grilse.simulate.world import World
from grilse.site.lice_pressure import lice_pressure
from grilse.tables.catalogue.lice import LICE_TYPES

__all__ = ["Lousing", "stay_lice"]

_WEEK = 7
_WORDS_A_WEEK = 2
_INFECTION, _FIRST_COUNT = 0, 1
"""Of a week's eight 16-bit words: what settles, and one for each kind of lice counted."""

_WEEKS_AT_ONCE = 8
"""Weeks that are lived before they are counted: few are then lived in vain."""

_ENOUGH = 10
"""Containers with fewer than so many times the fish of a count are not counted."""


@dataclass(frozen=True)
class _Water:
    """What comes from without, and what becomes of it.

    Attributes
    ----------
    came
        Lice that settle on a fish, shape (weeks, 4, containers), see `biology.lice`.
    own
        What of the batch's own lice a container catches, shape (weeks, containers).
    rates
        What the week's warmth makes of the lice there are.
    limit_milli
        The limit in force on each count's day, thousandths, shape (weeks,).
    """

    came: Floats
    own: Floats
    rates: Rates
    limit_milli: Ints


def stay_lice(
    world: World,
    plan: BatchPlan,
    stay: Stay,
    paths: Sequence[tuple[str, ...]],
    fish: Counts,
    temp_centi_c: NDArray[np.int32],
    burdens: Sequence[Burden] = (),
) -> Lousing | None:
    """Return the lice of a stay at sea; None on land, and before the first count.

    Parameters
    ----------
    paths, fish
        Names of the containers, and the fish put into each.
    temp_centi_c
        The water's, shape (days,).
    burdens
        What else weighs on the fish: ill ones are treated gently.
    """
    weeks = (len(temp_centi_c) - 1) // _WEEK
    if world.stages[stay.stage].environment != "sea water" or weeks < 1:
        return None
    words = _words(world, plan, stay, paths, weeks)
    water = _water(world, plan, stay, paths, words, temp_centi_c[: weeks * _WEEK])
    cure = remedies(world, plan, stay, paths, weeks)
    is_ill = _is_ill(world, burdens, len(paths), weeks)
    return Lousing(world, water, words, fish, cure, is_ill, len(temp_centi_c))


class Lousing:
    """The lice of a stay from week to week: told once, and from some day on told otherwise.

    Parameters
    ----------
    water, words
        What comes from without, and the draws of the weeks.
    fish
        Put into each container.
    cure
        The treatments, of which none has been decided.
    is_ill
        Whether the fish are ill on the day of each count, shape (weeks,).
    days
        Of the stay.
    """

    def __init__(
        self, world: World, water: _Water, words: NDArray[np.uint16], fish: Counts, cure: Remedies,
        is_ill: NDArray[np.bool_], days: int,
    ) -> None:  # fmt: skip
        self._world, self._water, self._words, self._cure = world, water, words, cure
        self._days, self._told_until, self._is_ill = days, 0, is_ill
        self._looked = int(world.parameters.number("lice.fish_counted"))
        size = round(self._looked * world.parameters.number("lice.dispersion"))
        self._size = min(max(size, 1), MOST_SIZE)
        self._is_counted = fish >= _ENOUGH * self._looked
        self._delay = int(world.parameters.number("lice.own_delay_weeks"))
        weeks, _, rings = water.came.shape
        self._told = np.zeros((weeks, 4, rings))
        self._adults = np.zeros((weeks, rings), np.int64)
        self._mean_milli = np.zeros(weeks, np.int64)

    def course(self, until: int | None = None) -> LiceCourse:
        """Return the lice as they are if nothing is treated from a day of the stay on.

        What was told before is taken up where the day begins to make a difference: a count is
        followed by treatments within six days.
        """
        last = self._days if until is None else until
        begin = max((min(last, self._told_until) - _WEEK) // _WEEK, 0)
        self._told_until = last
        self._cure.forget(begin, last)
        week, weeks = begin, len(self._told)
        while week < weeks:
            week = self._live(week, min(week + _WEEKS_AT_ONCE, weeks))
        return LiceCourse(
            fish_counted=self._looked,
            is_counted=self._is_counted,
            day=_WEEK * np.arange(1, len(self._told) + 1),
            counts=np.concatenate([self._adults.T[None], self._others()]),
            female=self._told[:, FEMALE].T.copy(),
            limit_milli=self._water.limit_milli,
            mean_milli=self._mean_milli.copy(),
            treatments=self._cure.given(),
        )

    def _live(self, begin: int, end: int) -> int:
        """Live some weeks and count at the end of each, up to the first count that is acted on.

        Weeks are lived before they are counted, all at once: those after a count that is followed
        by treatments will be lived again. Returns the first of them, or `end`.
        """
        for week in range(begin, end):
            self._pass_week(week)
        looked, span = self._looked, slice(begin, end)
        words = self._words[:, span, _FIRST_COUNT].T
        adults = counted(self._told[span, FEMALE] * looked, self._size, words)
        self._adults[span] = adults
        total = (adults * self._is_counted).sum(axis=1)
        most = looked * max(int(self._is_counted.sum()), 1)
        self._mean_milli[span] = (2000 * total + most) // (2 * most)
        limit = self._water.limit_milli[span]
        for after in np.flatnonzero(1000 * total > limit * most).tolist():
            passed = 1000 * adults[after] > limit[after] * looked * self._cure.least
            week, is_ill = begin + after, bool(self._is_ill[begin + after])
            if self._cure.decide(week, self._is_counted & passed, is_ill=is_ill):
                return week + 1
        return end

    def _pass_week(self, week: int) -> None:
        """Live a week: what stays, moults and settles, and what treatments leave of it."""
        came, told = self._water.came[week], self._told
        if week >= self._delay:
            ours = _mean(told[week - self._delay, FEMALE])
            came = came.copy()
            came[SESSILE] += self._water.own[week] * ours
        before = told[week - 1] if week else np.zeros_like(came)
        now = a_week_later(before, self._water.rates, week, came, out=told[week])
        self._cure.apply(week, now)

    def _others(self) -> Counts:
        """Count the kinds that decide nothing, shape (kinds, containers, weeks)."""
        pre_female, pre_male, male = self._world.parameters.numbers("lice.mobile_parts")
        expected = (self._told * self._looked).transpose(1, 2, 0)
        mobile, caligus = expected[MOBILE], expected[CALIGUS] * 0.5
        parts = (
            mobile * male, mobile * pre_female, mobile * pre_male, expected[SESSILE], caligus,
            caligus,
        )  # fmt: skip
        lanes = slice(_FIRST_COUNT + 1, _FIRST_COUNT + len(LICE_TYPES))
        drawn = self._words[:, :, lanes].transpose(2, 0, 1)
        return counted(np.stack(parts), self._size, drawn)


def _is_ill(
    world: World, burdens: Sequence[Burden], containers: int, weeks: int
) -> NDArray[np.bool_]:
    """Say of each count's day whether more die of burdens than what makes fish count as ill."""
    day = _WEEK * np.arange(1, weeks + 1)
    dying = np.zeros((containers, weeks))
    for each in burdens:
        dying += each.hazard[:, day]
    mean = np.cumsum(dying, axis=0)[-1] / containers
    ill: NDArray[np.bool_] = mean > world.parameters.number("treatment.ill_pct_per_day") / 100.0
    return ill


def _words(
    world: World, plan: BatchPlan, stay: Stay, paths: Sequence[tuple[str, ...]], weeks: int
) -> NDArray[np.uint16]:
    """Draw a stay's weeks, shape (containers, weeks, 8): one stream a container."""
    first = stay.start_day // _WEEK + 1
    drawn = [
        world.draws.days("lice", (plan.batch_id, *path), first, weeks, _WORDS_A_WEEK)
        for path in paths
    ]
    return halves(np.stack(drawn))


def _water(
    world: World,
    plan: BatchPlan,
    stay: Stay,
    paths: Sequence[tuple[str, ...]],
    words: NDArray[np.uint16],
    temp_centi_c: NDArray[np.int32],
) -> _Water:
    first, days = plan.start + stay.start_day, len(temp_centi_c)
    at = (world.draws, world.parameters, plan.geography, stay.place, first, days)
    pressure = lice_pressure(*at)
    weekly = spread_table(world.parameters.number("lice.week_spread"))
    catch = _lasting(world, plan, paths)[:, None] * (weekly[words[:, :, _INFECTION]] / SPREAD_ONE)
    warmth = np.rint(temp_centi_c.reshape(-1, _WEEK).sum(axis=1) / _WEEK)
    came = np.zeros((words.shape[1], 4, len(paths)))
    came[:, SESSILE] = (catch * _weekly(pressure.salmonis)).T
    came[:, CALIGUS] = (catch * _weekly(pressure.caligus)).T
    counts_day = first + _WEEK * np.arange(1, words.shape[1] + 1)
    return _Water(
        came,
        catch.T * world.parameters.number("lice.own_infestation"),
        rates(world.parameters, warmth),
        _limits(world, plan.geography, counts_day),
    )


def _weekly(milli: NDArray[np.int32]) -> Floats:
    """Return each week's mean of daily thousandths, in ones."""
    mean: Floats = milli.reshape(-1, _WEEK).sum(axis=1, dtype=np.int64) / (_WEEK * 1000.0)
    return mean


def _lasting(world: World, plan: BatchPlan, paths: Sequence[tuple[str, ...]]) -> Floats:
    """Return how many times the area's mean each container catches, for as long as it is there."""
    table = spread_table(world.parameters.number("lice.ring_spread"))
    drawn = world.draws.each("lice.ring", ((plan.batch_id, *path) for path in paths))
    factor: Floats = table[halves(drawn)[::4]] / SPREAD_ONE
    return factor


def _limits(world: World, geography: str, day: Ints) -> Ints:
    """Return the limits of some days, thousandths of an adult female a fish."""
    monthly = world.parameters.numbers(("lice", "limit", geography))
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    return np.rint(np.array(monthly) * 1000.0).astype(np.int64)[month]


def _mean(values: Floats) -> float:
    return float(np.add.accumulate(values)[-1]) / len(values)
