"""A Dask cluster brings the same rows to a database and to an object store, one worker lost."""

import sys
import threading
import time
from pathlib import Path

import grilse_rows as toy
import psycopg
import pyarrow.fs as arrow_fs
import pytest
from test_sinks_conformance import store  # noqa: F401  (a fixture)

from grilse import api

sys.path.insert(0, str(Path(__file__).parents[1] / "run"))
import grilse_cluster

pytest.importorskip("distributed", reason="the extra grilse[dask] is not installed")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def job():
    plan = api.plan(batches=6, stagger=20, start="2024-01-01", as_of="2024-05-01")
    return api.prepare(plan.schedule)


@pytest.fixture(scope="module")
def made(job):
    return api.run_to_nothing(job, workers=1).tables


def killed_when(condition, process):
    """End a worker as soon as a condition holds; return what to wait for, and whether it held."""
    held = []

    def wait():
        for _ in range(3000):
            if condition():
                held.append(True)
                process.kill()
                return
            time.sleep(0.01)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread, held


def loaded(job, to, is_begun):
    with grilse_cluster.running(2) as cluster:
        thread, held = killed_when(is_begun, cluster.workers[0])
        report = api.load(job, to, scheduler=cluster.address)
        thread.join()
    assert held
    assert report.result.failures == ()
    return report


def test_rows_go_to_postgresql(job, made, database):
    def is_begun():
        with psycopg.connect(database) as connection:
            found = connection.execute("SELECT to_regclass('grilse.grilse_ledger')").fetchone()
            if found == (None,):
                return False
            rows = connection.execute("SELECT count(*) FROM grilse.grilse_ledger").fetchone()
            return rows[0] >= 2

    assert loaded(job, database, is_begun).finished.totals == made
    found = toy.prints_of(toy.read_postgres(database), made)
    assert {name: mark for name, mark in found.items() if mark} == {
        name: totals.fingerprint for name, totals in made.items()
    }
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT count(*), count(DISTINCT (segment, batch_id)) FROM "
                                  "grilse.grilse_ledger").fetchone()  # fmt: skip
    assert rows[0] == rows[1]


def test_rows_go_to_an_object_store(job, made, request, monkeypatch):
    root, port = request.getfixturevalue("store")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    (root / "of-cluster").mkdir()
    uri = f"s3://of-cluster/farm?endpoint_override=127.0.0.1:{port}&scheme=http&region=eu-north-1"
    records = root / "of-cluster/farm/_grilse/segments"
    report = loaded(job, uri, lambda: records.is_dir() and len(list(records.iterdir())) >= 2)
    assert report.finished.totals == made
    local = arrow_fs.LocalFileSystem()
    read = toy.read_parquet(local, f"{root}/of-cluster/farm")
    table = toy.TABLES["mortality_event"]
    rows = [toy.fingerprint(table, batch) for batch in toy.canonical(table, read(table))]
    assert toy.add(*rows) == made["mortality_event"].fingerprint
