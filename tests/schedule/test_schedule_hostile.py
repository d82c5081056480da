from __future__ import annotations

from contextlib import suppress
from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grilse.ground.errors import BadInput
from grilse.schedule.derived_farm import farm_from_schedule, missing_places
from grilse.schedule.fingerprint import schedule_fingerprint
from grilse.schedule.reading import parse_schedule
from grilse.schedule.writing import dump

VALUES = st.sampled_from(
    ["", "null", "[]", "{}", "-1", "0", "1e300", "1.5", "true", "2020-01-01", "9999-12-31",
     "0001-01-01", "[[1]]", "{a: {b: c}}", "9223372036854775807", "-9223372036854775808", "''",
     "'\\u0000'", '"\\0"', "MULTI()", "MULTI(,)", "MULTI(a, b)", "[null]", "[{}]", "!!int 3",
     "*x", "&x", "adult", "../..", "x" * 300, "é\u0301\u202e", "[a, a]", "[1, '1']"]
)  # fmt: skip


@given(st.data())
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_value_in_any_place_is_read_or_refused(base, data):
    lines = base.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        key = lines[at].partition(":")[0]
        lines[at] = f"{key}: {data.draw(VALUES)}"
    try:
        schedule = parse_schedule(StringIO("\n".join(lines)), "s.yaml")
    except BadInput:
        return
    assert parse_schedule(StringIO(dump(schedule))) == schedule
    schedule_fingerprint(schedule)
    assert missing_places(schedule, farm_from_schedule(schedule)) == []


@given(st.data())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_file_cut_or_shuffled_is_read_or_refused(base, data):
    lines = base.splitlines()
    kept = data.draw(st.lists(st.sampled_from(lines), max_size=60))
    end = data.draw(st.integers(0, len(base)))
    for text in ("\n".join(kept), base[:end]):
        with suppress(BadInput):
            parse_schedule(StringIO(text), "s.yaml")


@pytest.mark.parametrize("options", [{"as_of": 10**12}, {"as_of": -(10**12)}, {"as_of": 10**7}])
def test_an_as_of_out_of_range_is_refused(base, options):
    with pytest.raises(BadInput, match="S-DATE"):
        parse_schedule(StringIO(base), "s.yaml", **options)
