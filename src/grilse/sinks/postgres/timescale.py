"""TimescaleDB, where a database has it: large dated tables become hypertables, compressed after.

What is sent has been run on TimescaleDB 2.23 in WebAssembly, which has one connection: the tests
tell how. A whole load over the wire has not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from grilse.sinks.postgres.ddl import identifier, qualified, quoted
from grilse.tables.schema import Table

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["compress", "hypertables", "is_hypertable", "is_installed"]

_CHUNK_DAYS = 90


def is_installed(connection: Connection) -> bool:
    """Whether the database has the extension."""
    found = connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'")
    return found.fetchone() is not None


def is_hypertable(table: Table) -> bool:
    """Whether a table becomes a hypertable: it is large, and its rows have a time."""
    return table.bulk and table.event_date is not None


def hypertables(schema: str, tables: Iterable[Table]) -> Iterator[str]:
    """Yield the statements that make hypertables of tables without rows.

    A batch lives for some 900 days and its rows are brought together: chunks of 90 days keep the
    number of chunks that one batch touches at ten. No index on time is made: block ranges do it.
    """
    for table in tables:
        if is_hypertable(table) and table.event_date:
            yield (
                f"SELECT create_hypertable({_literal(schema, table)}, "
                f"{quoted(table.event_date)}, "
                f"chunk_time_interval => INTERVAL '{_CHUNK_DAYS} days', "
                "create_default_indexes => false, if_not_exists => true)"
            )


def compress(schema: str, tables: Iterable[Table]) -> Iterator[str]:
    """Yield the statements that compress hypertables, after their keys: a series is a segment."""
    for table in tables:
        if is_hypertable(table) and table.event_date:
            series = next((c.name for c in table.columns if c.name == "sensor_id"), "batch_id")
            yield (
                f"ALTER TABLE {qualified(schema, table.name)} SET (timescaledb.compress, "
                f"timescaledb.compress_segmentby = {quoted(series)}, "
                f"timescaledb.compress_orderby = {quoted(identifier(table.event_date))})"
            )
            yield (
                "SELECT compress_chunk(chunk, if_not_compressed => true) "
                f"FROM show_chunks({_literal(schema, table)}) AS chunk"
            )


def _literal(schema: str, table: Table) -> str:
    return quoted(qualified(schema, table.name))
