"""``farm.duckdb``: a view for each table over the dataset's Parquet files, by relative paths.

DuckDB takes relative paths from its working folder, or from its setting `file_search_path`: so
the folder can be moved and copied as a whole. The views name the files of the records, one by
one: a file that no record lists is never read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from grilse.dataset.files import INPROGRESS
from grilse.dataset.layout import DATABASE
from grilse.dataset.records import SegmentRecord
from grilse.ground.errors import DestinationError
from grilse.tables.schema import Column, Table

__all__ = ["connect", "make_views"]

_COST = """
CREATE VIEW feeding_cost AS
SELECT feeding_event_id, batch_id, feeding_time, sum(amount_kg) AS amount_kg,
       sum(amount_kg * price_eur) AS cost_eur
FROM feed_consumption JOIN feed_lot USING (lot_id)
GROUP BY feeding_event_id, batch_id, feeding_time
"""
"""What each feeding cost; prices are in rows of stores alone, so that no batch depends on them."""

_SQL_TYPES = {
    "int32": "INTEGER", "int64": "BIGINT", "date": "DATE", "timestamp": "TIMESTAMP WITH TIME ZONE",
    "bool": "BOOLEAN", "text": "VARCHAR", "category": "VARCHAR",
}  # fmt: skip


def make_views(
    root: Path,
    tables: Iterable[Table],
    records: Mapping[str, SegmentRecord],
    marks: Mapping[str, str],
) -> Path:
    """Make ``farm.duckdb`` anew, whole or not at all.

    Parameters
    ----------
    root
        The dataset's folder.
    tables
        The tables it was asked for; one without rows gets a view of its columns that is empty.
    records
        Of its segments, by name.
    marks
        What the comment of each view says of where it comes from: version, seed.

    Returns
    -------
    Path
        Of the database.
    """
    path, aside = root / DATABASE, root / f"{DATABASE}{INPROGRESS}"
    held = list(tables)
    _remove(aside)
    try:
        with duckdb.connect(str(aside)) as database:
            database.execute(f"SET file_search_path = {_quoted(str(root.resolve()))}")
            for table in held:
                for statement in _statements(table, records, marks):
                    database.execute(statement)
            is_costed = {"feed_consumption", "feed_lot"} <= {table.name for table in held}
            if is_costed:
                database.execute(_COST)
            database.execute("CHECKPOINT")
        _check_whole(aside, len(held) + is_costed)
        aside.rename(path)
    except (duckdb.Error, OSError) as error:
        _remove(aside)
        said = str(error).splitlines()[0]
        raise DestinationError(
            f"{path}: cannot be made: {said}. The tables are whole: mend that, and run the same "
            "command again."
        ) from error
    return path


def _check_whole(path: Path, views: int) -> None:
    """Raise if a database has not all its views: on a full disk DuckDB closes it without a word."""
    with duckdb.connect(str(path), read_only=True) as database:
        found = database.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal")
        if found.fetchall() != [(views,)]:
            raise OSError("it was not written to its end; is the disk full?")


def _remove(aside: Path) -> None:
    """Remove an unfinished database, with the log that DuckDB keeps beside it."""
    for path in (aside, aside.with_name(f"{aside.name}.wal")):
        path.unlink(missing_ok=True)


def connect(root: Path) -> duckdb.DuckDBPyConnection:
    """Open a dataset's ``farm.duckdb`` for reading, from any working folder.

    Raises
    ------
    DestinationError
        If there is none, or it cannot be opened.
    """
    path = root / DATABASE
    if not path.is_file():
        raise DestinationError(f"{root}: has no {DATABASE}. Run `grilse run` to its end first.")
    try:
        database = duckdb.connect(str(path), read_only=True)
        database.execute(f"SET file_search_path = {_quoted(str(root.resolve()))}")
        database.execute("SET TimeZone = 'UTC'")
    except duckdb.Error as error:
        raise DestinationError(f"{path}: cannot be opened: {error}") from error
    return database


def _statements(
    table: Table, records: Mapping[str, SegmentRecord], marks: Mapping[str, str]
) -> list[str]:
    files = [records[name].files[table.name] for name in sorted(records)
             if table.name in records[name].tables]  # fmt: skip
    made = ", ".join(f"{key} {value}" for key, value in marks.items())
    comment = f"Synthetic data, made by Grilse: {made}. {table.description}"
    name = _identifier(table.name)
    return [
        f"CREATE VIEW {name} AS {_select(table, files)}",
        f"COMMENT ON VIEW {name} IS {_quoted(comment)}",
    ]


def _select(table: Table, files: list[str]) -> str:
    if files:
        columns = ", ".join(_identifier(column.name) for column in table.columns)
        return f"SELECT {columns} FROM read_parquet([{', '.join(map(_quoted, files))}])"
    empty = ", ".join(
        f"CAST(NULL AS {_sql_type(column)}) AS {_identifier(column.name)}"
        for column in table.columns
    )
    return f"SELECT {empty} WHERE false"


def _sql_type(column: Column) -> str:
    if column.kind == "decimal":
        return f"DECIMAL({column.precision}, {column.scale})"
    return _SQL_TYPES[column.kind]


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
