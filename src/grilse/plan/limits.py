"""What a farm and its sea can bear, held against a schedule: one function a rule.

Under the policy `biosecure` what breaks a limit is an error, batch by batch. Elsewhere it informs:
one line a rule says how many batches break it and which is the first, since the classic plan is
known to break them all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from grilse.biology.growth import (
    Stretch,
    cube_root_g,
    egg_weight_g,
    expected_cube_root,
    stage_growth,
)
from grilse.farm.model import Farm
from grilse.ground.days import date_of
from grilse.ground.errors import Problem
from grilse.ground.parameters import Parameters
from grilse.ground.wording import numbered
from grilse.plan.customs import SeaRules, harvest_target_range_g, sea_rules
from grilse.schedule.model import BatchPlan, Schedule, Stay
from grilse.site.water import mean_temperature

__all__ = ["LIMITS", "Bearing", "limit_lines", "limit_problems"]

_SEASON_DAYS = 30
_KG = 1000.0
_STRICT_POLICIES = ("biosecure",)
_KEPT_TO = "A plan by --policy biosecure keeps to it"


@dataclass(frozen=True)
class Bearing:
    """A schedule on a farm, with what is to be expected of its fish.

    Attributes
    ----------
    schedule, farm, parameters
        What is looked at.
    """

    schedule: Schedule
    farm: Farm
    parameters: Parameters
    _weights: dict[tuple[object, ...], tuple[float, ...]] = field(default_factory=dict, repr=False)
    _rules: dict[str, SeaRules] = field(default_factory=dict, repr=False)

    def rules(self, geography: str) -> SeaRules:
        """Return the rules of a geography's sea."""
        if geography not in self._rules:
            self._rules[geography] = sea_rules(self.parameters, geography)
        return self._rules[geography]

    def is_sea(self, stay: Stay) -> bool:
        """Whether a stay is at sea."""
        return stay.stage == "adult"

    def fish(self, batch: BatchPlan, stay: Stay) -> float:
        """Return the most fish to be expected in a stay: all eggs, then those that live."""
        share = 1.0 if stay.start_day == 0 else self.rules(batch.geography).smolts_an_egg
        return batch.eggs * share

    def heaviest_kg(self, batch: BatchPlan, stay: Stay) -> float:
        """Return the mean weight to be expected at the end of a stay, at most the target."""
        grams = self._ends(batch)[batch.stays.index(stay)]
        target_kg = batch.harvest_target_kg
        if target_kg is None:
            target_kg = harvest_target_range_g(self.parameters, batch.geography)[1] / _KG
        return min(grams / _KG, target_kg)

    def _ends(self, batch: BatchPlan) -> tuple[float, ...]:
        """Return the weight in grams at the end of each stay; reckoned once a season."""
        season = date_of(batch.start).timetuple().tm_yday // _SEASON_DAYS
        spans = tuple((stay.stage, stay.start_day, stay.end_day) for stay in batch.stays)
        key = (batch.geography, season, spans)
        if key not in self._weights:
            self._weights[key] = self._reckoned(batch)
        return self._weights[key]

    def _reckoned(self, batch: BatchPlan) -> tuple[float, ...]:
        stretches: list[Stretch] = []
        for stay in batch.stays:
            where = (batch.geography, stay.stage)
            first = batch.start + stay.start_day
            temps = mean_temperature(self.parameters, *where, first, max(0, stay.days))
            stretches.append((stage_growth(self.parameters, stay.stage, batch.geography), temps))
        egg = float(cube_root_g(egg_weight_g(self.parameters)))
        roots = expected_cube_root(stretches, egg)
        ends = np.cumsum([max(0, stay.days) for stay in batch.stays])
        return tuple(float(roots[end]) ** 3 for end in ends)


def limit_problems(bearing: Bearing) -> Iterator[Problem]:
    """Yield what breaks a limit: errors under a strict policy, else a line a rule."""
    strict = bearing.schedule.metadata.get("policy") in _STRICT_POLICIES
    for rule in LIMITS:
        found = list(rule(bearing))
        if strict:
            yield from found
        elif found:
            yield _summed_up(found)


def limit_lines(bearing: Bearing) -> tuple[str, ...]:
    """Say which limits a plan breaks, a line a rule; nothing under a policy that keeps to them."""
    if bearing.schedule.metadata.get("policy") in _STRICT_POLICIES:
        return ()
    broken = [found for found in (list(rule(bearing)) for rule in LIMITS) if found]
    lines = [f"limit       {_broken_text(found)}" for found in broken]
    return (*lines, f"            {_KEPT_TO}") if lines else ()


def _broken_text(found: list[Problem]) -> str:
    first, batches = found[0], len({problem.batch for problem in found})
    example = f"{first.batch}: {first.found}; allowed {first.allowed}"
    return f"{numbered(batches, 'batch')}: {first.message} ({example})"


def _summed_up(found: list[Problem]) -> Problem:
    first, batches = found[0], len({problem.batch for problem in found})
    message = first.message
    if batches > 1:
        message += f"; so in {batches} batches, this is the first"
    return Problem(
        first.code, message, "info", first.file, first.line, first.batch, first.found,
        first.allowed, _KEPT_TO,
    )  # fmt: skip


def containers_not_overfull(bearing: Bearing) -> Iterator[Problem]:
    """Find containers that hold more fish by weight than they are built for."""
    for batch, stay in _stays(bearing.schedule):
        least = _least(bearing.farm, batch, stay, "max_biomass_kg")
        if least is None:
            continue
        held_kg = (
            bearing.fish(batch, stay) / len(stay.containers) * bearing.heaviest_kg(batch, stay)
        )
        if held_kg > least:
            kind = "ring" if bearing.is_sea(stay) else "container"
            yield _problem(
                bearing, batch, stay, "S-OVERFULL",
                f"stage {stay.stage}: a {kind} of {stay.place} is to hold more than it can bear",
                f"{held_kg / _KG:,.1f} t in each of {len(stay.containers)}",
                f"{least / _KG:,.1f} t",
            )  # fmt: skip


def few_fish_a_ring(bearing: Bearing) -> Iterator[Problem]:
    """Find rings with more fish than the rules of the sea allow."""
    for batch, stay in _sea_stays(bearing):
        fish = bearing.fish(batch, stay) / len(stay.containers)
        most = bearing.rules(batch.geography).most_fish_a_ring
        if fish > most:
            yield _problem(
                bearing, batch, stay, "S-FISH-A-RING", "too many fish a ring",
                f"{fish:,.0f} in each of {len(stay.containers)}", f"{most:,}",
            )  # fmt: skip


def thin_enough(bearing: Bearing) -> Iterator[Problem]:
    """Find rings denser than the rules of the sea allow at some weight up to harvest."""
    for batch, stay in _sea_stays(bearing):
        volume = _least(bearing.farm, batch, stay, "volume_m3")
        if not volume:
            continue
        rules, end = bearing.rules(batch.geography), bearing.heaviest_kg(batch, stay)
        fish = bearing.fish(batch, stay) / len(stay.containers)
        bands = zip(rules.up_to_kg, rules.most_kg_per_m3, strict=True)
        density = {min(up_to, end): limit for up_to, limit in bands if up_to < end}
        density[end] = rules.density_limit(end)
        for weight_kg, limit in density.items():
            if fish * weight_kg / volume > limit:
                yield _problem(
                    bearing, batch, stay, "S-DENSITY",
                    f"rings are too dense at {weight_kg:.1f} kg",
                    f"{fish * weight_kg / volume:.1f} kg/m3", f"{limit:g} kg/m3",
                )  # fmt: skip
                break


def one_generation_an_area(bearing: Bearing) -> Iterator[Problem]:
    """Find batches that join an area in which an older generation still lives."""
    for _, held in _by_area(bearing):
        oldest, reach = held[0], held[0][0].start + held[0][1].end_day
        for batch, stay in held[1:]:
            begin = batch.start + stay.start_day
            if begin >= reach:
                oldest = (batch, stay)
            window = bearing.rules(batch.geography).window_days
            apart = begin - oldest[0].start - oldest[1].start_day
            if apart > window:
                yield _problem(
                    bearing, batch, stay, "S-GENERATIONS", "an area holds two generations at once",
                    f"{stay.place} has held {oldest[0].batch_id} for {apart} days",
                    f"batches put to sea within {window} days",
                )  # fmt: skip
            reach = max(reach, batch.start + stay.end_day)


def fallow_between(bearing: Bearing) -> Iterator[Problem]:
    """Find areas that are stocked again before they have lain fallow."""
    for _, held in _by_area(bearing):
        last, reach = held[0][0], held[0][0].start + held[0][1].end_day
        for batch, stay in held[1:]:
            fallow = bearing.rules(batch.geography).fallow_days
            empty = batch.start + stay.start_day - reach
            if 0 <= empty < fallow:
                yield _problem(
                    bearing, batch, stay, "S-FALLOW", f"{stay.place} has not lain fallow",
                    f"{empty} days after {last.batch_id}", f"{fallow} days",
                )  # fmt: skip
            if batch.start + stay.end_day > reach:
                last, reach = batch, batch.start + stay.end_day


LIMITS: tuple[Callable[[Bearing], Iterator[Problem]], ...] = (
    containers_not_overfull,
    few_fish_a_ring,
    thin_enough,
    one_generation_an_area,
    fallow_between,
)


def _stays(schedule: Schedule) -> Iterator[tuple[BatchPlan, Stay]]:
    return ((batch, stay) for batch in schedule.batches for stay in batch.stays if stay.containers)


def _sea_stays(bearing: Bearing) -> Iterator[tuple[BatchPlan, Stay]]:
    return ((batch, stay) for batch, stay in _stays(bearing.schedule) if bearing.is_sea(stay))


def _by_area(
    bearing: Bearing,
) -> Iterable[tuple[tuple[str, str], list[tuple[BatchPlan, Stay]]]]:
    """Return the stays of each area, in the order in which they begin."""
    held: Mapping[tuple[str, str], list[tuple[BatchPlan, Stay]]] = defaultdict(list)
    for batch, stay in _sea_stays(bearing):
        held[batch.geography, stay.place].append((batch, stay))
    for stays in held.values():
        stays.sort(key=lambda item: (item[0].start + item[1].start_day, item[0].number))
    return held.items()


def _least(farm: Farm, batch: BatchPlan, stay: Stay, what: str) -> float | None:
    """Return the smallest of a property among the containers of a stay that the farm knows."""
    known = (farm.by_path.get((batch.geography, *pair)) for pair in stay.containers)
    found = [float(getattr(ref.container, what)) for ref in known if ref is not None]
    return min(found, default=None)


def _problem(
    bearing: Bearing, batch: BatchPlan, stay: Stay, code: str, message: str, found: str,
    allowed: str,
) -> Problem:  # fmt: skip
    return Problem(
        code, message, "error", bearing.schedule.file, stay.line or batch.line, batch.batch_id,
        found, allowed, "Take more rings or fewer eggs, another area, or later days",
    )  # fmt: skip
