"""Loads in an application's tables taken on to a later date, each in one transaction.

What happened since is added; rows of states are put in place of those that stand; what happened
before is not touched. Cut short before the transaction's end, a load is what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from grilse.ground.errors import BadInput, DestinationError, Problem
from grilse.mapping import dropped, ledger
from grilse.mapping.aside import laid_aside, read_aside
from grilse.mapping.masters import Matched
from grilse.mapping.model import Application, MappedTable
from grilse.mapping.place import MappedPlace
from grilse.mapping.replacing import Replacing, Tell, copy_parts
from grilse.mapping.rows import Frame
from grilse.mapping.saying import first_versions
from grilse.sinks.place import Part
from grilse.sinks.postgres.connection import AS_IT_WAS, connect, telling
from grilse.sinks.postgres.ddl import identifier, qualified
from grilse.sinks.postgres.locking import take_lock
from grilse.sinks.postgres.target import Target
from grilse.tables.totals import Totals, add_totals

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["MappedGrowing", "MappedGrowth"]

Counts = dict[Part, dict[str, int]]

_CLOSED = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = to_regnamespace(%s)
  AND c.relname = ANY(%s) AND NOT (has_table_privilege(c.oid, 'UPDATE')
                                   AND has_table_privilege(c.oid, 'DELETE'))
ORDER BY c.relname
"""


@dataclass(frozen=True)
class MappedGrowth:
    """What a load is to be taken on by.

    Attributes
    ----------
    load
        The load as it stands.
    frame
        What the rows were made by: the later date, the keys.
    folder
        Where they are laid aside: events since the date before, and all rows of states.
    inputs, saved
        All that the content is a function of then, as text, and the texts of its inputs.
    with_history
        Whether versions are written.
    """

    load: ledger.Standing
    frame: Frame
    folder: Path
    inputs: str
    saved: Mapping[str, str]
    with_history: bool = False


@dataclass(frozen=True)
class MappedGrowing:
    """Tables of another application whose loads live on.

    Attributes
    ----------
    target
        Database and schema.
    application
        Whose tables they are.
    patience_seconds
        How long a statement waits for a lock.
    """

    target: Target
    application: Application
    patience_seconds: float = 10.0

    @property
    def shown(self) -> str:
        """The place's name for people."""
        return f"{self.target.shown} as {self.application.name}"

    @contextmanager
    def hold(self) -> Iterator[list[ledger.Standing]]:
        """Hold the schema, and tell which loads stand there, oldest first.

        Raises
        ------
        DestinationError
            If there is none, another run is at work there, or it cannot be reached.
        """
        with self._connected("locking") as connection:
            take_lock(connection, f"{self.target.schema} as {self.application.name}", self.shown)
            dropped.restore(connection, self.target, patience_seconds=self.patience_seconds)
            loads = ledger.find_loads(connection, self.application.name, self.target.schema)
            if not loads:
                raise DestinationError(f"{self.shown}: holds no load of Grilse's")
            yield loads

    def take_up(
        self, living: Sequence[tuple[ledger.Standing, MappedPlace]]
    ) -> list[tuple[Frame, Matched]]:
        """Look at the target for all loads that live on; master data that is missing is added.

        Raises
        ------
        BadInput
            With everything there that they cannot go on with; nothing was written then.
        """
        loads, found, problems = [load for load, _ in living], [], list[Problem]()
        with self._connected("looking at the target") as connection, connection.transaction():
            self._check_rights(connection)
            for load, place in living:
                others = [hold for other, its in living if other is not load
                          for hold in its.stays.holds]  # fmt: skip
                try:
                    found.append(place.take_up(connection, load, loads, others))
                except BadInput as error:
                    problems += (each for each in error.problems if each not in problems)
            if problems:
                raise BadInput(problems)
        return found

    def _check_rights(self, connection: Connection) -> None:
        states = [table.name for table in self.application.tables if table.event is None]
        closed = connection.execute(_CLOSED, [identifier(self.target.schema), states]).fetchall()
        if closed:
            raise BadInput(
                Problem(
                    "M-PRIVILEGE", f"the role may not change rows of table {table}",
                    file=self.shown, mend=f"GRANT UPDATE, DELETE ON {table} TO it",
                )
                for (table,) in closed
            )  # fmt: skip

    def adopt(self, growth: MappedGrowth, tell: Tell | None = None) -> dict[str, Totals]:
        """Take on a load, all of it or nothing; return the rows that are then there.

        Parameters
        ----------
        tell
            Is told of what is added and changed, before it is kept.
        """
        with self._connected("extending") as connection:
            with connection.transaction():
                connection.execute("SET CONSTRAINTS ALL DEFERRED")
                adoption = _Adoption(connection, self.target.schema, growth, tell)
                parts = adoption.take()
                if not ledger.move_on(connection, growth.load, growth.inputs, growth.saved):
                    raise DestinationError(f"{self.shown}: the load is no longer what it was")
                ledger.rewrite(connection, growth.load.load_id, parts)
            for table in sorted({name for rows in parts.values() for name in rows}):
                connection.execute(f"ANALYZE {qualified(self.target.schema, table)}")
        return add_totals(
            {name: Totals(count) for name, count in rows.items()} for rows in parts.values()
        )

    @contextmanager
    def _connected(self, doing: str) -> Iterator[Connection]:
        """Open a connection, and tell the server's failures in plain words."""
        opened = connect(self.target, patience_seconds=self.patience_seconds, role="load")
        patience = self.patience_seconds
        with (
            closing(opened) as connection,
            telling(self.target, doing, patience_seconds=patience, kept=AS_IT_WAS),
        ):
            yield connection


@dataclass(frozen=True)
class _Adoption:
    """One load's rows on their way from their files into the tables; in a transaction."""

    connection: Connection
    schema: str
    growth: MappedGrowth
    tell: Tell | None

    def take(self) -> Counts:
        """Bring all rows, and return what each part then holds."""
        growth, states = self.growth, list[Replacing]()
        parts = {
            part: dict(rows)
            for part, rows in ledger.done(self.connection, growth.load.load_id).items()
        }
        for table in growth.frame.application.tables:
            if table.event is None:
                states.append(self._put(table))
            else:
                self._add(table)
            self._count(table, parts)
        for replacing in reversed(states):
            replacing.remove()
        return parts

    def _rows(self, table: str) -> Iterator[pa.Table]:
        for _, path in laid_aside(self.growth.folder, table):
            yield read_aside(path)

    def _put(self, table: MappedTable) -> Replacing:
        growth = self.growth
        replacing = Replacing(self.connection, self.schema, growth.frame, growth.load, table)
        replacing.bring(self._rows(table.name))
        if self.tell is not None:
            replacing.tell(self.tell)
        replacing.replace(with_history=growth.with_history)
        return replacing

    def _add(self, table: MappedTable) -> None:
        names = [field.name for field in table.fields]
        if not self._copy(table.name, names, self._rows(table.name)):
            return
        if self.tell is not None:
            self.tell(table.name, "added", _batches(self._rows(table.name)))
        history = table.history if self.growth.with_history else None
        if history is not None:
            there = self.growth.frame.types[history.table]
            own = [name for name in names if name in there]
            own += ["history_date", "history_type", "history_user_id"]
            self._copy(history.table, own, self._versions(table))

    def _copy(self, name: str, columns: list[str], rows: Iterable[pa.Table]) -> int:
        types = self.growth.frame.types[name]
        kinds = [types[column] for column in columns]
        return copy_parts(self.connection, qualified(self.schema, name), columns, kinds, rows)

    def _versions(self, table: MappedTable) -> Iterator[pa.Table]:
        for rows in self._rows(table.name):
            kept = first_versions(self.growth.frame, table, rows)
            if kept is not None:
                yield kept

    def _count(self, table: MappedTable, parts: Counts) -> None:
        """Write down what each part holds of a table: of states what is there now."""
        names = [table.name]
        if self.growth.with_history and table.history:
            names.append(table.history.table)
        if table.event is None:
            for rows in parts.values():
                for name in names:
                    rows.pop(name, None)
        for part, path in laid_aside(self.growth.folder, table.name):
            count = read_aside(path).num_rows
            for name in names:
                parts[part][name] = parts[part].get(name, 0) + count


def _batches(parts: Iterable[pa.Table]) -> Iterator[pa.RecordBatch]:
    for rows in parts:
        yield from rows.to_batches()
