"""The lock by which one run at a time holds a schema: advisory, gone with its connection."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from grilse.ground.errors import DestinationError

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["take_lock"]

_LOCK_HOLDER = """
SELECT a.pid, a.usename, a.application_name, coalesce(a.client_addr::text, 'local')
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %s AND l.objid = %s
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def take_lock(connection: Connection, schema: str, shown: str) -> None:
    """Take a schema for this run, or say who has it.

    Raises
    ------
    DestinationError
        If another run is at work there.
    """
    key = _lock_key(schema)
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()
    if row == (True,):
        return
    held = connection.execute(_LOCK_HOLDER, [key >> 32, key & 0xFFFFFFFF]).fetchone()
    who = "it has gone by now; try again"
    if held:
        who = f"process {held[0]} of {held[1]} ({held[2]}, from {held[3]})"
    raise DestinationError(f"{shown}: another run is at work here: {who}")


def _lock_key(schema: str) -> int:
    """Return the number that a schema's lock has in its database: 63 bits, never negative."""
    digest = blake2b(f"grilse {schema}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
