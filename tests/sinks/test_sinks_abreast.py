"""Work over several connections: in order, all of it, and none left behind when some fails."""

import os
import threading

import grilse_rows as toy
import psycopg
import pytest

from grilse.sinks.destination import read_destination
from grilse.sinks.postgres.abreast import abreast, builders
from grilse.sinks.postgres.target import read_target


class Idle:
    """A connection that only notes whether it was cancelled."""

    def __init__(self):
        self.cancelled = threading.Event()

    def cancel_safe(self, *, timeout):
        self.cancelled.set()


def test_every_job_is_done_once_and_in_order_on_one_connection():
    done = []
    abreast([Idle()], range(5), lambda _, job: done.append(job))
    assert done == [0, 1, 2, 3, 4]


def test_jobs_go_side_by_side():
    met = threading.Barrier(2, timeout=10)
    abreast([Idle(), Idle()], range(2), lambda *_: met.wait())


def test_a_failure_cancels_what_others_are_at_and_leaves_the_rest():
    connections, begun = [Idle(), Idle()], []

    def do(connection, job):
        begun.append(job)
        if job == 1:
            raise ValueError("no key")
        assert connection.cancelled.wait(10)

    with pytest.raises(ValueError, match="no key"):
        abreast(connections, range(9), do)
    assert sorted(begun) == [0, 1]
    assert all(connection.cancelled.is_set() for connection in connections)


def test_two_builders_work_at_once(database):
    target = read_target(database)
    with (
        psycopg.connect(database, autocommit=True) as first,
        builders(first, target, patience_seconds=1.0) as several,
    ):
        assert [c.execute("SHOW maintenance_work_mem").fetchone() for c in several] == [
            ("512MB",),
            ("512MB",),
        ]
        assert len({c.info.backend_pid for c in several}) == 2
    assert several[1].closed


def test_a_server_without_room_builds_on_one_connection(database):
    role = f"narrow_{os.getpid()}"
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 2")
        owner.execute(f"CREATE SCHEMA grilse AUTHORIZATION {role}")
        try:
            place = read_destination(database.replace("postgres@", f"{role}@"))
            assert toy.write_load(place).is_complete
            assert toy.prints_of(toy.read_postgres(database, "grilse")) == toy.expected(
                (0, *toy.BATCHES)
            )
        finally:
            owner.execute(f"DROP OWNED BY {role}")
            owner.execute(f"DROP ROLE {role}")
