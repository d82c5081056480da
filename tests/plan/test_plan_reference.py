"""Plans of the built-in farm: 550 batches, the tightest that fits, and what does not."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from time import process_time

import pytest

from grilse.biology.parameters import builtin_parameters
from grilse.farm.builtin import builtin_farm, reference_farm
from grilse.ground.days import date_of, day_of
from grilse.ground.draws import Draws
from grilse.ground.errors import BadInput
from grilse.plan.naming import eggs_delivered, harvest_target_g
from grilse.plan.planning import plan_life
from grilse.plan.question import PlanAnswer, PlanQuestion
from grilse.schedule.occupancy import double_held

CLASSIC = PlanQuestion(
    as_of=day_of(date(2025, 11, 18)),
    batches_per_geography=275,
    stagger_days=Fraction(6),
    start=day_of(date(2016, 1, 1)),
)

CLASSIC_DAY = day_of(date(2016, 1, 1))


def answer_to(question: PlanQuestion) -> PlanAnswer:
    return plan_life(question, reference_farm(), builtin_parameters())


@pytest.fixture(scope="module")
def classic() -> PlanAnswer:
    return answer_to(CLASSIC)


def test_550_batches_are_planned_and_checked_in_a_second() -> None:
    answer_to(replace(CLASSIC, batches_per_geography=1))
    begun = process_time()
    answer = answer_to(CLASSIC)
    assert process_time() - begun < 1.0
    assert len(answer.schedule.batches) == 550
    assert not list(double_held(answer.schedule.batches))


def test_ids_numbers_and_eggs_are_as_the_design_says(classic: PlanAnswer) -> None:
    batches = classic.schedule.batches
    assert [batch.number for batch in batches] == list(range(1, 551))
    assert [batch.batch_id for batch in batches[:4]] == [
        "FAR-2016-001", "SCO-2016-001", "FAR-2016-002", "SCO-2016-002",
    ]  # fmt: skip
    assert batches[-1].batch_id == "SCO-2025-275"
    assert [batch.eggs for batch in batches[:16:2]] == [
        3000000, 3123456, 3246912, 3370368, 3493824, 3617280, 3740736, 3064192,
    ]  # fmt: skip
    assert {batch.batch_id[:3]: batch.geography for batch in batches} == {
        "FAR": "Faroe Islands",
        "SCO": "Scotland",
    }


def test_lives_are_whole_in_halls_and_areas_of_the_batch(classic: PlanAnswer) -> None:
    farm = reference_farm()
    for batch in classic.schedule.batches:
        *land, sea = batch.stays
        assert [(stay.start_day, stay.end_day) for stay in batch.stays] == [
            (0, 90), (90, 180), (180, 270), (270, 360), (360, 450), (450, 900),
        ]  # fmt: skip
        for stay in land:
            site, hall = farm.places[batch.geography, stay.place]
            assert (site.name, hall.kind, hall.stages) == (batch.station, "hall", (stay.stage,))
            assert len(stay.containers) == 10
        assert farm.places[batch.geography, sea.place][1].kind == "area"
        assert len(sea.containers) in (6, 7, 10)
        for stay in batch.stays:
            assert {place for place, _ in stay.containers} == {stay.place}


def test_places_take_turns(classic: PlanAnswer) -> None:
    faroe = classic.schedule.batches[::2]
    assert [batch.station for batch in faroe[:13]] == [
        *(f"FI-FW-{i:02d}" for i in range(1, 13)), "FI-FW-01",
    ]  # fmt: skip
    assert [batch.stays[-1].place for batch in faroe[:24]] == [
        *(f"FI-SEA-{i:02d}" for i in range(1, 24)), "FI-SEA-01",
    ]  # fmt: skip


def test_harvest_targets_fill_their_range_to_the_gram(classic: PlanAnswer) -> None:
    for code, low, high in (("FAR", 5.0, 6.5), ("SCO", 4.5, 6.0)):
        targets = [
            batch.harvest_target_kg or 0.0
            for batch in classic.schedule.batches
            if batch.batch_id.startswith(code)
        ]
        assert low <= min(targets) < low + 0.05
        assert high - 0.05 < max(targets) <= high
        assert abs(sum(targets) / len(targets) - (low + high) / 2) < 0.1
        assert all(target == round(target, 3) for target in targets)


def test_first_targets_are_pinned(classic: PlanAnswer) -> None:
    """Literals: a change of generator, key or arithmetic would change everyone's data unseen."""
    assert [batch.harvest_target_kg for batch in classic.schedule.batches[:4]] == PINNED


PINNED = [5.502, 4.798, 5.414, 5.072]


def test_targets_follow_from_seed_and_name_alone() -> None:
    first = harvest_target_g(Draws(1), "FAR-2016-001", 5000, 6500)
    assert first == harvest_target_g(Draws(1), "FAR-2016-001", 5000, 6500)
    others = {harvest_target_g(Draws(seed), "FAR-2016-001", 5000, 6500) for seed in range(2, 12)}
    assert len(others - {first}) > 5
    assert harvest_target_g(Draws(1), "FAR-2016-001", 5000, 5000) == 5000


def test_a_longer_plan_leaves_the_first_batches_as_they_were(classic: PlanAnswer) -> None:
    longer = answer_to(replace(CLASSIC, batches_per_geography=276))
    assert longer.schedule.batches[:550] == classic.schedule.batches


def test_as_of_and_seed_move_nobody(classic: PlanAnswer) -> None:
    other = answer_to(replace(CLASSIC, as_of=CLASSIC.as_of + 400, seed=2))
    assert [batch.stays for batch in other.schedule.batches] == [
        batch.stays for batch in classic.schedule.batches
    ]


def test_without_a_start_the_youngest_is_fifty_days_old() -> None:
    for stagger in (Fraction(30), Fraction("4.5"), Fraction("7.35")):
        question = PlanQuestion(as_of=CLASSIC.as_of, stagger_days=stagger)
        batches = answer_to(question).schedule.batches
        assert batches[-1].duration == 50
        assert batches[-1].start == question.as_of - 50
        assert min(batch.duration for batch in batches) == 50


def test_saturation_of_the_classic_plan(classic: PlanAnswer) -> None:
    """In a steady state a stage of D days has D / 12 batches in it: worked out by hand."""
    saturation = classic.saturation
    assert saturation.steady
    # Scotland starts on day 6 and has lived 900 days on day 906; Faroe's last start is its 275th.
    assert saturation.window.start == day_of(date(2016, 1, 1)) + 906
    assert saturation.window.end == day_of(date(2016, 1, 1)) + 274 * 12
    shares = {group.group.name: group.share for group in saturation.groups}
    # The sea is cut into 50 berths a geography, of which 450 / 12 are held: every ring in turn.
    land, held = 90 / 12 * 10, 450 / 12 / 50
    assert shares["Faroe Islands, fry"] == pytest.approx(land / 120, abs=0.002)
    assert shares["Scotland, fry"] == pytest.approx(land / 100, abs=0.002)
    assert shares["Faroe Islands, adult"] == pytest.approx(held, abs=0.002)
    assert shares["Scotland, adult"] == pytest.approx(held, abs=0.002)
    assert saturation.overall == pytest.approx((10 * land + 860 * held) / 1960, abs=0.002)
    assert saturation.ever_used == 1960


def test_the_bottleneck_is_fresh_water_in_scotland(classic: PlanAnswer) -> None:
    assert classic.bottleneck is not None
    assert classic.bottleneck.group.name == "Scotland, egg_alevin"
    assert classic.bottleneck.least_stagger_days * 2 == 9
    assert classic.metadata["capacity"]["least_stagger_days"] == 4.5


def test_584_batches_fill_the_farm_to_the_bound() -> None:
    """A start every 9 days in each geography: Scotland full in every group, no ring idle."""
    answer = answer_to(replace(CLASSIC, batches_per_geography=292, stagger_days=Fraction("4.5")))
    assert len(answer.schedule.batches) == 584
    assert not list(double_held(answer.schedule.batches))
    saturation = answer.saturation
    assert saturation.steady
    assert saturation.overall == pytest.approx((600 * 10 / 12 + 460 + 500 + 400) / 1960, abs=0.001)
    shares = {group.group.name: group.share for group in saturation.groups}
    assert min(share for name, share in shares.items() if name.startswith("Scotland")) > 0.999
    assert shares["Faroe Islands, adult"] > 0.999
    assert shares["Faroe Islands, fry"] == pytest.approx(10 / 12, abs=0.001)
    assert answer.bottleneck is not None
    assert answer.bottleneck.least_stagger_days == Fraction("4.5")


def test_without_interleaving_each_geography_fills_up() -> None:
    paces = {"Faroe Islands": Fraction("7.5"), "Scotland": Fraction(9)}
    question = replace(CLASSIC, batches_per_geography=200, interleave=False, own_staggers=paces)
    answer = answer_to(question)
    assert not list(double_held(answer.schedule.batches))
    assert answer.saturation.overall > 0.999


def test_the_least_stagger_fits_and_less_does_not() -> None:
    tight = replace(CLASSIC, stagger_days=Fraction("4.5"))
    assert len(answer_to(tight).schedule.batches) == 550
    with pytest.raises(BadInput, match="P-CAPACITY"):
        answer_to(replace(tight, stagger_days=Fraction("4.49")))


def test_fewer_berths_make_the_scottish_sea_the_bottleneck() -> None:
    """Ten rings a batch: two an area, 40 in all, one start in 450 / 40 = 11.25 days."""
    tens = replace(CLASSIC, ring_counts=(10,), stagger_days=Fraction("5.625"))
    answer = answer_to(tens)
    assert answer.bottleneck is not None
    assert answer.bottleneck.group.name == "Scotland, adult"
    assert answer.bottleneck.least_stagger_days == Fraction("5.625")
    with pytest.raises(BadInput) as refusal:
        answer_to(replace(tens, stagger_days=Fraction("4.5")))
    (problem,) = refusal.value.problems
    assert problem.code == "P-CAPACITY"
    assert problem.batch == "SCO-2016-041"
    # Start 81 (from 0) is on day floor(81 x 4.5) = 364; the sea begins 450 days later.
    first = date_of(day_of(date(2016, 1, 1)) + 364 + 450)
    assert problem.message.startswith(f"Scotland, adult: no area has room from {first} to ")
    assert "free 0 in the emptiest area, 0 in all 20" in str(problem.found)
    assert f"held by SCO-2016-001 to {date_of(CLASSIC_DAY + 4 + 900)}, " in str(problem.found)
    assert "and 36 more" in str(problem.found)
    assert problem.mend == (
        "Use --stagger 5.625 or more, or --batches 40 or fewer, or --rings 6..10, "
        "or --adult-duration 360"
    )


def test_every_change_that_a_refusal_names_fits() -> None:
    tens = replace(CLASSIC, ring_counts=(10,), stagger_days=Fraction("4.5"))
    assert answer_to(replace(tens, batches_per_geography=40))
    assert answer_to(replace(tens, ring_counts=tuple(range(6, 11))))
    assert answer_to(replace(tens, stage_days={"adult": 360}))


def test_largest_first_leaves_no_ring_idle_however_wide_the_stagger() -> None:
    answer = answer_to(replace(CLASSIC, ring_counts=tuple(range(20, 5, -1))))
    shares = {group.group.name: group.share for group in answer.saturation.groups}
    assert shares["Scotland, adult"] > 0.98
    assert shares["Faroe Islands, adult"] > 0.98


def test_sea_reserved_until_the_heaviest_fish_are_harvested() -> None:
    answer = answer_to(replace(CLASSIC, reserve="weight"))
    assert not list(double_held(answer.schedule.batches))
    for batch in answer.schedule.batches:
        assert batch.extra["effective_duration"] == batch.stays[-1].end_day
    faroe, scotland = (
        {b.stays[-1].days for b in answer.schedule.batches if b.geography == name}
        for name in ("Faroe Islands", "Scotland")
    )
    # About 414-437 days to 6.5 kg and 429-473 to 6.0, with a month of harvest and 14 days more;
    # the season of the start decides, and 30 days are left to the growth parameters.
    assert 414 + 45 - 30 <= min(faroe) < max(faroe) <= 437 + 45 + 30
    assert 429 + 45 - 30 <= min(scotland) < max(scotland) <= 473 + 45 + 30


def test_metadata_say_what_the_file_needs(classic: PlanAnswer) -> None:
    meta = classic.metadata
    assert meta["policy"] == "saturation"
    assert (meta["stagger_days"], meta["geography_stagger_days"]) == (6, 12)
    assert meta["farm"]["origin"] == "built-in:reference"
    assert meta["parameters"]["fingerprint"] == builtin_parameters().fingerprint
    assert (meta["total_batches"], meta["batches_per_geography"]) == (550, 275)


def test_the_second_farm_is_planned_too() -> None:
    farm = builtin_farm("first-design")
    answer = plan_life(CLASSIC, farm, builtin_parameters())
    assert answer.schedule.batches[13 * 2].station == "FI-FW-14"


def test_eggs_are_a_function_of_the_index() -> None:
    assert (eggs_delivered(1), eggs_delivered(2), eggs_delivered(8)) == (3000000, 3123456, 3064192)
