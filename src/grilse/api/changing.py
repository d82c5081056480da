"""What an extension changes, as files: event rows added, state rows before and after."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from grilse.dataset.destination import Destination
from grilse.dataset.files import describe_os_error, write_whole
from grilse.dataset.records import SegmentRecord, read_all_records, read_records
from grilse.ground.errors import DestinationError
from grilse.tables.catalogue import TABLES
from grilse.tables.schema import Table

__all__ = ["begin_changes", "write_changes", "write_differences"]


def write_changes(root: Path, folder: Path, extended: Destination) -> None:
    """Write what a further epoch adds and changes, while what it replaces is still there.

    ``FOLDER/<table>/added.parquet`` holds new rows; ``before.parquet`` and ``after.parquet`` those
    of a state table that have changed, by its primary key; ``changes.json`` counts them.

    Raises
    ------
    DestinationError
        If the folder holds anything, or cannot be written.
    """
    found = read_all_records(root)
    fresh = [found[name] for name in extended.manifest.segments]
    old = list(read_records(root).values())
    tables = extended.manifest.inputs.tables
    days = {"since": extended.since, "as_of": extended.manifest.inputs.as_of}
    write_differences(
        folder,
        {name: (_files(root, fresh, name), _files(root, old, name)) for name in tables},
        days,
    )


def write_differences(
    folder: Path,
    files: Mapping[str, tuple[Sequence[str], Sequence[str]]],
    days: Mapping[str, str],
) -> None:
    """Write what some files of tables add and change, in a folder that is new or empty.

    Parameters
    ----------
    files
        Of each table: the Parquet files of what is made, and of what stood there; of an event
        table the former holds new rows alone.
    days
        What is said of the dates.

    Raises
    ------
    DestinationError
        If the folder holds anything, or cannot be written.
    """
    begin_changes(folder)
    counts: dict[str, dict[str, int]] = {}
    try:
        with duckdb.connect() as database:
            for name, (fresh, old) in files.items():
                counts[name] = _write_table(database, folder, TABLES[name], fresh, old)
    except duckdb.Error as error:
        raise DestinationError(f"{folder}: cannot be written: {error}") from error
    told = {name: count for name, count in sorted(counts.items()) if count}
    write_whole(folder / "changes.json", json.dumps({**days, "tables": told}, indent=1) + "\n")


def begin_changes(folder: Path) -> None:
    """Make the folder of changes, or see that it is empty.

    Raises
    ------
    DestinationError
        If it holds anything, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_empty = not any(folder.iterdir())
    except OSError as error:
        raise describe_os_error(folder, error, "made") from error
    if not is_empty:
        raise DestinationError(f"{folder}: holds something. Changes go to a new or empty folder.")


def _files(root: Path, records: Iterable[SegmentRecord], table: str) -> list[str]:
    return [str(root / record.files[table]) for record in records if table in record.tables]


def _write_table(
    database: duckdb.DuckDBPyConnection,
    folder: Path,
    table: Table,
    fresh: Sequence[str],
    old: Sequence[str],
) -> dict[str, int]:
    """Write a table's changes, and return how many rows each file of them has."""
    new = _source(fresh)
    if new is None:
        return {}
    before = _source(old)
    if table.event_date is not None or before is None:
        queries = {"added": f"FROM {new}"}
    else:
        key = ", ".join(f'"{name}"' for name in table.primary_key)
        queries = {
            "added": f"FROM {new} n ANTI JOIN {before} o USING ({key})",
            "before": f"FROM (FROM {before} EXCEPT FROM {new}) o SEMI JOIN {new} n USING ({key})",
            "after": f"FROM (FROM {new} EXCEPT FROM {before}) n SEMI JOIN {before} o USING ({key})",
        }
    counts = {name: _copy(database, folder / table.name, name, query)
              for name, query in queries.items()}  # fmt: skip
    return {name: rows for name, rows in counts.items() if rows}


def _source(files: Sequence[str]) -> str | None:
    quoted = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return f"read_parquet([{quoted}])" if files else None


def _copy(database: duckdb.DuckDBPyConnection, folder: Path, name: str, query: str) -> int:
    """Write the rows of a query to a file, if there are any."""
    database.execute(f"CREATE OR REPLACE TEMP TABLE changed AS SELECT * {query}")
    found = database.execute("SELECT count(*) FROM changed").fetchone()
    rows = int(found[0]) if found else 0
    if rows:
        folder.mkdir(exist_ok=True)
        path = str(folder / f"{name}.parquet").replace("'", "''")
        database.execute(f"COPY changed TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    return rows
