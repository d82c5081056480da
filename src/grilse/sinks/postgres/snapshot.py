"""One state of a schema, to be read: a transaction that sees nothing later, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from grilse.ground.errors import DestinationError
from grilse.sinks.postgres.connection import connect
from grilse.sinks.postgres.target import Target

if TYPE_CHECKING:
    import psycopg

__all__ = ["snapshot"]

_SECONDS_FOR_A_LOCK = 30.0


@contextmanager
def snapshot(target: Target, role: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Open a database in a transaction that is read only, with the schema's names at hand.

    Parameters
    ----------
    target
        Database and schema.
    role
        What the connection is for, see `connect`.

    Raises
    ------
    DestinationError
        If it cannot be opened, or has no such schema.
    """
    connection = connect(target, patience_seconds=_SECONDS_FOR_A_LOCK, role=role)
    with connection:
        is_there = connection.execute("SELECT to_regnamespace(%s)", [target.schema]).fetchone()
        if is_there is None or is_there[0] is None:
            raise DestinationError(f"{target.shown}: there is no such schema")
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection.execute(f'SET LOCAL search_path = "{target.schema}"')
            yield connection
