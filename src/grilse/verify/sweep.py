"""One pass over every file, row group by row group: what can only be seen by looking at each row.

A row group is read whole, once: its rows are counted and fingerprinted, its keys are proved to
ascend, missing values and unknown words are found, and readings are cut into runs. Row groups are
read by a few threads, each holding one at a time, so that memory does not grow with the dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from grilse.tables.fingerprint import fingerprint
from grilse.tables.schema import Column, Table, storage_dtype
from grilse.tables.totals import Totals
from grilse.verify.books import Books, Stores, accounts_of
from grilse.verify.doubts import doubts_of
from grilse.verify.oxygen import OxygenRule, judge_oxygen
from grilse.verify.runs import MISSING, READINGS, Columns, Runs, tally_of
from grilse.verify.source import TableFile
from grilse.verify.verdict import Tally

__all__ = ["Part", "RowRules", "SweptFile", "sweep"]


_GREAT_GAP = 1024
"""What lies between the keys of two assignments, at the least."""

_MOST_SPANS = 1024
"""Most spans of a row group."""


@dataclass(frozen=True)
class RowRules:
    """What rows are held against, one by one.

    Attributes
    ----------
    hours
        Hours of the day at which readings are taken.
    oxygen
        What oxygen may be.
    stores
        Whose feed is eaten where.
    """

    hours: tuple[int, ...]
    oxygen: OxygenRule
    stores: Stores


@dataclass(frozen=True)
class Part:
    """What was seen in one row group.

    Attributes
    ----------
    totals
        Rows and fingerprint; the fingerprint is 0 where none was asked for.
    spans
        Least and greatest key of each stretch of its keys without a great gap, shape (spans, 2).
    found
        Tallies by the name of the check they are for.
    books
        What its rows tell of each account.
    doubts
        Names of the checks that some row may break, of those that have a rule for it.
    runs
        The runs of its rows; None once they are in the database.
    """

    totals: Totals
    spans: NDArray[np.int64]
    found: Mapping[str, Tally]
    books: Books
    doubts: frozenset[str]
    runs: pa.RecordBatch | None


@dataclass(frozen=True)
class SweptFile:
    """What was seen in one file; `broken` says why it could not be read, or fits no schema."""

    file: TableFile
    parts: tuple[Part, ...] = ()
    broken: str = ""
    misfits: tuple[str, ...] = ()

    @property
    def totals(self) -> Totals:
        """Rows and fingerprint of the whole file."""
        return sum((part.totals for part in self.parts), Totals())


def sweep(
    files: Iterable[TableFile],
    threads: int,
    *,
    rules: RowRules | None = None,
    with_fingerprints: bool = True,
) -> Iterator[SweptFile]:
    """Read files and yield what was seen in each, in their order.

    Parameters
    ----------
    files
        Which; large ones of a table follow each other, so that threads share the work evenly.
    threads
        How many files are read at once.
    rules
        What rows are held against; None for the farm's.
    with_fingerprints
        Whether content fingerprints are worked out.
    """
    waiting = iter(files)
    with _reused_memory(), ThreadPoolExecutor(threads) as pool:

        def begin(some: int) -> list[Future[SweptFile]]:
            return [
                pool.submit(_swept, file, rules, with_fingerprints)
                for file in islice(waiting, some)
            ]

        under_way = begin(threads + 1)
        while under_way:
            done = under_way.pop(0).result()
            under_way += begin(1)
            yield done


@contextmanager
def _reused_memory() -> Iterator[None]:
    """Let Arrow keep the memory of one row group for the next, where it has an allocator that does.

    It halves the time of reading: the system's pages need not be asked for again and again.
    """
    before = pa.default_memory_pool()
    if "jemalloc" in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


def _swept(file: TableFile, rules: RowRules | None, with_fingerprints: bool) -> SweptFile:
    """Read one file; what the operating system or the format says against it is its fault."""
    try:
        with pq.ParquetFile(file.path) as opened:
            misfits = tuple(_misfits(file.table, opened.schema_arrow))
            if misfits:
                return SweptFile(file, misfits=misfits)
            parts = tuple(
                _part(file.table, rows, rules, with_fingerprints)
                for group in range(opened.num_row_groups)
                for rows in opened.read_row_group(group, use_threads=False)
                .combine_chunks()
                .to_batches()
            )
    except (OSError, pa.ArrowException) as error:
        return SweptFile(file, broken=str(error).splitlines()[0] if str(error) else repr(error))
    return SweptFile(file, parts)


def _misfits(table: Table, found: pa.Schema) -> Iterator[str]:
    """Say in what a file's columns differ from the table's, but for whether values may miss."""
    wanted = {column.name: column.arrow_type for column in table.columns}
    there = {field.name: field.type for field in found}
    for name in [*wanted, *(name for name in there if name not in wanted)]:
        if wanted.get(name) != there.get(name):
            yield f"{name} is {there.get(name, 'missing')}, not {wanted.get(name, 'there')}"
    if set(there) == set(wanted) and list(there) != list(wanted):
        yield f"columns come in the order {', '.join(there)}"


def _part(
    table: Table, rows: pa.RecordBatch, rules: RowRules | None, with_fingerprints: bool
) -> Part:
    columns = {c.name: _integers(c, rows.column(c.name)) for c in table.columns if c.kind != "text"}
    runs = Runs(table, columns)
    twice, low = _out_of_order(table, columns)
    found = {
        "keys.primary": twice,
        "structure.order": low,
        "structure.values": _bad_values(table, rows, columns),
        "keys.arithmetic": runs.off_key(),
    }
    shares, stores = None, None if rules is None else rules.stores
    if rules is not None and table.name == READINGS:
        found["water.oxygen"], shares = judge_oxygen(runs, rules.oxygen)
        found["time.reading_hours"] = runs.out_of_time(rules.hours)
    total = Totals(rows.num_rows, fingerprint(table, rows) if with_fingerprints else 0)
    books, doubts = accounts_of(runs, stores), doubts_of(runs)
    return Part(total, _spans(runs.key), found, books, doubts, runs.rows(shares))


def _spans(keys: NDArray[Any]) -> NDArray[np.int64]:
    """Cut keys at their greatest gaps, so that row groups that interleave do so in few spans."""
    ascending = keys if (keys[1:] >= keys[:-1]).all() else np.sort(keys)
    gaps = ascending[1:] - ascending[:-1]
    cuts = np.flatnonzero(gaps > _GREAT_GAP)
    if len(cuts) >= _MOST_SPANS:
        cuts = np.sort(cuts[np.argsort(-gaps[cuts], kind="stable")[: _MOST_SPANS - 1]])
    firsts = ascending[np.concatenate([[0], cuts + 1])]
    lasts = ascending[np.concatenate([cuts, [len(ascending) - 1]])]
    return np.stack([firsts, lasts], axis=1).astype(np.int64)


def _integers(column: Column, array: pa.Array) -> NDArray[Any]:
    """Return a column as the integers it is stored as; categories by their place in its words."""
    if column.kind == "bool":
        return np.asarray(array.fill_null(False)).astype(np.int8)
    if column.kind == "category":
        return _codes(column, array)
    raw = np.frombuffer(array.buffers()[1], dtype=storage_dtype(column))
    values = raw[array.offset : array.offset + len(array)]
    if array.null_count:
        return np.where(np.asarray(array.is_null()), MISSING, values.astype(np.int64))
    return values


def _codes(column: Column, array: pa.DictionaryArray) -> NDArray[np.int8]:
    """Return places in the column's words; words it does not know come after the last."""
    words = array.dictionary.to_pylist()
    known = {word: place for place, word in enumerate(column.values)}
    places = np.array([known.get(word, len(known)) for word in words] or [0], np.int8)
    indices = array.indices.fill_null(0) if array.null_count else array.indices
    codes: NDArray[np.int8] = places[np.asarray(indices)]
    return codes


def _out_of_order(table: Table, columns: Columns) -> tuple[Tally, Tally]:
    """Find keys that stand twice, and keys that do not ascend; what ascends stands but once."""
    name = table.primary_key[0]
    keys = columns[name]
    if (keys[1:] > keys[:-1]).all():
        return Tally(), Tally()
    order = np.argsort(keys, kind="stable")
    again = order[1:][keys[order[1:]] == keys[order[:-1]]]
    low = np.flatnonzero(keys[1:] < keys[:-1]) + 1
    return (
        tally_of(table, columns, again, lambda i: f"{name} {keys[i]} stands more than once"),
        tally_of(table, columns, low, lambda i: f"{name} comes after {keys[i - 1]}"),
    )


def _bad_values(table: Table, rows: pa.RecordBatch, columns: Columns) -> Tally:
    """Find values that are missing where they must not be, and words that a column cannot take."""
    tally = Tally(rows.num_rows)
    for column in table.columns:
        array = rows.column(column.name)
        if array.null_count and not column.nullable:
            missing = np.flatnonzero(np.asarray(array.is_null()))
            tally += tally_of(table, columns, missing, _says(f"{column.name} is missing"))
        if column.kind == "category" and not set(array.dictionary.to_pylist()) <= set(
            column.values
        ):
            unknown = np.flatnonzero(columns[column.name] == len(column.values))
            tally += tally_of(table, columns, unknown, _says(f"{column.name} is no known word"))
    return tally


def _says(what: str) -> Callable[[int], str]:
    return lambda _: what
