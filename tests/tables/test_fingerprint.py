"""The fingerprint: of the content, of all of it, and of nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.tables.fingerprint import add, fingerprint, fingerprints, text
from grilse.tables.schema import Column, Table, chunk

COLUMNS = (
    Column("key", "int64", "A."),
    Column("count", "int32", "B.", nullable=True),
    Column("other", "int32", "C."),
    Column("day", "date", "D."),
    Column("moment", "timestamp", "E."),
    Column("yes", "bool", "F.", nullable=True),
    Column("word", "text", "G.", nullable=True),
    Column("weight_g", "decimal", "H.", "g", precision=9, scale=3),
    Column("choice", "category", "I.", values=("one", "two", "three"), nullable=True),
)
TABLE = Table("sample", "S.", "batch", COLUMNS, ("key",), ("key",))

Row = tuple[Any, ...]
small = st.integers(-(2**31), 2**31 - 1)
rows_strategy = st.lists(
    st.tuples(
        st.integers(-(2**63), 2**63 - 1), st.none() | small, small, small, small,
        st.none() | st.booleans(), st.none() | st.text(max_size=5), small,
        st.none() | st.integers(0, 2),
    ),
    max_size=12,
)  # fmt: skip


def chunk_of(rows: list[Row], table: Table = TABLE) -> pa.RecordBatch:
    values: dict[str, Any] = {}
    for place, column in enumerate(table.columns):
        cells = [row[place] for row in rows]
        if column.kind == "text":
            values[column.name] = cells
        else:
            raw = np.array([cell or 0 for cell in cells], dtype=np.int64)
            values[column.name] = np.ma.MaskedArray(raw, mask=[cell is None for cell in cells])
    return chunk(table, values)


ROWS: list[Row] = [
    (1, 10, 20, 20_000, 5, True, "salmon", 1500, 0),
    (2, None, 20, 20_001, 6, None, None, 1501, None),
    (3, 0, 21, 20_002, 7, False, "", 1502, 2),
]


def of(rows: list[Row], table: Table = TABLE) -> int:
    return fingerprint(table, chunk_of(rows, table))


def test_a_known_fingerprint_is_pinned() -> None:
    # Datasets and their parts are compared by it across machines and versions: a change here makes
    # every manifest ever written disagree with its data.
    assert text(of(ROWS)) == "067bb8785b949789"


@given(rows_strategy, st.randoms(use_true_random=False))
def test_order_does_not_count(rows: list[Row], random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    assert of(shuffled) == of(rows)


@given(rows_strategy, st.integers(0, 12))
def test_parts_add_up(rows: list[Row], cut: int) -> None:
    whole = chunk_of(rows)
    parts = [whole.slice(0, cut), whole.slice(min(cut, len(rows)))]
    assert add(*(fingerprint(TABLE, part) for part in parts)) == fingerprint(TABLE, whole)
    assert add(of(rows[:cut]), of(rows[cut:])) == of(rows)


def test_blocks_add_up() -> None:
    table = Table("n", "N.", "batch", (Column("n", "int64", "N."),), ("n",), ("n",))
    rows = chunk(table, {"n": np.arange(40_000) * 7919})
    parts = [rows.slice(start, 9_999) for start in range(0, 40_000, 9_999)]
    assert add(*(fingerprint(table, part) for part in parts)) == fingerprint(table, rows)


@pytest.mark.parametrize("place", range(len(COLUMNS)))
def test_every_column_counts(place: int) -> None:
    another = (8, 11, 22, 20_009, 55, False, "sea trout", 1555, 1)
    first = list(ROWS[0])
    first[place] = another[place]
    assert of([tuple(first), *ROWS[1:]]) != of(ROWS)


@pytest.mark.parametrize("place", range(1, len(COLUMNS)))
def test_two_rows_that_swap_a_value_are_others(place: int) -> None:
    first, third = list(ROWS[0]), list(ROWS[2])
    first[place], third[place] = third[place], first[place]
    assert of([tuple(first), ROWS[1], tuple(third)]) != of(ROWS)


def test_two_columns_that_swap_a_value_are_others() -> None:
    swapped = (1, 20, 10, *ROWS[0][3:])
    assert of([swapped]) != of([ROWS[0]])


@pytest.mark.parametrize(("place", "nothing"), [(1, 0), (5, False), (6, ""), (8, 0)])
def test_a_missing_value_is_no_value(place: int, nothing: Any) -> None:
    with_nothing = (*ROWS[0][:place], nothing, *ROWS[0][place + 1 :])
    missing = (*ROWS[0][:place], None, *ROWS[0][place + 1 :])
    assert of([with_nothing]) != of([missing])


def test_rows_that_repeat_count_twice() -> None:
    assert of([ROWS[0], ROWS[0]]) != of([ROWS[0]])
    assert of([]) == 0


def test_the_tables_name_counts() -> None:
    assert of(ROWS, replace(TABLE, name="another")) != of(ROWS)


def test_a_dictionarys_own_order_does_not_count() -> None:
    plain = chunk_of(ROWS)
    place = plain.schema.get_field_index("choice")
    turned = pa.DictionaryArray.from_arrays(
        pa.array([2, None, 0], pa.int8()), pa.array(["three", "two", "one"])
    )
    other = plain.set_column(place, plain.schema.field(place), turned)
    assert fingerprint(TABLE, other) == fingerprint(TABLE, plain)


def test_no_value_of_a_row_stays_where_it_was() -> None:
    # A sum of unmixed rows would not see two rows swap their values: the mix makes rows whole.
    a, b = (1, 1, 1, *ROWS[0][3:]), (2, 2, 2, *ROWS[0][3:])
    c, d = (1, 2, 1, *ROWS[0][3:]), (2, 1, 2, *ROWS[0][3:])
    assert of([a, b]) != of([c, d])


def test_text_is_sixteen_digits() -> None:
    assert text(255) == "00000000000000ff"
    assert add(2**64 - 1, 2) == 1


@given(rows_strategy, st.lists(st.integers(1, 4), max_size=6))
def test_parts_at_once_are_parts_one_by_one(rows: list[Row], wanted: list[int]) -> None:
    sizes: list[int] = []
    for size in wanted:
        sizes.append(min(size, len(rows) - sum(sizes)))
    sizes = [size for size in [*sizes, len(rows) - sum(sizes)] if size]
    ends = np.cumsum(sizes, dtype=int)
    found = fingerprints(TABLE, chunk_of(rows), sizes)
    assert found == [of(rows[end - size : end]) for size, end in zip(sizes, ends, strict=True)]


@pytest.mark.parametrize("sizes", [[2], [2, 2], [3, 0], [4, -1]])
def test_parts_that_are_not_the_rows_are_refused(sizes: list[int]) -> None:
    with pytest.raises(ValueError, match="are not 3 rows"):
        fingerprints(TABLE, chunk_of(ROWS), sizes)


RUNNING = Table(
    "running", "R.", "batch",
    (
        Column("batch_id", "int32", "A.", references="batch.batch_id"),
        Column("far_id", "int64", "B.", references="far.far_id"),
        Column("word", "category", "C.", values=("one", "two", "three")),
    ),
    ("batch_id",), ("batch_id",),
)  # fmt: skip
"""A table that is runs from end to end."""

RUNNING_BY_KEY = replace(RUNNING, columns=(*RUNNING.columns, COLUMNS[0]))


@pytest.mark.parametrize("longest", [3, 40, 700, 90_000])
@pytest.mark.parametrize(
    "table", [RUNNING, replace(RUNNING, columns=(*RUNNING.columns, COLUMNS[0]))]
)
def test_runs_count_as_rows_one_by_one_do(table: Table, longest: int) -> None:
    random = np.random.default_rng(longest)
    lengths = random.integers(1, longest + 1, 2 + 150_000 // longest)
    size = int(lengths.sum())
    rows = chunk(
        table,
        {
            "batch_id": np.repeat(random.integers(-9, 9, len(lengths)), lengths),
            "far_id": np.repeat(random.integers(-(2**60), 2**60, len(lengths)), lengths),
            "word": np.repeat(random.integers(0, 3, len(lengths)), lengths),
            "key": random.integers(-(2**60), 2**60, size),
        },
    )
    # Slices of so few rows are added up column by column, whatever they hold.
    few = [fingerprint(table, rows.slice(start, 1000)) for start in range(0, size, 1000)]
    assert fingerprint(table, rows) == add(*few)
    assert fingerprints(table, rows, [1, size - 2, 1])[1] == fingerprint(
        table, rows.slice(1, size - 2)
    )
