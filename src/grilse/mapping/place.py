"""Another application's database as a place: looked at whole before the first row is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from grilse.ground.errors import BadInput, DestinationError, Problem
from grilse.mapping import dropped, ledger
from grilse.mapping.masters import Matched, match_all
from grilse.mapping.model import Application, PgType
from grilse.mapping.occupied import Hold, Stays, load_problems
from grilse.mapping.rows import Frame, Workbench
from grilse.mapping.saying import Voice
from grilse.mapping.sink import MappedSink
from grilse.mapping.target import Standing, filled_columns, read_standing, schema_problems
from grilse.sinks.place import Finished, Held, Load
from grilse.sinks.postgres.abreast import abreast, builders
from grilse.sinks.postgres.connection import connect, telling
from grilse.sinks.postgres.ddl import qualified
from grilse.sinks.postgres.locking import take_lock
from grilse.sinks.postgres.target import Target
from grilse.tables.totals import Totals, add_totals

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["MappedPlace"]

_FARM = "farm"
_INT4_END = 2**31
# Where a batch's keys have room for a million rows, there are many.
_MANY_BITS = 20
_NAMED = 12


@dataclass(frozen=True)
class MappedPlace:
    """Tables of another application that take a load.

    Attributes
    ----------
    target
        Database and schema.
    application
        Whose tables they are, and what is written how.
    user
        Who is said to have done it: a user that is there.
    reference
        Gives our reference rows by table, when they are asked for.
    stays
        What the load's batches hold from when to when.
    as_of
        Day number before which rows are written.
    stores
        How many feed stores the farm has.
    with_history
        Whether each row's first version is written where the application keeps versions.
    drop_keys
        Whether keys and indexes are put away while the rows are brought; see `dropped`.
    patience_seconds
        How long a statement waits for a lock.
    """

    target: Target
    application: Application
    user: str
    reference: Callable[[], Mapping[str, pa.Table]]
    stays: Stays
    as_of: int
    stores: int
    with_history: bool = False
    drop_keys: bool = False
    patience_seconds: float = 10.0

    @property
    def shown(self) -> str:
        """The place's name for people."""
        return f"{self.target.shown} as {self.application.name}"

    @contextmanager
    def hold(self, load: Load) -> Iterator[Held]:
        """Hold the schema: look at all of it, reserve keys, find or add master data.

        Raises
        ------
        BadInput
            With everything there that the load cannot go with; nothing was written then.
        """
        inputs = self.inputs_text(load)
        with (
            closing(self._connect()) as connection,
            TemporaryDirectory(prefix="grilse-handed-", ignore_cleanup_errors=True) as handed,
        ):
            with self._telling("looking at the target"):
                take_lock(connection, f"{self.target.schema} as {self.application.name}",
                          self.shown)  # fmt: skip
                with connection.transaction():
                    sink, matched = self._begun(connection, load, inputs, handed)
                done = self._done(connection, load, sink.load_id)
                if self.drop_keys and done != load.parts:
                    tables = sink.voice.frame.types
                    dropped.drop(connection, self.target.schema, tables, self._large())
            try:
                yield Held(
                    sink, done, lambda: self._finish(load, sink.load_id, matched), is_staged=True
                )
            except BaseException:
                # Where that fails too, the next run puts them back: the first fault is told.
                with suppress(DestinationError):
                    self._restore()
                raise

    def _large(self) -> set[str]:
        """Name the tables that take most of the rows."""
        large = [table for table in self.application.tables if table.key.bits >= _MANY_BITS]
        kept = [table.history.table for table in large if table.history and self.with_history]
        return {*kept, *(table.name for table in large)}

    def _restore(self) -> dict[str, float]:
        """Put back what this run, or one that died, has put away."""
        with closing(self._connect()) as connection, self._telling("making keys"):
            return dropped.restore(connection, self.target, patience_seconds=self.patience_seconds)

    def inputs_text(self, load: Load) -> str:
        """Write all that a load's content is a function of as text, equal for equal inputs."""
        own = {**load.inputs, "history": str(self.with_history)}
        return json.dumps(own, sort_keys=True, ensure_ascii=False)

    def _connect(self) -> Connection:
        return connect(self.target, patience_seconds=self.patience_seconds, role="load")

    def _telling(self, doing: str) -> AbstractContextManager[None]:
        return telling(self.target, doing, patience_seconds=self.patience_seconds)

    def _begun(
        self, connection: Connection, load: Load, inputs: str, handed: str
    ) -> tuple[MappedSink, Matched]:
        """Return the sink of a load that can go here; in a transaction."""
        schema = self.target.schema
        connection.execute(f'SET LOCAL search_path = "{schema}"')
        standing = read_standing(connection, schema)
        known = self._known(connection, inputs)
        user = self._checked(connection, standing, () if known is None else (known,))
        ledger.make_tables(connection)
        begun = known or self._new_load(connection, load, inputs)
        frame, matched = self._framed(connection, standing, user, begun)
        sink = MappedSink(
            self.target, Voice(frame, tuple(matched.matches), handed), begun.load_id,
            self.with_history, self.patience_seconds,
        )  # fmt: skip
        return sink, matched

    def take_up(
        self, connection: Connection, load: ledger.Standing, living: Sequence[ledger.Standing],
        others: Sequence[Hold] = (),
    ) -> tuple[Frame, Matched]:  # fmt: skip
        """Look at the target for a load that is there and is to live on; in a transaction.

        Parameters
        ----------
        living
            All loads that live on together, this one among them.
        others
            What the batches of the rest of them hold by then.

        Raises
        ------
        BadInput
            With everything there that the load cannot go on with.
        """
        connection.execute(f'SET LOCAL search_path = "{self.target.schema}"')
        standing = read_standing(connection, self.target.schema)
        user = self._checked(connection, standing, living, others)
        return self._framed(connection, standing, user, load)

    def _framed(
        self, connection: Connection, standing: Standing, user: int, load: ledger.Standing
    ) -> tuple[Frame, Matched]:
        """Find or add master data, and try all expressions."""
        frame = Frame(
            self.application, self._types(standing),
            {name: keys.offset for name, keys in load.ranges.items()},
            user, self.as_of, self.stays.containers, dict(self.reference()),
        )  # fmt: skip
        bench = Workbench(frame)
        matched = match_all(connection, self.target.schema, bench, with_history=self.with_history)
        problems = bench.problems()
        if problems:
            raise BadInput(problems)
        ledger.note_added(connection, load.load_id, matched.added)
        return frame, matched

    def _known(self, connection: Connection, inputs: str) -> ledger.Standing | None:
        """Return this very load, if a run has begun it before."""
        name, schema = self.application.name, self.target.schema
        if not ledger.find_loads(connection, name, schema):
            return None
        return ledger.standing_load(connection, name, schema, inputs)

    def _checked(
        self, connection: Connection, standing: Standing, own: Sequence[ledger.Standing],
        others: Sequence[Hold] = (),
    ) -> int:  # fmt: skip
        """Return the key of the user, or refuse the target with all that is wrong with it."""
        application = self.application
        problems = list(schema_problems(application, standing, with_history=self.with_history))
        user = None
        if not any(problem.code in ("M-TABLE", "M-COLUMN") for problem in problems):
            user, more = load_problems(connection, application, self.user, self.stays, own, others)
            problems += more
        if problems or user is None:
            raise BadInput([replace(problem, file=self.shown) for problem in problems])
        return user

    def _types(self, standing: Standing) -> dict[str, dict[str, Any]]:
        filled = filled_columns(self.application, standing, with_history=self.with_history)
        own = {master.table for master in self.application.masters}
        types = {name: dict(standing.types[name]) for name in {*filled, *own}}
        for name, fields in filled.items():
            # Where a numeric there holds any number of decimals, it is rounded as the mapping says.
            loose = [f for f in fields if types[name][f.name] == PgType("numeric")]
            types[name] |= {field.name: field.type for field in loose}
        return types

    def _new_load(self, connection: Connection, load: Load, inputs: str) -> ledger.Standing:
        rooms = {"batch": self.stays.highest_number + 1, "store": self.stores + 1}
        schema = self.target.schema
        ranges = ledger.reserve(connection, schema, self.application, rooms)
        _check_narrow(self.application, ranges)
        marks = {**load.marks, "history": str(self.with_history), "user": self.user}
        return ledger.begin(
            connection, self.application.name, schema, inputs, marks, ranges, load.saved
        )

    def _done(self, connection: Connection, load: Load, load_id: int) -> frozenset[Any]:
        """Tell which parts need not be made.

        What stores tell of batches is not kept: while a batch is missing, the stores are made
        again, and what the ledger has of them is not written twice.
        """
        farm = {part for part in load.parts if part[0].endswith(_FARM)}
        there = frozenset(ledger.done(connection, load_id)) & load.parts
        missing = [part for part in load.parts - there - farm if part[1]]
        if missing:
            there = frozenset(part for part in there if part[1])
        return there | farm

    def _finish(self, load: Load, load_id: int, matched: Matched) -> Finished:
        seconds = self._restore()
        with closing(self._connect()) as connection, self._telling("finishing"):
            there = ledger.done(connection, load_id)
            missing = [part for part in load.parts - there.keys() if not part[0].endswith(_FARM)]
            ledger.mark(connection, load_id, "incomplete" if missing else "complete")
            named = sorted({name for part in there.values() for name in part})
            tables = [qualified(self.target.schema, name) for name in named]
            with builders(
                connection, self.target, patience_seconds=self.patience_seconds
            ) as several:
                abreast(several, tables, lambda each, name: each.execute(f"ANALYZE {name}"))
        totals = add_totals(
            {table: Totals(rows) for table, rows in part.items()} for part in there.values()
        )
        return Finished(totals, not missing, seconds, tuple(_notes(matched)))


def _check_narrow(application: Application, ranges: Mapping[str, ledger.Range]) -> None:
    """Refuse keys that a narrower column elsewhere could not hold."""
    for table in application.tables:
        for field in table.fields:
            name = field.expression.partition("_key(")[0]
            keys = ranges.get(name)
            if field.type.name == "int4" and keys and keys.last >= _INT4_END:
                raise BadInput(
                    Problem(
                        "M-NARROW", f"{table.name}.{field.name} has no room for the load's keys",
                        found=f"up to {keys.last:,}", allowed=f"below {_INT4_END:,}",
                    )
                )  # fmt: skip


def _notes(matched: Matched) -> Iterator[str]:
    """Say what was added to master data, and what says something else there: a line a table."""
    tables: dict[str, list[str]] = {}
    for row in matched.added:
        tables.setdefault(row.table, []).append(row.name)
    for table, names in tables.items():
        yield f"added to {table}: {_listed(names)}"
    differences: dict[tuple[str, str], list[str]] = {}
    for found in matched.different:
        said = f"{found.name} {found.theirs} there, {found.ours} here"
        differences.setdefault((found.table, found.column), []).append(said)
    for (table, column), names in differences.items():
        yield (
            f"{len(names)} rows of {table} have another {column} than the farm: "
            f"{_listed(names, most=2)}"
        )


def _listed(names: list[str], most: int = _NAMED) -> str:
    more = f", and {len(names) - most} more" if len(names) > most else ""
    return f"{'; '.join(names[:most])}{more}"
