"""Work that need not wait for each other, sent over several connections at once.

Building keys is the server's processor's work, and a connection uses one processor; what the server
would give it to help with one key costs a third more than keys built side by side.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from grilse.sinks.postgres.connection import driver, open_session
from grilse.sinks.postgres.target import Target

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

__all__ = ["abreast", "builders"]

Job = TypeVar("Job")

# A sort takes no more memory than it needs; without enough it goes by way of the disk, and costs
# half more.
# Scans that begin where another one is would bring a key's rows out of order, and sort them.
_SETTINGS = (
    "SET maintenance_work_mem = '512MB'; SET max_parallel_maintenance_workers = 0; "
    "SET synchronize_seqscans = off"
)
_CANCEL_SECONDS = 10.0


@contextmanager
def builders(
    connection: Connection, target: Target, *, patience_seconds: float
) -> Iterator[tuple[Connection, ...]]:
    """Give a connection and a second one beside it, both ready to build keys.

    Where the server has no room for a second one, the first is alone.
    """
    connection.execute(_SETTINGS)
    try:
        second = open_session(target, patience_seconds=patience_seconds, role="load")
    except driver().OperationalError:
        yield (connection,)
        return
    with closing(second):
        second.execute(_SETTINGS)
        yield connection, second


def abreast(
    connections: Sequence[Connection],
    jobs: Iterable[Job],
    do: Callable[[Connection, Job], object],
) -> None:
    """Do jobs in their order, each on the first connection that is free.

    If one fails, what the others are at is cancelled, and its error raised.
    """
    waiting = deque(jobs)
    with ThreadPoolExecutor(len(connections)) as pool:
        busy = [pool.submit(_work, connection, waiting, do) for connection in connections]
        try:
            for each in as_completed(busy):
                each.result()
        except BaseException:
            waiting.clear()
            for connection in connections:
                with suppress(driver().Error):
                    connection.cancel_safe(timeout=_CANCEL_SECONDS)
            raise


def _work(
    connection: Connection, waiting: deque[Job], do: Callable[[Connection, Job], object]
) -> None:
    while True:
        try:
            job = waiting.popleft()
        except IndexError:
            return
        do(connection, job)
