"""Asking the other way round: by saturation, by years, the tightest fit, and what contradicts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest

from grilse import api
from grilse.farm.builtin import reference_farm
from grilse.farm.model import Container, Farm, Geography, Place, Site, Store
from grilse.ground.errors import BadInput
from grilse.plan.berths import berths_by_place, even_counts
from grilse.plan.planning import plan
from grilse.plan.question import PlanQuestion
from grilse.plan.reservation import PlannedStage

DATES = {"start": "2016-01-01", "as_of": "2025-11-18"}


@pytest.mark.parametrize("hoped", [0.5, 0.87, 0.94])
def test_a_saturation_finds_the_stagger(hoped: float) -> None:
    answer = api.plan(saturation=hoped, batches=292, **DATES)
    assert answer.saturation.overall == pytest.approx(hoped, abs=0.01)
    assert answer.metadata["hoped_saturation"] == hoped


def test_largest_counts_find_it_too() -> None:
    rings = tuple(range(20, 5, -1))
    answer = api.plan(saturation=0.87, batches=292, rings=rings, **DATES)
    assert answer.saturation.overall == pytest.approx(0.87, abs=0.02)
    assert answer.question.stagger_days > Fraction("5.1")


def test_more_than_the_farm_bears_is_told_beside_what_it_bears() -> None:
    answer = api.plan(saturation=0.95, batches=200, **DATES)
    assert answer.question.stagger_days == Fraction("4.5")
    assert answer.saturation.overall == pytest.approx(0.949, abs=0.001)
    assert "95.0% cannot be had" in answer.told[0]


def test_years_find_the_number_and_a_number_in_years_the_stagger() -> None:
    assert len(api.plan(years=4, as_of="2025-11-18").schedule.batches) == 48
    answer = api.plan(years=10, batches=100, as_of="2025-11-18")
    assert answer.question.stagger_days == Fraction("18.2625")
    assert len(api.plan(years=10, fit=True, as_of="2025-11-18").schedule.batches) == 2 * 405


def test_the_tightest_plan_over_ten_years_is_within_two_percent_of_the_bound() -> None:
    answer = api.plan(years=10, fit=True, as_of="2025-11-18")
    assert answer.saturation.overall >= 0.98 * 1860 / 1960
    own = api.plan(years=10, fit=True, interleave=False, as_of="2025-11-18")
    assert own.saturation.overall >= 0.98


@pytest.mark.parametrize(
    "options",
    [
        {"stagger": 5, "saturation": 0.8},
        {"stagger": 5, "fit": True},
        {"saturation": 0.8, "fit": True},
        {"batches": 10, "years": 4, "stagger": 30},
        {"batches": 10, "years": 4, "fit": True},
    ],
)
def test_contradictions_are_refused_with_the_reason(options: dict[str, float]) -> None:
    with pytest.raises(BadInput, match=r"P-CONTRADICTION.*--.*Leave one of them out"):
        api.plan(as_of="2025-11-18", **options)


@pytest.mark.parametrize("options", [{"saturation": 0}, {"saturation": 87}, {"years": 0}])
def test_shares_and_spans_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(BadInput, match=r"P-SATURATION|P-YEARS"):
        api.plan(as_of="2025-11-18", **options)


def test_300_batches_between_two_dates_that_cannot_hold_them() -> None:
    dates = {"start": "2020-01-01", "as_of": "2024-01-01"}
    with pytest.raises(BadInput) as refusal:
        api.plan(batches=300, **dates)
    (problem,) = refusal.value.problems
    assert problem.code == "P-FIT"
    assert problem.message.startswith("Scotland, egg_alevin: 300 batches in each geography do not")
    assert "Use --batches 157 or fewer" in str(problem.mend)
    assert len(api.plan(batches=157, **dates).schedule.batches) == 314
    with pytest.raises(BadInput, match="P-FIT"):
        api.plan(batches=158, **dates)


def test_two_dates_with_room_keep_the_usual_stagger() -> None:
    answer = api.plan(batches=10, **DATES)
    assert answer.question.stagger_days == 30
    squeezed = api.plan(batches=100, start="2020-01-01", as_of="2024-01-01")
    assert squeezed.question.stagger_days < 8
    assert min(batch.duration for batch in squeezed.schedule.batches) >= 50


def test_stagger_3_says_what_would_do() -> None:
    with pytest.raises(BadInput, match=r"held by SCO-.*Use --stagger 4\.5 or more") as refusal:
        api.plan(stagger=3, batches=292, **DATES)
    assert "or --batches 10 or fewer" in str(refusal.value)


def small(areas: tuple[int, ...], stations: int = 2) -> Farm:
    """A farm of one geography whose halls hold two."""

    def place(name: str, kind: str, stage: str, size: int) -> Place:
        held = tuple(Container(f"{name}-{i}", "tank", 10.0, 100.0) for i in range(size))
        return Place(name, kind, (stage,), held, Store(f"{name}-store", "silo", 1.0))

    sites = [
        Site(f"W{i}", "station", (place(f"W{i}-A", "hall", "egg_alevin", 2),), 60.0, -7.0)
        for i in range(stations)
    ]
    sites += [
        Site(f"S{i}", "area", (place(f"S{i}", "area", "adult", size),), 60.0, -7.0)
        for i, size in enumerate(areas)
    ]
    return Farm("small", (Geography("North", "NOR", tuple(sites)),))


def test_one_area_only_is_the_limit_and_says_so() -> None:
    stages = (PlannedStage("egg_alevin", 5), PlannedStage("adult", 40))
    question = PlanQuestion(
        as_of=16_000, start=15_000, batches_per_geography=9, stagger_days=Fraction(5),
        containers_a_stage=2, ring_counts=(4, 5),
    )  # fmt: skip
    with pytest.raises(BadInput) as refusal:
        plan(question, small((10,)), stages)
    (problem,) = refusal.value.problems
    assert "North, adult: no area has room" in problem.message
    assert problem.mend == (
        "Use --stagger 20 or more, or --batches 2 or fewer, or --rings 1..5, or --adult-duration 10"
    )


def test_a_missing_hall_is_said_to_be_missing() -> None:
    stages = (PlannedStage("egg_alevin", 5), PlannedStage("fry", 5), PlannedStage("adult", 40))
    question = PlanQuestion(as_of=16_000, start=15_000, containers_a_stage=2, ring_counts=(4,))
    with pytest.raises(BadInput, match="the farm has no hall for this stage"):
        plan(question, small((10,)), stages)


def most_at_once(areas: tuple[int, ...], counts: tuple[int, ...]) -> int:
    """Brute force: the largest number of batches whose rings fit into the areas together."""

    def most(size: int) -> int:
        return max((1 + most(size - count) for count in counts if count <= size), default=0)

    return sum(most(size) for size in areas)


@pytest.mark.parametrize(
    ("areas", "counts"),
    list(product([(5,), (4, 7), (3, 3, 8)], [(2, 3), (3,), (2, 5), (3, 4, 5)])),
)
def test_the_plan_reaches_the_optimum_of_small_farms(
    areas: tuple[int, ...], counts: tuple[int, ...]
) -> None:
    """More batches at sea at once than brute force can place would be no plan; fewer is no optimum.

    At the bound D / S a start finds room for ever; a hundredth below it does not.
    """
    berths = most_at_once(areas, counts)
    stages = (PlannedStage("egg_alevin", 1), PlannedStage("adult", 60))
    bound = Fraction(60, berths)
    question = PlanQuestion(
        as_of=16_000, start=15_000, batches_per_geography=6 * berths + 5, stagger_days=bound,
        containers_a_stage=2, ring_counts=counts,
    )  # fmt: skip
    farm = small(areas, stations=4)
    answer = plan(question, farm, stages)
    assert answer.bottleneck is not None
    assert answer.bottleneck.least_stagger_days == max(bound, Fraction(1, 4))
    tighter = PlanQuestion(
        as_of=16_000, start=15_000, batches_per_geography=200 * berths,
        stagger_days=bound * Fraction(99, 100), containers_a_stage=2, ring_counts=counts,
    )  # fmt: skip
    with pytest.raises(BadInput, match="P-CAPACITY"):
        plan(tighter, farm, stages)


def test_berths_share_out_every_ring() -> None:
    assert even_counts(20, 3, range(6, 21)) == (7, 7, 6)
    assert even_counts(20, 2, range(6, 21)) == (10, 10)
    assert even_counts(20, 1, (8, 10)) == (10,)
    cut = berths_by_place((20,) * 20, range(6, 21), 50)
    assert sum(cut) == 50
    assert sorted(cut) == [2] * 10 + [3] * 10
    assert berths_by_place((20, 5), range(6, 21), 99) == (3, 0)


def test_two_dates_on_a_farm_that_bears_less_than_the_usual_pace() -> None:
    farm = reference_farm()
    faroes = farm.geographies[0]
    one_area = (*faroes.stations, *faroes.areas[:1])
    small = replace(farm, geographies=(replace(faroes, sites=one_area),))
    dates = {"start": "2020-01-01", "as_of": "2024-01-01", "farm": small}
    alone = api.plan(batches=1, **dates)
    assert len(alone.schedule.batches) == 1
    several = api.plan(batches=3, **dates)
    assert several.question.stagger_days > 30
    assert several.conflicts == 0
