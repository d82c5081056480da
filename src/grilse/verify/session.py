"""The rows of a dataset in DuckDB: small tables held, large ones read from files when asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from grilse.tables.catalogue import TABLES
from grilse.tables.schema import Column, Table
from grilse.verify.runs import run_schema
from grilse.verify.source import TableFile

__all__ = ["HELD_ROWS", "Session", "connect"]

HELD_ROWS = 300_000
"""Most rows of a table that is held in memory."""

_NAME = re.compile(r"\w+")

_MOST_WAITING = 200_000
"""Runs that are written together at the latest."""

_SQL_TYPES = {
    "int32": "INTEGER", "int64": "BIGINT", "date": "DATE", "timestamp": "TIMESTAMP",
    "bool": "BOOLEAN", "text": "VARCHAR", "category": "VARCHAR",
}  # fmt: skip
_RUN_TYPES = {
    "int64": "BIGINT",
    "int32": "INTEGER",
    "float": "FLOAT",
    "double": "DOUBLE",
    "string": "VARCHAR",
}


_MACROS = """
CREATE MACRO said(value) AS coalesce(value::VARCHAR, 'none');
CREATE MACRO scatter(n, total, squares) AS
    if(n > 1, sqrt(greatest((squares - total * total / n) / (n - 1), 0)), NULL);
CREATE MACRO misweighed(fish, grams, kilos, slack_g := 0) AS
    abs(kilos::DOUBLE - fish * grams::DOUBLE / 1000)
    > 0.00501 + fish * (0.000000501 + slack_g / 2000);
CREATE MACRO mispriced(kilos, price, amount) AS
    abs(amount::DOUBLE - kilos::DOUBLE * price::DOUBLE) > 0.00501
"""


def connect(spill: Path, threads: int, memory_mb: int) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that may spill to a folder, and reaches for nothing outside."""
    connection = duckdb.connect(
        config={
            "threads": str(threads),
            "memory_limit": f"{memory_mb}MiB",
            "temp_directory": str(spill),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


class Session:
    """The tables of a dataset by their names, whole or a stretch of batches at a time.

    ``whole.T`` is all of table T; ``T`` is what is in focus, at first all of it. Tables that hold
    at most `HELD_ROWS` rows are kept in memory. Times are plain timestamps in UTC. ``T_run`` are
    the runs of T's rows. ``said(x)`` is a value as text, ``none`` where there is none;
    ``scatter(n, sum, squares)`` the standard deviation of what these are of;
    ``misweighed(fish, grams, kilos)`` and ``mispriced(kilos, price, amount)`` say whether one is
    more than rounding away from the product of the others. Tables and runs are brought in when a
    statement first names them.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._files: dict[str, list[TableFile]] = {}
        self._coming: set[str] = set()
        self._held: set[str] = set()
        self._waiting: dict[str, list[pa.RecordBatch]] = {name: [] for name in TABLES}
        self._with_runs: set[str] = set()
        connection.execute("CREATE SCHEMA whole")
        connection.execute(_MACROS)

    def load(self, table: Table, files: Iterable[TableFile]) -> None:
        """Make a table known by its files; one without files is empty."""
        self._files[table.name] = list(files)
        self._coming.add(table.name)

    def add_runs(self, table: Table, runs: pa.RecordBatch) -> None:
        """Add some runs of a table's rows to ``T_run``."""
        waiting = self._waiting[table.name]
        waiting.append(runs)
        if sum(part.num_rows for part in waiting) > _MOST_WAITING:
            self._bring_runs(table.name)

    def _bring(self, names: Iterable[str]) -> None:
        """Bring in those tables and runs among some names that are not there yet."""
        for name in names:
            if name in self._coming:
                self._bring_table(name)
            table = name.removesuffix("_run")
            if table != name and table in TABLES:
                self._bring_runs(table)

    def _bring_table(self, name: str) -> None:
        files = self._files[name]
        body = _rows_of(TABLES[name], files)
        kind = "TABLE" if sum(file.recorded.rows for file in files) <= HELD_ROWS else "VIEW"
        if kind == "TABLE":
            self._held.add(name)
        self.connection.execute(f"CREATE {kind} whole.{name} AS {body}")
        self.connection.execute(f"CREATE VIEW {name} AS SELECT * FROM whole.{name}")
        self._coming.remove(name)

    def _bring_runs(self, name: str) -> None:
        """Write the runs of a table that wait: a statement for each file would cost 4 ms."""
        if name not in self._with_runs:
            schema = run_schema(TABLES[name])
            columns = ", ".join(f"{f.name} {_RUN_TYPES[str(f.type)]}" for f in schema)
            self.connection.execute(f"CREATE TABLE {name}_run ({columns})")
            self._with_runs.add(name)
        if self._waiting[name]:
            self.connection.register("some_runs", pa.Table.from_batches(self._waiting[name]))
            self.connection.execute(f"INSERT INTO {name}_run SELECT * FROM some_runs")
            self.connection.unregister("some_runs")
            self._waiting[name] = []

    def hold(self, name: str, rows: pa.Table) -> None:
        """Hold rows under a name."""
        self.connection.register("some_rows", rows)
        self.connection.execute(f"CREATE TABLE {name} AS SELECT * FROM some_rows")
        self.connection.unregister("some_rows")

    def all(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Return every row of a query."""
        self._bring(_NAME.findall(sql))
        found: list[tuple[Any, ...]] = self.connection.execute(sql, parameters or {}).fetchall()
        return found

    def make(self, sql: str) -> None:
        """Make a table or a view of others."""
        self._bring(_NAME.findall(sql))
        self.connection.execute(sql)

    def focus(self, segments: frozenset[str] | None, least: int | None, most: int | None) -> None:
        """Let tables of batches show some segments alone, or all.

        Parameters
        ----------
        segments
            Names of segments; None for all.
        least, most
            Batches that those held in memory show: between these numbers, None for no bound.
        """
        self._bring(list(self._coming))
        for name, files in self._files.items():
            table = TABLES[name]
            if table.owner != "batch":
                continue
            if segments is None:
                body = f"SELECT * FROM whole.{name}"
            elif name in self._held:
                body = f"SELECT * FROM whole.{name}{_between(least, most)}"
            else:
                body = _rows_of(table, [file for file in files if file.segment in segments])
            self.connection.execute(f"CREATE OR REPLACE VIEW {name} AS {body}")


def _between(least: int | None, most: int | None) -> str:
    bounds = [f"batch_id >= {least}"] if least is not None else []
    bounds += [f"batch_id <= {most}"] if most is not None else []
    return f" WHERE {' AND '.join(bounds)}" if bounds else ""


def _rows_of(table: Table, files: list[TableFile]) -> str:
    """Return the query for a table's rows, with plain timestamps."""
    if not files:
        nothing = ", ".join(f"NULL::{_sql_type(c)} AS {c.name}" for c in table.columns)
        return f"SELECT {nothing} WHERE false"
    columns = ", ".join(_selected(column) for column in table.columns)
    paths = ", ".join(_quoted(str(file.path)) for file in files)
    return f"SELECT {columns} FROM read_parquet([{paths}], hive_partitioning = false)"


def _selected(column: Column) -> str:
    if column.kind == "timestamp":
        return f"make_timestamp(epoch_us({column.name})) AS {column.name}"
    return column.name


def _sql_type(column: Column) -> str:
    if column.kind == "decimal":
        return f"DECIMAL({column.precision},{column.scale})"
    return _SQL_TYPES[column.kind]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
