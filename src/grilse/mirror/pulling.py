"""Answers of a database as Parquet files: what cannot be held by ours is told as missing.

Rows come as text by COPY, which is several times as fast as rows one by one. Days and moments come
as numbers, so that those that no calendar of ours knows harm nothing; a number that is none, and a
date before 1900 or after 2200, come as missing.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from grilse.ground.errors import DestinationError
from grilse.sinks.postgres.connection import describe, driver
from grilse.sinks.postgres.ddl import identifier
from grilse.sinks.postgres.target import Target

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["pull"]

_MOST_DIGITS = 38
_BLOCK_BYTES = 1 << 22
_KNOWN = "BETWEEN '1900-01-01' AND '2200-01-01'"


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a type is asked for as text, and what it is read and kept as."""

    asked: str
    read: pa.DataType
    kept: pa.DataType


_DAY = _Kind(
    f"CASE WHEN {{0}} {_KNOWN} THEN {{0}} - DATE '1970-01-01' END", pa.int32(), pa.date32()
)
_MOMENT = _Kind(
    f"CASE WHEN {{0}} {_KNOWN} THEN round(date_part('epoch', {{0}}) * 1000000)::bigint END",
    pa.int64(), pa.timestamp("us"),
)  # fmt: skip
_HOUR = _Kind("round(date_part('epoch', {0}) * 1000000)::bigint", pa.int64(), pa.time64("us"))
_WHOLE = _Kind("{0}", pa.int64(), pa.int64())
_FLOAT = _Kind("{0}", pa.float64(), pa.float64())
_FLAG = _Kind("{0}", pa.bool_(), pa.bool_())
_TEXT = _Kind("{0}::text", pa.string(), pa.string())
_KINDS = {
    "int2": _WHOLE, "int4": _WHOLE, "int8": _WHOLE, "float4": _FLOAT, "float8": _FLOAT,
    "bool": _FLAG, "date": _DAY, "timestamp": _MOMENT, "timestamptz": _MOMENT, "time": _HOUR,
}  # fmt: skip


def pull(connection: Connection, target: Target, name: str, question: str, path: Path) -> int:
    """Write the answer to a question as a Parquet file, and return its rows.

    Parameters
    ----------
    connection
        In a transaction with the schema's names at hand.
    target
        Whom is asked, for messages.
    name, question
        The question's name, and its SQL.
    path
        The file.

    Raises
    ------
    DestinationError
        If the database cannot answer: a table or column is not there, or may not be read.
    """
    try:
        kinds = _kinds(connection, question)
        asked = ", ".join(
            kind.asked.format(identifier(column)) + f" AS {identifier(column)}"
            for column, kind in kinds.items()
        )
        statement = f"COPY (SELECT {asked} FROM ({question}) AS answer) TO STDOUT (FORMAT csv)"
        with connection.cursor().copy(statement) as copy:
            return _written(_Stream(iter(copy)), kinds, path)
    except driver().Error as error:
        raise describe(target, error, f"asking its tables for {name}") from error
    except pa.ArrowException as error:
        raise DestinationError(f"{target.shown}: {name} cannot be read: {error}") from error


def _kinds(connection: Connection, question: str) -> dict[str, _Kind]:
    """Return how each column of an answer is read."""
    found = connection.execute(f"SELECT * FROM ({question}) AS answer LIMIT 0").description or ()
    names: dict[int, str] = dict(
        connection.execute(
            "SELECT oid::bigint, typname::text FROM pg_type WHERE oid = ANY(%s::oid[])",
            [[column.type_code for column in found]],
        ).fetchall()
    )
    return {
        column.name: _numeric(column)
        if names[column.type_code] == "numeric"
        else _KINDS.get(names[column.type_code], _TEXT)
        for column in found
    }


def _numeric(column: Any) -> _Kind:
    """Return how a decimal is read: exactly, where its digits are told."""
    exact = column.precision and column.precision <= _MOST_DIGITS and column.scale is not None
    kind = pa.decimal128(column.precision, column.scale) if exact else pa.float64()
    return _Kind("NULLIF({0}, 'NaN')", kind, kind)


class _Stream(io.RawIOBase):
    """The pieces of a copy as a file that is read."""

    def __init__(self, pieces: Iterator[Any]) -> None:
        self._pieces, self._left = pieces, memoryview(b"")

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what comes next."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


def _written(stream: _Stream, kinds: dict[str, _Kind], path: Path) -> int:
    kept = pa.schema([(column, kind.kept) for column, kind in kinds.items()])
    rows = 0
    with pq.ParquetWriter(path, kept, compression="lz4") as writer:
        for batch in _batches(stream, kinds):
            columns = [
                column.cast(field.type) for column, field in zip(batch.columns, kept, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=kept))
            rows += batch.num_rows
    return rows


def _batches(stream: _Stream, kinds: dict[str, _Kind]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a copy; nothing where there are none."""
    buffered = io.BufferedReader(stream, _BLOCK_BYTES)
    if not buffered.peek(1):
        return
    with _opened(buffered, kinds) as reader:
        yield from reader


@contextmanager
def _opened(buffered: Any, kinds: dict[str, _Kind]) -> Iterator[Any]:
    reader = pa_csv.open_csv(
        buffered,
        pa_csv.ReadOptions(
            column_names=list(kinds), block_size=_BLOCK_BYTES, use_threads=False
        ),
        pa_csv.ParseOptions(newlines_in_values=any(k is _TEXT for k in kinds.values())),
        pa_csv.ConvertOptions(
            column_types={column: kind.read for column, kind in kinds.items()},
            null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
            true_values=["t"], false_values=["f"],
        ),
    )  # fmt: skip
    with reader:
        yield reader
