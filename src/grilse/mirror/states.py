"""What is estimated of each day, written where an application keeps it: a transaction a batch.

Rows that Grilse wrote before are replaced; those that the application or a person wrote stay, and
days that they tell are left to them, unless all are to be overwritten.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv

from grilse.sinks.postgres.connection import driver
from grilse.sinks.postgres.ddl import identifier, qualified
from grilse.sinks.postgres.line import Line
from grilse.sinks.postgres.target import Target
from grilse.sinks.protocol import Written
from grilse.tables.catalogue.analysis import ANALYSIS_DAILY_STATE
from grilse.tables.schema import Table
from grilse.tables.totals import Totals, add_totals

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["LEFT", "Brought", "StateSink", "States"]

LEFT = "left to others"
"""Under this name the days are counted that others tell."""

_STRIDE = 4096
_KEY, _NEXT = "our_key", "grilse_next_states"
_FAULTS_OF_ROWS = ("22", "23")


@dataclass(frozen=True, slots=True)
class States:
    """Where daily states are kept, and how.

    Attributes
    ----------
    table, key, batch
        The table, its key, and the column that names the batch.
    columns
        What else is filled: SQL over the rows of ``analysis_daily_state``.
    own
        The condition by which a row is known to be ours.
    marked
        SQL of what is written instead into columns of the database's own, so that rows are.
    brought
        Names of the keys of stays and states in the ledger of loads, under ``stay``, ``state``.
    """

    table: str
    key: str
    batch: str
    columns: Mapping[str, str]
    own: str
    marked: Mapping[str, str]
    brought: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Brought:
    """Keys of stays and states that a load has brought: above the first, up to the last."""

    first_stay: int
    last_stay: int
    first_state: int
    last_state: int

    @property
    def move(self) -> int:
        """What is added to a state's key, made of its stay's key there, for the load's own."""
        return self.first_state - self.first_stay * _STRIDE


@dataclass(frozen=True)
class StateSink:
    """Takes the analysis of batches, of which an application keeps the daily states.

    Attributes
    ----------
    target
        Database and schema.
    states
        Where and how they are kept there.
    brought
        Of all loads that are there.
    is_overwriting
        Whether rows of others are replaced as well.
    patience_seconds
        How long a statement waits for a lock.
    """

    target: Target
    states: States
    brought: tuple[Brought, ...] = ()
    is_overwriting: bool = False
    patience_seconds: float = 10.0

    def begin(self, segment: str) -> _StateWriter:
        """Begin a segment: what a dead writer had not committed, the server has undone."""
        return _StateWriter(self)

    def discard(self, segment: str) -> None:
        """Do nothing: what was not committed is not there."""


class _StateWriter:
    def __init__(self, sink: StateSink) -> None:
        self._sink, self._line = sink, Line(sink.target, sink.patience_seconds)
        self._say = _sayer(sink)
        self._number = 0
        self._held: list[pa.RecordBatch] = []
        self._kept: dict[int, dict[str, Totals]] = {}

    def begin_batch(self, number: int) -> None:
        """Begin a batch."""
        self._number, self._held = number, []

    def write(self, table: Table, chunk: pa.RecordBatch) -> None:
        """Hold a chunk of daily states until its batch ends; of other tables nothing is kept."""
        if table is ANALYSIS_DAILY_STATE or table.name == ANALYSIS_DAILY_STATE.name:
            self._held.append(chunk)

    def drop_batch(self) -> None:
        """Forget the batch's chunks: what stood there of it stays."""
        self._held = []

    def end_batch(self) -> None:
        """Put the batch's states in place of those that we wrote before, or change nothing."""
        rows = self._say(self._held) if self._held else None
        self._held = []
        self._line.bring(
            lambda connection: self._bring(connection, rows), f"writing batch {self._number}"
        )

    def _bring(self, connection: Connection, rows: pa.Table | None) -> None:
        try:
            with connection.transaction():
                _remove(connection, self._sink, self._number)
                written = _insert(connection, self._sink, rows) if rows is not None else 0
        except driver().Error as error:
            if (error.sqlstate or "").startswith(_FAULTS_OF_ROWS):
                raise ValueError(" ".join(str(error).split())) from error
            raise
        told = {self._sink.states.table: written, LEFT: (rows.num_rows if rows else 0) - written}
        self._kept[self._number] = {name: Totals(count) for name, count in told.items() if count}

    def commit(self) -> Written:
        """Tell what was written; each batch is there since it ended."""
        self._line.close()
        return Written(add_totals(self._kept.values()), {}, self._kept)

    def abort(self) -> None:
        """Close the connection: the server undoes what was not committed."""
        self._line.close()


def _sayer(sink: StateSink) -> Callable[[list[pa.RecordBatch]], pa.Table]:
    """Return what says our states in the application's columns, its key first."""
    connection = duckdb.connect(config={"threads": 1})
    listed = ", ".join(f'{sql} AS "{name}"' for name, sql in sink.states.columns.items())
    cases = " ".join(
        f"WHEN assignment_id > {load.first_stay} AND assignment_id <= {load.last_stay} "
        f"THEN analysis_state_id + {load.move}"
        for load in sink.brought
    )
    key = f"CASE {cases} END" if cases else "NULL::BIGINT"
    asked = f"SELECT {key} AS {_KEY}, {listed} FROM held_states"

    def say(held: list[pa.RecordBatch]) -> pa.Table:
        connection.register("held_states", pa.Table.from_batches(held))
        rows: pa.Table = connection.sql(asked).to_arrow_table()
        connection.unregister("held_states")
        return rows

    return say


def _remove(connection: Connection, sink: StateSink, number: int) -> None:
    """Remove a batch's states: ours, or all."""
    states, key = sink.states, identifier(sink.states.key)
    own = [f"({states.own})"]
    own += [f"({key} > {b.first_state} AND {key} <= {b.last_state})" for b in sink.brought]
    which = "true" if sink.is_overwriting else " OR ".join(own)
    table = qualified(sink.target.schema, states.table)
    connection.execute(
        f"DELETE FROM {table} WHERE {identifier(states.batch)} = %s AND ({which})", [number]
    )


def _insert(connection: Connection, sink: StateSink, rows: pa.Table) -> int:
    """Add states where nobody tells the day; return how many were added."""
    states = sink.states
    table, key = qualified(sink.target.schema, states.table), identifier(states.key)
    aside = f"pg_temp.{_NEXT}"
    names = [name for name in rows.schema.names if name != _KEY]
    listed = ", ".join(map(identifier, names))
    connection.execute(
        f"CREATE TEMP TABLE {_NEXT} ON COMMIT DROP AS "
        f"SELECT {key} AS {_KEY}, {listed} FROM {table} WITH NO DATA"
    )
    with connection.cursor().copy(f"COPY {aside} ({_KEY}, {listed}) FROM STDIN (FORMAT csv)") as c:
        c.write(_as_text(rows))
    written = ", ".join(
        f"CASE WHEN {_KEY} IS NULL THEN {states.marked[name]} ELSE {identifier(name)} END"
        if name in states.marked
        else identifier(name)
        for name in names
    )
    fresh = "nextval(pg_get_serial_sequence(%s, %s))"
    found = connection.execute(
        f"INSERT INTO {table} ({key}, {listed}) SELECT coalesce({_KEY}, {fresh}), {written} "
        f"FROM {aside} ON CONFLICT DO NOTHING",
        [table, states.key],
    )
    return found.rowcount


def _as_text(rows: pa.Table) -> bytes:
    text = io.BytesIO()
    options = pa_csv.WriteOptions(include_header=False, quoting_style="needed")
    pa_csv.write_csv(rows, text, options)
    return text.getvalue()
