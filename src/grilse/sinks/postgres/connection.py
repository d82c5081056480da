"""Connections: opened with what the environment knows, and their failures told in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from grilse.ground.errors import DestinationError, DiskFull, MissingExtra
from grilse.sinks.postgres.target import Target

if TYPE_CHECKING:
    import psycopg

__all__ = [
    "AS_IT_WAS", "connect", "describe", "describe_held", "driver", "may_pass", "open_session",
    "telling", "who_holds",
]  # fmt: skip

_CONNECT_SECONDS = 15
_FULL, _MEMORY, _LOCKED, _FORBIDDEN, _READ_ONLY = "53100", "53200", "55P03", "42501", "25006"
_LOST = ("08", "57P")
_PASSING = (*_LOST, "40", "55P03", "53300")

AS_IT_WAS = "The load is what it was"
"""What is there after an extension that failed."""

_BATCHES = "Whole batches are there and nothing else"
_ADVICE = {
    _FULL: "The server's disk is full. {kept}; make room, and the same command goes on.",
    _MEMORY: "The server is out of memory. The same command goes on from here.",
    _FORBIDDEN: "The role needs CREATE on the database if the schema is not there yet, else USAGE "
    "and CREATE on the schema, and must own the tables in it.",
    _READ_ONLY: "The server takes no writes: it is a standby, or set to be read only.",
}


def driver() -> ModuleType:
    """Import psycopg.

    Raises
    ------
    MissingExtra
        If it is not there; the message says how to get it.
    """
    try:
        import psycopg
    except ImportError as error:
        raise MissingExtra(
            "writing to PostgreSQL needs the package psycopg: pip install 'grilse[postgres]'"
        ) from error
    return psycopg


def connect(
    target: Target, *, patience_seconds: float, role: str
) -> psycopg.Connection[tuple[Any, ...]]:
    """Open a connection, in autocommit; blocks of `transaction()` are transactions.

    Parameters
    ----------
    target
        Where to.
    patience_seconds
        How long a statement waits for a lock that another session holds.
    role
        What the connection is for; with ``grilse`` its name in the server's list of sessions.

    Raises
    ------
    DestinationError
        If it cannot be opened.
    """
    try:
        return open_session(target, patience_seconds=patience_seconds, role=role)
    except driver().Error as error:
        raise DestinationError(
            f"{target.shown}: no connection: {_first_line(error)}. Is the server there, and is "
            "the password in PGPASSWORD, ~/.pgpass or a service file?"
        ) from error


def open_session(
    target: Target, *, patience_seconds: float, role: str
) -> psycopg.Connection[tuple[Any, ...]]:
    """Open a connection as `connect` does, but let the driver's error pass: it may be over soon."""
    connection: psycopg.Connection[tuple[Any, ...]] = driver().connect(
        target.url,
        autocommit=True,
        connect_timeout=_CONNECT_SECONDS,
        application_name=f"grilse {role}",
        prepare_threshold=None,
    )
    _set(connection, patience_seconds)
    return connection


def _set(connection: psycopg.Connection[tuple[Any, ...]], patience_seconds: float) -> None:
    """Set what a session needs; not as start-up options, which some poolers refuse."""
    milliseconds = max(1, round(patience_seconds * 1000))
    # A batch and its row in the ledger are one transaction: what a crash of the server loses of
    # the last second, it loses whole, so there is no need to wait for its disk at each commit.
    connection.execute(
        f"SET lock_timeout = {milliseconds}; SET synchronous_commit = off; "
        "SET timezone = 'UTC'; SET client_encoding = 'UTF8'; SET client_min_messages = warning"
    )


def may_pass(error: Exception) -> bool:
    """Whether a failure may be over when one tries again: a lost connection, a lock, a deadlock."""
    state: str | None = getattr(error, "sqlstate", None)
    if state is None:
        return isinstance(error, driver().OperationalError)
    return state.startswith(_PASSING)


def describe(
    target: Target, error: Exception, doing: str, *, holders: str = "", kept: str = _BATCHES
) -> DestinationError:
    """Make of a server's failure an error that says where, what, and what to do.

    Parameters
    ----------
    doing
        What was being done.
    holders
        Who holds a lock, if that was it.
    kept
        What is there now.
    """
    state = getattr(error, "sqlstate", None)
    advice = _ADVICE.get(state or "", "").format(kept=kept)
    if state == _LOCKED:
        advice = f"Another session holds a lock: {holders or 'it has gone by now'}. Try again."
    if state is None or state.startswith(_LOST):
        advice = f"The connection was lost. {kept}; the same command goes on."
    kind = DiskFull if state == _FULL else DestinationError
    return kind(
        f"{target.shown}: {doing} failed: {_first_line(error)}.{' ' if advice else ''}{advice}"
    )


def describe_held(
    target: Target, error: Exception, doing: str, *, patience_seconds: float, kept: str = _BATCHES
) -> DestinationError:
    """Make of a server's failure an error as `describe` does; say who holds a lock, if one does."""
    is_locked = getattr(error, "sqlstate", None) == _LOCKED
    holders = who_holds(target, patience_seconds=patience_seconds) if is_locked else ""
    return describe(target, error, doing, holders=holders, kept=kept)


@contextmanager
def telling(
    target: Target, doing: str, *, patience_seconds: float, kept: str = _BATCHES
) -> Iterator[None]:
    """Tell the server's failures in plain words for as long as the block lasts."""
    try:
        yield
    except driver().Error as error:
        raise describe_held(
            target, error, doing, patience_seconds=patience_seconds, kept=kept
        ) from error


def _first_line(error: Exception) -> str:
    diagnosis = getattr(error, "diag", None)
    message = (diagnosis and diagnosis.message_primary) or str(error).strip() or repr(error)
    return " ".join(message.split()).rstrip(".")


_HOLDERS = """
SELECT DISTINCT a.pid, a.usename, a.application_name, coalesce(a.client_addr::text, 'local'),
       a.state, l.mode, c.relname
FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_class c ON c.oid = l.relation
WHERE l.granted AND l.pid <> pg_backend_pid() AND c.relnamespace = to_regnamespace(%s)
  AND c.relkind IN ('r', 'p')
  AND (l.mode LIKE '%%Exclusive%%' OR l.mode LIKE '%%Share%%') AND l.mode <> 'AccessShareLock'
  AND a.application_name NOT LIKE 'grilse writer%%'
ORDER BY a.pid, c.relname LIMIT 5
"""


def who_holds(target: Target, *, patience_seconds: float) -> str:
    """Name the sessions that hold locks on the schema's tables; empty where none is seen."""
    try:
        with connect(target, patience_seconds=patience_seconds, role="question") as connection:
            found = connection.execute(_HOLDERS, [target.schema]).fetchall()
    except (driver().Error, DestinationError):
        return ""
    return "; ".join(
        f"process {pid} of {user} ({application or 'unnamed'}, from {address}, {state}) holds "
        f"{mode} on {table}"
        for pid, user, application, address, state, mode, table in found
    )
