"""Totals of parts add up to those of the whole, in any order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grilse.tables.totals import Totals, add_totals, content_fingerprint

totals = st.builds(Totals, st.integers(0, 10**9), st.integers(0, 2**64 - 1))
part = st.dictionaries(st.sampled_from(["batch", "feed", "reading"]), totals)


@given(st.lists(part, max_size=6), st.randoms(use_true_random=False))
def test_order_does_not_count(parts: list[dict[str, Totals]], random: object) -> None:
    shuffled = random.sample(parts, len(parts))  # type: ignore[attr-defined]
    assert add_totals(shuffled) == add_totals(parts)
    assert list(add_totals(parts)) == sorted({name for each in parts for name in each})


@given(st.lists(part, max_size=6), st.integers(0, 6))
def test_parts_of_parts_add_up(parts: list[dict[str, Totals]], cut: int) -> None:
    joined = add_totals([add_totals(parts[:cut]), add_totals(parts[cut:])])
    assert joined == add_totals(parts)


def test_fingerprints_wrap() -> None:
    both = add_totals([{"a": Totals(2, 2**64 - 1)}, {"a": Totals(3, 5)}])
    assert both == {"a": Totals(5, 4)}


@given(part)
def test_tables_together_have_one_fingerprint(tables: dict[str, Totals]) -> None:
    backwards = dict(reversed(tables.items()))
    assert content_fingerprint(backwards) == content_fingerprint(tables)
    assert content_fingerprint({**tables, "empty": Totals()}) == content_fingerprint(tables)
    for name, totals in tables.items():
        other = {**tables, name: totals + Totals(1, 5)}
        assert content_fingerprint(other) != content_fingerprint(tables)
