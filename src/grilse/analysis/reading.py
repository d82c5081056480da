"""Rows read back for analysis: of a dataset's files, of any folder of Parquet, of a DuckDB file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from grilse.analysis.models import REFERENCE
from grilse.analysis.observations import COLUMNS
from grilse.ground.errors import DestinationError

__all__ = ["AnyRows", "FileRows", "Files", "batches_in", "last_day_in", "let_go"]

Files = tuple[tuple[str, tuple[str, ...]], ...]
"""Paths of the files of tables, by the table's name."""

_READINGS = "environmental_reading"
_KEY = "reading_id"
_NUMBER_BITS = 28
"""A reading's key, shifted so far, is its batch's number (see `tables.keys`)."""

_DATED = {"feeding_event": "feeding_time", "mortality_event": "event_date",
          "growth_sample": "sample_date", "transfer_action": "transfer_date",
          "creation_action": "actual_date"}  # fmt: skip


@dataclass(frozen=True)
class FileRows:
    """Rows of the batches of one segment of a dataset.

    Attributes
    ----------
    files
        Of the tables that are looked at; of several epochs where it was extended.
    """

    files: Files

    def of(self, batch: int) -> Mapping[str, list[pa.Table]]:
        """Return the rows of a batch, by table."""
        small = _by_batch(tuple(item for item in self.files if item[0] != _READINGS))
        rows = dict(small.get(batch, {}))
        readings = [
            part for path in dict(self.files).get(_READINGS, ()) for part in _readings(path, batch)
        ]
        return {**rows, _READINGS: readings} if readings else rows


@dataclass(frozen=True)
class AnyRows:
    """Rows of batches in a DuckDB file, or in a folder of Parquet files.

    Attributes
    ----------
    place
        The file, or the folder: of table T it holds ``T.parquet``, or the Parquet files of T/.
    """

    place: str

    def of(self, batch: int) -> Mapping[str, list[pa.Table]]:
        """Return the rows of a batch, by table."""
        database = _database(self.place)
        return {
            name: [_asked(database, f"SELECT * FROM {name} WHERE batch_id = {batch:d}")]
            for name in COLUMNS
            if name in _tables(self.place)
        }

    def reference(self) -> Mapping[str, list[pa.Table]]:
        """Return the rows of the farm's own tables that are looked at."""
        database = _database(self.place)
        return {
            name: [_asked(database, f"SELECT * FROM {name}")]
            for name in REFERENCE
            if name in _tables(self.place)
        }


def batches_in(place: str) -> list[int]:
    """Return the batches of a DuckDB file or a folder of Parquet files, ascending.

    Raises
    ------
    DestinationError
        If it cannot be read, or has no table of batches or assignments.
    """
    database, there = _database(place), _tables(place)
    missing = [name for name in ("batch", "assignment") if name not in there]
    if missing:
        raise DestinationError(
            f"{place}: has no table {' and no table '.join(missing)}. Growth analysis needs them; "
            "of table T it looks for T.parquet or T/*.parquet, or a table in a DuckDB file."
        )
    found = _asked(database, "SELECT DISTINCT batch_id FROM batch ORDER BY 1")
    return [int(number) for number in found.column(0).to_pylist()]


def last_day_in(place: str) -> int | None:
    """Return the last day number that any event is dated, or None where there is none."""
    database, last = _database(place), []
    for table, column in _DATED.items():
        if table in _tables(place):
            query = f"SELECT max(date_diff('day', DATE '1970-01-01', {column}::DATE)) FROM {table}"
            last.append(_asked(database, query).column(0)[0].as_py())
    return max((day for day in last if day is not None), default=None)


def let_go(place: str) -> None:
    """Close what is open of a place, so that it can be written."""
    _database(place).close()
    _database.cache_clear()
    _tables.cache_clear()


@lru_cache(maxsize=1)
def _by_batch(files: Files) -> dict[int, dict[str, list[pa.Table]]]:
    """Read a segment's tables once, and part them by batch."""
    found: dict[int, dict[str, list[pa.Table]]] = {}
    for name, paths in files:
        wanted = list(dict.fromkeys(("batch_id", *COLUMNS[name])))
        for path in paths:
            rows = pq.ParquetFile(path).read(columns=wanted)
            for batch, part in _parted(rows):
                found.setdefault(batch, {}).setdefault(name, []).append(part)
    return found


def _parted(rows: pa.Table) -> Iterable[tuple[int, pa.Table]]:
    batch = rows.column("batch_id").to_numpy()
    if not len(batch):
        return
    if (np.diff(batch) < 0).any():
        rows = rows.take(pa.array(np.argsort(batch, kind="stable")))
        batch = np.sort(batch, kind="stable")
    cuts = [0, *(np.nonzero(np.diff(batch))[0] + 1).tolist(), len(batch)]
    for first, end in pairwise(cuts):
        yield int(batch[first]), rows.slice(first, end - first)


def _readings(path: str, batch: int) -> Iterable[pa.Table]:
    """Yield a batch's readings of a file, from the row groups that can hold some."""
    file, wanted = _opened(path), ["batch_id", *COLUMNS[_READINGS]]
    for place, (least, most) in enumerate(_bounds(path)):
        if least <= batch <= most:
            rows = file.read_row_group(place, columns=wanted)
            numbers = rows.column("batch_id").to_numpy()
            is_all = bool((numbers == batch).all())
            yield rows if is_all else rows.filter(pc.equal(rows.column("batch_id"), batch))


@lru_cache(maxsize=4)
def _opened(path: str) -> pq.ParquetFile:
    return pq.ParquetFile(path)


@lru_cache(maxsize=4)
def _bounds(path: str) -> list[tuple[int, int]]:
    """Return the least and the greatest batch that each row group can hold."""
    file, found = _opened(path), []
    column = file.schema_arrow.get_field_index(_KEY)
    for place in range(file.num_row_groups):
        told = file.metadata.row_group(place).column(column).statistics if column >= 0 else None
        if told is None or not told.has_min_max:
            found.append((0, 1 << 62))
        else:
            found.append((told.min >> _NUMBER_BITS, told.max >> _NUMBER_BITS))
    return found


@lru_cache(maxsize=1)
def _database(place: str) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file for reading, or a database in memory with a view a table of a folder."""
    path = Path(place)
    try:
        if not path.is_dir():
            return duckdb.connect(place, read_only=True)
        database = duckdb.connect()
        for name in (*COLUMNS, *REFERENCE):
            files = _parquet_of(path, name)
            if files:
                listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
                database.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{listed}])")
    except duckdb.Error as error:
        raise DestinationError(f"{place}: cannot be read: {str(error).splitlines()[0]}") from error
    return database


def _parquet_of(folder: Path, table: str) -> list[str]:
    single = folder / f"{table}.parquet"
    return (
        [str(single)] if single.is_file() else sorted(map(str, folder.glob(f"{table}/*.parquet")))
    )


@lru_cache(maxsize=1)
def _tables(place: str) -> frozenset[str]:
    found = _asked(_database(place), "SELECT DISTINCT table_name FROM information_schema.tables")
    return frozenset(found.column(0).to_pylist())


def _asked(database: duckdb.DuckDBPyConnection, query: str) -> Any:
    try:
        return database.sql(query).to_arrow_table()
    except duckdb.Error as error:
        raise ValueError(str(error).splitlines()[0]) from error
