"""A DuckDB file that holds the rows themselves, taken on to a later date in one transaction."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from grilse.ground.errors import DestinationError
from grilse.sinks.duckdb import DuckDbPlace, identifier, read_load, totals_text
from grilse.sinks.growth import Growth, Standing, grown
from grilse.sinks.shelf import INPROGRESS
from grilse.tables.schema import Table
from grilse.tables.totals import Totals, add_totals

__all__ = ["DuckDbGrowing"]


@dataclass(frozen=True, slots=True)
class DuckDbGrowing:
    """A DuckDB file that lives on.

    Attributes
    ----------
    place
        The file, as a place.
    """

    place: DuckDbPlace

    @property
    def shown(self) -> str:
        """The place's name for people."""
        return self.place.shown

    @contextmanager
    def hold(self) -> Iterator[Standing]:
        """Hold the file, and tell what is in it."""
        if not self.place.path.is_file():
            raise DestinationError(f"{self.shown}: is not there")
        inputs, saved, totals = read_load(self.place.path)
        with self.place.locked():
            try:
                yield Standing(inputs, saved, totals, is_complete=True)
            finally:
                if not any(path.name != "_grilse" for path in self.place.parts.iterdir()):
                    shutil.rmtree(self.place.parts, ignore_errors=True)

    @contextmanager
    def stage(self) -> Iterator[Path]:
        """Give a folder beside the file; what a run that was stopped has left is gone on with."""
        yield self._next

    @property
    def _next(self) -> Path:
        path = self.place.path
        return path.with_name(f"{path.name}.next")

    def write_states(self, tables: tuple[Table, ...], folder: Path) -> dict[str, Path]:
        """Write the rows of state tables as they stand, as Parquet; return the files."""
        files = {table.name: folder / f"{table.name}.parquet" for table in tables}
        with self._opened(read_only=True) as database:
            for table in tables:
                target = str(files[table.name]).replace("'", "''")
                rows = f"FROM {identifier(table.name)} ORDER BY {identifier(table.sort[0])}"
                database.execute(f"COPY ({rows}) TO '{target}' (FORMAT parquet)")
        return files

    def adopt(self, growth: Growth) -> dict[str, Totals]:
        """Take what was made, in one transaction; return what is then there."""
        tables = growth.load.tables
        before = read_load(self.place.path)[2]
        totals = grown(before, tables, add_totals(growth.parts.values()))
        values = [dict(growth.load.inputs), dict(growth.load.saved), totals_text(totals)]
        with self._opened(read_only=False) as database:
            database.execute("BEGIN")
            for table in tables:
                for statement in _statements(table, growth.files.get(table.name, ())):
                    database.execute(statement)
            database.execute(
                "UPDATE grilse_load SET inputs = ?, saved = ?, totals = ?",
                [json.dumps(value, sort_keys=True) for value in values],
            )
            database.execute("COMMIT")
            database.execute("CHECKPOINT")
        shutil.rmtree(self._next, ignore_errors=True)
        return totals

    def compact(self) -> tuple[str, ...]:
        """Write the file anew, without the room of what was replaced."""
        path = self.place.path
        aside = path.with_name(path.name + INPROGRESS)
        before = path.stat().st_size
        aside.unlink(missing_ok=True)
        with self._opened(read_only=True, path=None) as database:
            for name, file, how in (("old", path, " (READ_ONLY)"), ("fresh", aside, "")):
                database.execute(
                    f"ATTACH '{str(file).replace(chr(39), chr(39) * 2)}' AS {name}{how}"
                )
            database.execute("COPY FROM DATABASE old TO fresh")
            database.execute("DETACH fresh")
        aside.rename(path)
        return (f"{before / 1e6:,.1f} MB before, {path.stat().st_size / 1e6:,.1f} MB now",)

    @contextmanager
    def _opened(
        self, *, read_only: bool, path: Path | None = Path()
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the file, or no file; tell failures in plain words."""
        name = ":memory:" if path is None else str(self.place.path)
        try:
            with duckdb.connect(name, read_only=read_only and path is not None) as database:
                yield database
        except (duckdb.Error, OSError) as error:
            said: Any = str(error).splitlines()[0]
            raise DestinationError(
                f"{self.shown}: cannot be written: {said}. It is what it was; the same command "
                "goes on."
            ) from error


def _statements(table: Table, files: tuple[Path, ...]) -> Iterator[str]:
    """Yield what adds a table's event rows, or puts the rows of a state table in place."""
    name = identifier(table.name)
    if table.event_date is None:
        yield f"DELETE FROM {name}"
    if files:
        columns = ", ".join(identifier(column.name) for column in table.columns)
        listed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
        yield f"INSERT INTO {name} SELECT {columns} FROM read_parquet([{listed}])"
