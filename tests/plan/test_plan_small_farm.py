"""A farm small enough to plan by hand: every stay, and what does not fit."""

from dataclasses import dataclass, replace
from fractions import Fraction

import pytest

from grilse.farm.model import Container, Farm, Geography, Place, Site, Store
from grilse.ground.errors import BadInput
from grilse.plan.planning import plan
from grilse.plan.question import PlanAnswer, PlanQuestion

START = 16_000
"""2013-10-22."""


@dataclass(frozen=True)
class Stage:
    key: str
    default_days: int


STAGES = (Stage("egg_alevin", 10), Stage("fry", 10), Stage("adult", 30))


def place(name: str, kind: str, stage: str, containers: int) -> Place:
    held = tuple(Container(f"{name}-{i}", "tank", 10.0, 100.0) for i in range(1, containers + 1))
    return Place(name, kind, (stage,), held, Store(f"{name}-store", "silo", 1000.0))


def geography(name: str, code: str, stations: int, areas: int) -> Geography:
    sites = [
        Site(
            f"{code}-W{i}",
            "station",
            (
                place(f"{code}-W{i}-A", "hall", "egg_alevin", 2),
                place(f"{code}-W{i}-B", "hall", "fry", 2),
            ),
            60.0,
            -7.0,
        )
        for i in range(1, stations + 1)
    ] + [
        Site(f"{code}-S{i}", "area", (place(f"{code}-S{i}", "area", "adult", 5),), 60.0, -7.0)
        for i in range(1, areas + 1)
    ]
    return Geography(name, code, tuple(sites))


FARM = Farm("small", (geography("North", "NOR", 2, 2), geography("South", "SOU", 1, 2)))

QUESTION = PlanQuestion(
    as_of=START + 100,
    batches_per_geography=3,
    stagger_days=Fraction(5),
    start=START,
    containers_a_stage=2,
    ring_counts=(2, 3),
)


def held(answer: PlanAnswer) -> dict[str, list[tuple[str, str, int, int]]]:
    """Places, last letters of containers and days from the first start, by batch."""
    return {
        batch.batch_id: [
            (
                stay.place,
                "".join(name[-1] for _, name in stay.containers),
                batch.start - START + stay.start_day,
                batch.start - START + stay.end_day,
            )
            for stay in batch.stays
        ]
        for batch in answer.schedule.batches
    }


def test_every_stay_is_where_a_hand_puts_it() -> None:
    assert held(plan(QUESTION, FARM, STAGES)) == {
        "NOR-2013-001": [
            ("NOR-W1-A", "12", 0, 10), ("NOR-W1-B", "12", 10, 20), ("NOR-S1", "123", 20, 50),
        ],
        "SOU-2013-001": [
            ("SOU-W1-A", "12", 5, 15), ("SOU-W1-B", "12", 15, 25), ("SOU-S1", "123", 25, 55),
        ],
        "NOR-2013-002": [
            ("NOR-W2-A", "12", 10, 20), ("NOR-W2-B", "12", 20, 30), ("NOR-S2", "123", 30, 60),
        ],
        "SOU-2013-002": [
            ("SOU-W1-A", "12", 15, 25), ("SOU-W1-B", "12", 25, 35), ("SOU-S2", "123", 35, 65),
        ],
        "NOR-2013-003": [
            ("NOR-W1-A", "12", 20, 30), ("NOR-W1-B", "12", 30, 40), ("NOR-S1", "45", 40, 70),
        ],
        "SOU-2013-003": [
            ("SOU-W1-A", "12", 25, 35), ("SOU-W1-B", "12", 35, 45), ("SOU-S1", "45", 45, 75),
        ],
    }  # fmt: skip


def test_numbers_run_with_the_interleaved_starts() -> None:
    batches = plan(QUESTION, FARM, STAGES).schedule.batches
    assert [batch.number for batch in batches] == [1, 2, 3, 4, 5, 6]
    assert [batch.start - START for batch in batches] == [0, 5, 10, 15, 20, 25]


def test_a_fractional_stagger_cuts_to_whole_days_and_does_not_drift() -> None:
    question = replace(QUESTION, batches_per_geography=11, stagger_days=Fraction("5.35"))
    starts = [batch.start - START for batch in plan(question, FARM, STAGES).schedule.batches]
    assert starts[:6] == [0, 5, 10, 16, 21, 26]
    assert starts[20] == 107  # 20 x 5.35 is 107 exactly; in binary floating point it may be less


def test_duration_is_the_days_lived_and_a_batch_to_come_has_lived_none() -> None:
    answer = plan(replace(QUESTION, as_of=START + 15), FARM, STAGES)
    assert [batch.duration for batch in answer.schedule.batches] == [15, 10, 5, 0, 0, 0]
    old = plan(replace(QUESTION, as_of=START + 900), FARM, STAGES)
    assert {batch.duration for batch in old.schedule.batches} == {50}
    assert held(old) == held(answer)


def test_a_full_hall_is_refused_with_group_date_wanted_and_free() -> None:
    question = replace(QUESTION, stagger_days=Fraction(4))
    with pytest.raises(BadInput) as refusal:
        plan(question, FARM, STAGES)
    (problem,) = refusal.value.problems
    assert problem.code == "P-CAPACITY"
    assert problem.batch == "SOU-2013-002"
    assert problem.message == ("South, egg_alevin: no hall has room from 2013-11-03 to 2013-11-13")
    assert problem.found == (
        "wanted 2 containers of one hall, free 0 in the emptiest hall, 0 in all 1; "
        "held by SOU-2013-001 to 2013-11-05"
    )
    assert problem.allowed == "one start in 10 days in this geography"
    assert problem.mend == ("Use --stagger 5 or more, or --batches 1 or fewer")


def test_a_full_sea_is_refused_where_land_has_room() -> None:
    sea = (*STAGES[:2], Stage("adult", 41))
    with pytest.raises(BadInput) as refusal:
        plan(replace(QUESTION, batches_per_geography=9), FARM, sea)
    (problem,) = refusal.value.problems
    # Four berths of two rings; the fifth batch of a geography comes on day 40, one day too early.
    assert problem.batch == "NOR-2013-005"
    assert problem.message == "North, adult: no area has room from 2013-12-21 to 2014-01-31"
    assert problem.found == (
        "wanted 2 or 3 containers of one area, free 0 in the emptiest area, 0 in all 2; "
        "held by NOR-2013-001 to 2013-12-22, NOR-2013-002 to 2014-01-01, "
        "NOR-2013-003 to 2014-01-11, NOR-2013-004 to 2014-01-21"
    )
    assert problem.mend == (
        "Use --stagger 5.125 or more, or --batches 4 or fewer, or --rings 1..3, "
        "or --adult-duration 40"
    )


@pytest.mark.parametrize("stagger", ["5", "5.125"])
def test_what_a_refusal_names_does_fit(stagger: str) -> None:
    days = 41 if stagger == "5.125" else 40
    stages = (*STAGES[:2], Stage("adult", days))
    question = replace(QUESTION, batches_per_geography=60, stagger_days=Fraction(stagger))
    answer = plan(question, FARM, stages)
    assert answer.bottleneck.least_stagger_days == Fraction(stagger)
    with pytest.raises(BadInput):
        plan(replace(question, stagger_days=Fraction(stagger) - Fraction("0.125")), FARM, stages)


def test_a_farm_without_a_stage_is_refused() -> None:
    with pytest.raises(BadInput) as refusal:
        plan(QUESTION, FARM, (*STAGES, Stage("brood", 5)))
    (problem,) = refusal.value.problems
    assert (
        problem.found
        == "wanted 2 containers of one hall, free 0: the farm has no hall for this stage; "
        "no batch holds it"
    )
    assert problem.mend == "Use a larger farm"


def test_counts_that_descend_are_cut_for_the_plan_s_own_stagger() -> None:
    question = replace(QUESTION, batches_per_geography=4, ring_counts=(5, 3, 2))
    question = replace(question, stagger_days=Fraction(10))
    answer = plan(question, FARM, STAGES)
    north = [batch.stays[-1] for batch in answer.schedule.batches[::2]]
    # A start every 20 days, 30 days at sea: two at once, so each has an area of five.
    assert [(stay.place, len(stay.containers)) for stay in north] == [
        ("NOR-S1", 5), ("NOR-S2", 5), ("NOR-S1", 5), ("NOR-S2", 5),
    ]  # fmt: skip


def test_saturation_of_the_hand_worked_plan() -> None:
    saturation = plan(QUESTION, FARM, STAGES).saturation
    assert (saturation.window.start, saturation.window.end) == (START, START + 75)
    assert not saturation.steady
    assert saturation.containers == 8 + 10 + 4 + 10
    by_group = {group.group.name: group.reserved_days for group in saturation.groups}
    assert by_group == {
        "North, egg_alevin": 60, "North, fry": 60, "North, adult": 240,
        "South, egg_alevin": 60, "South, fry": 60, "South, adult": 240,
    }  # fmt: skip
    assert saturation.overall == 720 / (32 * 75)
    assert saturation.fullest.group.name == "South, egg_alevin"
    assert saturation.fullest.share == 60 / (2 * 75)
    assert saturation.fished_days == 720
    assert saturation.fished_share == 720 / (32 * 100)
    assert saturation.ever_used == 8 + 8 + 4 + 8


def test_fished_days_end_at_as_of() -> None:
    saturation = plan(replace(QUESTION, as_of=START + 12), FARM, STAGES).saturation
    # Batch 1 has lived 12 days, 2 has lived 7, 3 has lived 2; two containers each.
    assert saturation.fished_days == 2 * (12 + 7 + 2)


def test_the_steady_window_runs_from_the_first_life_lived_to_the_last_start() -> None:
    answer = plan(replace(QUESTION, batches_per_geography=40), FARM, STAGES)
    saturation = answer.saturation
    # South starts last, on day 5, and has lived 50 days on day 55; North's last start is 39 x 10.
    assert (saturation.window.start, saturation.window.end) == (START + 55, START + 390)
    assert saturation.steady
    south = {group.group.stage: group.share for group in saturation.groups[3:]}
    assert south["egg_alevin"] == south["fry"] == 1.0
    assert south["adult"] == pytest.approx((3 + 3 + 2) / 10, abs=0.01)


def test_a_batch_stays_in_its_station_while_there_is_room_and_moves_on_when_not() -> None:
    north = Geography(
        "North",
        "NOR",
        (
            Site("W1", "station", (place("W1-B", "hall", "fry", 2),), 60.0, -7.0),
            Site(
                "W2",
                "station",
                (place("W2-A", "hall", "egg_alevin", 4), place("W2-B", "hall", "fry", 2)),
                60.0,
                -7.0,
            ),
            Site("S1", "area", (place("S1", "area", "adult", 4),), 60.0, -7.0),
        ),
    )
    question = replace(QUESTION, batches_per_geography=2)
    batches = plan(question, Farm("one", (north,)), STAGES).schedule.batches
    # Both are in W2 as eggs; its fry hall is the first one's, so the second goes to W1.
    assert [batch.station for batch in batches] == ["W2", "W2"]
    assert [batch.stays[1].place for batch in batches] == ["W2-B", "W1-B"]
