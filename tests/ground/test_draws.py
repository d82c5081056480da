"""Draws: named, pinned, and the same whatever stretch of them is asked for."""

from __future__ import annotations

import pickle
from hashlib import blake2b
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.ground.draws import (
    NORMAL_ONE,
    SPREAD_ONE,
    Draws,
    halves,
    normal_table,
    spread_table,
)

NAME = ("FAR-2020-001", "FI-FW-01-A-C01")
names = st.lists(st.text(st.characters(codec="utf-8", categories=("L", "N")), max_size=8))


def test_the_first_draws_are_pinned() -> None:
    # If one of these changes, every dataset ever made changes with it: datasets of one version must
    # be equal on every machine, so a new value here is a new major version, never a test to mend.
    first = [0x547A64CADBAEB854, 0x5CF1C27C03AB9467, 0x68B88C12D891A55A, 0xC4542235CA236B61,
             0x3C7A7A27C72901B5, 0x2FE64C3CC2963EC7]  # fmt: skip
    assert Draws(20260101).words("mortality", NAME, 0, 6).tolist() == first
    nameless = [11158011271358718512, 4672769413139541841, 2919591794309730978]
    assert Draws(0).words("x", (), 0, 3).tolist() == nameless
    largest = [8163182469979650386, 13444483177931971214]
    assert Draws(2**63 - 1).words("x", ("a",), 5, 2).tolist() == largest


def test_the_words_are_those_of_philox_under_the_names_key() -> None:
    # numpy's own generator with the key set at its making: our short cut sets the place instead.
    key = blake2b(b"ration\x1fa\x1fb", digest_size=16, key=(7).to_bytes(8, "little")).digest()
    philox = np.random.Philox(key=np.frombuffer(key, "<u8"))
    assert Draws(7).words("ration", ("a", "b"), 0, 9).tolist() == philox.random_raw(9).tolist()


@given(first=st.integers(0, 500), count=st.integers(0, 60), other=st.integers(0, 500))
def test_a_stretch_is_a_part_of_the_whole(first: int, count: int, other: int) -> None:
    draws = Draws(3)
    whole = draws.words("mortality", NAME, 0, 600)
    draws.words("another", ("name",), other, 5)
    assert draws.words("mortality", NAME, first, count).tolist() == (
        whole[first : first + count].tolist()
    )


@given(
    first_day=st.integers(0, 90),
    days=st.integers(0, 30),
    more=st.integers(0, 30),
    per_day=st.integers(1, 9),
)
def test_days_are_a_prefix_of_more_days(first_day: int, days: int, more: int, per_day: int) -> None:
    draws = Draws(11)
    short = draws.days("water", NAME, first_day, days, per_day)
    long = draws.days("water", NAME, 0, first_day + days + more, per_day)
    assert short.shape == (days, per_day)
    assert np.array_equal(short, long[first_day : first_day + days])


@given(at=st.integers(0, 50))
def test_a_word_alone_is_that_of_the_stretch(at: int) -> None:
    draws = Draws(2**63 - 1)
    word = draws.words("mortality", NAME, at, 1)
    assert draws.word("mortality", NAME, at) == int(word[0])
    assert list(draws.parts("mortality", NAME, at)) == halves(word).tolist()


def test_a_word_of_each_name_is_its_own() -> None:
    draws = Draws(3)
    each = draws.each("mortality", [NAME, ("other",)], 9)
    assert each.dtype == np.uint64
    assert each.tolist() == [
        draws.word("mortality", NAME, 9),
        draws.word("mortality", ("other",), 9),
    ]
    assert draws.each("mortality", []).shape == (0,)


def test_draws_are_handed_to_another_process_as_their_seed() -> None:
    draws = Draws(7)
    there = pickle.loads(pickle.dumps(draws))
    assert there.word("mortality", NAME) == draws.word("mortality", NAME)


def test_days_before_the_first_are_refused() -> None:
    with pytest.raises(ValueError, match="day -1"):
        Draws(1).days("water", NAME, -1, 2, 1)


@given(names, names)
def test_other_names_draw_other_words(one: list[str], other: list[str]) -> None:
    draws = Draws(5)
    same = draws.words("d", one, 0, 2).tolist() == draws.words("d", other, 0, 2).tolist()
    # A name of no parts and a name of one empty part both write nothing behind the decision's own.
    assert same == ("\x1f".join(("d", *one)) == "\x1f".join(("d", *other)))


def test_seed_and_decision_count() -> None:
    first = {
        Draws(seed).words(decision, NAME, 0, 1)[0] for seed in (0, 1, 2) for decision in ("a", "b")
    }
    assert len(first) == 6


def test_halves_are_the_words_parts_lowest_first() -> None:
    words = np.array([[0x0004_0003_0002_0001, 0xFFFF_0000_8000_7FFF]], np.uint64)
    assert halves(words).tolist() == [[1, 2, 3, 4, 0x7FFF, 0x8000, 0, 0xFFFF]]
    assert halves(Draws(1).days("a", NAME, 0, 7, 3)).shape == (7, 12)


def test_the_normal_table_holds_the_normal_quantiles() -> None:
    normal = NormalDist()
    expected = [round(normal.inv_cdf((i + 0.5) / 65536) * NORMAL_ONE) for i in range(65536)]
    assert normal_table().tolist() == expected


def test_the_normal_table_is_antisymmetric_and_cannot_be_written() -> None:
    table = normal_table()
    assert np.array_equal(table, -table[::-1])
    assert table.astype(np.float64).std() / NORMAL_ONE == pytest.approx(1, abs=1e-3)
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 0


@pytest.mark.parametrize("sigma", [0.0, 0.3, 1.0])
def test_the_spread_table_has_mean_one_and_is_log_normal(sigma: float) -> None:
    table = spread_table(sigma).astype(np.float64) / SPREAD_ONE
    assert table.mean() == pytest.approx(1, abs=1e-4)
    assert np.log(table[49152] / table[16384]) == pytest.approx(2 * 0.6745 * sigma, abs=2e-3)


def test_the_tables_are_pinned() -> None:
    # They are made with the processor's own log and exp, which differ in the last bit between
    # processors, and then rounded: this shows that no entry lies where a last bit would show.
    def digest(table: np.ndarray) -> str:
        return blake2b(table.astype("<i4").tobytes(), digest_size=8).hexdigest()

    assert digest(normal_table()) == "c80447f1ccd54f97"
    assert digest(spread_table(0.5)) == "d3012f0126482179"
