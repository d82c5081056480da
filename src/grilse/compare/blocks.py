"""Blocks of rows of a table that both sides can be read in: ranges of keys, of a bearable size.

A file's row groups say between which keys they lie. The first side's are taken in the order of
their keys and cut into blocks; of the other side those are read that a block's range touches. So
it does not matter how either side is cut into segments, epochs or row groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from grilse.ground.errors import DestinationError
from grilse.tables.schema import Table

__all__ = ["Block", "RowGroup", "blocks", "misfits", "read_block", "row_groups"]

_BLOCK_ROWS = 1_500_000


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


def row_groups(table: Table, paths: Iterable[Path]) -> list[RowGroup]:
    """Return the row groups of files of a table.

    Raises
    ------
    DestinationError
        If a file cannot be read.
    """
    found = []
    for path in paths:
        try:
            with pq.ParquetFile(path) as file:
                place = file.schema_arrow.get_field_index(table.primary_key[0])
                for index in range(file.num_row_groups):
                    found.append(_row_group(path, index, file.metadata.row_group(index), place))
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(path, error) from error
    return found


def _row_group(path: Path, index: int, told: pq.RowGroupMetaData, place: int) -> RowGroup:
    known = told.column(place).statistics if place >= 0 else None
    if known is None or not known.has_min_max:
        return RowGroup(path, index, told.num_rows, None, None)
    return RowGroup(path, index, told.num_rows, int(known.min), int(known.max))


def misfits(table: Table, paths: Iterable[Path]) -> tuple[str, ...]:
    """Say in what files' columns differ from the table's: such rows cannot be compared."""
    lines: dict[str, None] = {}
    for path in paths:
        try:
            there = {field.name: field.type for field in pq.read_schema(path)}
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(path, error) from error
        wanted = {column.name: column.arrow_type for column in table.columns}
        for name in [*wanted, *(name for name in there if name not in wanted)]:
            if wanted.get(name) != there.get(name):
                found, kind = there.get(name, "missing"), wanted.get(name, "not known")
                lines[f"column {name} is {found}, here {kind}"] = None
    return tuple(lines)


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
    parts = [_read(table, group, above, upto) for group in groups]
    empty = table.arrow_schema.remove_metadata().empty_table()
    whole = pa.concat_tables(parts or [empty]).unify_dictionaries().combine_chunks()
    found = whole.to_batches()
    return found[0] if found else pa.RecordBatch.from_pylist([], schema=table.arrow_schema)


def _read(table: Table, group: RowGroup, above: int | None, upto: int | None) -> pa.Table:
    names = [column.name for column in table.columns]
    try:
        with pq.ParquetFile(group.path) as file:
            rows = file.read_row_group(group.index, columns=names, use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(group.path, error) from error
    rows = rows.select(names)
    key = rows[table.primary_key[0]]
    if above is not None and (group.least is None or group.least <= above):
        rows = rows.filter(pc.greater(key, above))
        key = rows[table.primary_key[0]]
    if upto is not None and (group.most is None or group.most > upto):
        rows = rows.filter(pc.less_equal(key, upto))
    return rows.replace_schema_metadata(None)


def _unreadable(path: Path, error: Exception) -> DestinationError:
    said = str(error).splitlines()[0] if str(error) else repr(error)
    return DestinationError(f"{path}: cannot be read: {said}")
