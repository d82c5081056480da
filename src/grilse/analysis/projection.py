"""A living batch from its last known state on, up to its harvest weight, with an interval."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from grilse.analysis.arrays import NONE, Floats, Ints, Numbers
from grilse.analysis.books import Books
from grilse.analysis.estimate import Estimate
from grilse.analysis.expected import Water, day_of_year
from grilse.analysis.models import Models
from grilse.analysis.observations import Observations
from grilse.analysis.scenario import Outlined
from grilse.analysis.settings import setting
from grilse.analysis.states import HALF_INTERVAL, thousandths
from grilse.analysis.warmth import fade
from grilse.biology.growth import cube_root_g, cube_root_gain, weight_g
from grilse.tables.catalogue import analysis as tables
from grilse.tables.schema import Table

__all__ = ["project"]

_BATCH_STRIDE = 4096
_MOST_GRAMS = 999_999.0
_DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class _Now:
    """A batch on its last known evening: fish, and the state of their mean."""

    fish: int
    root: float
    variance: float
    vigour: float
    vigour_variance: float
    stage: int
    stage_days: int
    warmer_c: float


@dataclass(frozen=True)
class _Ahead:
    """Coming days, shape (days,)."""

    stage: Ints
    temp_c: Floats
    fish: Numbers
    root: Floats
    error: Floats

    def first_day(self, grams: float, errors: float) -> int | None:
        """Return the place of the first day that weighs so much, so many errors off the mean."""
        reached = weight_g(np.maximum(self.root + errors * self.error, 0.0)) >= grams
        return int(reached.argmax()) if reached.any() else None


def project(
    seen: Observations, models: Models, books: Books, bath: Water, found: Estimate, plan: Outlined
) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Yield the projection and the outlook of a batch that lives, and has a weight to reach."""
    now = _now(seen, models, books, bath, found)
    target = _target(seen, plan)
    if now is None or target is None:
        return
    ahead = _ahead(seen, models, plan, now)
    days = len(ahead.root)
    reached = ahead.first_day(target, 0.0)
    if days:
        told = days if reached is None else reached + 1
        yield tables.ANALYSIS_PROJECTION, _rows(seen, ahead, told)
    yield tables.ANALYSIS_OUTLOOK, _outlook(seen, plan, now, ahead, target)


def _now(
    seen: Observations, models: Models, books: Books, bath: Water, found: Estimate
) -> _Now | None:
    stays = seen.stays
    last = stays.first + stays.days - 1
    fish = np.where(stays.start + stays.days == seen.as_of, books.closing[last], 0)
    total = float(fish.sum())
    if total == 0.0:
        return None
    evening = stays.first_node + stays.days
    part = fish / total
    grams = float(np.cumsum(part * weight_g(found.root[evening]))[-1])
    root = float(cube_root_g(grams))
    lean = part * np.square(found.root[evening] / root)
    newest = int(np.argmax(np.where(fish > 0, stays.start, -1)))
    stage = int(stays.stage[newest])
    season = models.of(seen.geography, stage).profile_c[day_of_year(np.array([seen.as_of - 1]))[0]]
    return _Now(
        int(total), root,
        float(np.cumsum(np.square(lean) * found.variance[evening])[-1]),
        float(np.cumsum(lean * found.vigour)[-1]),
        float(np.cumsum(np.square(lean) * found.vigour_variance)[-1]),
        stage, int(stays.days[newest]), float(bath.temp_c[last[newest]] - season),
    )  # fmt: skip


def _target(seen: Observations, plan: Outlined) -> float | None:
    """Return the weight to reach: the batch's own, else the one that its scenario ends with."""
    if seen.target_g is not None:
        return seen.target_g
    mine = plan.scenario == plan.pinned
    return float(plan.weight_g[mine][-1]) if plan.pinned != NONE and mine.any() else None


def _ahead(seen: Observations, models: Models, plan: Outlined, now: _Now) -> _Ahead:
    days = int(setting("projection.days"))
    date = seen.as_of + np.arange(days)
    stage = _stages(plan, date, now.stage)
    temp, gain = np.empty(days), np.empty(days)
    bounds = np.concatenate([[0], np.nonzero(np.diff(stage))[0] + 1, [days]])
    for first, end in pairwise(bounds.tolist()):
        model = models.of(seen.geography, int(stage[first]))
        temp[first:end] = model.profile_c[day_of_year(date[first:end])]
        if not first:
            temp[:end] += now.warmer_c * fade(np.arange(1.0, end + 1.0))
        since = np.arange(end - first) + (now.stage_days if not first else 0)
        gain[first:end] = cube_root_gain(model.growth, temp[first:end], since)
    gain *= setting("projection.kept_share")
    mine = np.arange(days) < bounds[1]
    here, later = np.cumsum(np.where(mine, gain, 0.0)), np.cumsum(np.where(mine, 0.0, gain))
    root = now.root + now.vigour * here + later
    years = np.maximum((np.arange(days) + 1.0) / _DAYS_A_YEAR, 1.0)
    variance = (
        now.variance + np.square(here) * now.vigour_variance
        + np.square((here + later) * setting("projection.growth_cv"))
        + np.square((here + later) * setting("projection.warmth_cv")) / years
    )  # fmt: skip
    return _Ahead(stage, temp, _fish(plan, date, now.fish), root, np.sqrt(variance))


def _stages(plan: Outlined, date: Ints, now: int) -> Ints:
    """Return the stage of each coming day, as the scenario has it; never one that is past."""
    place, told = plan.at(date)
    stage = np.where(told, plan.stage[place] if len(plan.stage) else 0, 0)
    return np.maximum.accumulate(np.maximum(stage, now))


def _fish(plan: Outlined, date: Ints, fish: int) -> Numbers:
    """Return the fish of each coming day: as the scenario loses them, later at its last rate."""
    place, told = plan.at(np.concatenate([[date[0] - 1], date]))
    if not told[:2].all():
        return np.full(len(date), float(fish))
    expected = plan.fish[place]
    ratio = np.divide(expected[1:], expected[:-1], out=np.ones(len(date)), where=expected[:-1] > 0)
    last = int(np.nonzero(told)[0][-1])
    usual = (expected[last] / expected[max(last - 30, 0)]) if expected[max(last - 30, 0)] else 1.0
    daily = 1.0 + (usual - 1.0) / 30.0
    return fish * np.cumprod(np.where(told[1:] & told[:-1], ratio, daily))


def _rows(seen: Observations, ahead: _Ahead, days: int) -> dict[str, Any]:
    day = seen.as_of - seen.birth + np.arange(days)
    root, error = ahead.root[:days], HALF_INTERVAL * ahead.error[:days]
    grams, fish = weight_g(root), np.rint(ahead.fish[:days])
    return {
        "analysis_projection_id": seen.batch * _BATCH_STRIDE + day,
        "projection_date": seen.birth + day,
        "day_number": day,
        "batch_id": seen.batch,
        "stage_id": ahead.stage[:days],
        "temp_c": np.rint(ahead.temp_c[:days] * 100.0).astype(np.int64),
        "population_count": fish.astype(np.int64),
        "avg_weight_g": thousandths(grams),
        "low_weight_g": thousandths(weight_g(np.maximum(root - error, 0.0))),
        "high_weight_g": thousandths(np.minimum(weight_g(root + error), _MOST_GRAMS)),
        "biomass_kg": np.rint(fish * grams * 0.1).astype(np.int64),
    }


def _outlook(
    seen: Observations, plan: Outlined, now: _Now, ahead: _Ahead, target: float
) -> dict[str, Any]:
    mean = ahead.first_day(target, 0.0)
    early, late = (ahead.first_day(target, side * HALF_INTERVAL) for side in (1.0, -1.0))
    fish = None if mean is None else round(float(ahead.fish[mean]))
    grams = None if mean is None else float(weight_g(ahead.root[mean]))
    kilos = None if fish is None or grams is None else round(fish * grams * 0.1)
    told = {
        "outlook_id": seen.batch,
        "batch_id": seen.batch,
        "state_date": seen.as_of - 1,
        "population_count": now.fish,
        "avg_weight_g": round(float(weight_g(now.root)) * 1000.0),
        "weight_se_g": round(3.0 * now.root * now.root * float(np.sqrt(now.variance)) * 1e6),
        "target_weight_g": round(target * 1000.0),
        "harvest_date": _date(seen, mean),
        "earliest_date": _date(seen, early),
        "latest_date": _date(seen, late),
        "harvest_count": fish,
        "harvest_biomass_kg": kilos,
        "scenario_id": None if plan.pinned == NONE else plan.pinned,
        "scenario_harvest_date": None if plan.harvest_day == NONE else plan.harvest_day,
    }
    return {name: _one(value) for name, value in told.items()}


def _date(seen: Observations, place: int | None) -> int | None:
    return None if place is None else seen.as_of + place


def _one(value: int | None) -> Any:
    return np.ma.masked_array([0 if value is None else value], [value is None])
