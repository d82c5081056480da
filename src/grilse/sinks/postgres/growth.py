"""A schema taken on to a later date: all rows since then, and all state rows, in one transaction.

Event rows are added. State rows are brought into tables of the transaction's own, and put in place
of those that stand: changed or added, parents before children, then, children before parents, those
that are no longer. So nothing that points at a row is ever without it, and readers see the old date
or the new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from grilse.ground.errors import DestinationError
from grilse.sinks.growth import Growth, Standing, grown
from grilse.sinks.place import Part
from grilse.sinks.postgres import ledger
from grilse.sinks.postgres.connection import AS_IT_WAS, connect, telling
from grilse.sinks.postgres.ddl import identifier, qualified
from grilse.sinks.postgres.locking import take_lock
from grilse.sinks.postgres.place import PostgresPlace
from grilse.sinks.postgres.sink import copy_rows
from grilse.tables.schema import Table
from grilse.tables.totals import Totals

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["PostgresGrowing"]

_NEXT = "grilse_next_"
_ROWS_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class PostgresGrowing:
    """A schema that lives on.

    Attributes
    ----------
    place
        The schema, as a place.
    """

    place: PostgresPlace

    @property
    def shown(self) -> str:
        """The place's name for people."""
        return self.place.shown

    @contextmanager
    def hold(self) -> Iterator[Standing]:
        """Hold the schema, and tell what stands there."""
        schema = self.place.target.schema
        with self._connected("locking") as connection:
            take_lock(connection, schema, self.shown)
            load = ledger.standing_load(connection, schema)
            if load is None:
                raise DestinationError(f"{self.shown}: holds no load of Grilse's")
            totals = ledger.totals_there(connection, schema)
            inputs, saved, is_complete = load
            yield Standing(inputs, saved, totals, is_complete)

    @contextmanager
    def stage(self) -> Iterator[Path]:
        """Give a folder of this machine; it is gone afterwards."""
        with TemporaryDirectory(prefix="grilse-extend-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)

    def write_states(self, tables: tuple[Table, ...], folder: Path) -> dict[str, Path]:
        """Write the rows of state tables as they stand, as Parquet; return the files."""
        files = {}
        with self._connected("reading") as connection, connection.transaction():
            for table in tables:
                files[table.name] = folder / f"{table.name}.parquet"
                _write_table(connection, self.place.target.schema, table, files[table.name])
        return files

    def adopt(self, growth: Growth) -> dict[str, Totals]:
        """Take what was made, in one transaction; return what is then there."""
        schema, tables = self.place.target.schema, growth.load.tables
        states = tuple(table for table in tables if table.event_date is None)
        with self._connected("extending") as connection:
            with connection.transaction():
                for table in tables:
                    self._bring(connection, table, growth.files.get(table.name, ()))
                for table in reversed(states):
                    connection.execute(_removal(schema, table))
                _write_ledger(connection, schema, growth)
                ledger.move_on(connection, schema, growth.load)
            for table in tables:
                connection.execute(f"ANALYZE {qualified(schema, table.name)}")
            return ledger.totals_there(connection, schema)

    def _bring(self, connection: Connection, table: Table, files: tuple[Path, ...]) -> None:
        schema = self.place.target.schema
        target = qualified(schema, table.name)
        if table.event_date is not None:
            copy_rows(connection, target, table, _chunks(table, files))
            return
        connection.execute(f"CREATE TEMP TABLE {_next(table)} (LIKE {target}) ON COMMIT DROP")
        copy_rows(connection, _next(table), table, _chunks(table, files))
        connection.execute(f"ANALYZE {_next(table)}")
        connection.execute(_replacement(schema, table))

    def compact(self) -> tuple[str, ...]:
        """Have the server take back the room of what was replaced."""
        schema = self.place.target.schema
        with self._connected("compacting") as connection:
            load = ledger.standing_load(connection, schema)
            if load is None:
                raise DestinationError(f"{self.shown}: holds no load of Grilse's")
            names = load[0]["tables"].split(", ")
            for name in names:
                connection.execute(f"VACUUM (ANALYZE) {qualified(schema, name)}")
        return (f"{len(names)} tables vacuumed; a database has no epochs to merge",)

    @contextmanager
    def _connected(self, doing: str) -> Iterator[Connection]:
        """Open a connection, and tell the server's failures in plain words."""
        place = self.place
        opened = connect(place.target, patience_seconds=place.patience_seconds, role="load")
        patience = place.patience_seconds
        with (
            closing(opened) as connection,
            telling(place.target, doing, patience_seconds=patience, kept=AS_IT_WAS),
        ):
            yield connection


def _next(table: Table) -> str:
    """Return the name of the transaction's own table of fresh state rows."""
    return f"pg_temp.{identifier((_NEXT + table.name)[:63])}"


def _chunks(table: Table, files: tuple[Path, ...]) -> Iterator[pa.RecordBatch]:
    for file in files:
        with pq.ParquetFile(file) as rows:
            for chunk in rows.iter_batches(_ROWS_AT_ONCE):
                yield pa.RecordBatch.from_arrays(
                    [
                        column if column.type == field.type else column.cast(field.type)
                        for column, field in zip(chunk.columns, table.arrow_schema, strict=True)
                    ],
                    schema=table.arrow_schema,
                )


def _replacement(schema: str, table: Table) -> str:
    """Return the statement that adds fresh state rows, and changes those that differ."""
    key = [identifier(name) for name in table.primary_key]
    others = [identifier(c.name) for c in table.columns if c.name not in table.primary_key]
    columns = ", ".join(identifier(column.name) for column in table.columns)
    known = f"ON CONFLICT ({', '.join(key)}) DO "
    if others:
        changed = ", ".join(f"{name} = EXCLUDED.{name}" for name in others)
        old, new = (", ".join(f"{of}.{name}" for name in others) for of in ("t", "EXCLUDED"))
        known += f"UPDATE SET {changed} WHERE ({old}) IS DISTINCT FROM ({new})"
    else:
        known += "NOTHING"
    target = qualified(schema, table.name)
    return f"INSERT INTO {target} AS t ({columns}) SELECT {columns} FROM {_next(table)} {known}"


def _removal(schema: str, table: Table) -> str:
    """Return the statement that removes the state rows that are no longer."""
    same = " AND ".join(
        f"n.{identifier(name)} = t.{identifier(name)}" for name in table.primary_key
    )
    gone = f"NOT EXISTS (SELECT FROM {_next(table)} n WHERE {same})"
    return f"DELETE FROM {qualified(schema, table.name)} t WHERE {gone}"


def _write_ledger(connection: Connection, schema: str, growth: Growth) -> None:
    """Write of each part what it then holds."""
    there = ledger.done(connection, schema)
    parts: dict[Part, Mapping[str, Totals]] = {
        part: grown(there.get(part, {}), growth.load.tables, added)
        for part, added in growth.parts.items()
    }
    ledger.rewrite(connection, schema, parts)


def _write_table(connection: Connection, schema: str, table: Table, path: Path) -> None:
    """Write a table's rows, by key: workers that load at once leave them in any order."""
    kinds = [_kind(field.type) for field in table.arrow_schema]
    names = [column.name for column in table.columns]
    layout = pa.schema(list(zip(names, kinds, strict=True)))
    listed = ", ".join(map(identifier, names))
    key = identifier(table.sort[0])
    statement = f"SELECT {listed} FROM {qualified(schema, table.name)} ORDER BY {key}"
    with pq.ParquetWriter(path, layout) as writer, connection.cursor("grilse_states") as cursor:
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(statement)
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            columns = zip(*rows, strict=True)
            arrays = [pa.array(values, kind) for values, kind in zip(columns, kinds, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=layout))


def _kind(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return pa.string()
    return pa.decimal128(kind.precision, kind.scale) if pa.types.is_decimal(kind) else kind
