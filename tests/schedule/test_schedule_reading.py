from __future__ import annotations

import random
from datetime import date

import pytest

from grilse.ground.days import date_of, day_of
from grilse.ground.errors import BadInput
from grilse.schedule.layout import DEFAULT_SEED, FORMAT
from grilse.schedule.reading import read_schedule

NESTED = """\
metadata: {saturation_target: 0.87, generated_date: 2026-01-01}
batches:
- batch_id: FAR-2023-001
  start_date: 2023-01-01
  eggs: 3500000
  duration: 800
  geography: Faroe Islands
  station: FI-FW-03
  sea_area: FI-SEA-07
  containers:
    egg_alevin: {hall: Hall-A, containers: [C01, C02]}
    fry: {hall: FI-FW-03-Hall-B, containers: [C01, C02]}
    parr: {hall: C, containers: [1, 2]}
    smolt: {hall: FI-FW-03-Hall-D, containers: [FI-FW-03-D-C01]}
    post_smolt: {hall: Hall-E, containers: [C01]}
    adult: {area: FI-SEA-07, containers: [Ring-01, Ring-12]}
"""


def replaced(text, *pairs):
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


def test_the_file_of_170_batches(shared):
    schedule = read_schedule(shared("schedule_170_production.yaml"))
    assert len(schedule.batches) == 170
    assert sum(batch.eggs for batch in schedule.batches) == 575_475_840
    assert sum(len(stay.containers) for b in schedule.batches for stay in b.stays) == 9860
    assert {len(batch.stays) for batch in schedule.batches} == {6}
    assert date_of(schedule.batches[0].start) == date(2011, 11, 15)
    assert date_of(max(batch.start for batch in schedule.batches)) == date(2025, 10, 2)
    assert date_of(schedule.as_of) == date(2025, 11, 21)
    assert schedule.seed == DEFAULT_SEED
    assert sorted(batch.number for batch in schedule.batches) == list(range(1, 171))
    assert sum(batch.open_ended for batch in schedule.batches) == 29
    assert schedule.batches[0].harvest_target_kg == 5.152041042226078
    assert schedule.batches[0].stays[-1].stage == "adult"
    assert schedule.batches[0].extra["stages"]["adult"]["rings_count"] == 8


def test_the_file_of_20_batches(shared):
    schedule = read_schedule(shared("test_schedule_20.yaml"))
    assert len(schedule.batches) == 20
    assert sum(batch.eggs for batch in schedule.batches) == 68_300_178
    assert sum(len(batch.stays) for batch in schedule.batches) == 31
    assert all(batch.open_ended for batch in schedule.batches)
    assert date_of(schedule.as_of) == date(2025, 11, 19)
    assert schedule.batches[0].harvest_target_kg is None
    assert schedule.batches[0].line == 8


def test_a_flat_entry_becomes_a_plan(parse, base):
    first, second = parse(base).batches
    assert (first.batch_id, first.number, first.eggs) == ("FAR-2020-001", 1, 3_000_000)
    assert [stay.stage for stay in first.stays] == ["egg_alevin", "fry", "adult"]
    assert first.stays[0].containers[1] == ("FI-FW-01-Hall-A", "FI-FW-01-A-C02")
    assert first.stays[2].place == "FI-SEA-01"
    assert first.life.days == 900
    assert date_of(second.start) == date(2020, 5, 30)
    assert (first.line, second.line) == (5, 29)
    assert list(first.stays[0].container_lines) == [15, 16]
    assert list(first.stays[1].container_lines) == [21, 21]
    assert first.stays[1].day_lines == (22, 23)


def test_a_nested_entry_becomes_a_plan_with_full_names(parse):
    [batch] = parse(NESTED).batches
    assert [(stay.start_day, stay.end_day) for stay in batch.stays] == [
        (0, 90), (90, 180), (180, 270), (270, 360), (360, 450), (450, 800),
    ]  # fmt: skip
    assert [stay.containers[-1] for stay in batch.stays] == [
        ("FI-FW-03-Hall-A", "FI-FW-03-A-C02"), ("FI-FW-03-Hall-B", "FI-FW-03-B-C02"),
        ("FI-FW-03-Hall-C", "FI-FW-03-C-C02"), ("FI-FW-03-Hall-D", "FI-FW-03-D-C01"),
        ("FI-FW-03-Hall-E", "FI-FW-03-E-C01"), ("FI-SEA-07", "FI-SEA-07-Ring-12"),
    ]  # fmt: skip


def test_a_nested_entry_may_name_its_area_once_and_be_cut_short(parse):
    text = replaced(
        NESTED,
        ("adult: {area: FI-SEA-07, containers", "adult: {rings"),
        ("duration: 800", "duration: 500"),
    )
    [batch] = parse(text).batches
    assert batch.stays[-1].containers[0] == ("FI-SEA-07", "FI-SEA-07-Ring-01")
    assert batch.stays[-1].end_day == 500


def test_every_key_seen_in_the_wild_is_read(parse, base):
    text = replaced(
        base,
        ("  stagger_days: 30\n", "  stagger_days: 30\n  reference_pack_dir: null\n"
         "  worker_partitions:\n    worker_1:\n      batch_indices: [0, 1]\n      count: 2\n"),
        ("  duration: 900\n", "  duration: 900\n  effective_duration: 912\n  purpose: history\n"
         "  harvest_target_kg: 5.25\n  sea_batch_number_target: S-77\n"),
        ("      hall: FI-FW-01-Hall-B\n", "      hall: FI-FW-01-Hall-B\n      station: FI-FW-01\n"
         "      container_ids: [11, 12]\n"),
        ("    rings: [", "    ring_ids: [7]\n    rings_count: 1\n    note: Minimal\n    rings: ["),
    )  # fmt: skip
    batch = parse(text).batches[0]
    assert batch.harvest_target_kg == 5.25
    assert batch.extra["effective_duration"] == 912
    assert batch.extra["purpose"] == "history"
    assert batch.extra["sea_batch_number_target"] == "S-77"
    assert batch.extra["stages"]["fry"] == {"station": "FI-FW-01", "container_ids": [11, 12]}
    assert batch.extra["stages"]["adult"] == {"ring_ids": [7], "rings_count": 1, "note": "Minimal"}


@pytest.mark.parametrize("spelling", ["post-smolt", "post_smolt", "Post-Smolt"])
def test_a_stage_is_known_by_any_usual_spelling(parse, base, spelling):
    text = replaced(base, ("    fry:", f"    {spelling}:"))
    assert parse(text).batches[0].stays[1].stage == "post_smolt"


def test_stages_may_stand_in_any_order(parse, base):
    lines = base.splitlines(keepends=True)
    swapped = "".join(lines[:11] + lines[18:23] + lines[11:18] + lines[23:])
    assert parse(swapped) == parse(base)


@pytest.mark.parametrize(
    ("halls", "names", "expected"),
    [
        ("S-Hall-A, S-Hall-B", "S-A-C01, S-B-C01, S-A-C02", "S-Hall-A S-Hall-B S-Hall-A"),
        ("A Hall, B Hall", "T1, T2, T1", "A_Hall A_Hall B_Hall"),
        ("North, South", "T1, T1", "North South"),
        ("North, South, East", "3, 1, 2, 1", "North South South East"),
    ],
)
def test_several_halls_share_out_their_containers(parse, base, halls, names, expected):
    text = replaced(
        base,
        ("hall: FI-FW-01-Hall-B", f'hall: "MULTI({halls})"'),
        ("[FI-FW-01-B-C01, FI-FW-01-B-C02]", f"[{names}]"),
    )
    stay = parse(text).batches[0].stays[1]
    assert [place.replace(" ", "_") for place, _ in stay.containers] == expected.split()
    assert stay.place == stay.containers[0][0]


def test_halls_that_cannot_be_told_apart_are_refused(problems, base):
    text = replaced(base, ("hall: FI-FW-01-Hall-B", 'hall: "MULTI(North, South)"'))
    assert [(p.code, p.line) for p in problems(text)] == [("S-HALLS", 20)]


def test_names_need_only_be_unique_in_their_hall(parse, base):
    text = replaced(
        base,
        ("FI-FW-01-A-C01", "T1"),
        ("[FI-FW-01-B-C01,", "[T1,"),
        ("end_day: 180", "end_day: 180"),
    )
    assert parse(text).batches[0].stays[1].containers[0] == ("FI-FW-01-Hall-B", "T1")


def test_a_begun_day_counts_whole(parse, base):
    text = replaced(
        base, ("end_day: 900", "end_day: 489.42"), ("duration: 900", "duration: 489.42")
    )
    batch = parse(text).batches[0]
    assert (batch.stays[-1].end_day, batch.duration) == (490, 490)


def test_a_sea_stage_of_no_days_is_not_reached(parse, base):
    text = replaced(base, ("    end_day: 900", "    end_day: 180"))
    assert [stay.stage for stay in parse(text).batches[0].stays] == ["egg_alevin", "fry"]


@pytest.mark.parametrize("written", ["2020-01-01", "'2020-01-01'", "2020-01-01 00:00:00"])
def test_dates_are_dates_or_text(parse, base, written):
    text = replaced(base, ("start_date: '2020-01-01'", f"start_date: {written}"))
    assert date_of(parse(text).batches[0].start) == date(2020, 1, 1)


def test_the_station_may_be_left_to_the_hall(parse, base):
    text = replaced(base, ("  station: FI-FW-01\n", ""))
    assert parse(text).batches[0].station == "FI-FW-01"


def test_as_of_is_asked_for_or_named_or_found(parse, base):
    assert parse(base, as_of=date(2021, 1, 1)).as_of == day_of(date(2021, 1, 1))
    assert parse(base, as_of=18_000).as_of == 18_000
    named = replaced(base, ("metadata:\n", "metadata:\n  as_of: 2024-07-01\n"))
    assert date_of(parse(named).as_of) == date(2024, 7, 1)
    assert date_of(parse(base).as_of) == date(2024, 6, 1)
    bare = replaced(base, ("  generated_date: '2024-06-01'\n", ""))
    assert parse(bare).as_of == day_of(date(2020, 1, 1)) + 900


def test_the_metadata_say_what_holds(parse, base):
    schedule = parse(base, as_of=date(2021, 1, 1), seed=5)
    assert (schedule.metadata["as_of"], schedule.metadata["seed"]) == (date(2021, 1, 1), 5)


def test_the_seed_is_asked_for_or_named_or_the_default(parse, base):
    named = replaced(base, ("metadata:\n", "metadata:\n  seed: 42\n"))
    assert parse(base).seed == DEFAULT_SEED
    assert parse(named).seed == 42
    assert parse(named, seed=7).seed == 7


def test_a_life_cut_short_is_open_by_the_file_s_own_date(parse, base):
    assert [batch.open_ended for batch in parse(base).batches] == [False, False]
    cut = replaced(base, ("'2024-06-01'", "'2020-08-28'"))
    for options in ({}, {"as_of": date(2030, 1, 1)}, {"as_of": date(2020, 6, 1)}):
        assert [batch.open_ended for batch in parse(cut, **options).batches] == [True, True]
    cut = replaced(base, ("'2024-06-01'", "'2020-08-29'"))
    assert [batch.open_ended for batch in parse(cut).batches] == [True, False]


def test_a_placeholder_is_open(parse, base):
    assert not parse(replaced(base, ("    end_day: 900", "    end_day: 187"))).batches[0].open_ended
    assert parse(replaced(base, ("    end_day: 900", "    end_day: 186"))).batches[0].open_ended


def test_our_own_layout_says_itself_what_is_open(parse, base):
    ours = replaced(
        base, ("metadata:\n", f"metadata:\n  format: {FORMAT}\n"), ("'2024-06-01'", "'2020-08-28'")
    )
    assert [batch.open_ended for batch in parse(ours).batches] == [False, False]
    ours = replaced(ours, ("  duration: 90\n", "  duration: 90\n  open_ended: true\n"))
    assert [batch.open_ended for batch in parse(ours).batches] == [False, True]


def test_numbers_are_given_or_by_rank(parse, base):
    given = replaced(base, ("  eggs: 3123456", "  number: 9\n  eggs: 3123456"))
    assert [batch.number for batch in parse(given).batches] == [10, 9]
    later = replaced(base, ("'2020-01-01'", "'2021-01-01'"))
    assert [batch.number for batch in parse(later).batches] == [2, 1]


def test_numbers_do_not_depend_on_the_order_in_the_file(parse, base, shared):
    text = shared("test_schedule_20.yaml").read_text()
    head, *entries = text.split("\n- ")
    random.Random(1).shuffle(entries)
    entries = [entry.rstrip("\n") for entry in entries]
    shuffled = parse("\n- ".join([head, *entries]) + "\n")
    numbers = {batch.batch_id: batch.number for batch in shuffled.batches}
    original = read_schedule(shared("test_schedule_20.yaml"))
    assert numbers == {batch.batch_id: batch.number for batch in original.batches}


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BadInput, match="F-MISSING"):
        read_schedule(tmp_path / "none.yaml")
    with pytest.raises(BadInput, match="F-DIRECTORY"):
        read_schedule(tmp_path)
