"""The schema object of a table: it makes the Arrow schema, the checks, the DDL and the docs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["Column", "Kind", "Owner", "Table", "chunk", "storage_dtype"]

Kind = Literal["int32", "int64", "date", "timestamp", "bool", "text", "decimal", "category"]
Owner = Literal["batch", "store", "site", "farm"]

_STORAGE: dict[Kind, str] = {
    "int32": "i4", "int64": "i8", "date": "i4", "timestamp": "i8", "bool": "?", "category": "i1",
}  # fmt: skip
_ARROW = {
    "int32": pa.int32(), "int64": pa.int64(), "date": pa.date32(), "bool": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"), "text": pa.string(),
    "category": pa.dictionary(pa.int8(), pa.string()),
}  # fmt: skip
_CODES = pa.int8()
_MAX_DIGITS_OF_INT32 = 9


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name, kind, description
        ``decimal`` columns are held as scaled integers, ``category`` columns as codes of `values`.
    unit
        As a person writes it: ``g``, ``degC``, ``%/day``; None for what has none.
    precision, scale
        Of a decimal: digits in all, and behind the point.
    values
        Of a category: every value it can take, in the order of its codes.
    nullable
        Whether it can be without a value.
    references
        ``table.column`` of the key it points at, or None.
    """

    name: str
    kind: Kind
    description: str
    unit: str | None = None
    precision: int = 0
    scale: int = 0
    values: tuple[str, ...] = ()
    nullable: bool = False
    references: str | None = None

    @cached_property
    def arrow_type(self) -> pa.DataType:
        """The column's Arrow type."""
        if self.kind != "decimal":
            return _ARROW[self.kind]
        narrow = self.precision <= _MAX_DIGITS_OF_INT32
        return (pa.decimal32 if narrow else pa.decimal64)(self.precision, self.scale)

    @cached_property
    def storage(self) -> np.dtype[Any]:
        """The numpy type of its values before they become Arrow: see `storage_dtype`."""
        if self.kind == "text":
            raise TypeError(f"text column {self.name} has no storage type")
        if self.kind == "decimal":
            return np.dtype("i4" if self.precision <= _MAX_DIGITS_OF_INT32 else "i8")
        return np.dtype(_STORAGE[self.kind])

    @cached_property
    def words(self) -> pa.Array:
        """The values of a category as Arrow text."""
        return pa.array(self.values, pa.string())


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes
    ----------
    name, description
        For people and for the database.
    owner
        Whose rows they are: each row has one owner (law 3).
    columns
        In order.
    primary_key
        Columns that are unique together.
    sort
        Columns by which the rows of one owner ascend.
    event_date
        The column that dates a row, by which `as_of` clips; None for state and reference tables,
        which are remade as a whole.
    future
        Columns that may lie after `as_of`: due, expiry and forecast dates.
    bulk
        Whether it is written a row group a batch rather than a row group a segment.
    optional
        Whether it is written only where it is asked for.
    """

    name: str
    description: str
    owner: Owner
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    sort: tuple[str, ...]
    event_date: str | None = None
    future: tuple[str, ...] = ()
    bulk: bool = False
    optional: bool = False

    def __hash__(self) -> int:
        """Return the hash of its name: that of all its columns would be wanted too often."""
        return hash(self.name)

    def has_column(self, name: str) -> bool:
        """Whether it has a column of that name."""
        return any(column.name == name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return the column of that name, or raise KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """The Arrow schema, with descriptions and units as field metadata."""
        fields = []
        for column in self.columns:
            metadata = {"description": column.description}
            if column.unit:
                metadata["unit"] = column.unit
            fields.append(pa.field(column.name, column.arrow_type, column.nullable, metadata))
        return pa.schema(fields)


def storage_dtype(column: Column) -> np.dtype[Any]:
    """Return the numpy type that holds a column's values before they become Arrow.

    Scaled int32 or int64 for decimals, day numbers for dates, microseconds for timestamps, codes
    for categories. Text has none: it is given as a sequence of strings.
    """
    return column.storage


def chunk(table: Table, values: Mapping[str, Any]) -> pa.RecordBatch:
    """Make an Arrow chunk of a table from arrays, one a column.

    Parameters
    ----------
    table
        Whose rows they are.
    values
        For each column an array of its storage type (see `storage_dtype`; other integer types are
        cast), a masked array where it is nullable, or a sequence of strings for text. A single
        value stands for a whole column. At least one is an array.

    Returns
    -------
    pyarrow.RecordBatch
        Shares memory with the arrays where their type fits.
    """
    rows = next(len(array) for array in values.values() if _is_column(array))
    arrays = [_arrow_array(column, values[column.name], rows) for column in table.columns]
    return pa.RecordBatch.from_arrays(arrays, schema=table.arrow_schema)


def _is_column(values: Any) -> bool:
    if isinstance(values, np.ndarray):
        return values.ndim > 0
    return isinstance(values, Sequence) and not isinstance(values, str)


def _raw_and_mask(values: Any) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Return values, 0 where they are missing, and where that is; None where all are there."""
    if not isinstance(values, np.ma.MaskedArray):
        return np.asarray(values), None
    if values.mask is np.ma.nomask:
        return values.data, None
    mask = np.ma.getmaskarray(values)
    return np.where(mask, 0, values.data), mask


def _arrow_array(column: Column, values: Any, rows: int) -> pa.Array:
    if column.kind == "text":
        texts = values if _is_column(values) else [values] * rows
        return pa.array(texts, type=pa.string())
    raw, mask = _raw_and_mask(values)
    if raw.ndim == 0:
        raw = np.full(rows, raw, column.storage)
    if column.kind == "bool":
        return pa.array(raw.astype(bool), mask=mask)
    raw = np.ascontiguousarray(raw, column.storage)
    validity = None if mask is None else pa.py_buffer(np.packbits(~mask, bitorder="little"))
    kind = _CODES if column.kind == "category" else column.arrow_type
    array = pa.Array.from_buffers(kind, len(raw), [validity, pa.py_buffer(raw)])
    if column.kind == "category":
        return pa.DictionaryArray.from_arrays(array, column.words)
    return array
