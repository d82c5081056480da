"""Sea lice of a stay: a week's step, a count, and a treatment where the limit was passed.

A week's lice follow from those of the week before, the water's warmth, the area's pressure and the
batch's own adult females some weeks earlier. What is counted decides, not what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grilse.biology.lice import Lice, Rates, rates
from grilse.ground.counted import MOST_SIZE, counted
from grilse.ground.draws import SPREAD_ONE, halves, spread_table
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.state import Counts, Floats, Ints, LiceCourse
from grilse.simulate.treatment import Remedies, remedies
from grilse.simulate.world import World
from grilse.site.lice_pressure import lice_pressure
from grilse.tables.catalogue.lice import LICE_TYPES

__all__ = ["stay_lice"]

_WEEK = 7
_WORDS_A_WEEK = 2
_INFECTION, _FIRST_COUNT = 0, 1
"""Of a week's eight 16-bit words: what settles, and one for each kind of lice counted."""

_ENOUGH = 10
"""Containers with fewer than so many times the fish of a count are not counted."""


@dataclass(frozen=True)
class _Water:
    """What comes from without, shape (containers, weeks) or (weeks,).

    Attributes
    ----------
    settled, caligus
        New sessile lice and new Caligus a fish and week.
    own
        What of the batch's own lice a container catches.
    rates
        What the week's warmth makes of the lice there are.
    limit_milli
        The limit in force on each count's day, thousandths.
    """

    settled: Floats
    caligus: Floats
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
    until: int | None = None,
) -> LiceCourse | None:
    """Return the lice of a stay at sea; None on land, and before the first count.

    Parameters
    ----------
    paths, fish
        Names of the containers, and the fish put into each.
    temp_centi_c
        The water's, shape (days,).
    until
        Day of the stay from which nothing is treated, since the harvest has begun.
    """
    weeks = (len(temp_centi_c) - 1) // _WEEK
    if world.stages[stay.stage].environment != "sea water" or weeks < 1:
        return None
    words = _words(world, plan, stay, paths, weeks)
    water = _water(world, plan, stay, paths, words, temp_centi_c[: weeks * _WEEK])
    cure = remedies(world, plan, stay, paths, weeks, len(temp_centi_c) if until is None else until)
    return _course(world, water, words, fish, cure)


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
    counts_day = first + _WEEK * np.arange(1, words.shape[1] + 1)
    return _Water(
        catch * _weekly(pressure.salmonis),
        catch * _weekly(pressure.caligus),
        catch * world.parameters.number("lice.own_infestation"),
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
    drawn = [world.draws.words("lice.ring", (plan.batch_id, *path), 0, 1) for path in paths]
    factor: Floats = table[halves(np.concatenate(drawn))[::4]] / SPREAD_ONE
    return factor


def _limits(world: World, geography: str, day: Ints) -> Ints:
    """Return the limits of some days, thousandths of an adult female a fish."""
    monthly = world.parameters.numbers(("lice", "limit", geography))
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    return np.rint(np.array(monthly) * 1000.0).astype(np.int64)[month]


def _course(
    world: World, water: _Water, words: NDArray[np.uint16], fish: Counts, cure: Remedies
) -> LiceCourse:
    """Step through the weeks, and count them afterwards but for what decides."""
    looked = int(world.parameters.number("lice.fish_counted"))
    size = min(max(round(looked * world.parameters.number("lice.dispersion")), 1), MOST_SIZE)
    is_counted = fish >= _ENOUGH * looked
    most = looked * max(int(is_counted.sum()), 1)
    stays = world.parameters.number("lice.caligus_survival")
    delay = int(world.parameters.number("lice.own_delay_weeks"))
    rings, weeks = water.settled.shape
    zero = np.zeros(rings)
    lice, told = Lice(zero, zero, zero, zero), np.empty((weeks, 4, rings))
    adults, mean_milli = np.empty((rings, weeks), np.int64), np.empty(weeks, np.int64)
    for week in range(weeks):
        ours = _mean(told[week - delay, 2]) if week >= delay else 0.0
        settled = water.settled[:, week] + water.own[:, week] * ours
        came = water.caligus[:, week]
        lice = lice.a_week_later(water.rates.week(week), settled, stays, came)
        lice = cure.applied(lice)
        told[week] = lice.sessile, lice.mobile, lice.female, lice.caligus
        adults[:, week] = counted(lice.female * looked, size, words[:, week, _FIRST_COUNT])
        total = int(adults[is_counted, week].sum())
        mean_milli[week] = (2000 * total + most) // (2 * most)
        limit = int(water.limit_milli[week])
        if 1000 * total > limit * most:
            cure.decide(week, is_counted & (1000 * adults[:, week] > limit * looked * cure.least))
    others = _others(world, told * looked, size, words)
    return LiceCourse(
        fish_counted=looked,
        is_counted=is_counted,
        day=_WEEK * np.arange(1, weeks + 1),
        counts=np.concatenate([adults[None], others]),
        female=told[:, 2].T,
        limit_milli=water.limit_milli,
        mean_milli=mean_milli,
        treatments=cure.given(),
    )


def _mean(values: Floats) -> float:
    return float(np.cumsum(values)[-1]) / len(values)


def _others(world: World, expected: Floats, size: int, words: NDArray[np.uint16]) -> Counts:
    """Count the kinds that decide nothing, shape (kinds, containers, weeks).

    Parameters
    ----------
    expected
        Lice on the fish counted: sessile, mobile, female, Caligus, shape (weeks, 4, containers).
    """
    pre_female, pre_male, male = world.parameters.numbers("lice.mobile_parts")
    sessile, mobile, _, caligus = expected.transpose(1, 2, 0)
    parts = (
        mobile * male, mobile * pre_female, mobile * pre_male, sessile, caligus * 0.5, caligus * 0.5
    )  # fmt: skip
    drawn = words[:, :, _FIRST_COUNT + 1 : _FIRST_COUNT + len(LICE_TYPES)].transpose(2, 0, 1)
    return counted(np.stack(parts), size, drawn)
