"""Arrow chunks as PostgreSQL's binary COPY data, a whole column at a time.

A row in that format is a count of fields, then each field's length and bytes. Where all rows of a
piece have fields of one length, the rows are one fixed-width record, and numpy fills it column by
column. A decimal is a fixed number of digits to the base 10000; the server drops leading zeros.
Texts and missing values change a row's length: their fields are filled at the greatest width, and
what is not used is cut out, run by run where rows of one length follow each other (a sensor's
readings do), else row by row.

The format: PostgreSQL documentation, COPY, "Binary Format"; `numeric_recv` for the digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from grilse.tables.schema import Column, Table, storage_dtype

__all__ = [
    "HEADER",
    "PIECE_ROWS",
    "TRAILER",
    "WireField",
    "copy_pieces",
    "filled_pieces",
    "numeric_field",
    "plain_field",
    "text_field",
]

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
"""What the data begin with: signature, no flags, no extension."""

TRAILER = b"\xff\xff"
"""What they end with."""

PIECE_ROWS = 4_096
"""Rows that are filled at once: their record stays in the processor's cache."""

_BASE = 10_000
_BASE_DIGITS = 4
_NEGATIVE = 0x4000
_SHORT_RUN = 32
# Days and microseconds from 1970, Arrow's origin, to 2000, PostgreSQL's.
_ORIGIN = {"date": 10_957, "timestamp": 946_684_800_000_000}
_PLAIN: dict[str, str] = {
    "int32": ">i4", "int64": ">i8", "date": ">i4", "timestamp": ">i8", "bool": "u1",
}  # fmt: skip

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class WireField:
    """One column, ready to be filled in.

    Attributes
    ----------
    dtype
        Of the field at its greatest width.
    prepare
        Fills what is the same in all rows, once.
    fill
        Fills the rest, for the rows from a first one to a last one.
    lengths
        Of each row's field, where they differ; -1 for a missing value.
    """

    dtype: np.dtype[Any]
    fill: Callable[[NDArray[Any], slice], None]
    lengths: NDArray[np.int32] | None
    prepare: Callable[[NDArray[Any]], None] = lambda record: None


def copy_pieces(table: Table, chunk: pa.RecordBatch) -> Iterator[Bytes]:
    """Yield a chunk's rows as binary COPY data, without `HEADER` and `TRAILER`.

    Parameters
    ----------
    table
        Says what the columns' values mean.
    chunk
        Rows of the table's schema.

    Yields
    ------
    ndarray of uint8
        Whole rows, at most `PIECE_ROWS` of them; to be used before the next is asked for.
    """
    fields = [_field(column, chunk.column(i)) for i, column in enumerate(table.columns)]
    yield from filled_pieces(fields, chunk.num_rows)


def filled_pieces(fields: list[WireField], count: int) -> Iterator[Bytes]:
    """Yield so many rows of some fields, as `copy_pieces` does."""
    record = _blank(fields, min(PIECE_ROWS, count))
    for start in range(0, count, PIECE_ROWS):
        rows = slice(start, min(start + PIECE_ROWS, count))
        yield _filled(fields, record[: rows.stop - start], rows)


def _blank(fields: list[WireField], count: int) -> NDArray[Any]:
    layout: list[Any] = [("fields", ">i2")]
    for i, field in enumerate(fields):
        layout += [(f"length{i}", ">i4"), (f"value{i}", field.dtype)]
    record = np.empty(count, np.dtype(layout))
    record["fields"] = len(fields)
    for i, field in enumerate(fields):
        record[f"length{i}"] = field.dtype.itemsize
        field.prepare(record[f"value{i}"])
    return record


def _filled(fields: list[WireField], record: NDArray[Any], rows: slice) -> Bytes:
    varying: _Varying = []
    for i, field in enumerate(fields):
        field.fill(record[f"value{i}"], rows)
        if field.lengths is not None:
            lengths = field.lengths[rows]
            record[f"length{i}"] = lengths
            offset = _offset(record.dtype, i)
            varying.append((offset, field.dtype.itemsize, np.maximum(lengths, 0)))
    wide: Bytes = record.view(np.uint8).reshape(len(record), -1)
    return _cut(wide, varying) if varying else wide.reshape(-1)


def _offset(layout: np.dtype[Any], index: int) -> int:
    assert layout.fields is not None
    offset: int = layout.fields[f"value{index}"][1]
    return offset


_Varying = list[tuple[int, int, NDArray[np.int32]]]
"""Of each field whose length differs: where it begins, its greatest width, its lengths."""


def _cut(wide: Bytes, varying: _Varying) -> Bytes:
    """Cut out of full-width rows what their fields do not use."""
    is_new = np.zeros(len(wide), bool)
    is_new[0] = True
    for _, _, lengths in varying:
        is_new[1:] |= lengths[1:] != lengths[:-1]
    starts = np.flatnonzero(is_new)
    if len(starts) * _SHORT_RUN > len(wide):
        return _cut_by_row(wide, varying)
    return _cut_by_run(wide, varying, starts)


def _cut_by_row(wide: Bytes, varying: _Varying) -> Bytes:
    is_used = np.ones(wide.shape, bool)
    for offset, width, lengths in varying:
        is_used[:, offset : offset + width] = np.arange(width) < lengths[:, None]
    used: Bytes = wide[is_used]
    return used


def _cut_by_run(wide: Bytes, varying: _Varying, starts: NDArray[np.intp]) -> Bytes:
    cut = sum(width * len(wide) - int(lengths.sum()) for _, width, lengths in varying)
    result = np.empty(wide.size - cut, np.uint8)
    ends = [*starts[1:].tolist(), len(wide)]
    done = 0
    for start, end in zip(starts.tolist(), ends, strict=True):
        spans = list(_spans(wide.shape[1], varying, start))
        width = sum(stop - first for first, stop in spans)
        run = result[done : done + width * (end - start)].reshape(-1, width)
        at = 0
        for first, stop in spans:
            run[:, at : at + stop - first] = wide[start:end, first:stop]
            at += stop - first
        done += run.size
    return result


def _spans(width: int, varying: _Varying, row: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a row that are used, from byte to byte."""
    first = 0
    for offset, widest, lengths in varying:
        yield first, offset + int(lengths[row])
        first = offset + widest
    yield first, width


def _field(column: Column, array: pa.Array) -> WireField:
    if column.kind in ("text", "category"):
        return text_field(array)
    if column.kind == "bool":
        values = np.asarray(array.fill_null(False)).astype(np.uint8)
    else:
        raw = np.frombuffer(array.buffers()[1], dtype=storage_dtype(column))
        values = raw[array.offset : array.offset + len(array)]
    if column.kind == "decimal":
        return numeric_field(array, values, column.scale)
    return plain_field(array, values, _PLAIN[column.kind], _ORIGIN.get(column.kind))


def plain_field(
    array: pa.Array, values: NDArray[Any], dtype_text: str, origin: int | None = None
) -> WireField:
    """Make a field of numbers of one width, counted from `origin` where there is one."""
    dtype = np.dtype(dtype_text)

    def fill(record: NDArray[Any], rows: slice) -> None:
        record[...] = values[rows] if origin is None else values[rows] - origin

    return WireField(dtype, fill, _lengths(array, dtype.itemsize))


def _lengths(array: pa.Array, width: int) -> NDArray[np.int32] | None:
    if not array.null_count:
        return None
    return np.where(np.asarray(array.is_null()), np.int32(-1), np.int32(width))


def text_field(array: pa.Array, prefix: bytes = b"") -> WireField:
    """Make a field of texts, each after a prefix."""
    encoded = array if isinstance(array, pa.DictionaryArray) else array.dictionary_encode()
    words = [prefix + word.encode() for word in encoded.dictionary.to_pylist()] or [b""]
    codes = np.asarray(encoded.indices.fill_null(0) if array.null_count else encoded.indices)
    dtype = np.dtype(f"S{max(1, *map(len, words))}")
    values = np.array(words, dtype)
    lengths = np.array([len(word) for word in words], np.int32)[codes]
    if array.null_count:
        lengths[np.asarray(array.is_null())] = -1

    def fill(record: NDArray[Any], rows: slice) -> None:
        record[...] = values[codes[rows]]

    return WireField(dtype, fill, lengths)


def numeric_field(array: pa.Array, values: NDArray[Any], scale: int) -> WireField:
    """Make a field of scaled integers as PostgreSQL numerics of one width.

    The digits behind the point fill whole groups of four; before it there are as many groups as
    the greatest value needs.
    """
    behind = -(-scale // _BASE_DIGITS)
    pad = 10 ** (behind * _BASE_DIGITS - scale)
    least, most = int(values.min(initial=0)), int(values.max(initial=0))
    greatest, groups = max(-least, most), max(behind, 1)
    while greatest * pad >= _BASE**groups:
        groups += 1
    kind: Any = np.uint32 if greatest < 2**32 else np.uint64
    names = [f"group{i}" for i in range(groups)]
    head = ["groups", "weight", "sign", "scale"]
    dtype = np.dtype([(name, ">i2") for name in (*head, *names)])

    def prepare(record: NDArray[Any]) -> None:
        record["groups"], record["weight"], record["scale"] = groups, groups - behind - 1, scale
        record["sign"] = 0

    def fill(record: NDArray[Any], rows: slice) -> None:
        part = values[rows]
        if least < 0:
            record["sign"] = np.where(part < 0, _NEGATIVE, 0)
            part = np.abs(part)
        rest = part.astype(kind)
        # The last group may lack digits: they are added to it alone, lest the whole overflow.
        base, factor = kind(_BASE // pad), kind(pad)
        for name in reversed(names):
            higher = rest // base
            record[name] = (rest - higher * base) * factor
            rest, base, factor = higher, kind(_BASE), kind(1)

    return WireField(dtype, fill, _lengths(array, dtype.itemsize), prepare)
