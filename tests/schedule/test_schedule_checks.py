from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grilse.ground.interval import Interval
from grilse.schedule import checks
from grilse.schedule.model import BatchPlan, Schedule, Stay
from grilse.schedule.occupancy import double_held

LONG = ", ".join(f"T{i:03d}" for i in range(300))

FAULTS = [
    # (what stands there, what is put in its place, code, text of the line where it is found)
    ("batches:\n", "batchez:\n", "S-UNKNOWN-KEY", "batchez:"),
    ("  stagger_days: 30", "  sede: 4\n  seeds: 4", "S-UNKNOWN-KEY", "seeds: 4"),
    ("  stagger_days: 30", "  seed: -1", "S-SEED", "seed: -1"),
    ("  stagger_days: 30", "  seed: one", "S-TYPE", "seed: one"),
    ("'2024-06-01'", "1 June", "S-DATE", "generated_date"),
    ("'2024-06-01'", "'2300-06-01'", "S-DATE", None),
    ("  eggs: 3123456", "  egs: 3123456", "S-UNKNOWN-KEY", "egs: 3123456"),
    ("  eggs: 3123456\n", "", "S-MISSING-KEY", "batch_id: FAR-2020-002"),
    ("  eggs: 3123456", "  eggs:", "S-MISSING-KEY", 31),
    ("  eggs: 3123456", "  eggs: -5", "S-EGGS", "eggs: -5"),
    ("  eggs: 3123456", "  eggs: 0", "S-EGGS", "eggs: 0"),
    ("  eggs: 3123456", "  eggs: 2147483648", "S-EGGS", "eggs: 2147483648"),
    ("  eggs: 3123456", "  eggs: many", "S-TYPE", "eggs: many"),
    ("  eggs: 3123456", "  eggs: true", "S-TYPE", "eggs: true"),
    ("  eggs: 3123456", "  eggs: 3.5", "S-TYPE", "eggs: 3.5"),
    ("start_date: 2020-05-30", "start_date: 2020-02-30", "S-DATE", "start_date: 2020-02-30"),
    ("start_date: 2020-05-30", "start_date: 1969-12-31", "S-DATE", "start_date: 1969-12-31"),
    ("start_date: 2020-05-30", "start_date: 20200530", "S-DATE", "start_date: 20200530"),
    ("  duration: 90\n", "  duration: -1\n", "S-DAYS", "duration: -1"),
    ("  duration: 90\n", "  duration: long\n", "S-TYPE", "duration: long"),
    ("id: FAR-2020-002", "id: FAR-2020-001", "S-DUPLICATE-ID", "id: FAR-2020-001"),
    ("id: FAR-2020-002", "id: ../../x", "S-BATCH-ID", "id: ../../x"),
    ("id: FAR-2020-002", "id: a..b", "S-BATCH-ID", "id: a..b"),
    ("id: FAR-2020-002", "id: a/b", "S-BATCH-ID", "id: a/b"),
    ("id: FAR-2020-002", f"id: {'x' * 65}", "S-BATCH-ID", "xxx"),
    ("id: FAR-2020-002", "id: [a]", "S-TYPE", "id: [a]"),
    ("  eggs: 3123456", "  eggs: 3\n  number: 0", "S-NUMBER", "number: 0"),
    ("  eggs: 3123456", "  eggs: 3\n  number: 33554432", "S-NUMBER", "number: 33554432"),
    ("  eggs: 3123456", "  eggs: 3\n  harvest_target_kg: -4", "S-TARGET", "harvest_target_kg"),
    ("  eggs: 3123456", "  eggs: 3\n  harvest_target_kg: big", "S-TYPE", "harvest_target_kg"),
    ("  geography: Faroe Islands\n  station: FI-FW-01\n  freshwater:\n    egg_alevin:\n"
     "      hall: FI-FW-01-Hall-A\n      containers:\n      - FI-FW-01-A-C01\n"
     "      - FI-FW-01-A-C02\n      start_day: 0\n      end_day: 90\n  sea: null",
     "  geography: Faroe Islands\n  station: FI-FW-01", "S-NO-STAGES", "batch_id: FAR-2020-002"),
    ("    fry:", "    frye:", "S-STAGE", "frye:"),
    ("    fry:", "    adult:", "S-STAGE", "adult:"),
    ("    fry:", "    egg-alevin:", "S-STAGE", "egg-alevin:"),
    ("      hall: FI-FW-01-Hall-B\n", "", "S-MISSING-KEY", "fry:"),
    ("      hall: FI-FW-01-Hall-B\n", "      hal: X\n", "S-UNKNOWN-KEY", "hal: X"),
    ("[FI-FW-01-B-C01, FI-FW-01-B-C02]", "FI-FW-01-B-C01", "S-TYPE", "containers: FI-FW"),
    ("[FI-FW-01-B-C01, FI-FW-01-B-C02]", "[[x]]", "S-TYPE", "[[x]]"),
    ("[FI-FW-01-B-C01, FI-FW-01-B-C02]", "[]", "S-NO-CONTAINERS", "containers: []"),
    ("[FI-FW-01-B-C01, FI-FW-01-B-C02]", "[T1, T1]", "S-REPEATED-CONTAINER", "[T1, T1]"),
    ("[FI-FW-01-B-C01, FI-FW-01-B-C02]", f"[{LONG}]", "S-SLOTS", "batch_id: FAR-2020-001"),
    ("[FI-FW-01-B-C01, FI-FW-01-B-C02]", '["a\\tb"]', "S-NAME", '["a\\tb"]'),
    ("      end_day: 180", "      end_day: 80", "S-END-BEFORE-START", "end_day: 80"),
    ("      end_day: 180", "      end_day: [80]", "S-TYPE", "end_day: [80]"),
    ("      end_day: 180", "      end_day: 170", "S-GAP", "    start_day: 180"),
    ("      end_day: 180", "      end_day: 190", "S-STAGE-OVERLAP", "    start_day: 180"),
    ("      end_day: 180", "      end_day: .nan", "Y-NUMBER", "end_day: .nan"),
    ("    end_day: 900", "    end_day: 3000", "S-DAYS", "end_day: 3000"),
    ("    egg_alevin:\n      hall: FI-FW-01-Hall-A\n      containers:\n      - FI-FW-01-A-C01\n"
     "      - FI-FW-01-A-C02\n      start_day: 0\n      end_day: 90\n  sea",
     "    egg_alevin:\n      hall: FI-FW-01-Hall-A\n      containers:\n      - FI-FW-01-A-C01\n"
     "      - FI-FW-01-A-C02\n      start_day: 5\n      end_day: 90\n  sea",
     "S-FIRST-DAY", 36),
    ("start_date: 2020-05-30", "start_date: 2020-03-30", "S-HELD-TWICE", 39),
    ("  sea: null", "  see: null", "S-UNKNOWN-KEY", "see: null"),
    ("  sea: null", "  sea: later", "S-TYPE", "sea: later"),
    ("    area: FI-SEA-01", "    area: FI-FW-01-Hall-A", "S-PLACE-KIND", "sea:"),
    ("batches:\n", "batches:\n- 17\n", "S-TYPE", "- 17"),
    ("      start_day: 90", "      hall: X\n      start_day: 90", "Y-DUPLICATE-KEY", "hall: X"),
    ("    fry:", "    fry: &x", "Y-ANCHOR", "fry: &x"),
    ("    fry:", "\tfry:", "Y-SYNTAX", "\tfry:"),
]  # fmt: skip


def line_of(text, where):
    if where is None or isinstance(where, int):
        return where
    lines = [i for i, line in enumerate(text.splitlines(), start=1) if where in line]
    return lines[-1] if where.startswith("id:") else lines[0]


@pytest.mark.parametrize(("old", "new", "code", "where"), FAULTS)
def test_a_planted_fault_is_found_at_its_line(problems, base, old, new, code, where):
    assert old in base
    text = base.replace(old, new, 1) if old != "  sea: null" else base.replace(old, new)
    found = problems(text)
    assert (code, line_of(text, where)) in [(problem.code, problem.line) for problem in found]
    assert all(problem.file == "s.yaml" for problem in found)


def test_the_base_has_no_fault(parse, base):
    assert checks.check_schedule(parse(base)) == []


def test_every_rule_has_a_planted_fault():
    planted = {code for _, _, code, _ in FAULTS}
    source = {
        word.strip('",')
        for rule in checks.CHECKS
        for word in map(str, rule.__code__.co_consts)
        if word.startswith("S-")
    }
    assert source - planted == {"S-ORDER", "S-DUPLICATE-NUMBER"}  # planted below


def test_all_problems_are_listed_at_once(problems, base):
    text = base.replace("eggs: 3000000", "eggs: -1").replace("end_day: 180", "end_day: 20")
    text = text.replace("  sea: null", "  sae: null")
    assert {problem.code for problem in problems(text)} >= {
        "S-EGGS", "S-END-BEFORE-START", "S-UNKNOWN-KEY",
    }  # fmt: skip


def test_an_unknown_key_is_told_what_was_meant(problems, base):
    [problem] = problems(base.replace("eggs: 3123456", "egs: 3123456\n  eggs: 5"))
    assert problem.mend == "Did you mean eggs?"
    assert "harvest_target_kg" in str(problem.allowed)
    assert str(problem).startswith("s.yaml:31: error S-UNKNOWN-KEY: batch FAR-2020-002: ")


def test_a_duplicate_id_names_both_lines(problems, base):
    [problem] = problems(base.replace("FAR-2020-002", "FAR-2020-001"))
    assert (problem.line, "in line 5" in problem.message) == (29, True)


def test_a_container_held_twice_names_both_places_and_the_days(problems, base):
    first, second = problems(base.replace("2020-05-30", "2020-03-30"))
    assert (first.line, second.line) == (39, 40)
    assert "FI-FW-01-Hall-A / FI-FW-01-A-C01 is held twice on 1 days" in first.message
    assert "2020-03-30 to 2020-03-30" in first.message
    assert "batch FAR-2020-001 (stage egg_alevin) holds it too, in line 15" in first.message


def test_a_transfer_day_frees_the_container(parse, base):
    parse(base.replace("2020-05-30", "2020-03-31"))


def test_duplicate_numbers(problems, base):
    text = base.replace("  eggs:", "  number: 4\n  eggs:")
    assert [(problem.code, problem.line) for problem in problems(text)] == [
        ("S-DUPLICATE-NUMBER", 32)
    ]


def test_stages_out_of_order(problems, base):
    text = base.replace("    fry:", "    smolt:").replace(
        "  sea:\n",
        "    parr: {hall: H, containers: [x], start_day: 180, end_day: 181}\n  sea:\n",
        1,
    )
    assert "S-STAGE-OVERLAP" in {problem.code for problem in problems(text)}
    stays = tuple(
        Stay(stage, "H", (("H", stage),), day, day + 1)
        for day, stage in enumerate(("egg_alevin", "parr", "fry"))
    )
    batch = BatchPlan("b", 1, 18_000, 5, 3, "G", "S", None, stays)
    schedule = Schedule({}, (batch,), 18_100, 1)
    assert [problem.code for problem in checks.check_schedule(schedule)] == ["S-ORDER"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "metadata: {}\n", "batches: []\n"])
def test_an_empty_schedule_is_refused(problems, text):
    assert [problem.code for problem in problems(text)] == ["S-EMPTY"]


@pytest.mark.parametrize("text", ["just text", "- 1\n- 2", "batches: 3", "batches: {a: 1}"])
def test_what_is_no_schedule_is_refused(problems, text):
    assert {problem.code for problem in problems(text)} & {"Y-TOP", "S-TYPE"}


STAYS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 30), st.integers(1, 10)), min_size=1, max_size=12
)


@given(STAYS)
@settings(deadline=None)
def test_a_double_booking_is_found_exactly_where_there_is_one(held):
    batches = [
        BatchPlan(f"b{i}", i + 1, start, 1, days, "G", "S", None,
                  (Stay("egg_alevin", "H", (("H", f"T{tank}"),), 0, days),))
        for i, (tank, start, days) in enumerate(held)
    ]  # fmt: skip
    spans = [(tank, Interval(start, start + days)) for tank, start, days in held]
    truth = {
        a[0] for i, a in enumerate(spans) for b in spans[:i]
        if a[0] == b[0] and a[1].overlaps(b[1])
    }  # fmt: skip
    found = {clash.first.stay.containers[0][1] for clash in double_held(batches)}
    assert found == {f"T{tank}" for tank in truth}
