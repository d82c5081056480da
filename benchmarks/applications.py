"""What a load into another application's tables takes: with its keys on, and with them put away."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure
from benchmarks.server import cpu_below, cpu_of, server
from grilse import api
from grilse.api.loading import load
from grilse.api.mapping import mapped_place

__all__ = ["aquamind"]

_WORKERS = 2
_EVERY = {"keys kept": 100, "keys put away": 25}
_KEYS = """
SELECT count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND convalidated
UNION ALL SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'
"""


def aquamind(folder: Path) -> list[Figure]:
    """Batches of the classic load into AquaMind's tables, as its schema is and as its owner may."""
    with server() as started:
        if started is None:
            return []
        import grilse_aquamind

        if not grilse_aquamind.are_there():
            print("aquamind: the facts of its schema are not there", file=sys.stderr)
            return []
        return [figure for way in _EVERY for figure in _loaded(started, folder, way)]


def _loaded(started: Any, folder: Path, way: str) -> Iterator[Figure]:
    import psycopg

    import grilse_aquamind

    name = way.replace(" ", "_")
    with psycopg.connect(started.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url, is_away = started.url(name), way == "keys put away"
    with psycopg.connect(url, autocommit=True) as connection:
        grilse_aquamind.make(connection)
        before = connection.execute(_KEYS).fetchall()
    job = api.prepare(folder / "550.yaml")
    job = replace(job, schedule=replace(job.schedule, batches=job.schedule.batches[:: _EVERY[way]]))
    chosen, place = mapped_place(job, url, "aquamind", user=grilse_aquamind.USER, drop_keys=is_away)
    made = api.run_to_nothing(chosen, workers=_WORKERS)
    spent, began = cpu_below(started.pid), time.perf_counter()
    loaded = load(chosen, place, workers=_WORKERS)
    seconds, spent = time.perf_counter() - began, cpu_below(started.pid) - spent
    totals = loaded.finished.totals
    rows = sum(each.rows for each in totals.values())
    right = before == _asked(url, _KEYS) and all(
        _asked(url, f"SELECT count(*) >= {each.rows} FROM {table}") == [(True,)]
        for table, each in totals.items()
    )
    client = cpu_of(loaded.result) - cpu_of(made)
    yield Figure(
        f"aquamind: {way}", rows / seconds, "rows/s", 300_000 if is_away else None, True,
        f"{rows:,} rows and all keys are there", right,
    )  # fmt: skip
    if is_away:
        keyed = sum(loaded.finished.seconds.values())
        yield Figure("aquamind: putting the keys back", keyed, "s")
    yield Figure(f"aquamind: {way}, server", spent / rows * 1e9, "ns CPU")
    yield Figure(f"aquamind: {way}, client, its rows made elsewhere", client / rows * 1e9, "ns CPU")


def _asked(url: str, question: str) -> list[tuple[Any, ...]]:
    import psycopg

    with psycopg.connect(url) as connection:
        return connection.execute(question).fetchall()
