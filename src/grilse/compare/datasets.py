"""Two datasets compared: by fingerprint first, then only what differs, row by row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from grilse.compare.blocks import Block, RowGroup, blocks, look, read_block
from grilse.compare.result import Comparison, Findings, TableDifference
from grilse.compare.rows import compare_rows
from grilse.compare.sides import Side
from grilse.compare.tolerance import NOTHING_TOLERATED, Tolerances
from grilse.dataset.manifest import differences
from grilse.ground.errors import BadInput, Problem
from grilse.tables.catalogue import TABLES
from grilse.tables.schema import Table
from grilse.tables.totals import Totals, add_totals

__all__ = ["Options", "compare_datasets"]

_MERGED_ROWS = 200_000
"""Rows of a side up to which segments are compared together."""


@dataclass(frozen=True, slots=True)
class Options:
    """How two datasets are compared.

    Attributes
    ----------
    tolerances
        How far apart values may lie, and which columns are not looked at.
    tables
        Names of tables to be compared; all where empty.
    by_rows
        Whether every row is compared, and no fingerprint believed.
    threads
        How many blocks of rows are compared at once.
    most_examples
        Examples of each column of a table.
    """

    tolerances: Tolerances = NOTHING_TOLERATED
    tables: Collection[str] = ()
    by_rows: bool = False
    threads: int = 2
    most_examples: int = 3


def compare_datasets(a: Side, b: Side, options: Options | None = None) -> Comparison:
    """Compare the content of two datasets, or of a dataset and a manifest.

    Tables of equal fingerprint are equal. Of others the segments are compared by fingerprint, and
    of those that differ, or whose files are not as they were recorded, the rows.

    Raises
    ------
    BadInput
        If an option names no table.
    DestinationError
        If a file that must be read cannot be.
    """
    asked = options or Options()
    names = _tables(a, b, asked.tables)
    found = [_table(name, a, b, asked) for name in names]
    differing = tuple(each for each, _ in found if each is not None and not each.is_equal)
    within = tuple(each.table for each, _ in found if each is not None and each.is_equal)
    return Comparison(
        str(a.path),
        str(b.path),
        sum(a.totals[name].rows for name in names if name in a.totals),
        sum(b.totals[name].rows for name in names if name in b.totals),
        len(names),
        differing,
        within if asked.tolerances != NOTHING_TOLERATED else (),
        tuple(_told(a, b)),
        sum(rows for _, rows in found),
    )


def _tables(a: Side, b: Side, only: Collection[str]) -> list[str]:
    """Return the names of the tables to compare: the catalogue's in its order, then others."""
    there = a.tables | b.tables | set(a.totals) | set(b.totals)
    unknown = [name for name in only if name not in there]
    if unknown:
        allowed = ", ".join(name for name in TABLES if name in there)
        raise BadInput(
            Problem("R-TABLE", "neither side has such a table", found=name, allowed=allowed)
            for name in unknown
        )
    known = [name for name in TABLES if name in there]
    ordered = [*known, *sorted(there - set(known))]
    return [name for name in ordered if not only or name in only]


def _told(a: Side, b: Side) -> Iterator[str]:
    """Say what the reader should know of the two beside what differs."""
    for line in differences(a.manifest.inputs, b.manifest.inputs):
        what, _, values = line.partition(": ")
        there, _, wanted = values.removeprefix("there ").partition(", wanted ")
        yield f"made of another {what}: A {_short(there)}, B {_short(wanted)}"
    for name, side in (("A", a), ("B", b)):
        if not side.is_whole:
            yield f"{name} is not whole: {side.manifest.state}; what is there is compared"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _table(
    name: str, a: Side, b: Side, options: Options
) -> tuple[TableDifference | None, int]:  # fmt: skip
    """Compare one table, None where it is equal, and say how many rows were read."""
    rows_a, rows_b = _rows(a, name), _rows(b, name)
    lacking = rows_a is None or rows_b is None
    alike = not lacking and a.totals.get(name, Totals()) == b.totals.get(name, Totals())
    is_open = a.records is not None and b.records is not None and not lacking and name in TABLES
    if not is_open:
        return (None if alike else TableDifference(name, rows_a, rows_b)), 0
    paths = list(_unequal(name, a, b, is_all=options.by_rows))
    if alike and not paths:
        return None, 0
    table = TABLES[name]
    groups, notes = _looked_at(table, paths)
    if notes:
        return TableDifference(name, rows_a, rows_b, notes=notes), 0
    findings, read = _looked_into(table, groups, options)
    difference = TableDifference(
        name, rows_a, rows_b, True, findings, {**b.names, **a.names}
    )  # fmt: skip
    return (None if alike and difference.is_equal else difference), read


def _rows(side: Side, name: str) -> int | None:
    """Return how many rows a side has of a table; None where it was not asked to have it."""
    if name not in side.tables and name not in side.totals:
        return None
    return side.totals.get(name, Totals()).rows


Group = tuple[list[RowGroup], list[RowGroup]]


def _unequal(
    name: str, a: Side, b: Side, *, is_all: bool
) -> Iterator[tuple[list[Path], list[Path]]]:
    """Yield the files of each group of segments whose rows are to be compared."""
    coarse = max(a.manifest.segment_size, b.manifest.segment_size)
    groups_a, groups_b = a.segments(name, coarse), b.segments(name, coarse)
    for key in sorted({*groups_a, *groups_b}):
        held_a, held_b = groups_a.get(key, {}), groups_b.get(key, {})
        alike = _sum(held_a.values()) == _sum(held_b.values())
        sound = [a.is_as_recorded(name, segment) for segment in held_a]
        sound += [b.is_as_recorded(name, segment) for segment in held_b]
        if is_all or not alike or not all(sound):
            yield ([a.file(name, each) for each in held_a], [b.file(name, each) for each in held_b])


def _sum(parts: Iterable[Totals]) -> Totals:
    return add_totals({"": part} for part in parts).get("", Totals())


def _looked_at(
    table: Table, paths: Iterable[tuple[list[Path], list[Path]]]
) -> tuple[list[Group], tuple[str, ...]]:
    """Return the row groups of files, and in what their columns differ from the table's."""
    groups: list[Group] = []
    lines: dict[str, None] = {}
    for of_a, of_b in paths:
        (held_a, wrong_a), (held_b, wrong_b) = look(table, of_a), look(table, of_b)
        groups.append((held_a, held_b))
        lines.update(dict.fromkeys(f"A: {line}" for line in wrong_a))
        lines.update(dict.fromkeys(f"B: {line}" for line in wrong_b))
    return groups, tuple(lines)


def _merged(groups: Iterable[Group]) -> Iterator[Group]:
    """Put small groups together: a block of many files costs less than many blocks."""
    held: Group = ([], [])
    for of_a, of_b in groups:
        held = ([*held[0], *of_a], [*held[1], *of_b])
        if sum(group.rows for group in held[0]) >= _MERGED_ROWS:
            yield held
            held = ([], [])
    if held[0] or held[1]:
        yield held


def _looked_into(table: Table, groups: Iterable[Group], options: Options) -> tuple[Findings, int]:
    """Compare the rows of some files, a few blocks at a time; also say how many were read."""
    waiting = (block for held_a, held_b in _merged(groups) for block in blocks(held_a, held_b))
    found, read = Findings(), 0
    with ThreadPoolExecutor(options.threads) as pool:

        def begin(some: int) -> list[Future[tuple[Findings, int]]]:
            return [pool.submit(_block, table, b, options) for b in islice(waiting, some)]

        under_way = begin(options.threads + 1)
        while under_way:
            part, rows = under_way.pop(0).result()
            under_way += begin(1)
            found, read = Findings.joined((found, part), options.most_examples), read + rows
    return found, read


def _block(table: Table, block: Block, options: Options) -> tuple[Findings, int]:
    a = read_block(table, block.a, block.above, block.upto)
    b = read_block(table, block.b, block.above, block.upto)
    findings = compare_rows(table, a, b, options.tolerances, options.most_examples)
    return findings, a.num_rows + b.num_rows
