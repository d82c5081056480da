"""Blocks of rows of a table that both sides can be read in: ranges of keys, of a bearable size.

A file's row groups say between which keys they lie. The first side's are taken in the order of
their keys and cut into blocks; of the other side those are read that a block's range touches. So
it does not matter how either side is cut into segments, epochs or row groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from grilse.ground.errors import DestinationError
from grilse.tables.schema import Table

__all__ = ["Block", "RowGroup", "blocks", "look", "read_block"]

_BLOCK_ROWS = 500_000


@dataclass(frozen=True, slots=True)
class RowGroup:
    """A row group of a file.

    Attributes
    ----------
    least, most
        The keys of its rows lie between them; None where the file does not say.
    """

    path: Path
    index: int
    rows: int
    least: int | None
    most: int | None

    def may_hold(self, above: int | None, upto: int | None) -> bool:
        """Whether it can hold keys greater than `above` and at most `upto`."""
        if self.least is None or self.most is None:
            return True
        return (above is None or self.most > above) and (upto is None or self.least <= upto)


@dataclass(frozen=True, slots=True)
class Block:
    """The rows of both sides whose keys are greater than `above` and at most `upto`."""

    a: tuple[RowGroup, ...]
    b: tuple[RowGroup, ...]
    above: int | None = None
    upto: int | None = None


def look(table: Table, paths: Iterable[Path]) -> tuple[list[RowGroup], tuple[str, ...]]:
    """Return the row groups of files of a table, and in what their columns differ from the table's.

    Rows of files whose columns differ cannot be compared.

    Raises
    ------
    DestinationError
        If a file cannot be read.
    """
    found: list[RowGroup] = []
    lines: dict[str, None] = {}
    for path in paths:
        try:
            with pq.ParquetFile(path) as file:
                lines.update(dict.fromkeys(_misfits(table, file.schema_arrow)))
                place = file.schema_arrow.get_field_index(table.primary_key[0])
                told = file.metadata
                for index in range(told.num_row_groups):
                    found.append(_row_group(path, index, told.row_group(index), place))
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(path, error) from error
    return found, tuple(lines)


def _row_group(path: Path, index: int, told: pq.RowGroupMetaData, place: int) -> RowGroup:
    known = told.column(place).statistics if place >= 0 else None
    if known is None or not known.has_min_max:
        return RowGroup(path, index, told.num_rows, None, None)
    return RowGroup(path, index, told.num_rows, int(known.min), int(known.max))


def _misfits(table: Table, schema: pa.Schema) -> Iterator[str]:
    if schema.equals(table.arrow_schema):
        return
    there = {field.name: field.type for field in schema}
    wanted = {column.name: column.arrow_type for column in table.columns}
    for name in [*wanted, *(name for name in there if name not in wanted)]:
        if wanted.get(name) != there.get(name):
            found, kind = there.get(name, "missing"), wanted.get(name, "not known")
            yield f"column {name} is {found}, here {kind}"


def blocks(
    a: Sequence[RowGroup], b: Sequence[RowGroup], most_rows: int = _BLOCK_ROWS
) -> list[Block]:
    """Cut both sides into blocks that hold every row once."""
    if any(group.most is None for group in (*a, *b)):
        return [Block(tuple(a), tuple(b))]
    cuts: list[int] = []
    rows = 0
    for group in sorted(a or b, key=lambda group: (group.most or 0, group.least or 0)):
        rows += group.rows
        if rows >= most_rows:
            cuts.append(group.most or 0)
            rows = 0
    bounds: list[int | None] = [None, *dict.fromkeys(cuts[:-1] if rows == 0 else cuts), None]
    return [
        Block(
            tuple(group for group in a if group.may_hold(above, upto)),
            tuple(group for group in b if group.may_hold(above, upto)),
            above,
            upto,
        )
        for above, upto in pairwise(bounds)
    ]


def read_block(
    table: Table, groups: Sequence[RowGroup], above: int | None, upto: int | None
) -> pa.RecordBatch:
    """Return the rows of a block of one side.

    Raises
    ------
    DestinationError
        If a file cannot be read.
    """
    by_path: dict[Path, list[RowGroup]] = {}
    for group in groups:
        by_path.setdefault(group.path, []).append(group)
    parts = [
        part for path, held in by_path.items() for part in _read(table, path, held, above, upto)
    ]
    empty = table.arrow_schema.remove_metadata().empty_table()
    whole = pa.concat_tables(parts or [empty]).unify_dictionaries().combine_chunks()
    found = whole.to_batches()
    return found[0] if found else pa.RecordBatch.from_pylist([], schema=table.arrow_schema)


def _read(
    table: Table, path: Path, groups: Sequence[RowGroup], above: int | None, upto: int | None
) -> list[pa.Table]:
    """Return the rows of some row groups of one file, those within the range alone."""
    names = [column.name for column in table.columns]
    try:
        with pq.ParquetFile(path) as file:
            parts = [
                file.read_row_group(group.index, columns=names, use_threads=False)
                for group in groups
            ]
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error
    return [
        _within(table, group, part.select(names), above, upto).replace_schema_metadata(None)
        for group, part in zip(groups, parts, strict=True)
    ]


def _within(
    table: Table, group: RowGroup, rows: pa.Table, above: int | None, upto: int | None
) -> pa.Table:
    key = table.primary_key[0]
    if above is not None and (group.least is None or group.least <= above):
        rows = rows.filter(pc.greater(rows[key], above))
    if upto is not None and (group.most is None or group.most > upto):
        rows = rows.filter(pc.less_equal(rows[key], upto))
    return rows


def _unreadable(path: Path, error: Exception) -> DestinationError:
    said = str(error).splitlines()[0] if str(error) else repr(error)
    return DestinationError(f"{path}: cannot be read: {said}")
