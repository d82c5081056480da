"""The verb summary: what a dataset holds, and what came of the fish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from os import PathLike
from pathlib import Path

import duckdb

from grilse.api.recalling import recall
from grilse.dataset.layout import DATABASE
from grilse.dataset.manifest import read_manifest
from grilse.dataset.records import SegmentRecord, read_records, record_totals
from grilse.dataset.views import connect
from grilse.ground.errors import DestinationError, GrilseError
from grilse.plan.saturation import Saturation, measure
from grilse.summary.summary import Section, Summary, Value, sections

__all__ = ["summary"]


def summary(source: str | PathLike[str]) -> Summary:
    """Summarise a dataset's folder, or a DuckDB file that holds its tables.

    Raises
    ------
    DestinationError
        If there is none, or it cannot be read.
    """
    path = Path(source)
    if not path.exists():
        raise DestinationError(f"{path}: there is no such folder or file")
    return _of_file(path) if path.is_file() else _of_folder(path)


def _of_folder(root: Path) -> Summary:
    manifest, records = read_manifest(root), read_records(root)
    tables = tuple(_tables(records))
    with closing(_views(root)) as rows:
        told = tuple(sections(rows, manifest.inputs.tables))
    size = sum(sum(record.bytes.values()) for record in records.values())
    facts: dict[str, Value] = {
        "as_of": manifest.inputs.as_of, "seed": manifest.inputs.seed,
        "version": manifest.inputs.version, "state": manifest.state,
        "rows": sum(total.rows for total in record_totals(records.values()).values()),
        "bytes": size,
    }  # fmt: skip
    size_section = Section("tables", "Rows and bytes a table", ("table", "rows", "bytes"), tables)
    return Summary(str(root), facts, (told[0], size_section, _saturation(root), *told[1:]))


def _views(root: Path) -> duckdb.DuckDBPyConnection:
    if not (root / DATABASE).is_file():
        state = read_manifest(root).state
        raise DestinationError(
            f"{root}: has no {DATABASE} yet: it is {state}. Bring it to its end first: grilse run, "
            "by the same command."
        )
    return connect(root)


def _tables(records: Mapping[str, SegmentRecord]) -> Iterator[tuple[str, int, int]]:
    """Yield each table with its rows and bytes, the largest first."""
    rows = {name: total.rows for name, total in record_totals(records.values()).items()}
    sizes: dict[str, int] = {}
    for record in records.values():
        for name, size in record.bytes.items():
            sizes[name] = sizes.get(name, 0) + size
    yield from (
        (name, rows[name], sizes.get(name, 0)) for name in sorted(rows, key=lambda n: (-rows[n], n))
    )


def _saturation(root: Path) -> Section:
    """Return how full the schedule leaves the farm, by geography and stage."""
    title = "Saturation of the plan"
    try:
        job = recall(root)
    except GrilseError as error:
        reason = str(error).splitlines()[0]
        return Section("saturation", title, (), (), reason)
    found = measure(job.farm, job.schedule.batches, job.schedule.as_of)
    columns = ("geography", "stage", "reserved_pct", "container_days")
    return Section("saturation", title, columns, tuple(_groups(found)))


def _groups(found: Saturation) -> Iterator[tuple[str, str, float, int]]:
    for each in found.groups:
        share = round(100 * each.share, 1)
        yield each.group.geography, each.group.stage, share, each.reserved_days
    reserved = sum(each.reserved_days for each in found.groups)
    yield "all", "all", round(100 * found.overall, 1), reserved


def _is_duckdb(path: Path) -> bool:
    """Whether a file begins as DuckDB's do; one that cannot be read is left to DuckDB to refuse."""
    try:
        with path.open("rb") as file:
            return file.read(12)[8:] == b"DUCK"
    except OSError:
        return True


def _of_file(path: Path) -> Summary:
    """Summarise a DuckDB file."""
    if not _is_duckdb(path):
        raise DestinationError(f"{path}: is neither a dataset's folder nor a DuckDB file")
    try:
        with duckdb.connect(str(path), read_only=True) as rows:
            held = [str(row[0]) for row in rows.execute(_HELD).fetchall()]
            counts = [(name, _count(rows, name)) for name in held]
            told = tuple(sections(rows, held))
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        raise DestinationError(f"{path}: cannot be read as a DuckDB file: {said}") from error
    ordered = tuple(sorted(counts, key=lambda each: (-each[1], each[0])))
    facts: dict[str, Value] = {
        "rows": sum(count for _, count in counts),
        "bytes": path.stat().st_size,
    }
    by_table = Section("tables", "Rows a table", ("table", "rows"), ordered)
    return Summary(str(path), facts, (told[0], by_table, *told[1:]))


# What a load keeps of itself is no row of the farm's.
_HELD = """
SELECT DISTINCT table_name FROM information_schema.tables
WHERE table_schema = 'main' AND table_name NOT IN ('grilse_load', 'grilse_ledger')
"""


def _count(rows: duckdb.DuckDBPyConnection, table: str) -> int:
    name = '"' + table.replace('"', '""') + '"'
    found = rows.execute(f"SELECT count(*) FROM {name}").fetchall()
    return int(found[0][0])
