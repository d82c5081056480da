"""The parts of verification by themselves: solubility, runs, oxygen, tallies, words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.tables.catalogue import TABLES
from grilse.verify.bands import band, limit, reading_range, unit
from grilse.verify.books import accounts_of, differences
from grilse.verify.oxygen import OxygenRule, judge_oxygen
from grilse.verify.runs import READINGS, Runs, run_schema
from grilse.verify.seeds import failing, over_seeds, seed_table
from grilse.verify.solubility import COLDEST_MILLI_C, solubility_by_milli_c, solubility_mg_l
from grilse.verify.verdict import EXAMPLES, CheckResult, Fault, Figure, Tally, Verdict
from grilse.verify.wording import as_json, as_text

RULE = OxygenRule({2: (28.0, 34.0)}, 0.75, 1.05, 0.01)
HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("temp_c", "salinity", "mg_l"), [(10.0, 35.0, 9.024), (10.0, 0.0, 11.288), (20.0, 0.0, 9.092)]
)
def test_solubility_has_its_check_values(temp_c: float, salinity: float, mg_l: float) -> None:
    found = solubility_mg_l(np.array([temp_c]), salinity)
    assert found == pytest.approx([mg_l], abs=0.002)


def test_the_table_of_solubility_is_the_equation() -> None:
    table = solubility_by_milli_c(35.0)
    assert table[10_000 - COLDEST_MILLI_C] == pytest.approx(9.0241, abs=1e-4)
    assert (np.diff(table) < 0).all()


def readings(rows: list[tuple[int, int, int, int]]) -> Mapping[str, Any]:
    """Make columns of readings from (assignment, parameter, hour of life, value)."""
    table = np.array(rows, np.int64).reshape(-1, 4)
    assignment, parameter, hour, value = table.T
    return {
        "reading_id": (assignment * 16 + parameter + 1) * 65536 + hour,
        "reading_time": hour * HOUR,
        "batch_id": assignment // 256,
        "assignment_id": assignment,
        "container_id": np.full(len(table), 1),
        "sensor_id": 16 + parameter + 1,
        "parameter": parameter.astype(np.int8),
        "value": value.astype(np.int32),
    }


SOUND = [(256, p, h, v) for p, v in ((0, 10_000), (1, 11_000)) for h in (6, 8, 30)]


def test_a_run_is_cut_where_anything_shared_changes() -> None:
    runs = Runs(TABLES[READINGS], readings(SOUND))
    assert runs.starts.tolist() == [0, 3]
    moved = {**runs.columns, "container_id": np.array([1, 1, 1, 1, 9, 1])}
    assert Runs(TABLES[READINGS], moved).starts.tolist() == [0, 3, 4, 5]


def test_runs_tell_what_their_rows_have_in_common() -> None:
    runs = Runs(TABLES[READINGS], readings(SOUND))
    told = runs.rows(np.full((2, 2), np.nan, np.float32))
    assert told.schema.equals(run_schema(TABLES[READINGS]))
    first = told.to_pylist()[0]
    assert (first["parameter"], first["row_count"]) == ("temperature", 3)
    assert (first["first_us"], first["last_us"], first["origin_us"]) == (6 * HOUR, 30 * HOUR, 0)
    assert (first["key_assignment"], first["key_parameter"]) == (256, 1)
    assert (first["least"], first["most"], first["least_share"]) == (10_000, 10_000, None)


def test_sound_readings_have_no_fault_of_time_or_key() -> None:
    runs = Runs(TABLES[READINGS], readings(SOUND))
    assert runs.out_of_time((6, 8)).faults == 0
    assert runs.off_key().faults == 0


def test_a_reading_at_another_hour_is_found() -> None:
    runs = Runs(TABLES[READINGS], readings([*SOUND, (257, 0, 7, 1)]))
    tally = runs.out_of_time((6, 8))
    assert tally.faults == 1
    assert "hour 7, not at 6, 8 h" in tally.examples[0].what


def test_a_reading_earlier_than_the_one_before_is_found() -> None:
    columns = dict(readings(SOUND))
    columns["reading_time"] = columns["reading_time"].copy()
    columns["reading_time"][2] = 0
    runs = Runs(TABLES[READINGS], columns)
    assert runs.out_of_time((6, 8)).faults == 1
    assert runs.off_key().faults == 1


def oxygen_of(rows: list[tuple[int, int, int, int]], container: int = 1) -> Tally:
    columns = {**readings(rows), "container_id": np.full(len(rows), container)}
    return judge_oxygen(Runs(TABLES[READINGS], columns), RULE)[0]


def test_oxygen_is_held_against_fresh_water_on_land_and_salt_at_sea() -> None:
    at_10_degrees = [(256, 0, 6, 10_000), (256, 1, 6, 11_280)]
    assert oxygen_of(at_10_degrees).faults == 0
    tally = oxygen_of(at_10_degrees, container=2)
    assert tally.faults == 1
    assert "11.28 mg/l" in tally.examples[0].what


@pytest.mark.parametrize(("value", "faults"), [(8_400, 1), (8_500, 0), (11_800, 0), (11_900, 1)])
def test_oxygen_has_a_least_and_a_most(value: int, faults: int) -> None:
    assert oxygen_of([(256, 0, 6, 10_000), (256, 1, 6, value)]).faults == faults


def test_oxygen_finds_its_temperature_where_some_are_missing() -> None:
    rows = [(256, 0, 6, 4_000), (256, 0, 30, 10_000), (256, 1, 8, 1), (256, 1, 30, 11_000)]
    tally, shares = judge_oxygen(Runs(TABLES[READINGS], readings(rows)), RULE)
    assert not any("share" in e.what or "holds" in e.what for e in tally.examples)
    assert shares[1].tolist() == pytest.approx([11 / 11.288, 11 / 11.288], abs=1e-3)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 40)), max_size=60))
def test_oxygen_is_judged_as_by_looking_each_up(drawn: list[tuple[int, int, int]]) -> None:
    keys = sorted(set(drawn))
    rows = [(256 + a, p, h, 10_000 if p == 0 else 8_000 + 100 * h) for a, p, h in keys]
    there = {(a, h): v for a, p, h, v in rows if p == 0}
    expected = sum(
        not 0.75 * 11.2877 - 0.01 <= v / 1000 <= 1.05 * 11.2877 + 0.01
        for a, p, h, v in rows
        if p == 1 and (a, h) in there
    )
    found = oxygen_of(rows) if rows else Tally()
    impossible = [e for e in found.examples if "mg/l of oxygen" in e.what]
    assert len(impossible) == min(expected, EXAMPLES) or found.faults > expected


def deaths(table: str, days: list[tuple[int, int, int]]) -> tuple[str, Mapping[str, int]]:
    """Add up deaths told by (assignment, day, dead)."""
    rows = np.array(days, np.int64).reshape(-1, 3)
    columns = {name: np.zeros(len(rows), np.int64) for name in STATE_COLUMNS}
    assignment, day, dead = rows.T
    columns |= {"assignment_id": assignment, "state_date": day, "event_date": day}
    columns |= {"mortality_count": dead, "dead_count": dead}
    return table, accounts_of(Runs(TABLES[table], columns))


STATE_COLUMNS = ("removed_count", "feed_kg")
DAYS = st.tuples(st.integers(1, 500), st.integers(18_000, 18_100), st.integers(0, 50))


@given(st.lists(DAYS, unique_by=lambda day: day[:2], max_size=30), st.randoms())
def test_books_balance_whatever_the_order_and_the_parts(
    days: list[tuple[int, int, int]], chance: Any
) -> None:
    events = [day for day in days if day[2]]
    chance.shuffle(events)
    half = len(events) // 2
    parts = [deaths("mortality_event", events[:half]), deaths("mortality_event", events[half:])]
    assert differences([deaths("true_daily_state", days), *parts]) == []


@pytest.mark.parametrize("event", [(1, 18_001, 3), (2, 18_000, 3), (1, 18_000, 4)])
def test_books_do_not_balance_where_a_day_a_place_or_a_number_differs(
    event: tuple[int, int, int],
) -> None:
    state = deaths("true_daily_state", [(1, 18_000, 3)])
    assert differences([state, deaths("mortality_event", [event])]) == ["dead"]


def test_tallies_add_up_and_keep_a_few_examples() -> None:
    one = Tally.of(10, [Fault("t", 1, n, "wrong") for n in range(4)])
    both = one + one
    assert (both.rows, both.faults, len(both.examples)) == (20, 8, EXAMPLES)
    assert str(both.examples[0]) == "t key 0, batch 1: wrong"


def test_bands_differ_by_geography_and_have_a_default() -> None:
    assert band("harvest_weight", "Faroe Islands") == (5.0, 7.3)
    assert band("harvest_weight", "Norway") == (4.5, 7.3)
    assert unit("harvest_weight", "Norway") == "kg"
    assert limit("condition_least") == 0.8
    assert reading_range("oxygen") == (0.0, 20.0)


FIGURE = Figure("k", "g", "Norway", 2.0, 1.0, 3.0, 0.5, 1.5, 1)
VERDICT = Verdict(
    "out", 3, 1000,
    (
        CheckResult("keys.primary", "Keys are unique.", "error", "pass", Tally(1000)),
        CheckResult("keys.foreign", "Keys point at rows.", "error", "fail",
                    Tally(1000, 7, (Fault("feeding_event", 2, 5, "feed_id 99 is no feed"),))),
        CheckResult("realism.k", "K.", "info", "inform", Tally(
            10, figures=(FIGURE,))),
        CheckResult("fish.feed", "Fed.", "error", "skip", Tally(reason="made without feed")),
    ),
)  # fmt: skip


def test_a_verdict_reads_as_lines() -> None:
    lines = list(as_text(VERDICT))
    assert lines[0].split() == ["ok", "keys.primary", "1,000", "looked", "at"]
    assert "FAIL  keys.foreign" in lines[1]
    assert "      - feeding_event key 5, batch 2: feed_id 99 is no feed" in lines
    assert "      and 6 more" in lines
    assert not any("realism.k" in line for line in lines)
    row = next(line for line in lines if "Norway" in line)
    assert " ".join(row.split()) == "k Norway 2 0.5 to 1.5 1 to 3 g 1 all OUTSIDE"
    assert lines[-1].startswith("1,000 rows of 3 batches: 1 of 2 checks passed, 1 FAILED (keys.f")


def test_checks_that_could_not_be_made_are_told_by_their_reason() -> None:
    named = [f"{group}.{i}" for group in ("feed", "lice") for i in range(9)]
    skips = [CheckResult(n, "M.", "error", "skip", Tally(reason="no such rows")) for n in named]
    verdict = Verdict("out", 0, 0, (*VERDICT.results, *skips))
    lines = list(as_text(verdict))
    assert "skip  made without feed: fish.feed" in lines
    assert "skip  no such rows: 18 checks (9 of feed, 9 of lice)" in lines
    assert not any("feed.0" in line for line in lines)
    each = list(as_text(verdict, verbose=True))
    assert sum(line.startswith("skip") for line in each) == 19
    assert len(json.loads(as_json(verdict))["checks"]) == len(verdict.results)


def test_a_verdict_is_json() -> None:
    data = json.loads(as_json(VERDICT))
    assert data["verdict"] == "fail"
    assert data["checks"][1]["examples"][0]["key"] == 5
    assert data["checks"][2]["figures"][0]["inside"] is False
    assert data["figures"] == data["checks"][2]["figures"]
    assert data["figures"][0]["verdict"] == "OUTSIDE"


def test_what_only_informs_is_told_with_the_reason_and_not_counted() -> None:
    only = replace(FIGURE, reason="the policy is saturation", applies_to="biosecure")
    result = CheckResult("realism.k", "K.", "info", "inform", Tally(10, figures=(only,)))
    lines = list(as_text(Verdict("out", 3, 1000, (result,))))
    assert lines[1].endswith("biosecure   informs (the policy is saturation)")
    assert "figures" not in lines[-1]
    assert replace(FIGURE, value=None).verdict == "nothing"
    assert replace(FIGURE, value=1.0).verdict == "inside"


def test_bands_over_seeds_hold_in_most_of_them() -> None:
    def seed(value: float, reason: str = "") -> tuple[Figure, ...]:
        return (replace(FIGURE, value=value, reason=reason),)

    nineteen = [seed(1.0)] * 19
    (held,) = over_seeds([*nineteen, seed(9.0)])
    assert (held.inside, held.judged, held.holds) == (19, 20, True)
    (failed,) = over_seeds([*nineteen, seed(9.0), seed(9.0)])
    assert (failed.inside, failed.judged, failed.holds) == (19, 21, False)
    assert list(failing([held, failed])) == [failed]
    (informs,) = over_seeds([seed(9.0, "few")] * 3)
    assert (informs.share, informs.holds, informs.reason) == (None, True, "few")
    _, rows = seed_table([held, informs])
    assert rows[0][-2:] == ("19 of 20", "holds")
    assert rows[1][-1] == "informs (few)"
