"""What a farm bears, in words and as a table: the bound of every group, and the bottleneck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

from grilse.farm.model import Farm
from grilse.ground.parameters import Parameters
from grilse.plan.asking import expected_saturation
from grilse.plan.berths import most_berths
from grilse.plan.bound import GroupBound, bottleneck, bounds, cuts, least_stagger
from grilse.plan.explanation import days_text
from grilse.plan.naming import geographies_planned
from grilse.plan.planning import asked_of, life_of, reservation
from grilse.plan.question import Bottleneck, PlanQuestion
from grilse.plan.reservation import Reservation

__all__ = ["FarmBearing", "GroupBearing", "farm_bearing", "words"]

_DAYS_A_YEAR = Fraction("365.25")
_TEN = 10


@dataclass(frozen=True, slots=True)
class GroupBearing:
    """What one capacity group bears.

    Attributes
    ----------
    bound
        Berths, days held and least spacing of starts.
    batches_a_year
        Starts of its geography in a year at that spacing.
    saturation
        Share of its containers that are reserved when the whole farm runs at its bound.
    """

    bound: GroupBound
    batches_a_year: float
    saturation: float


@dataclass(frozen=True, slots=True)
class FarmBearing:
    """What a farm bears by a policy.

    Attributes
    ----------
    question
        Policy, rings and stage days that it was reckoned by.
    farm
        The farm, or the geographies of it that were asked about.
    groups
        In the farm's order.
    least_stagger_days
        Of an interleaved plan; None where a group holds no batch at all.
    bottleneck
        The group that decides it.
    saturation
        Of the whole farm at that stagger.
    mixed
        By geography, how the rings of its areas are cut, in words: ``7+7+6 and 10+10``.
    """

    question: PlanQuestion
    farm: Farm
    groups: tuple[GroupBearing, ...]
    least_stagger_days: Fraction | None
    bottleneck: Bottleneck | None
    saturation: float
    mixed: dict[str, str]


def farm_bearing(question: PlanQuestion, farm: Farm, parameters: Parameters) -> FarmBearing:
    """Reckon what a farm bears; of the question only policy, rings, days and geographies count."""
    part = replace(farm, geographies=geographies_planned(question, farm))
    asked = asked_of(question, part, parameters)
    reserved = reservation(asked, part, parameters, life_of(asked, parameters))
    found = bounds(asked, part, reserved)
    places = len(part.geographies)
    least = least_stagger(asked, found, places)
    limit = bottleneck(asked, found, places)
    paced = asked if least is None else replace(asked, stagger_days=least)
    return FarmBearing(
        question=paced,
        farm=part,
        groups=tuple(_of_group(paced, part, each, found, reserved) for each in found),
        least_stagger_days=least,
        bottleneck=limit,
        saturation=0.0 if least is None else _share(paced, part, found, reserved),
        mixed=_mixed(paced, found, places),
    )


def _share(
    question: PlanQuestion, farm: Farm, found: Sequence[GroupBound], reserved: Reservation
) -> float:
    return float(expected_saturation(question, farm, found, reserved))


def _of_group(
    question: PlanQuestion,
    farm: Farm,
    each: GroupBound,
    found: Sequence[GroupBound],
    reserved: Reservation,
) -> GroupBearing:
    a_year = float(_DAYS_A_YEAR / each.spacing_days) if each.spacing_days else 0.0
    share = 0.0
    if least_stagger(question, found, len(farm.geographies)) is not None and each.berths:
        spacing = question.spacing_days(each.group.geography, len(farm.geographies))
        share = float(_filled(question, found, each, len(farm.geographies)) / spacing)
    return GroupBearing(each, a_year, min(1.0, share))


def _filled(
    question: PlanQuestion, found: Sequence[GroupBound], each: GroupBound, geographies: int
) -> Fraction:
    """Return the mean days for which a start keeps the whole of a group reserved."""
    stay = each.held_days - (
        question.rest_days(each.group.geography) if each.group.kind == "area" else 0
    )
    count = Fraction(question.containers_a_stage)
    if each.group.kind == "area" and question.policy == "biosecure":
        count = Fraction(each.group.containers, max(1, each.berths))
    elif each.group.kind == "area":
        cut = cuts(question, found, geographies)[each.group.geography, each.group.stage]
        berths = [rings for place in cut for rings in place]
        count = Fraction(sum(berths), max(1, len(berths)))
    return count * stay / max(1, each.group.containers)


def _mixed(question: PlanQuestion, found: Sequence[GroupBound], geographies: int) -> dict[str, str]:
    """Say by geography how its areas are cut, the commonest way first."""
    if question.policy == "biosecure":
        return {}
    ways = {}
    for (geography, _), cut in cuts(question, found, geographies).items():
        common = Counter(place for place in cut if place).most_common()
        ways[geography] = " and ".join("+".join(map(str, way)) for way, _ in common)
    return ways


def words(bearing: FarmBearing) -> Iterator[str]:
    """Yield a sentence for the halls and one for the sea of each geography, and the bottleneck."""
    for geography in bearing.farm.geographies:
        own = [
            each.bound for each in bearing.groups if each.bound.group.geography == geography.name
        ]
        yield from _halls(geography.name, [each for each in own if each.group.kind == "hall"])
        for each in own:
            if each.group.kind == "area":
                yield _sea(bearing, each)
    yield _closing(bearing)


def _halls(name: str, halls: list[GroupBound]) -> Iterator[str]:
    if not halls:
        return
    least = max(halls, key=lambda each: each.spacing_days or Fraction(0))
    if any(each.spacing_days is None for each in halls):
        missing = next(each for each in halls if each.spacing_days is None)
        yield f"{name}, fresh water: no batch, there is no hall for {missing.group.stage}"
        return
    yield (
        f"{name}, fresh water: {len(least.group.sizes)} halls for {least.group.stage}, "
        f"{least.held_days} days each: one start in {days_text(least.spacing_days or Fraction(0))}"
        " days"
    )


def _sea(bearing: FarmBearing, each: GroupBound) -> str:
    sizes = Counter(each.group.sizes)
    built = ", ".join(f"{count} areas x {size} rings" for size, count in sizes.items())
    name = f"{each.group.geography}, sea: {built}"
    if each.spacing_days is None:
        return f"{name}; no batch: no area is large enough"
    spacing = days_text(each.spacing_days)
    if bearing.question.policy == "biosecure":
        rest = bearing.question.rest_days(each.group.geography)
        stay = each.held_days - rest
        return f"{name}; one generation an area, {stay} days and {rest} fallow: one in {spacing}"
    tens = sum(most_berths(size, (_TEN,)) for size in each.group.sizes)
    plain = Fraction(each.held_days, tens) if tens else None
    said = f"{_TEN} rings a batch: one start in {days_text(plain)} days; " if plain else ""
    low = min(bearing.question.ring_counts)
    mixed = bearing.mixed.get(each.group.geography, "")
    halls = [
        other.bound.spacing_days or Fraction(0)
        for other in bearing.groups
        if other.bound.group.kind == "hall"
    ]
    pace = days_text(max([each.spacing_days, *halls]))
    return f"{name}; {said}{low} rings: one in {spacing}; mixed {mixed}: one in {pace}"


def _closing(bearing: FarmBearing) -> str:
    limit, least = bearing.bottleneck, bearing.least_stagger_days
    if limit is None or least is None:
        return "Bottleneck: some stage has no place; the farm bears no batch"
    turns = bearing.question.turns(len(bearing.farm.geographies))
    a_year = floor(_DAYS_A_YEAR / (least * turns))
    return (
        f"Bottleneck: {limit.group.name}; a stagger of {days_text(least)} days, "
        f"one start in {days_text(least * turns)} days in each geography, {a_year} a year; "
        f"saturation {100 * bearing.saturation:.1f} %"
    )
