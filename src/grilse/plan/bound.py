"""The capacity bound: how close together batches can start for ever, and which group decides it.

A group of S berths, in which a batch stays D days, bears one start in ``D / S`` days of its
geography: fewer would mean more than S batches at once, whatever the plan. The bound of a geography
is the longest of its groups', and the bound of an interleaved plan the longest of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from grilse.farm.model import Farm
from grilse.plan.berths import berths_by_place, even_counts
from grilse.plan.capacity import CapacityGroup, berths, capacity_groups, least_spacing
from grilse.plan.question import Bottleneck, PlanQuestion
from grilse.plan.reservation import Reservation

__all__ = [
    "GroupBound",
    "bottleneck",
    "bounds",
    "container_counts",
    "cuts",
    "least_stagger",
    "own_staggers",
    "rounded_up",
]

_FRACTION_OF_A_DAY = 10_000
"""Staggers are rounded up to four decimals, as the command line reads them."""


@dataclass(frozen=True, slots=True)
class GroupBound:
    """What one capacity group bears.

    Attributes
    ----------
    group
        The group.
    berths
        Batches that it holds at once at most.
    held_days
        Days for which a batch keeps a berth from others: its longest stay, and the fallow after it
        where the policy asks for one.
    spacing_days
        Least days between two starts of the geography; None where no batch fits.
    """

    group: CapacityGroup
    berths: int
    held_days: int
    spacing_days: Fraction | None


def container_counts(question: PlanQuestion, at_sea: bool) -> tuple[int, ...]:
    """Return how many containers a batch may hold, in the order in which the counts are tried."""
    return question.ring_counts if at_sea else (question.containers_a_stage,)


def bounds(question: PlanQuestion, farm: Farm, reserved: Reservation) -> tuple[GroupBound, ...]:
    """Return what each capacity group bears, in the farm's order; `farm` is what is planned on."""
    found = []
    for geography in farm.geographies:
        stages = {stage.key: stage.default_days for stage in reserved.longest(geography.name)}
        for group in capacity_groups(Farm(farm.name, (geography,)), stages):
            found.append(_bound(question, group, stages[group.stage]))
    return tuple(found)


def _bound(question: PlanQuestion, group: CapacityGroup, stay_days: int) -> GroupBound:
    at_sea = group.kind == "area"
    if at_sea and question.policy == "biosecure":
        return _generations(question, group, stay_days)
    held = berths(group, container_counts(question, at_sea))
    held_days = stay_days + (question.rest_days(group.geography) if at_sea else 0)
    return GroupBound(group, held, held_days, least_spacing(held, held_days))


def _generations(question: PlanQuestion, group: CapacityGroup, stay_days: int) -> GroupBound:
    """One generation an area: k batches, the last of which comes k - 1 starts after the first.

    An area is empty again after ``D + fallow + (k - 1) x``, and A areas take k batches each in
    that time: ``A k x >= D + fallow + (k - 1) x``.
    """
    share = question.batches_an_area
    areas = sum(size // share > 0 for size in group.sizes)
    held_days = stay_days + question.rest_days(group.geography)
    starts = areas * share - (share - 1)
    spacing = Fraction(held_days, starts) if areas else None
    return GroupBound(group, areas * share, held_days, spacing)


def least_stagger(
    question: PlanQuestion, found: Sequence[GroupBound], geographies: int
) -> Fraction | None:
    """Return the least stagger that all groups bear; None where one holds no batch at all."""
    spacings = [each.spacing_days for each in found]
    if not spacings or None in spacings:
        return None
    return max(each for each in spacings if each is not None) / question.turns(geographies)


def own_staggers(found: Sequence[GroupBound]) -> dict[str, Fraction]:
    """Return the least days between starts of each geography by itself, to four decimals."""
    paces: dict[str, Fraction] = {}
    for each in found:
        if each.spacing_days is not None:
            name = each.group.geography
            paces[name] = max(paces.get(name, Fraction(0)), rounded_up(each.spacing_days))
    return paces


def rounded_up(days: Fraction) -> Fraction:
    """Return days with at most four decimals, and no less."""
    return Fraction(ceil(days * _FRACTION_OF_A_DAY), _FRACTION_OF_A_DAY)


def bottleneck(
    question: PlanQuestion, found: Sequence[GroupBound], geographies: int
) -> Bottleneck | None:
    """Return the group that asks for the longest stagger; None where no group holds a batch."""
    known = [(each.spacing_days, each.group) for each in found if each.spacing_days is not None]
    if not known:
        return None
    spacing, group = max(known, key=lambda item: item[0])
    return Bottleneck(group, spacing / question.turns(geographies))


def cuts(
    question: PlanQuestion, found: Sequence[GroupBound], geographies: int
) -> Mapping[tuple[str, str], tuple[tuple[int, ...], ...]]:
    """Return the rings of each berth of each area, by geography and stage.

    As many berths are cut as there will be batches at sea at once: with counts that ascend, at the
    least spacing that the halls bear; with counts that descend, at this plan's own.
    """
    counts = question.ring_counts
    smallest_first = counts[0] <= counts[-1]
    return {
        (each.group.geography, each.group.stage): _cut(each, counts, spacing)
        for each in found
        if each.group.kind == "area"
        for spacing in [
            _halls_spacing(question, found, each.group.geography)
            if smallest_first
            else question.spacing_days(each.group.geography, geographies)
        ]
    }


def _cut(
    each: GroupBound, counts: tuple[int, ...], spacing: Fraction
) -> tuple[tuple[int, ...], ...]:
    sizes = each.group.sizes
    wanted = ceil(each.held_days / spacing) if spacing > 0 else sum(sizes)
    shared = berths_by_place(sizes, counts, wanted)
    return tuple(even_counts(size, held, counts) for size, held in zip(sizes, shared, strict=True))


def _halls_spacing(question: PlanQuestion, found: Sequence[GroupBound], geography: str) -> Fraction:
    """Return the least spacing that the halls bear: of all geographies where they take turns."""
    known = [
        each.spacing_days
        for each in found
        if each.spacing_days is not None
        and each.group.kind == "hall"
        and (question.interleave or each.group.geography == geography)
    ]
    return max(known, default=Fraction(0))
