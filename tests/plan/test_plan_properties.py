"""Whatever is asked: a plan keeps every rule, or nothing is planned."""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.farm.model import Container, Farm, Geography, Place, Site, Store
from grilse.ground.errors import BadInput
from grilse.ground.interval import Interval, clashes
from grilse.plan.occupancy import Book, first_fit
from grilse.plan.planning import plan
from grilse.plan.question import PlanAnswer, PlanQuestion
from grilse.schedule.reading import parse_schedule
from grilse.schedule.writing import dump


@dataclass(frozen=True)
class Stage:
    key: str
    default_days: int


LAND = ("egg_alevin", "fry")
STORE = Store("store", "silo", 1.0)


def place(name: str, kind: str, stages: tuple[str, ...], containers: int) -> Place:
    held = tuple(Container(f"{name}-C{i:02d}", "tank", 1.0, 1.0) for i in range(containers))
    return Place(name, kind, stages, held, STORE)


@st.composite
def geographies(draw: st.DrawFn, code: str) -> Geography:
    sites = []
    for i in range(draw(st.integers(1, 3))):
        name = f"{code}-W{i}"
        sizes = [draw(st.integers(1, 6)) for _ in LAND]
        halls = [
            place(f"{name}-{stage}", "hall", (stage,), size)
            for stage, size in zip(LAND, sizes, strict=True)
        ]
        if draw(st.booleans()):
            halls.append(place(f"{name}-both", "hall", LAND, draw(st.integers(1, 6))))
        sites.append(Site(name, "station", tuple(halls), 0.0, 0.0))
    for i in range(draw(st.integers(1, 3))):
        rings = draw(st.integers(1, 8))
        name = f"{code}-S{i}"
        sites.append(Site(name, "area", (place(name, "area", ("adult",), rings),), 0.0, 0.0))
    return Geography(f"Land {code}", code, tuple(sites))


@st.composite
def farms(draw: st.DrawFn) -> Farm:
    codes = ["AAA", "BBB", "CCC"][: draw(st.integers(1, 3))]
    return Farm("any", tuple(draw(geographies(code)) for code in codes))


questions = st.builds(
    PlanQuestion,
    as_of=st.integers(15_400, 16_000),
    batches_per_geography=st.integers(1, 8),
    stagger_days=st.fractions(0, 20, max_denominator=4),
    start=st.just(15_000),
    seed=st.integers(0, 2**63 - 1),
    containers_a_stage=st.integers(1, 4),
    ring_counts=st.sampled_from([(1,), (2, 3), (3, 2, 1), (4,)]),
)
lives = st.tuples(*(st.integers(1, 40) for _ in range(3))).map(
    lambda days: tuple(map(Stage, (*LAND, "adult"), days))
)


def planned(question: PlanQuestion, farm: Farm, stages: tuple[Stage, ...]) -> PlanAnswer | None:
    try:
        return plan(question, farm, stages)
    except BadInput as refusal:
        if [problem.code for problem in refusal.problems] != ["P-CAPACITY"]:
            raise
        return None


def double_held(answer: PlanAnswer) -> list[object]:
    """Clashes by container, gathered here from the entries alone."""
    held = defaultdict(list)
    for batch in answer.schedule.batches:
        for stay in batch.stays:
            days = Interval(batch.start + stay.start_day, batch.start + stay.end_day)
            for named in stay.containers:
                held[batch.geography, named].append((days, batch.batch_id))
    return [clash for stays in held.values() for clash in clashes(stays)]


@given(questions, farms(), lives)
def test_no_plan_holds_a_container_twice(
    question: PlanQuestion, farm: Farm, stages: tuple[Stage, ...]
) -> None:
    answer = planned(question, farm, stages)
    assert answer is None or not double_held(answer)


@given(questions, farms(), lives)
def test_every_stay_is_in_one_place_of_its_geography_built_for_its_stage(
    question: PlanQuestion, farm: Farm, stages: tuple[Stage, ...]
) -> None:
    answer = planned(question, farm, stages)
    for batch in answer.schedule.batches if answer else ():
        assert [stay.stage for stay in batch.stays] == [stage.key for stage in stages]
        for stay in batch.stays:
            _, place = farm.places[batch.geography, stay.place]
            names = [container.name for container in place.containers]
            assert stay.stage in place.stages
            assert {where for where, _ in stay.containers} == {place.name}
            assert {name for _, name in stay.containers} <= set(names)
            wanted = (
                question.ring_counts if place.kind == "area" else (question.containers_a_stage,)
            )
            assert len(set(stay.containers)) == len(stay.containers)
            assert len(stay.containers) in wanted


@given(questions, farms(), lives)
def test_one_batch_more_changes_none_before(
    question: PlanQuestion, farm: Farm, stages: tuple[Stage, ...]
) -> None:
    longer = planned(replace(question, batches_per_geography=9), farm, stages)
    if longer is not None:
        shorter = plan(question, farm, stages).schedule.batches
        assert longer.schedule.batches[: len(shorter)] == shorter


@given(questions, farms(), lives)
def test_shares_are_shares_and_days_add_up(
    question: PlanQuestion, farm: Farm, stages: tuple[Stage, ...]
) -> None:
    answer = planned(question, farm, stages)
    if answer is not None:
        saturation = answer.saturation
        for share in (saturation.overall, saturation.fished_share, saturation.ever_used_share):
            assert 0.0 <= share <= 1.0
        total = sum(group.reserved_days for group in saturation.groups)
        assert saturation.steady or total == sum(
            stay.days * len(stay.containers)
            for batch in answer.schedule.batches
            for stay in batch.stays
        )


@given(questions, farms(), lives)
def test_a_plan_reads_back_as_it_was_written(
    question: PlanQuestion, farm: Farm, stages: tuple[Stage, ...]
) -> None:
    answer = planned(question, farm, stages)
    if answer is not None:
        back = parse_schedule(StringIO(dump(answer.schedule)))
        assert back.batches == answer.schedule.batches
        assert (back.seed, back.as_of) == (question.seed, question.as_of)


spans = st.builds(
    lambda start, days: Interval(start, start + days), st.integers(0, 60), st.integers(1, 20)
)


@given(st.lists(st.tuples(spans, st.integers(1, 4)), max_size=25))
def test_a_book_gives_exactly_what_is_free_in_any_order_of_days(
    wishes: list[tuple[Interval, int]],
) -> None:
    """Against a ledger of days: out of order too, as when planning around what is there."""
    book = Book("site", "hall", ["a", "b", "c"])
    taken: dict[str, set[int]] = {"a": set(), "b": set(), "c": set()}
    for days, count in wishes:
        wanted = set(range(days.start, days.end))
        free = [name for name in "abc" if not taken[name] & wanted]
        assert book.free(days) == ["abc".index(name) for name in free]
        held = book.take(count, days)
        if len(free) < count:
            assert held is None
            continue
        assert held == tuple(("hall", name) for name in free[:count])
        for name in free[:count]:
            taken[name] |= wanted


def test_first_fit_tries_each_count_in_every_place_before_the_next() -> None:
    books = [Book("s", "p", ["p1", "p2"]), Book("s", "q", ["q1", "q2", "q3"])]
    days = Interval(0, 10)
    first = first_fit(books, 0, (3, 2), days)
    assert first is not None
    assert first.held == (("q", "q1"), ("q", "q2"), ("q", "q3"))
    second = first_fit(books, 1, (3, 2), days)
    assert second is not None
    assert second.position == 0
    assert first_fit(books, 0, (3, 2, 1), Interval(9, 11)) is None
    assert first_fit(books, 0, (2,), Interval(10, 11)) is not None


@given(questions, farms(), lives)
def test_the_number_that_a_refusal_names_fits_and_one_more_does_not(
    question: PlanQuestion, farm: Farm, stages: tuple[Stage, ...]
) -> None:
    try:
        plan(question, farm, stages)
    except BadInput as refusal:
        named = re.search(r"--batches (\d+)", str(refusal))
        fits = int(named[1]) if named else 0
        assert fits < question.batches_per_geography
        assert not fits or plan(replace(question, batches_per_geography=fits), farm, stages)
        with pytest.raises(BadInput, match="P-CAPACITY"):
            plan(replace(question, batches_per_geography=fits + 1), farm, stages)
