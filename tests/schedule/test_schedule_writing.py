from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grilse.ground.errors import DestinationError
from grilse.schedule.layout import FORMAT, STAGES
from grilse.schedule.model import BatchPlan, Schedule, Stay
from grilse.schedule.reading import parse_schedule, read_schedule
from grilse.schedule.writing import dump, write_schedule

TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=6)
NAMES = st.one_of(
    TEXT.map(str.strip).filter(lambda text: text and text.isprintable()),
    st.sampled_from(
        ["7", "007", "null", "no", "2020-01-01", "1e5", "MULTI(a, b)", "x: y", "#", "'"]
    ),
)
SCALARS = st.one_of(
    TEXT, st.integers(-(2**63), 2**63 - 1), st.booleans(), st.none(), st.dates(),
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
KEYS = st.sampled_from(["type", "where", "count", "mean_weight_g", "x y", "on"])
MAPPINGS = st.dictionaries(KEYS, SCALARS | st.lists(SCALARS, max_size=3), max_size=4)


@st.composite
def batches(draw, number):
    count = draw(st.integers(1, 4))
    stages = ("egg_alevin", *sorted(draw(st.sets(st.sampled_from(STAGES[1:]))), key=STAGES.index))
    days = 0
    stays = []
    for stage in stages[:count]:
        places = draw(st.lists(NAMES, min_size=1, max_size=2, unique=True))
        names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
        held = tuple((f"{stage} {draw(st.sampled_from(places))}", name) for name in names)
        end = days + draw(st.integers(1, 300))
        stays.append(Stay(stage, held[0][0], held, days, end))
        days = end
    extra = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "source": MAPPINGS, "anchors": st.lists(MAPPINGS, max_size=2), "note": SCALARS,
                "events": st.lists(MAPPINGS, max_size=2), "purpose": TEXT,
                "stages": st.just({stays[0].stage: {"note": draw(SCALARS), "container_ids": [1]}}),
            },
        )
    )  # fmt: skip
    return BatchPlan(
        batch_id=draw(st.from_regex(r"[A-Z0-9]{1,4}(\.[0-9]{1,2})?", fullmatch=True))
        + f"-{number}",
        number=number,
        start=draw(st.integers(0, 80_000)),
        eggs=draw(st.integers(1, 2**31 - 1)),
        duration=draw(st.integers(0, 2730)),
        geography=f"{draw(NAMES)} {number}",
        station=draw(NAMES),
        harvest_target_kg=draw(st.none() | st.floats(0.001, 30.0)),
        stays=tuple(stays),
        open_ended=draw(st.booleans()),
        extra=extra,
    )


@st.composite
def schedules(draw):
    numbers = draw(st.lists(st.integers(1, 2**25 - 1), min_size=1, max_size=2, unique=True))
    as_of = draw(st.integers(0, 80_000))
    seed = draw(st.integers(0, 2**63 - 1))
    metadata = draw(
        st.fixed_dictionaries({}, optional={"policy": TEXT, "farm": MAPPINGS, "capacity": SCALARS})
    )
    metadata |= {"seed": seed, "as_of": date(1970, 1, 1) + timedelta(days=as_of)}
    plans = tuple(draw(batches(number)) for number in numbers)
    return Schedule(metadata, plans, as_of, seed)


@given(schedules())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_written_is_read_back(schedule):
    text = dump(schedule, ["a comment", "", "of two\nlines"])
    assert parse_schedule(StringIO(text)) == schedule
    assert yaml.safe_load(text)["batches"][0]["eggs"] == schedule.batches[0].eggs


@pytest.mark.parametrize("name", ["schedule_170_production.yaml", "test_schedule_20.yaml"])
def test_a_foreign_file_is_written_in_our_layout(shared, tmp_path, name):
    schedule = read_schedule(shared(name))
    write_schedule(schedule, tmp_path / "ours.yaml")
    assert read_schedule(tmp_path / "ours.yaml") == schedule


def test_a_batch_reads_in_a_screen(shared):
    text = dump(read_schedule(shared("schedule_170_production.yaml")), ["grilse plan"])
    assert text.startswith(f"# grilse plan\nmetadata:\n  format: {FORMAT}\n")
    entry = text.split("\n- ")[1]
    assert entry.count("\n") <= 45
    assert "      containers: [FI-FW-01-A-C01, FI-FW-01-A-C02, " in entry
    assert not any(line.endswith(" ") for line in text.splitlines())


def test_the_fields_win_over_what_the_metadata_say(parse, base):
    schedule = replace(parse(base), seed=9, as_of=20_000)
    again = parse(dump(schedule))
    assert (again.seed, again.as_of) == (9, 20_000)


def test_a_stage_that_stands_twice_has_no_words(parse, base):
    schedule = parse(base)
    batch = replace(schedule.batches[0], stays=schedule.batches[0].stays[:1] * 2)
    with pytest.raises(ValueError, match="twice"):
        dump(replace(schedule, batches=(batch,)))


def test_a_file_is_replaced_whole_or_not_at_all(parse, base, tmp_path, monkeypatch):
    target = tmp_path / "s.yaml"
    target.write_text("old")
    schedule = parse(base)
    broken = replace(schedule, batches=(*schedule.batches, None))
    with pytest.raises(AttributeError):
        write_schedule(broken, target)
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["s.yaml"]
    write_schedule(schedule, target)
    assert read_schedule(target) == schedule
    assert os.listdir(tmp_path) == ["s.yaml"]


def test_a_file_stays_where_the_new_one_cannot_take_its_place(parse, base, tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    (tmp_path / "s.yaml").write_text("old")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(DestinationError, match="No space left"):
        write_schedule(parse(base), tmp_path / "s.yaml")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["old"]


def test_a_hall_of_a_strange_name_stays_one_hall(parse, base):
    schedule = parse(base)
    stay = Stay("egg_alevin", "MULTI(a, b)", (("MULTI(a, b)", "x"),), 0, 90)
    odd = replace(schedule, batches=(replace(schedule.batches[1], stays=(stay,)),))
    assert parse(dump(odd)) == odd


def test_a_place_that_cannot_be_written_is_refused(parse, base, tmp_path):
    for place in (tmp_path, tmp_path / "none" / "s.yaml", "/dev/null"):
        with pytest.raises(DestinationError):
            write_schedule(parse(base), place)


def test_550_batches_are_written_and_read_in_no_time(shared):
    schedule = read_schedule(shared("schedule_170_production.yaml"))
    many = [
        replace(batch, number=batch.number + 170 * i, geography=f"{batch.geography} {i}",
                batch_id=f"{batch.batch_id}-{i}")
        for i in range(4) for batch in schedule.batches
    ][:550]  # fmt: skip
    start = time.process_time()
    text = dump(replace(schedule, batches=tuple(many)))
    wrote = time.process_time() - start
    assert parse_schedule(StringIO(text)).batches == tuple(many)
    read = time.process_time() - start - wrote
    assert wrote < 0.3
    assert read < 2.0
