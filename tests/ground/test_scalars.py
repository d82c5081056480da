from __future__ import annotations

from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from grilse.ground.marked_yaml import load
from grilse.ground.scalars import resolve, written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("-3", -3), ("+4", 4), ("0", 0), ("1.5", 1.5), (".5", 0.5), ("2e3", 2000.0),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("2020-02-29", date(2020, 2, 29)), ("2021-02-29", "2021-02-29"), ("2020-2-9", "2020-2-9"),
        ("2020-02-29 10:00", "2020-02-29 10:00"), ("007", "007"), ("0x1F", "0x1F"),
        ("1_000", "1_000"), ("12:30", "12:30"), ("no", "no"), ("on", "on"), ("tRUE", "tRUE"),
        ("1.2.3", "1.2.3"), ("-", "-"), (".", "."), ("nan", "nan"), ("1e", "1e"),
    ],
)  # fmt: skip
def test_plain_scalars_stand_for_what_they_look_like(text, value):
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize("text", [".nan", "-.inf", "1e400", "9223372036854775808", "9" * 10_000])
def test_numbers_that_no_field_can_hold_are_refused(text):
    with pytest.raises(ValueError, match="must"):
        resolve(text)


SCALARS = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=("Cs",))),
    st.sampled_from(["null", "Yes", "off", "on", "n", "True"]),
    st.sampled_from(["1", "1.0", "2020-01-01", "0o7", "a: b", "a #b", "- a"]),
    st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(), st.none(), st.dates(),
)  # fmt: skip


@given(SCALARS)
def test_what_is_written_is_read_back_here_and_by_others(value):
    for text in (f"- {written(value)}\n", f"[{written(value)}]", f"a: {written(value)}"):
        [here] = load(text).values() if text[0] == "a" else load(text)
        [there] = yaml.safe_load(text).values() if text[0] == "a" else yaml.safe_load(text)
        assert (here, type(here)) == (value, type(value))
        assert (there, type(there)) == (value, type(value))


def test_what_is_no_scalar_is_not_written():
    with pytest.raises(TypeError, match="no scalar"):
        written(object())
