"""A schema of a PostgreSQL database as a place: held by an advisory lock, keyed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grilse.sinks.place import Finished, Held, Load
from grilse.sinks.postgres import keys, ledger, timescale
from grilse.sinks.postgres.abreast import builders
from grilse.sinks.postgres.connection import connect, telling
from grilse.sinks.postgres.locking import take_lock
from grilse.sinks.postgres.sink import PostgresSink
from grilse.sinks.postgres.target import Target

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["PostgresPlace"]

_SHARE_WORTH_DROPPING_KEYS = 4
"""Keys that are there are dropped for the load if at least one batch in so many is missing."""


@dataclass(frozen=True, slots=True)
class PostgresPlace:
    """A schema that takes a load.

    Attributes
    ----------
    target
        Database and schema.
    patience_seconds
        How long a statement waits for a lock that another session holds.
    """

    target: Target
    patience_seconds: float = 10.0

    @property
    def shown(self) -> str:
        """The place's name for people."""
        return self.target.shown

    @contextmanager
    def hold(self, load: Load) -> Iterator[Held]:
        """Hold the schema: make or check its tables, and tell which batches are there.

        Keys that stood there when the run began stand there when it ends, however it ends, short
        of a killed process; then the next run makes them.
        """
        with closing(self._connect()) as connection:
            with self._telling("locking"):
                take_lock(connection, self.target.schema, self.shown)
            with self._telling("beginning"):
                ledger.begin(connection, self.target, load)
                is_timescale = self._make_hypertables(connection, load)
                done = frozenset(ledger.done(connection, self.target.schema)) & load.parts
                are_dropped = self._drop_keys(connection, load, len(load.parts - done))
            sink = PostgresSink(
                self.target,
                ledger.inputs_text(load.inputs),
                tuple(table.name for table in load.tables),
                self.patience_seconds,
                is_timescale,
            )
            try:
                yield Held(sink, done, lambda: self._finish(load, is_timescale, are_dropped))
            except BaseException:
                if are_dropped:
                    self._finish(load, is_timescale, are_dropped)
                raise

    def _connect(self) -> Connection:
        return connect(self.target, patience_seconds=self.patience_seconds, role="load")

    def _telling(self, doing: str) -> AbstractContextManager[None]:
        return telling(self.target, doing, patience_seconds=self.patience_seconds)

    def _make_hypertables(self, connection: Connection, load: Load) -> bool:
        """Make hypertables where the extension is there and they are not; harmless twice."""
        if not timescale.is_installed(connection):
            return False
        if not ledger.done(connection, self.target.schema):
            for statement in timescale.hypertables(self.target.schema, load.tables):
                connection.execute(statement)
        return True

    def _drop_keys(self, connection: Connection, load: Load, missing: int) -> bool:
        schema = self.target.schema
        if not _is_much(load, missing):
            return False
        if not keys.primary_keys_there(connection, schema, load.tables):
            return False
        keys.drop(connection, schema, load.tables)
        return True

    def _finish(self, load: Load, is_timescale: bool, are_dropped: bool) -> Finished:
        """Make keys and indexes, on a connection of its own: the first may be lost by now."""
        schema = self.target.schema
        with closing(self._connect()) as connection, self._telling("making keys"):
            there = ledger.done(connection, schema)
            missing = len(load.parts - there.keys())
            is_complete = missing == 0
            seconds: dict[str, float] = {}
            # A run that was stopped early leaves at once: the next one would drop the keys again.
            if is_complete or are_dropped or not _is_much(load, missing):
                with builders(
                    connection, self.target, patience_seconds=self.patience_seconds
                ) as several:
                    seconds = keys.make_missing(
                        several, schema, load.tables,
                        is_complete=is_complete, is_timescale=is_timescale,
                    )  # fmt: skip
            if is_timescale and is_complete:
                for statement in timescale.compress(schema, load.tables):
                    connection.execute(statement)
            ledger.mark(connection, schema, is_complete=is_complete)
            totals = ledger.totals_there(connection, schema)
        note = (
            "TimescaleDB is there: readings are a compressed hypertable."
            if is_timescale
            else "TimescaleDB is not in this database: all tables are plain."
        )
        return Finished(totals, is_complete, seconds, (note,))


def _is_much(load: Load, missing: int) -> bool:
    """Whether so much is missing that it loads faster without keys."""
    return missing * _SHARE_WORTH_DROPPING_KEYS >= len(load.parts)
