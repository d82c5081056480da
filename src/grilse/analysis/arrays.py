"""Arrow columns as whole numbers, whoever wrote them: Grilse, DuckDB, or another program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from grilse.tables.schema import Column, Table, storage_dtype

__all__ = ["NONE", "Bools", "Columns", "Floats", "Ints", "Numbers", "columns_of", "empty_columns"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Numbers = NDArray[Any]
Columns = Mapping[str, Any]

NONE = -(1 << 62)
"""Stands for a value that is missing."""

_OPTIONAL = frozenset(
    {"container_id", "harvest_target_kg", "initial_count", "is_pinned", "std_weight_g"}
)
"""Columns that rows of others may lack."""


def columns_of(table: Table, rows: pa.Table | pa.RecordBatch, names: Iterable[str]) -> Columns:
    """Return some columns of a table's rows.

    Returns
    -------
    dict
        int64 arrays: scaled integers of decimals, day numbers of dates, microseconds of times,
        codes of categories; `NONE` where a value is missing. Text comes as a list.

    Raises
    ------
    ValueError
        If a column is missing, or its values cannot be those of the table.
    """
    found: dict[str, Any] = {}
    for name in names:
        place = rows.schema.get_field_index(name)
        if place < 0 and name in _OPTIONAL:
            found[name] = np.full(rows.num_rows, NONE)
            continue
        if place < 0:
            raise ValueError(f"table {table.name} has no column {name}")
        try:
            found[name] = _values(table.column(name), rows.column(place))
        except pa.ArrowException as error:
            raise ValueError(f"{table.name}.{name}: {error}") from error
    return found


def empty_columns(names: Iterable[str]) -> Columns:
    """Return the columns of a table that has no rows, or is not there."""
    return {name: np.empty(0, np.int64) for name in names}


def _values(column: Column, values: pa.Array | pa.ChunkedArray) -> Any:
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if column.kind == "text":
        return array.to_pylist()
    if column.kind == "category":
        return _codes(column, array)
    if column.kind == "timestamp":
        array = array.cast(pa.timestamp("us", array.type.tz))
    elif array.type != column.arrow_type:
        array = array.cast(column.arrow_type)
    return _filled(array, _raw(array, storage_dtype(column)))


def _codes(column: Column, array: pa.Array) -> Ints:
    """Return the codes of words; -1 where a word is none of the column's."""
    if not pa.types.is_dictionary(array.type):
        array = array.cast(pa.string()).dictionary_encode()
    words = array.dictionary.to_pylist()
    code = np.array([column.values.index(w) if w in column.values else -1 for w in words], np.int64)
    place = array.indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return _filled(array, code[place] if len(code) else place)


def _raw(array: pa.Array, kind: np.dtype[Any]) -> Ints:
    if not len(array):
        return np.empty(0, np.int64)
    if kind.kind == "b":
        return np.asarray(array.fill_null(False).to_numpy(zero_copy_only=False), np.int64)
    whole = np.frombuffer(array.buffers()[1], kind)
    return whole[array.offset : array.offset + len(array)].astype(np.int64)


def _filled(array: pa.Array, values: Ints) -> Ints:
    if array.null_count:
        values = values.copy()
        values[array.is_null().to_numpy(zero_copy_only=False)] = NONE
    return values
