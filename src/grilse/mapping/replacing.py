"""State rows as they are now, put in place of those that stand: changed, added, or gone.

They come into a table of the transaction's own first, and the server compares: a row that is as it
was is not touched. Where versions are kept, a row that was added gets its first, and a row that was
changed one more, as if it had been saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from grilse.mapping import ledger
from grilse.mapping.model import MappedTable, PgType
from grilse.mapping.rows import Frame
from grilse.mapping.wire import arrow_type, wire_pieces
from grilse.sinks.postgres.binary import HEADER, TRAILER
from grilse.sinks.postgres.ddl import identifier, qualified

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["Replacing", "Tell", "copy_parts"]

Tell = Callable[[str, str, Iterator[pa.RecordBatch]], None]
"""Is told of changes: the table, ``added``, ``before`` or ``after``, and the rows."""

_ROWS_AT_ONCE = 20_000


def copy_parts(
    connection: Connection, target: str, names: Iterable[str], kinds: Iterable[PgType],
    parts: Iterable[pa.Table],
) -> int:  # fmt: skip
    """Bring rows into the table of that quoted name, in one COPY; return how many they were."""
    columns, types, count = ", ".join(map(identifier, names)), tuple(kinds), 0
    statement = f"COPY {target} ({columns}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(HEADER)
        for rows in parts:
            count += rows.num_rows
            for piece in wire_pieces(types, rows):
                copy.write(piece.data)
        copy.write(TRAILER)
    return count


@dataclass(frozen=True)
class Replacing:
    """The rows of a table of states, on their way into it; in a transaction.

    Attributes
    ----------
    connection
        In its transaction.
    schema
        Of the application's tables.
    frame
        What the rows were made by.
    load
        Whose they are.
    table
        Which they are of.
    """

    connection: Connection
    schema: str
    frame: Frame
    load: ledger.Standing
    table: MappedTable

    @property
    def _names(self) -> list[str]:
        return [identifier(field.name) for field in self.table.fields]

    @property
    def _key(self) -> str:
        return identifier(self.table.key.column)

    @property
    def _target(self) -> str:
        return qualified(self.schema, self.table.name)

    @property
    def _next(self) -> str:
        return f"pg_temp.{identifier(f'grilse_next_{self.table.name}'[:63])}"

    @property
    def _types(self) -> list[PgType]:
        types = self.frame.types[self.table.name]
        return [types[field.name] for field in self.table.fields]

    def bring(self, parts: Iterable[pa.Table]) -> None:
        """Bring the rows as they are now into a table of the transaction's own."""
        run, listed = self.connection.execute, ", ".join(self._names)
        run(
            f"CREATE TEMP TABLE {self._next.removeprefix('pg_temp.')} ON COMMIT DROP AS "
            f"SELECT {listed} FROM {self._target} WITH NO DATA"
        )
        names = [field.name for field in self.table.fields]
        copy_parts(self.connection, self._next, names, self._types, parts)
        run(f"CREATE UNIQUE INDEX ON {self._next} ({self._key})")
        run(f"ANALYZE {self._next}")

    def tell(self, tell: Tell) -> None:
        """Tell what is to be added, and what is to be changed, before and after."""
        changed = f"{self._target} t JOIN {self._next} n USING ({self._key}) WHERE {self._differs}"
        for kind, of, source in (
            ("added", "n", f"{self._next} n WHERE {self._is_new}"),
            ("before", "t", changed),
            ("after", "n", changed),
        ):
            tell(self.table.name, kind, self._read(of, source))

    def replace(self, *, with_history: bool) -> None:
        """Change the rows that differ, then add those that are new."""
        own = self._key
        others = [name for name in self._names if name != own]
        if others:
            changed = ", ".join(f"{name} = n.{name}" for name in others)
            self._run(
                f"UPDATE {self._target} t SET {changed} FROM {self._next} n "
                f"WHERE t.{own} = n.{own} AND {self._differs}",
                with_history, "~",
            )  # fmt: skip
        listed = ", ".join(self._names)
        self._run(
            f"INSERT INTO {self._target} AS t ({listed}) SELECT {listed} FROM {self._next} n "
            f"WHERE {self._is_new} {self._unless_told}",
            with_history, "+",
        )  # fmt: skip

    def remove(self) -> int:
        """Remove the load's rows that are no longer; return how many they were."""
        keys = self.load.ranges[self.table.key.name]
        own = self._key
        return self.connection.execute(
            f"DELETE FROM {self._target} t WHERE t.{own} > %s AND t.{own} <= %s "
            f"AND NOT EXISTS (SELECT FROM {self._next} n WHERE n.{own} = t.{own})",
            [keys.offset, keys.last],
        ).rowcount

    @property
    def _differs(self) -> str:
        others = [name for name in self._names if name != self._key]
        old, new = (", ".join(f"{of}.{name}" for name in others) for of in "tn")
        return f"ROW({old}) IS DISTINCT FROM ROW({new})"

    @property
    def _is_new(self) -> str:
        return f"NOT EXISTS (SELECT FROM {self._target} s WHERE s.{self._key} = n.{self._key})"

    @property
    def _unless_told(self) -> str:
        """What leaves out rows that others have told: the same day of a stay, under another key.

        The server cannot do that where a rule of uniqueness is looked at late.
        """
        found = self.connection.execute(
            "SELECT bool_and(indimmediate) FROM pg_index WHERE indisunique "
            "AND indrelid = to_regclass(%s)",
            [self._target],
        ).fetchone()
        return "ON CONFLICT DO NOTHING" if found == (True,) else ""

    def _run(self, statement: str, with_history: bool, kind: str) -> None:
        """Change rows, and write versions of those that were: the first, or one more."""
        history = self.table.history if with_history else None
        if history is None:
            self.connection.execute(statement)
            return
        there = self.frame.types[history.table]
        kept = [identifier(f.name) for f in self.table.fields if f.name in there]
        listed, theirs = ", ".join(kept), ", ".join(f"n.{name}" for name in kept)
        moment = f"n.{identifier(history.moment)}" if kind == "+" else "as_of"
        written = (
            f"INSERT INTO {qualified(self.schema, history.table)} "
            f"({listed}, history_date, history_type, history_user_id) "
            f"SELECT {theirs}, {moment}, '{kind}', {self.frame.user} "
            f"FROM {self._next} n JOIN done USING ({self._key}), "
            "(SELECT date '1970-01-01' + %s AS as_of) d"
        )
        noted = (
            f"INSERT INTO {ledger.version_table()} "
            f"SELECT {self.load.load_id}, %s, history_id FROM kept"
        )
        with_done = f"WITH done AS ({statement} RETURNING t.{self._key})"
        if kind == "+":
            # A first version is known for the load's by its key.
            self.connection.execute(f"{with_done} {written}", [self.frame.as_of])
            return
        self.connection.execute(
            f"{with_done}, kept AS ({written} RETURNING history_id) {noted}",
            [self.frame.as_of, history.table],
        )

    def _read(self, of: str, source: str) -> Iterator[pa.RecordBatch]:
        """Yield rows as they stand, or will."""
        types = self._types
        columns = ", ".join(
            f"{of}.{name}{'::text' if kind.name == 'jsonb' else ''}"
            for name, kind in zip(self._names, types, strict=True)
        )
        layout = pa.schema(
            [(field.name, arrow_type(kind))
             for field, kind in zip(self.table.fields, types, strict=True)]
        )  # fmt: skip
        with self.connection.cursor("grilse_changes") as cursor:
            cursor.execute(f"SELECT {columns} FROM {source} ORDER BY {of}.{self._key}")
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                arrays = [
                    pa.array(values, field.type)
                    for values, field in zip(zip(*rows, strict=True), layout, strict=True)
                ]
                yield pa.RecordBatch.from_arrays(arrays, schema=layout)
