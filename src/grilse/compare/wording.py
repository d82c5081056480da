"""A comparison as people and programs read it: lines, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from grilse.compare.result import ONLY_A, ONLY_B, ROWS, Comparison, Example, TableDifference
from grilse.compare.schedules import ScheduleComparison
from grilse.ground.wording import numbered

__all__ = ["as_json", "as_text"]

_BATCHES_TOLD = 8
_LINES_TOLD = 12
_TABLES_TOLD = 4


def as_text(found: Comparison | ScheduleComparison) -> Iterator[str]:
    """Yield the lines of a comparison; the first says whether the two are equal."""
    if isinstance(found, ScheduleComparison):
        yield from _schedules(found)
    else:
        yield from _datasets(found)


def _datasets(found: Comparison) -> Iterator[str]:
    if found.is_equal:
        within = (
            f", {len(found.tolerated)} of them within the tolerances" if found.tolerated else ""
        )
        yield f"equal: {found.rows_a:,} rows in {found.tables} tables{within}"
    else:
        yield (
            f"different: {len(found.differing)} of {found.tables} tables; "
            f"{found.rows_a:,} rows in A, {found.rows_b:,} in B"
        )
    yield from (f"  {line}" for line in found.told)
    for difference in found.differing[:_TABLES_TOLD]:
        yield from _table(difference)
    short = found.differing[_TABLES_TOLD:]
    yield from map(_table_in_short, short)
    if short:
        yield f"The last {len(short)} are told in short; --format json tells all"


def _table_in_short(found: TableDifference) -> str:
    rows = f"{found.table}: {_count(found.rows_a)} in A, {_count(found.rows_b)} in B"
    differing = [f"{name} {count:,}" for name, count in found.columns.items()]
    return f"{rows}; {', '.join(differing)}" if found.is_looked_into and differing else rows


def _table(found: TableDifference) -> Iterator[str]:
    yield f"{found.table}: {_count(found.rows_a)} in A, {_count(found.rows_b)} in B"
    yield from (f"  {note}" for note in found.notes)
    if not found.is_looked_into:
        if found.rows_a is not None and found.rows_b is not None and not found.notes:
            yield "  by its fingerprint; there are no rows to compare"
        return
    columns = found.columns
    for name, rows in columns.items():
        yield f"  {name:30} {numbered(rows, 'row'):>17}"
        if name != ROWS:
            yield from (f"    {_example(each, found)}" for each in _examples(found, name))
    batches = [each for each in found.batches if each.batch is not None]
    if batches:
        told = "; ".join(f"{each.name} {_rows(each.columns):,}" for each in batches[:_BATCHES_TOLD])
        left = len(batches) - _BATCHES_TOLD
        more = f"; and {left:,} more" if left > 0 else ""
        yield f"  in {numbered(len(batches), 'batch')}: {told}{more}"


def _examples(found: TableDifference, column: str) -> tuple[Example, ...]:
    return found.findings.examples.get(column, ())


def _rows(columns: Any) -> int:
    """Return how many rows of a batch differ in some way."""
    return int(sum(columns.get(name, 0) for name in (ONLY_A, ONLY_B, ROWS)))


def _count(rows: int | None) -> str:
    return "not there" if rows is None else f"{rows:,} rows"


def _example(each: Example, found: TableDifference) -> str:
    where = "" if each.batch is None else f"{found.names.get(each.batch, each.batch)}, "
    values = "" if each.column in (ONLY_A, ONLY_B) else f": A {each.a}, B {each.b}"
    return f"{where}key {each.key}{values}"


def _schedules(found: ScheduleComparison) -> Iterator[str]:
    if found.is_equal:
        yield f"equal: {numbered(found.batches_a, 'batch')}"
        return
    yield (
        f"different: {numbered(len(found.differing), 'batch')}; "
        f"{found.batches_a:,} in A, {found.batches_b:,} in B"
    )
    yield from (f"  {name}: A {a}, B {b}" for name, a, b in found.metadata)
    for batch in found.differing:
        for name, a, b in batch.lines[:_LINES_TOLD]:
            yield f"{batch.batch_id}{f' {name}' if name else ''}: A {a}, B {b}"
        if len(batch.lines) > _LINES_TOLD:
            yield f"{batch.batch_id}: and {len(batch.lines) - _LINES_TOLD} more"


def as_json(found: Comparison | ScheduleComparison) -> str:
    """Return a comparison as JSON."""
    data = _schedule_data(found) if isinstance(found, ScheduleComparison) else _data(found)
    return json.dumps(data, indent=2, ensure_ascii=False)


def _schedule_data(found: ScheduleComparison) -> dict[str, Any]:
    def lines(parts: tuple[tuple[str, str, str], ...]) -> list[dict[str, str]]:
        return [{"field": name, "a": a, "b": b} for name, a, b in parts]

    return {
        "kind": "schedules",
        "equal": found.is_equal,
        "a": found.a,
        "b": found.b,
        "batches_a": found.batches_a,
        "batches_b": found.batches_b,
        "metadata": lines(found.metadata),
        "batches": [
            {"batch": each.batch_id, "differences": lines(each.lines)} for each in found.differing
        ],
    }


def _data(found: Comparison) -> dict[str, Any]:
    return {
        "kind": "datasets",
        "equal": found.is_equal,
        "a": found.a,
        "b": found.b,
        "rows_a": found.rows_a,
        "rows_b": found.rows_b,
        "tables": found.tables,
        "rows_read": found.rows_read,
        "told": list(found.told),
        "within_tolerances": list(found.tolerated),
        "differing": [_table_data(each) for each in found.differing],
    }


def _table_data(found: TableDifference) -> dict[str, Any]:
    return {
        "table": found.table,
        "rows_a": found.rows_a,
        "rows_b": found.rows_b,
        "looked_into": found.is_looked_into,
        "notes": list(found.notes),
        "columns": [
            {
                "column": name,
                "rows": rows,
                "examples": [asdict(each) for each in _examples(found, name)],
            }
            for name, rows in found.columns.items()
        ],
        "batches": [asdict(each) for each in found.batches],
    }
