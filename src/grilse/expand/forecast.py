"""Rows of scenarios: what a batch is expected to do day by day, by the models and no draw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from grilse.biology.growth import cube_root_g, cube_root_gain, weight_g
from grilse.biology.mortality import daily_hazard, stage_mortality
from grilse.biology.ration import ration_kg
from grilse.biology.vaccination import appetite_around
from grilse.expand.grid import Columns, from_rows, joined, milligrams
from grilse.simulate.state import BatchState, Floats
from grilse.simulate.world import World
from grilse.site.season import mortality_season
from grilse.site.water import mean_temperature
from grilse.tables import keys
from grilse.tables.catalogue import scenario as tables
from grilse.tables.schema import Table

__all__ = ["Projection", "forecasts", "from_start", "scenario_models"]

_DAYS_A_YEAR = 366
_MODEL_STRIDE, _DAY_STRIDE = 64, 512
_LEAP_YEAR_DAY = 10_957
"""Day number of 1 January 2000, a leap year."""


@dataclass(frozen=True)
class Projection:
    """A scenario of a batch, day by day.

    Attributes
    ----------
    kind
        Place of its kind in `SCENARIO_KINDS`.
    first_day
        Day of life on which it begins.
    initial_count, initial_weight_g
        Fish then, and their mean weight.
    stage_id, temp_c, alive, root, feed_kg
        Of each day, shape (days,): stage, temperature, fish and cube root of their mean weight at
        its end, and its feed.
    """

    kind: int
    first_day: int
    initial_count: int
    initial_weight_g: float
    stage_id: Floats
    temp_c: Floats
    alive: Floats
    root: Floats
    feed_kg: Floats

    @property
    def days(self) -> int:
        """How many days it tells."""
        return len(self.alive)

    def day_of_weight(self, grams: float) -> int | None:
        """Return the first day of life that ends with that mean weight; None if none does."""
        reached = weight_g(self.root) >= grams
        return self.first_day + int(reached.argmax()) if reached.any() else None


def from_start(world: World, state: BatchState) -> Projection:
    """Return the scenario from the eggs on."""
    dead = world.parameters.number("delivery.dead_on_arrival_share")
    root = float(cube_root_g(world.parameters.number("delivery.egg_weight_g")))
    return _projected(world, state, 0, 0, state.plan.eggs * (1.0 - dead), root)


def forecasts(
    world: World, state: BatchState, first: Projection
) -> Iterator[tuple[Table, Columns]]:
    """Yield a batch's scenarios and their days: from the start, and from sea transfer once it is.

    The latest is the one that the batch pins; `first` is that from the start.
    """
    projections = [first]
    at_sea = _from_sea(world, state)
    if at_sea is not None:
        projections.append(at_sea)
    latest = len(projections) - 1
    yield (
        tables.SCENARIO,
        from_rows([_row(state, p, at == latest) for at, p in enumerate(projections)]),
    )
    columns = joined(_days(state, projection) for projection in projections)
    if columns is not None:
        yield tables.SCENARIO_PROJECTION, columns


def _from_sea(world: World, state: BatchState) -> Projection | None:
    for stay in state.stays:
        if stay.stage_index and stay.stage.environment == "sea water":
            fish = int(stay.initial.sum())
            if not fish or not stay.days:
                return None
            total = float(np.cumsum(stay.initial * stay.weight_open_g[:, 0])[-1])
            root = float(cube_root_g(total / fish))
            return _projected(world, state, 1, stay.stage_index, float(fish), root)
    return None


def _projected(
    world: World, state: BatchState, kind: int, first: int, fish: float, root: float
) -> Projection:
    """Project the stays from the `first` on, up to the target weight."""
    plan, parts = state.plan, []
    begun = (fish, root)
    for stay in plan.stays[first:]:
        parts.append(_stay(world, state, stay.stage, stay.start_day, stay.days, fish, root))
        fish, root = float(parts[-1][2][-1]), float(parts[-1][3][-1])
        fish *= 1.0 - world.parameters.number("transfer.loss_share")
    stage_id, temp, alive, roots, feed = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    days = len(alive)
    if plan.harvest_target_kg is not None:
        reached = weight_g(roots) >= plan.harvest_target_kg * 1000.0
        days = int(reached.argmax()) + 1 if reached.any() else days
    return Projection(
        kind, plan.stays[first].start_day, round(begun[0]), float(weight_g(begun[1])),
        stage_id[:days], temp[:days], alive[:days], roots[:days], feed[:days],
    )  # fmt: skip


def _stay(
    world: World, state: BatchState, key: str, start: int, days: int, fish: float, root: float
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return stage, temperature, fish, cube root of weight and feed of each day of a stay."""
    parameters, geography, stage = world.parameters, state.plan.geography, world.stages[key]
    first, day = state.plan.start + start, np.arange(days)
    temp = mean_temperature(parameters, geography, key, first, days)
    roots = root + np.cumsum(cube_root_gain(world.growth(key, geography), temp, day))
    if stage.environment != "sea water" and stage.fcr > 0.0:
        roots = _slowed(world, root, roots)
    grams, before = weight_g(roots), weight_g(np.concatenate([[root], roots[:-1]]))
    at_sea = stage.environment == "sea water"
    season = mortality_season(parameters, geography, first, days) if at_sea else np.ones(days)
    if at_sea:
        season = season * parameters.number(("planning", "sea_hazard_factor", geography))
    hazard = daily_hazard(parameters, key, geography, before, temp, day, season)
    kept = 1.0 - hazard
    culled_on = int(parameters.number(("grading", "stage", key, "day")))
    if culled_on < days:
        kept[culled_on] *= 1.0 - parameters.number(("grading", "stage", key, "cull_share"))
    alive = fish * np.cumprod(kept)
    feed = ration_kg(np.concatenate([[fish], alive[:-1]]) * (grams - before) / 1000.0, stage.fcr)
    return np.full(days, stage.order, np.float64), temp, alive, roots, feed


def _slowed(world: World, root: float, roots: Floats) -> Floats:
    """Return cube roots with what a vaccination costs, where it falls into these days."""
    due = weight_g(roots) >= world.parameters.number("activity.vaccination_weight_g")
    if not due.any() or due[0]:
        return roots
    given = int(due.argmax()) + int(world.parameters.number("vaccination.fast_days"))
    gains = np.diff(roots, prepend=root)
    slowed: Floats = root + np.cumsum(
        gains * appetite_around(world.parameters, np.arange(len(roots)) - given)
    )
    return slowed


def _row(state: BatchState, projection: Projection, is_pinned: bool) -> dict[str, object]:
    plan, kind = state.plan, tables.SCENARIO_KINDS[projection.kind]
    last = plan.start + projection.first_day + projection.days - 1
    return {
        "scenario_id": keys.scenario_id(plan.number, projection.kind),
        "batch_id": plan.number,
        "name": f"{plan.batch_id} {kind.lower().replace('_', ' ')}",
        "kind": projection.kind,
        "start_date": plan.start + projection.first_day,
        "initial_count": projection.initial_count,
        "initial_weight_g": round(projection.initial_weight_g * 1000.0),
        "duration_days": projection.days,
        "harvest_date": last,
        "is_pinned": is_pinned,
    }


def _days(state: BatchState, projection: Projection) -> Columns:
    plan = state.plan
    day = projection.first_day + np.arange(projection.days)
    scenario = keys.scenario_id(plan.number, projection.kind)
    grams, alive = weight_g(projection.root), np.rint(projection.alive)
    feed = np.rint(projection.feed_kg * 100.0).astype(np.int64)
    return {
        "projection_id": keys.projection_id(scenario, day),
        "scenario_id": np.full(len(day), scenario),
        "batch_id": plan.number,
        "projection_date": plan.start + day,
        "day_number": day,
        "stage_id": projection.stage_id.astype(np.int64),
        "temp_c": np.rint(projection.temp_c * 100.0).astype(np.int64),
        "population_count": alive.astype(np.int64),
        "avg_weight_g": milligrams(grams),
        "biomass_kg": np.rint(alive * grams * 0.1).astype(np.int64),
        "feed_kg": feed,
        "total_feed_kg": np.cumsum(feed),
    }


def scenario_models(world: World) -> Iterator[tuple[Table, Columns]]:
    """Yield the models of each geography and stage, and their temperature profiles."""
    models, profiles = [], []
    day = 1 + np.arange(_DAYS_A_YEAR)
    for geography_id, geography in enumerate(world.farm.geographies, start=1):
        for stage in world.stages.values():
            key = geography_id * _MODEL_STRIDE + stage.order
            growth = world.growth(stage.key, geography.name)
            deaths = stage_mortality(world.parameters, stage.key, geography.name)
            temp = mean_temperature(
                world.parameters, geography.name, stage.key, _LEAP_YEAR_DAY, _DAYS_A_YEAR
            )
            models.append(
                {
                    "scenario_model_id": key,
                    "geography_id": geography_id,
                    "stage_id": stage.order,
                    "tgc_per_1000dd": round(growth.tgc_per_1000dd * 10_000),
                    "reference_temp_c": round(growth.reference_temp_c * 100),
                    "fcr": round(stage.fcr * 1000),
                    "mortality_pct_per_month": round(deaths.base_per_day * 30.4375 * 100_000),
                }
            )
            profiles.append(
                {
                    "temperature_profile_id": key * _DAY_STRIDE + day,
                    "scenario_model_id": np.full(len(day), key),
                    "day_of_year": day,
                    "temp_c": np.rint(temp * 100.0).astype(np.int64),
                }
            )
    yield tables.SCENARIO_MODEL, from_rows(models)
    columns = joined(profiles)
    if columns is not None:
        yield tables.TEMPERATURE_PROFILE, columns
