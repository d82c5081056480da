"""Rows of ours, seen in what an application's tables answered: files of our tables' columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from grilse.ground.errors import BadInput, Problem
from grilse.mirror.reflection import Reflection
from grilse.tables.catalogue import TABLES
from grilse.tables.schema import Column, Table

__all__ = ["Seen", "see"]

_ROWS_A_GROUP = 1 << 18
_SQL = {
    "int32": "INTEGER", "int64": "BIGINT", "date": "DATE", "timestamp": "TIMESTAMP",
    "bool": "BOOLEAN", "text": "VARCHAR", "category": "VARCHAR",
}  # fmt: skip


class Seen:
    """A database in memory that holds answers, and shows them as tables of ours."""

    def __init__(self, reflection: Reflection, spill: Path, memory_mb: int = 1024) -> None:
        self._reflection = reflection
        self._connection = duckdb.connect(
            config={"threads": "2", "memory_limit": f"{memory_mb}MiB", "temp_directory": str(spill),
                    "autoinstall_known_extensions": "false",
                    "autoload_known_extensions": "false"}
        )  # fmt: skip
        self._connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        self._connection.execute("SET preserve_insertion_order = false")
        # Views see the answers, and no other file.
        self._connection.execute(f"SET allowed_directories = [{_quoted(spill)}]")
        self._connection.execute("SET enable_external_access = false")
        for macro in reflection.macros:
            with _telling(f"macro {macro.partition(' ')[0]}"):
                self._connection.execute(f"CREATE MACRO {macro}")

    def close(self) -> None:
        """Forget all."""
        self._connection.close()

    def take(self, name: str, path: Path) -> None:
        """Take the answer to a question."""
        self._connection.execute(f"CREATE VIEW {name} AS FROM read_parquet({_quoted(path)})")

    def show(self, table: Table, sql: str, path: Path, *, is_whole: bool = False) -> int:
        """Write the rows of a table of ours, for the views after it as well; return how many.

        Columns are those of the table that the view has; a value that its column cannot hold is
        missing. Rows are in the order of their batches, and their stays. Where the table is to be
        whole, a view that lacks a column is refused.
        """
        with _telling(f"view {table.name}"):
            self._connection.execute(f"CREATE OR REPLACE TEMP VIEW seen AS {sql}")
            found = {row[0] for row in self._connection.sql("DESCRIBE seen").fetchall()}
            columns = [column for column in table.columns if column.name in found]
            lacking = [column.name for column in table.columns if column.name not in found]
            if is_whole and lacking:
                told = f"view {table.name} lacks {', '.join(lacking)}"
                raise BadInput(Problem("V-COLUMN", told, mend="Verification looks at all columns"))
            rows = self._write(table, columns, path)
        self.take(table.name, path)
        return rows

    def show_beside(self, name: str, sql: str, path: Path) -> None:
        """Write the rows of a table that is none of ours."""
        with _telling(f"view {name}"):
            self._connection.execute(f"COPY ({sql}) TO {_quoted(path)} (FORMAT parquet)")

    def _write(self, table: Table, columns: list[Column], path: Path) -> int:
        listed = ", ".join(
            f"TRY_CAST({column.name} AS {_sql_type(column)}) AS {column.name}" for column in columns
        )
        schema = pa.schema([(column.name, column.arrow_type) for column in columns])
        rows = 0
        with pq.ParquetWriter(path, schema, compression="lz4") as writer:
            asked = f"SELECT {listed} FROM seen ORDER BY {', '.join(_order(table, columns))}"
            for batch in pa.RecordBatchReader.from_stream(self._connection.sql(asked)):
                writer.write_batch(_typed(batch, schema), row_group_size=_ROWS_A_GROUP)
                rows += batch.num_rows
        return rows


@contextmanager
def _telling(what: str) -> Iterator[None]:
    """Refuse a view or a function that is no SQL, or asks for what is not there."""
    try:
        yield
    except duckdb.Error as error:
        said = " ".join(str(error).split())[:400]
        raise BadInput(Problem("V-SQL", f"{what}: {said}")) from error


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _order(table: Table, columns: list[Column]) -> Iterator[str]:
    """Name the columns by which rows are ordered: a series' readings lie side by side."""
    there = {column.name for column in columns}
    wanted = ["batch_id"]
    wanted += ["assignment_id", "parameter", "reading_time"] if table.bulk else []
    yield from (name for name in (*wanted, *table.primary_key) if name in there)
    yield "1"


def _sql_type(column: Column) -> str:
    if column.kind == "decimal":
        return f"DECIMAL({column.precision},{column.scale})"
    return _SQL[column.kind]


def _typed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return rows in our tables' own types."""
    arrays = []
    for array, field in zip(batch.columns, schema, strict=True):
        if pa.types.is_dictionary(field.type):
            array = array.dictionary_encode()
        arrays.append(array.cast(field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def see(
    reflection: Reflection, answers: Mapping[str, Path], views: Mapping[str, str],
    beside: Mapping[str, str], folder: Path, *, is_whole: bool = False, memory_mb: int = 1024,
) -> tuple[dict[str, Path], dict[str, int]]:  # fmt: skip
    """Write tables of ours as Parquet files; return the files, and the rows of ours.

    Parameters
    ----------
    reflection
        Whose tables they are.
    answers
        Files of what the questions were answered.
    views, beside
        What is to be written, and in what order; then tables that are none of ours.
    folder
        Where ``T.parquet`` is written for table T.
    is_whole
        Whether every column of our tables must be there.

    Raises
    ------
    BadInput
        If a view is no SQL, asks for what is not there, or lacks a column.
    """
    seen = Seen(reflection, folder, memory_mb)
    try:
        for name, path in answers.items():
            seen.take(name, path)
        files = {name: folder / f"{name}.parquet" for name in (*views, *beside)}
        rows = {
            name: seen.show(TABLES[name], sql, files[name], is_whole=is_whole)
            for name, sql in views.items()
        }
        for name, sql in beside.items():
            seen.show_beside(name, sql, files[name])
        return files, rows
    finally:
        seen.close()
