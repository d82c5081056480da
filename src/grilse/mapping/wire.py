"""Arrow columns as the binary COPY fields of the types that an application's columns have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from grilse.mapping.model import PgType
from grilse.sinks.postgres.binary import (
    WireField,
    filled_pieces,
    numeric_field,
    plain_field,
    text_field,
)

__all__ = ["KINDS", "arrow_type", "sql_type", "wire_pieces"]

KINDS = ("int2", "int4", "int8", "float8", "numeric", "bool", "date", "time", "timestamptz",
         "timestamp", "varchar", "text", "jsonb")  # fmt: skip
"""The types that are written."""

_DAYS_TO_2000 = 10_957
_MICROSECONDS_TO_2000 = 946_684_800_000_000
_MOST_DIGITS = 18
_PLAIN: dict[str, tuple[pa.DataType, str, str, int | None]] = {
    "int2": (pa.int16(), "i2", ">i2", None),
    "int4": (pa.int32(), "i4", ">i4", None),
    "int8": (pa.int64(), "i8", ">i8", None),
    "float8": (pa.float64(), "f8", ">f8", None),
    "date": (pa.date32(), "i4", ">i4", _DAYS_TO_2000),
    "time": (pa.time64("us"), "i8", ">i8", None),
    "timestamp": (pa.timestamp("us"), "i8", ">i8", _MICROSECONDS_TO_2000),
    "timestamptz": (pa.timestamp("us"), "i8", ">i8", _MICROSECONDS_TO_2000),
}
_SQL = {
    "int2": "SMALLINT", "int4": "INTEGER", "int8": "BIGINT", "float8": "DOUBLE",
    "bool": "BOOLEAN", "date": "DATE", "time": "TIME", "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMP",
}  # fmt: skip


def sql_type(kind: PgType) -> str:
    """Return the type to which an expression is cast: so it is rounded as the column will be."""
    if kind.name == "numeric":
        digits = min(kind.size or _MOST_DIGITS, _MOST_DIGITS)
        return f"DECIMAL({digits}, {min(kind.scale, digits)})"
    return _SQL.get(kind.name, "VARCHAR")


def arrow_type(kind: PgType) -> pa.DataType:
    """Return the Arrow type in which a column of that type is held."""
    if kind.name in _PLAIN:
        return _PLAIN[kind.name][0]
    if kind.name == "numeric":
        return pa.decimal128(min(kind.size or _MOST_DIGITS, _MOST_DIGITS), kind.scale)
    return pa.bool_() if kind.name == "bool" else pa.string()


def wire_pieces(kinds: Sequence[PgType], rows: pa.Table) -> Iterator[NDArray[np.uint8]]:
    """Yield rows as binary COPY data, without header and trailer.

    Parameters
    ----------
    kinds
        The columns' types there, in order.
    rows
        Columns that were cast by `sql_type`.
    """
    for batch in rows.combine_chunks().to_batches():
        fields = [_field(kind, array) for kind, array in zip(kinds, batch.columns, strict=True)]
        yield from filled_pieces(fields, batch.num_rows)


def _field(kind: PgType, array: pa.Array) -> WireField:
    if kind.name in _PLAIN:
        held, dtype, wire, origin = _PLAIN[kind.name]
        return plain_field(array, _values(array.cast(held), dtype), wire, origin)
    if kind.name == "numeric":
        # Of the 128 bits the low 64 hold all that 18 digits need.
        words = np.frombuffer(array.buffers()[1], "<i8")[::2]
        values = words[array.offset : array.offset + len(array)]
        if array.null_count:
            values = np.where(np.asarray(array.is_null()), 0, values)
        return numeric_field(array, values, array.type.scale)
    if kind.name == "bool":
        return plain_field(array, np.asarray(array.fill_null(False)).astype(np.uint8), "u1")
    texts = array.cast(pa.string())
    return text_field(texts, b"\x01" if kind.name == "jsonb" else b"")


def _values(array: pa.Array, dtype: str) -> NDArray[Any]:
    raw: NDArray[Any] = np.frombuffer(array.buffers()[1], dtype)
    return raw[array.offset : array.offset + len(array)]
