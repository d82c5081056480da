"""What a load into a real PostgreSQL server takes, beside what people do today on the same rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure
from benchmarks.server import cpu_below, cpu_of, server
from grilse import api

__all__ = ["postgres"]

_EVERY = 10
_WORKERS = 2
_ROWS_BY_HAND = 20_000
_ROWS_A_CALL = 1_000
_TABLE = "environmental_reading"


def postgres(folder: Path) -> list[Figure]:
    """Every tenth batch of the classic load into a server of its own; then rows by hand."""
    with server() as started:
        if started is None:
            return []
        job = api.prepare(folder / "550.yaml")
        few = job.schedule.batches[::_EVERY]
        job = replace(job, schedule=replace(job.schedule, batches=few))
        made = api.run_to_nothing(job, workers=_WORKERS)
        before = cpu_below(started.pid)
        began = time.perf_counter()
        loaded = api.load(job, started.url("grilse"), workers=_WORKERS)
        seconds = time.perf_counter() - began
        spent = cpu_below(started.pid) - before
        client = cpu_of(loaded.result) - cpu_of(made)
        right = _count(started.url("grilse")) == loaded.result.rows == made.rows
        rows, keyed = loaded.result.rows, sum(loaded.finished.seconds.values())
        foreign = loaded.finished.seconds.get("foreign keys", 0.0)
        return [
            Figure("postgres: rows alone", rows / loaded.result.wall_seconds, "rows/s",
                   answer=f"{rows:,} rows are there", is_right=right),
            Figure("postgres: with primary keys and indexes",
                   rows / (seconds - foreign), "rows/s", 700_000, True),
            Figure("postgres: with foreign keys too", rows / seconds, "rows/s"),
            Figure("postgres: keys, indexes and statistics", keyed, "s"),
            Figure("postgres: server", spent / rows * 1e9, "ns CPU"),
            Figure("postgres: client, its rows made elsewhere", client / rows * 1e9, "ns CPU"),
            Figure("postgres: client over server", client / spent, "times", 0.25),
            *_by_hand(started),
        ]  # fmt: skip


def _by_hand(started: Any) -> Iterator[Figure]:
    """Write the same rows by executemany, and by an ORM's bulk insert."""
    import psycopg

    with psycopg.connect(started.url("grilse")) as connection:
        found = connection.execute(f"SELECT * FROM grilse.{_TABLE} LIMIT {_ROWS_BY_HAND}")
        names = [column.name for column in found.description or ()]
        rows = found.fetchall()
    for what, write in (("executemany", _executemany), ("an ORM's bulk insert", _orm)):
        with psycopg.connect(started.url("grilse"), autocommit=True) as connection:
            connection.execute("DROP TABLE IF EXISTS by_hand")
            connection.execute(f"CREATE TABLE by_hand (LIKE grilse.{_TABLE} INCLUDING ALL)")
        before, here, began = cpu_below(started.pid), time.process_time(), time.perf_counter()
        write(started.url("grilse"), names, rows)
        seconds, client = time.perf_counter() - began, time.process_time() - here
        both = client + cpu_below(started.pid) - before
        with psycopg.connect(started.url("grilse")) as connection:
            row = connection.execute("SELECT count(*) FROM by_hand").fetchone()
        right = row is not None and row[0] == len(rows)
        answer = f"{len(rows):,} rows are there"
        yield Figure(f"postgres: {what}", len(rows) / seconds, "rows/s", None, True, answer, right)
        yield Figure(f"postgres: {what}, client", client / len(rows) * 1e9, "ns CPU")
        yield Figure(f"postgres: {what}, both", both / len(rows) * 1e9, "ns CPU")


def _executemany(url: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    import psycopg

    marks = ", ".join(["%s"] * len(names))
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for part in _parts(rows):
            cursor.executemany(f"INSERT INTO by_hand VALUES ({marks})", part)


def _orm(url: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from sqlalchemy import MetaData, Table, create_engine
    from sqlalchemy.orm import Session, registry

    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    table = Table("by_hand", MetaData(), autoload_with=engine)
    made: Callable[..., Any] = type("Reading", (), {})
    registry().map_imperatively(made, table)
    with Session(engine) as session:
        for part in _parts(rows):
            session.add_all([_object(made, names, row) for row in part])
            session.flush()
            session.expunge_all()
        session.commit()
    engine.dispose()


def _object(made: Callable[..., Any], names: Sequence[str], row: Sequence[Any]) -> Any:
    one = made()
    for name, value in zip(names, row, strict=True):
        setattr(one, name, value)
    return one


def _parts(rows: Sequence[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    each = iter(rows)
    while part := list(islice(each, _ROWS_A_CALL)):
        yield part


def _count(url: str) -> int:
    import psycopg

    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT sum(rows) FROM grilse.grilse_ledger").fetchone()
        counted = connection.execute(f"SELECT count(*) FROM grilse.{_TABLE}").fetchone()
        told = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'grilse'"
        ).fetchone()
    assert row is not None
    assert counted is not None
    assert told is not None
    assert counted[0] > 0
    assert told[0] > 0
    return int(row[0])
