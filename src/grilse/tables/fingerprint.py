"""The content fingerprint of a table: a sum of row hashes that no order, file or worker can change.

A row's hash mixes the sum of (value x the column's own odd constant) modulo 2**64, where a value
is canonical: the scaled integer of a decimal, the day number of a date, microseconds of a time
stamp, 0 or 1, and for text eight bytes of the BLAKE2b digest of its UTF-8. The table's
fingerprint is the sum of its rows' hashes modulo 2**64; fingerprints of disjoint parts add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from grilse.tables.schema import Column, Table

__all__ = ["add", "canonical", "fingerprint", "fingerprints", "text"]

_BLOCK = 32_768  # two arrays of this many words stay in a core's own cache: half the time
_WORTH_RUNS = 4096
_LEAST_RUN = 16
_NULL = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFT = (np.uint64(30), np.uint64(27), np.uint64(31))


def add(*parts: int) -> int:
    """Join the fingerprints of disjoint parts of one table."""
    return sum(parts) % 2**64


def text(value: int) -> str:
    """Write a fingerprint as sixteen hexadecimal digits."""
    return f"{value:016x}"


@dataclass(frozen=True, slots=True)
class _Scaled:
    """A column on its way into the sum of its row.

    Attributes
    ----------
    values
        Canonical integers; where there are `words`, their codes.
    constant
        The column's own.
    words
        What each code's word adds to the sum.
    may_run
        Whether its values can be expected to stay the same from row to row.
    """

    values: NDArray[np.int64]
    constant: np.uint64
    words: NDArray[np.uint64] | None
    may_run: bool

    def into(self, block: slice, out: NDArray[np.uint64]) -> None:
        """Put what a block of the column adds to the sums into `out`."""
        values = self.values[block]
        if self.words is not None:
            np.take(self.words, values, out=out, mode="clip")
        elif values.itemsize == out.itemsize:
            np.multiply(values.view(np.uint64), self.constant, out=out)
        else:
            np.copyto(out.view(np.int64), values)
            np.multiply(out, self.constant, out=out)

    def at(self, rows: NDArray[np.intp]) -> NDArray[np.uint64]:
        """Return what some of its rows add to the sums."""
        if self.words is not None:
            return self.words[self.values[rows]]
        return self.values[rows].astype(np.int64).view(np.uint64) * self.constant


def fingerprint(table: Table, rows: pa.RecordBatch) -> int:
    """Return the fingerprint of some rows of a table.

    Parameters
    ----------
    table
        Names the columns, and what their values mean.
    rows
        Columns in the table's order and types (`Table.arrow_schema`).
    """
    return sum(int(hashes.sum(dtype=np.uint64)) for hashes in _hashes(table, rows)) % 2**64


def fingerprints(table: Table, rows: pa.RecordBatch, sizes: Sequence[int]) -> list[int]:
    """Return the fingerprints of the parts of some rows, each of so many, one after the other.

    It takes a fraction of the time that many small parts would take one by one.

    Raises
    ------
    ValueError
        If the sizes do not add up to the rows, or a part is empty.
    """
    if sum(sizes) != rows.num_rows or min(sizes, default=1) < 1:
        raise ValueError(f"parts of {list(sizes)} rows are not {rows.num_rows} rows")
    hashes, done = np.empty(rows.num_rows, np.uint64), 0
    for block in _hashes(table, rows):
        hashes[done : done + len(block)] = block
        done += len(block)
    first = np.cumsum([0, *sizes[:-1]])
    return [int(each) for each in np.add.reduceat(hashes, first)] if len(hashes) else []


def _hashes(table: Table, rows: pa.RecordBatch) -> Iterator[NDArray[np.uint64]]:
    """Yield the hashes of the rows, block after block; each stands until the next is asked for."""
    columns = [
        _scaled(column, constant, rows.column(i))
        for i, (column, constant) in enumerate(_constants(table))
    ]
    sums, columns = _by_runs(columns, rows.num_rows)
    size = min(_BLOCK, rows.num_rows)
    total, product = np.empty(size, np.uint64), np.empty(size, np.uint64)
    for start in range(0, rows.num_rows, _BLOCK):
        block = slice(start, min(start + _BLOCK, rows.num_rows))
        row_sum, scaled = total[: block.stop - start], product[: block.stop - start]
        np.copyto(row_sum, sums[block])
        for column in columns:
            column.into(block, scaled)
            np.add(row_sum, scaled, out=row_sum)
        yield _mixed(row_sum, scaled)


def _scaled(column: Column, constant: np.uint64, array: pa.Array) -> _Scaled:
    may_run = column.references is not None or column.kind == "category"
    if column.kind == "category" and not array.null_count:
        words = _text_hashes(column, array.dictionary).view(np.uint64) * constant
        return _Scaled(_raw(array.indices, np.dtype("i1")), constant, words, may_run)
    return _Scaled(canonical(column, array), constant, None, may_run)


def _by_runs(columns: list[_Scaled], rows: int) -> tuple[NDArray[np.uint64], list[_Scaled]]:
    """Add up the columns whose values stay the same from row to row, a run of rows at a time.

    Returns
    -------
    tuple
        What they add to the sums of the rows, and the columns that are left to be added: all,
        where the rows are few or the runs short.
    """
    running = [column for column in columns if column.may_run]
    if rows >= _WORTH_RUNS and running:
        first = _starts(running, rows)
        if len(first) * _LEAST_RUN <= rows:
            sums = sum((column.at(first) for column in running), np.zeros(len(first), np.uint64))
            left = [column for column in columns if not column.may_run]
            return np.repeat(sums, np.diff(first, append=rows)), left
    return np.zeros(rows, np.uint64), columns


def _starts(columns: list[_Scaled], rows: int) -> NDArray[np.intp]:
    """Return the rows that are the first, or differ from the one before in any of the columns."""
    differs, differ = np.zeros(rows, np.bool_), np.empty(rows - 1, np.bool_)
    differs[0] = True
    for column in columns:
        np.not_equal(column.values[1:], column.values[:-1], out=differ)
        np.logical_or(differs[1:], differ, out=differs[1:])
    return np.flatnonzero(differs)


def _mixed(rows: NDArray[np.uint64], spare: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finalise row sums in place (Stafford's mix 13): no bit of a row stays where it was."""
    for shift, factor in zip(_SHIFT, _MIX, strict=False):
        np.right_shift(rows, shift, out=spare)
        np.bitwise_xor(rows, spare, out=rows)
        np.multiply(rows, factor, out=rows)
    np.right_shift(rows, _SHIFT[-1], out=spare)
    return np.bitwise_xor(rows, spare, out=rows)


def canonical(column: Column, array: pa.Array) -> NDArray[np.int64]:
    """Return a column's canonical integers, shape (rows,); narrow ones stay narrow."""
    if column.kind in ("text", "category"):
        values = _text_values(column, array)
    elif column.kind == "bool":
        values = np.asarray(array.fill_null(False)).astype(np.int64)
    else:
        values = _raw(array, column.storage)
    if array.null_count:
        missing = np.asarray(array.is_null())
        values = np.where(missing, _NULL.view(np.int64), values.astype(np.int64))
    return values


def _raw(array: pa.Array, kind: np.dtype[Any]) -> NDArray[Any]:
    """View the values of an array as they lie in its memory, those that are missing too."""
    values = np.frombuffer(array.buffers()[1], kind)
    return values[array.offset : array.offset + len(array)]


def _text_values(column: Column, array: pa.Array) -> NDArray[np.int64]:
    encoded = array if isinstance(array, pa.DictionaryArray) else array.dictionary_encode()
    hashes = _text_hashes(column, encoded.dictionary)
    codes = encoded.indices
    indices = np.asarray(codes.fill_null(0) if codes.null_count else codes)
    return hashes[indices] if len(hashes) else np.zeros(len(array), np.int64)


def _text_hashes(column: Column, words: pa.Array) -> NDArray[np.int64]:
    if column.values and words.equals(column.words):
        return _hashes_of(column.values)
    return _hashes_of(tuple(words.to_pylist()))


@lru_cache(maxsize=1024)
def _hashes_of(words: tuple[str, ...]) -> NDArray[np.int64]:
    return np.array([_text_value(word) for word in words], np.int64)


@lru_cache(maxsize=65_536)
def _text_value(value: str) -> int:
    return int.from_bytes(blake2b(value.encode(), digest_size=8).digest(), "little", signed=True)


@lru_cache(maxsize=256)
def _constants(table: Table) -> tuple[tuple[Column, np.uint64], ...]:
    """Return each column with the odd number that its values are multiplied by."""
    return tuple((column, _constant(f"{table.name}.{column.name}")) for column in table.columns)


def _constant(name: str) -> np.uint64:
    digest = blake2b(name.encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little") | 1)
