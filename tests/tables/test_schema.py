"""Chunks: what goes in as arrays comes out of Arrow as the values that it stands for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.tables.catalogue import TABLES
from grilse.tables.schema import Column, Table, chunk, storage_dtype

KINDS = Table(
    "kinds", "A column of each kind.", "batch",
    columns=(
        Column("small", "int32", "A."),
        Column("large", "int64", "B."),
        Column("day", "date", "C.", nullable=True),
        Column("moment", "timestamp", "D."),
        Column("yes", "bool", "E.", nullable=True),
        Column("word", "text", "F.", nullable=True),
        Column("short", "decimal", "G.", "g", precision=9, scale=3, nullable=True),
        Column("long", "decimal", "H.", "kg", precision=12, scale=2),
        Column("choice", "category", "I.", values=("one", "two"), nullable=True),
    ),
    primary_key=("small",),
    sort=("small",),
)  # fmt: skip

DAY, MOMENT = 20_000, 20_000 * 86_400_000_000 + 6 * 3_600_000_000


def masked(values: list[int], missing: list[bool], dtype: str) -> np.ma.MaskedArray:
    return np.ma.MaskedArray(np.array(values, dtype), mask=missing)


def test_a_chunk_holds_what_its_arrays_stand_for() -> None:
    rows = chunk(
        KINDS,
        {
            "small": np.array([1, 2], "i4"),
            "large": np.array([2**40, -1]),
            "day": masked([DAY, 0], [False, True], "i4"),
            "moment": MOMENT,
            "yes": masked([1, 0], [False, True], "?"),
            "word": ["øl", None],
            "short": masked([123_456_789, 5], [False, True], "i4"),
            "long": np.array([1, 10**11]),
            "choice": masked([1, 0], [False, True], "i1"),
        },
    )
    rows.validate(full=True)
    assert rows.schema == KINDS.arrow_schema
    moment = datetime(2024, 10, 4, 6, tzinfo=UTC)
    assert rows.to_pylist() == [
        {"small": 1, "large": 2**40, "day": date(2024, 10, 4), "moment": moment, "yes": True,
         "word": "øl", "short": Decimal("123456.789"), "long": Decimal("0.01"), "choice": "two"},
        {"small": 2, "large": -1, "day": None, "moment": moment, "yes": None,
         "word": None, "short": None, "long": Decimal(1_000_000_000), "choice": None},
    ]  # fmt: skip


@given(st.lists(st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)), min_size=1, max_size=40))
def test_numbers_and_nulls_come_back(values: list[int | None]) -> None:
    table = Table("t", "T.", "batch", (Column("n", "int32", "N.", nullable=True),), ("n",), ("n",))
    raw = [value or 0 for value in values]
    rows = chunk(table, {"n": masked(raw, [value is None for value in values], "i4")})
    rows.validate(full=True)
    assert rows.column(0).to_pylist() == values


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_every_table_takes_a_chunk_of_single_values(table: Table) -> None:
    values: dict[str, object] = {
        column.name: {"text": "text", "category": 0}.get(column.kind, 1) for column in table.columns
    }
    values[table.primary_key[0]] = np.array([1, 2, 3])
    rows = chunk(table, values)
    rows.validate(full=True)
    assert rows.num_rows == 3
    assert rows.schema == table.arrow_schema


def test_an_array_of_the_right_type_is_not_copied() -> None:
    table = Table("t", "T.", "batch", (Column("n", "int64", "N."),), ("n",), ("n",))
    values = np.arange(5)
    rows = chunk(table, {"n": values})
    assert rows.column(0).buffers()[1].address == values.ctypes.data


def test_an_empty_chunk_is_a_chunk() -> None:
    table = Table("t", "T.", "batch", (Column("n", "int64", "N."),), ("n",), ("n",))
    assert chunk(table, {"n": np.array([], "i8")}).num_rows == 0


@pytest.mark.parametrize(
    ("precision", "dtype", "arrow"),
    [(9, "i4", pa.decimal32(9, 2)), (10, "i8", pa.decimal64(10, 2))],
)
def test_decimals_are_as_narrow_as_they_can_be(
    precision: int, dtype: str, arrow: pa.DataType
) -> None:
    column = Column("d", "decimal", "D.", precision=precision, scale=2)
    assert storage_dtype(column) == np.dtype(dtype)
    assert column.arrow_type == arrow


def test_text_has_no_storage_type() -> None:
    with pytest.raises(TypeError, match="word has no storage type"):
        storage_dtype(KINDS.column("word"))
