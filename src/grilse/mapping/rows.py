"""Our rows as an application's: SQL expressions over Arrow chunks, cast to the columns there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from grilse.ground.days import date_of
from grilse.ground.errors import BadInput, Problem
from grilse.mapping.lookup import Lookup, looked_up
from grilse.mapping.model import Application, Field, Handover, MappedTable, Master, PgType
from grilse.mapping.wire import arrow_type, sql_type
from grilse.tables.catalogue import TABLES
from grilse.tables.schema import Table

__all__ = ["Frame", "Workbench", "asked_of_states", "asked_tables"]

_WORD = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True)
class Frame:
    """All that expressions depend on beside the rows.

    Attributes
    ----------
    application
        What is written how.
    types
        The types of the columns there, by table and column.
    offsets
        What is added to our keys, by the key's name.
    user
        Key of who is said to have done it.
    as_of
        Day number before which rows are written.
    used
        Ids of our containers that the load uses.
    reference
        Our reference rows, by table.
    since
        Day number from which on events are said; None for all of them.
    """

    application: Application
    types: Mapping[str, Mapping[str, PgType]]
    offsets: Mapping[str, int]
    user: int
    as_of: int
    used: tuple[int, ...] = ()
    reference: Mapping[str, pa.Table] = field(default_factory=dict)
    since: int | None = None


class Workbench:
    """Holds our rows as tables of DuckDB, and gives them back as the application's."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        # One thread: workers are processes, and rows keep the order of their sources.
        self._connection = duckdb.connect(config={"threads": 1})
        # A mapping's SQL sees the tables that it is given, and no file or variable besides.
        self._connection.execute(
            "SET python_enable_replacements = false; SET enable_external_access = false"
        )
        self._empty = {
            name: _naive(TABLES[name].arrow_schema.empty_table())
            for name in sorted(asked_tables(frame.application) - frame.reference.keys())
        }
        for handover in frame.application.handovers:
            self._empty[handover.name] = _empty_handover(handover)
        self._taken = set(self._empty)
        self._lookups: dict[str, Lookup] = {}
        # What was asked before is not planned twice: each batch asks the same of other rows.
        self._asked: dict[str, duckdb.DuckDBPyRelation] = {}
        for name, rows in frame.reference.items():
            self._connection.register(name, _naive(rows))
        self._define()
        self.clear()

    def _define(self) -> None:
        """Make the functions that expressions use, but those of the masters."""
        frame, run = self.frame, self._connection.execute
        run(f"CREATE MACRO the_user() AS {frame.user}")
        run(f"CREATE MACRO as_of() AS DATE '{date_of(frame.as_of).isoformat()}'")
        used = pa.table({"container_id": pa.array(frame.used, pa.int32())})
        self._connection.register("used_rows", used)
        run("CREATE TABLE used AS FROM used_rows")
        for table in frame.application.tables:
            offset = frame.offsets.get(table.key.name, 0)
            run(f"CREATE MACRO {table.key.name}_key(x) AS (x::BIGINT + {offset})")
        for name, pairs in frame.application.words.items():
            cases = " ".join(f"WHEN {_quoted(o)} THEN {_quoted(t)}" for o, t in pairs.items())
            run(f"CREATE MACRO {name}_word(x) AS CASE x::VARCHAR {cases} ELSE x::VARCHAR END")
        for macro in frame.application.macros:
            run(f"CREATE MACRO {macro}")

    def clear(self) -> None:
        """Forget all rows; tables without rows are there too."""
        for name in sorted(self._taken):
            self._connection.register(name, self._empty[name])
        self._taken.clear()

    def take(self, name: str, chunks: Iterable[pa.RecordBatch]) -> None:
        """Take rows of ours under a name; those that no expression asks for are left."""
        if name in self._empty:
            self.take_table(name, _naive(pa.Table.from_batches(chunks)))

    def take_table(self, name: str, rows: pa.Table) -> None:
        """Take rows that were handed over."""
        self._connection.register(name, rows)
        self._taken.add(name)

    def is_fed(self, source: str) -> bool:
        """Whether any of the tables that SQL asks for has rows, but for the reference rows."""
        return not self._taken.isdisjoint(_WORD.findall(source))

    def learn(self, master: Master, ours: list[object], theirs: list[int]) -> None:
        """Make the function that gives a master's key there for its key here."""
        pairs = pa.table({"ours": pa.array(ours), "theirs": pa.array(theirs, pa.int64())})
        if not ours:
            pairs = pairs.set_column(0, "ours", pa.array([], pa.int64()))
        self._connection.register("pairs", pairs)
        self._connection.execute(f"CREATE TABLE map_{master.name} AS FROM pairs")
        self._connection.execute(
            f"CREATE MACRO {master.name}_of(x) AS "
            f"(SELECT theirs FROM map_{master.name} WHERE ours = x)"
        )
        if ours:
            own, its = (pairs[name].combine_chunks() for name in ("ours", "theirs"))
            self._lookups[master.name] = Lookup(own, its)

    def masters(self, master: Master) -> pa.Table:
        """Return our rows of a master: its key here as ``ours``, and the columns there."""
        columns = [f"{master.ours} AS ours", *self._columns(master.table, master.fields)]
        return self._ask(columns, master.source, f"master {master.name}", master.line)

    def rows(self, table: MappedTable) -> pa.Table:
        """Return the rows of a table there, column by column as they will stand there."""
        columns, lookups = self._spoken(table)
        what, since = f"table {table.name}", self.frame.since
        if table.event is None or since is None:
            rows = self._ask(columns, table.source, what, table.line)
        else:
            # Asked outside: what a row is reckoned from may have happened before.
            later = f"\"{table.event}\" >= DATE '{date_of(since).isoformat()}'"
            asked = f"(SELECT {', '.join(columns)} FROM {table.source}) r WHERE {later}"
            rows = self._ask(["*"], asked, what, table.line)
        for place, lookup in lookups.items():
            rows = rows.set_column(place, rows.field(place).name, lookup.find(rows.column(place)))
        return rows

    def _spoken(self, table: MappedTable) -> tuple[list[str], dict[int, Lookup]]:
        """Return the columns that SQL gives, and in which places they are yet to be looked up."""
        columns, lookups = list(self._columns(table.name, table.fields)), dict[int, Lookup]()
        types = self.frame.types.get(table.name, {})
        for place, item in enumerate(table.fields):
            asked = looked_up(item.expression, self._lookups)
            if asked and types.get(item.name, item.type).name == "int8":
                name, key = asked
                lookups[place] = self._lookups[name]
                columns[place] = f'CAST({key} AS {lookups[place].sql_type}) AS "{item.name}"'
        return columns, lookups

    def handed_over(self, handover: Handover) -> pa.Table:
        """Return what rows of the stores tell of batches: the batch's number first."""
        columns: list[str] = [f"{handover.batch} AS batch_id"]
        columns += [f"({f.expression})::{sql_type(f.type)} AS {f.name}" for f in handover.fields]
        return self._ask(columns, handover.source, f"handover {handover.name}", None)

    def problems(self) -> list[Problem]:
        """Try every expression on the rows held, or on none, and return what is wrong."""
        application, found = self.frame.application, list[Problem]()
        for table in application.tables:
            with _noting(found):
                self.rows(table)
        for handover in application.handovers:
            with _noting(found):
                self.handed_over(handover)
        return found

    def _columns(self, table: str, fields: Iterable[Field]) -> Iterator[str]:
        types = self.frame.types.get(table, {})
        for item in fields:
            kind = sql_type(types.get(item.name, item.type))
            yield f'CAST({item.expression} AS {kind}) AS "{item.name}"'

    def _ask(self, columns: list[str], source: str, what: str, line: int | None) -> pa.Table:
        text = f"SELECT {', '.join(columns)} FROM {source}"
        try:
            if text not in self._asked:
                self._asked[text] = self._connection.sql(text)
            found: pa.Table = self._asked[text].to_arrow_table()
        except duckdb.Error as error:
            file = self.frame.application.file
            said = " ".join(str(error).split())[:400]
            raise BadInput(Problem("M-SQL", f"{what}: {said}", file=file, line=line)) from error
        return found


@contextmanager
def _noting(found: list[Problem]) -> Iterator[None]:
    try:
        yield
    except BadInput as error:
        found += error.problems


def _naive(rows: pa.Table) -> pa.Table:
    """Leave out the zone of times: all are UTC, and SQL needs no zones then."""
    columns = [
        column.cast(pa.timestamp("us")) if pa.types.is_timestamp(column.type) else column
        for column in rows.columns
    ]
    return pa.table(columns, names=rows.schema.names)


def _empty_handover(handover: Handover) -> pa.Table:
    return pa.schema([(f.name, arrow_type(f.type)) for f in handover.fields]).empty_table()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def asked_of_states(application: Application) -> frozenset[str]:
    """Return the names of our tables that an application's rows of states are reckoned from."""
    states = [table for table in application.tables if table.event is None]
    parts = [text for t in states for text in (t.source, *(f.expression for f in t.fields))]
    return frozenset(_WORD.findall(" ".join(parts))) & TABLES.keys()


def asked_tables(application: Application, tables: Mapping[str, Table] = TABLES) -> frozenset[str]:
    """Return the names of our tables that an application's expressions ask for."""
    words = {word for text in application.sources for word in _WORD.findall(text)}
    return frozenset(words & tables.keys())
