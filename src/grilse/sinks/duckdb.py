"""A DuckDB file that holds the rows themselves: made from Parquet files beside it, then renamed.

A DuckDB file takes one writer; workers are many. So segments gather as Parquet files in
``farm.duckdb.parts``, from which a run that was stopped goes on; when all are there the tables are
made from them in ``farm.duckdb.inprogress``, which then takes its name, and the parts are removed.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from errno import ENOSPC
from pathlib import Path
from typing import Any

import duckdb

from grilse.ground.errors import DestinationError, DiskFull, kind_of_failure
from grilse.sinks.files import FilePlace, files_of_records, totals_of_records
from grilse.sinks.null import NullSink
from grilse.sinks.parquet import ParquetSink
from grilse.sinks.place import Finished, Held, Load, describe_differences
from grilse.sinks.shelf import INPROGRESS, Shelf
from grilse.tables.forms import sql_type
from grilse.tables.schema import Table
from grilse.tables.totals import Totals

__all__ = ["DuckDbPlace", "identifier", "read_load", "totals_text"]


@dataclass(frozen=True, slots=True)
class DuckDbPlace:
    """A DuckDB file that takes a load.

    Attributes
    ----------
    path
        Of the file; not there yet, or made by Grilse.
    """

    path: Path

    @property
    def shown(self) -> str:
        """The place's name for people."""
        return str(self.path)

    @property
    def parts(self) -> Path:
        """The folder in which segments gather."""
        return self.path.with_name(self.path.name + ".parts")

    @contextmanager
    def hold(self, load: Load) -> Iterator[Held]:
        """Hold the file: refuse one of others, and one of other inputs."""
        totals = self._standing(load)
        if totals is not None:
            finished = Finished(totals, is_complete=True)
            yield Held(NullSink(), load.parts, lambda: finished)
            return
        with self.locked():
            place = FilePlace(
                Shelf(str(self.parts.absolute())),
                ParquetSink,
                ".parquet",
                lambda shelf, load, records: self._make(load, records),
            )
            with place.hold(load) as held:
                yield Held(held.sink, held.done, lambda: self._finish(held))

    def _finish(self, held: Held) -> Finished:
        start = time.monotonic()
        finished = held.finish()
        if finished.is_complete:
            shutil.rmtree(self.parts, ignore_errors=True)
        seconds = {"tables": time.monotonic() - start}
        return Finished(finished.totals, finished.is_complete, seconds, finished.notes)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs of this machine out; the lock goes with the process."""
        try:
            self.parts.mkdir(parents=True, exist_ok=True)
            (self.parts / "_grilse").mkdir(exist_ok=True)
            lock = (self.parts / "_grilse" / "lock").open("w")
        except OSError as error:
            raise DestinationError(f"{self.parts}: cannot be made: {error.strerror}") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise DestinationError(f"{self.path}: another run is at work here") from error
            yield

    def _standing(self, load: Load) -> dict[str, Totals] | None:
        """Return the totals of the load if it is there already."""
        if not os.path.exists(self.path):  # False of a name that cannot be, too.
            return None
        inputs, _, totals = read_load(self.path)
        differences = describe_differences(self.shown, inputs, load.inputs)
        if load.overwrite:
            return None
        if differences:
            raise DestinationError(differences)
        return totals

    def _make(self, load: Load, records: Mapping[str, Any]) -> tuple[str, ...]:
        """Make the database from all segments' files, and give it its name."""
        aside = self.path.with_name(self.path.name + INPROGRESS)
        aside.unlink(missing_ok=True)
        files = files_of_records(records)
        try:
            with duckdb.connect(str(aside)) as database:
                for table in load.tables:
                    paths = [str(self.parts / file) for file, _ in files.get(table.name, [])]
                    for statement in _statements(table, paths, load.marks):
                        database.execute(statement)
                _write_load(database, load, records)
                database.execute("CHECKPOINT")
            _check_rows(aside, totals_of_records(records))
            aside.rename(self.path)
        except (duckdb.Error, OSError) as error:
            for path in (aside, aside.with_name(f"{aside.name}.wal")):
                path.unlink(missing_ok=True)
            raise _kind(error)(
                f"{self.path}: cannot be made: {str(error).splitlines()[0]}. The rows are in "
                f"{self.parts}: mend that, and the same command goes on."
            ) from error
        return ()


def _check_rows(path: Path, totals: Mapping[str, Totals]) -> None:
    """Raise if rows are missing: on a full disk DuckDB closes a file without a word."""
    with duckdb.connect(str(path), read_only=True) as database:
        for name, wanted in totals.items():
            found = database.execute(f"SELECT count(*) FROM {identifier(name)}").fetchone()
            if found != (wanted.rows,):
                raise OSError(ENOSPC, f"{name} was not written to its end; is the disk full?")


def _kind(error: Exception) -> type[DestinationError]:
    if isinstance(error, OSError):
        return kind_of_failure(error)
    return DiskFull if os.strerror(ENOSPC) in str(error) else DestinationError


def read_load(path: Path) -> tuple[dict[str, str], dict[str, str], dict[str, Totals]]:
    """Return what a file says of its load: inputs, their texts, and rows by table.

    Raises
    ------
    DestinationError
        If it is none of Grilse's, or open elsewhere.
    """
    try:
        with duckdb.connect(str(path), read_only=True) as database:
            found = database.execute("SELECT inputs, saved, totals FROM grilse_load").fetchone()
    except duckdb.Error as error:
        raise DestinationError(
            f"{path}: is not a database of Grilse's, or is open in another program. "
            "Nothing of it was touched; write to another file."
        ) from error
    if found is None:
        raise DestinationError(f"{path}: its grilse_load is empty")
    inputs, saved, totals = map(json.loads, found)
    return (
        inputs,
        saved,
        {name: Totals(rows, int(mark, 16)) for name, (rows, mark) in totals.items()},
    )


def totals_text(totals: Mapping[str, Totals]) -> dict[str, Any]:
    """Return totals as `read_load` reads them."""
    return {name: [t.rows, f"{t.fingerprint:016x}"] for name, t in totals.items()}


def _statements(table: Table, paths: list[str], marks: Mapping[str, str]) -> Iterator[str]:
    """Yield what makes a table; no keys, for in DuckDB they cost more than the rows."""
    columns = ", ".join(
        f"{identifier(c.name)} {sql_type(c)}{'' if c.nullable else ' NOT NULL'}"
        for c in table.columns
    )
    name = identifier(table.name)
    yield f"CREATE TABLE {name} ({columns})"
    if paths:
        names = ", ".join(identifier(column.name) for column in table.columns)
        listed = ", ".join(map(_quoted, paths))
        yield f"INSERT INTO {name} SELECT {names} FROM read_parquet([{listed}])"
    made = ", ".join(f"{key} {value}" for key, value in marks.items())
    about = _quoted(f"Synthetic data, made by Grilse: {made}. {table.description}")
    yield f"COMMENT ON TABLE {name} IS {about}"
    for column in table.columns:
        unit = f" [{column.unit}]" if column.unit else ""
        said = _quoted(column.description + unit)
        yield f"COMMENT ON COLUMN {name}.{identifier(column.name)} IS {said}"


def _write_load(
    database: duckdb.DuckDBPyConnection, load: Load, records: Mapping[str, Any]
) -> None:
    totals = totals_text(totals_of_records(records))
    values = (dict(load.inputs), dict(load.marks), totals, dict(load.saved))
    database.execute(
        "CREATE TABLE grilse_load (inputs VARCHAR, marks VARCHAR, totals VARCHAR, saved VARCHAR)"
    )
    database.execute(
        "INSERT INTO grilse_load VALUES (?, ?, ?, ?)",
        [json.dumps(value, sort_keys=True) for value in values],
    )


def identifier(name: str) -> str:
    """Quote a name."""
    return '"' + name.replace('"', '""') + '"'


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
