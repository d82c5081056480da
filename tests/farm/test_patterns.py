"""Names by pattern."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.farm.patterns import MAX_NAMES, expanded


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("FI-SEA-01", ("FI-SEA-01",)),
        ("FI-FW-{01..03}", ("FI-FW-01", "FI-FW-02", "FI-FW-03")),
        ("{8..11}", ("8", "9", "10", "11")),
        ("Tank {7..7} a", ("Tank 7 a",)),
        ("{site}-C{001..002}", ("X-C001", "X-C002")),
    ],
)
def test_patterns(pattern: str, names: tuple[str, ...]) -> None:
    assert expanded(pattern, "X") == names


@given(st.integers(0, 500), st.integers(0, 99), st.integers(1, 5))
def test_a_range_names_each_of_its_numbers_once(first: int, more: int, digits: int) -> None:
    names = expanded(f"C{{{first:0{digits}d}..{first + more}}}")
    assert [int(name[1:]) for name in names] == list(range(first, first + more + 1))
    assert all(len(name) > digits for name in names)


@pytest.mark.parametrize(
    "pattern",
    ["", " x", "x ", "{2..1}", "a{1..2}b{1..2}", "{x}", "{1..", "a\x1fb", "line\nbreak", "x" * 65,
     f"{{1..{MAX_NAMES + 1}}}", "{site}"],
)  # fmt: skip
def test_what_is_no_name_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"name|range"):
        expanded(pattern)
