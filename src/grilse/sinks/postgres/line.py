"""A writer's line to the server: opened when it is needed, and again after it broke.

A lost connection, a deadlock or a lock that lasts too long may be over in a moment: what was to be
brought is tried again, on a fresh connection, `ATTEMPTS` times in all. Whether the first try had
been kept after all, though its answer was lost, the ledger knows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from grilse.sinks.postgres.binary import HEADER, TRAILER
from grilse.sinks.postgres.connection import describe_held, driver, may_pass, open_session
from grilse.sinks.postgres.ddl import identifier
from grilse.sinks.postgres.target import Target

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["ATTEMPTS", "Line", "copy_in"]

ATTEMPTS = 4
"""How often a batch is tried before the run gives up."""

_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 5.0


class Line:
    """Brings what it is given over a connection of its own, as often as may help.

    Parameters
    ----------
    target
        Where to.
    patience_seconds
        How long a statement waits for a lock.
    """

    def __init__(self, target: Target, patience_seconds: float) -> None:
        self._target, self._patience_seconds = target, patience_seconds
        self._connection: Connection | None = None

    def bring(self, bring: Callable[[Connection], None], doing: str) -> None:
        """Call `bring` with the connection until it comes to its end.

        Raises
        ------
        DestinationError
            If it failed of what does not pass, or too often; `doing` says at what.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                bring(self._open())
                return
            except driver().Error as error:
                self.close()
                if attempt == ATTEMPTS or not may_pass(error):
                    raise describe_held(
                        self._target, error, doing, patience_seconds=self._patience_seconds
                    ) from error
                time.sleep(min(_FIRST_PAUSE_SECONDS * 2 ** (attempt - 1), _LONGEST_PAUSE_SECONDS))

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = open_session(
                self._target, patience_seconds=self._patience_seconds, role="writer"
            )
        return self._connection

    def close(self) -> None:
        """Close the connection: the server undoes what was not committed. Harmless twice."""
        if self._connection is not None:
            with suppress(driver().Error):
                self._connection.close()
            self._connection = None


def copy_in(
    connection: Connection, name: str, columns: Iterable[str], pieces: Iterable[NDArray[np.uint8]]
) -> None:
    """Bring pieces of binary COPY data into the columns of a table, which is named quoted."""
    listed = ", ".join(map(identifier, columns))
    statement = f"COPY {name} ({listed}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(HEADER)
        for piece in pieces:
            copy.write(piece.data)
        copy.write(TRAILER)
