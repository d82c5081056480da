"""PostgreSQL's own: the schema, the keys, other people's things, and everything that goes wrong."""

import os
import random
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import grilse_postgres
import grilse_rows as toy
import psycopg
import pytest

from grilse import api
from grilse.ground.errors import BadInput, DestinationError, MissingExtra
from grilse.sinks.destination import read_destination
from grilse.sinks.postgres import binary, ddl, keys, line, timescale
from grilse.sinks.postgres.place import PostgresPlace
from grilse.sinks.postgres.target import Target, read_target
from grilse.tables.catalogue import TABLES

NUMBERS = tuple(range(1, 13))
LONG = {"e0001-farm": (0,), **{f"e0001-s{n:04d}": (n,) for n in NUMBERS}}


@pytest.fixture
def place(database):
    return PostgresPlace(read_target(database), patience_seconds=0.3)


def ask(database, question, *values):
    with psycopg.connect(database, autocommit=True) as connection:
        cursor = connection.execute(question, values)
        return cursor.fetchall() if cursor.description else []


def assert_whole(database, numbers=(0, *toy.BATCHES), schema="grilse"):
    assert toy.prints_of(toy.read_postgres(database, schema)) == toy.expected(numbers)


def test_keys_indexes_and_rules_are_there_and_validated(database, place):
    toy.write_load(place)
    found = dict(
        ask(database, "SELECT conname, convalidated FROM pg_constraint WHERE contype <> 'n'")
    )
    kinds = [ddl.primary_key("grilse", t) for t in TABLES.values()]
    for table in TABLES.values():
        kinds += [*ddl.foreign_keys("grilse", table, TABLES.values()), *ddl.checks("grilse", table)]
    assert {key.name: found.get(key.name) for key in kinds} == {key.name: True for key in kinds}
    brin = ask(
        database, "SELECT tablename, indexdef FROM pg_indexes WHERE indexdef LIKE '%%brin%%'"
    )
    readings = [text for table, text in brin if table == "environmental_reading"]
    assert any("(reading_time)" in text for text in readings)
    assert any("(batch_id)" in text for text in readings)


def test_names_of_keys_are_unique_and_not_cut():
    tables = TABLES.values()
    names = [key.name for t in tables for key in (ddl.primary_key("s", t), *ddl.indexes("s", t))]
    for table in tables:
        rules = (*ddl.foreign_keys("s", table, tables), *ddl.checks("s", table))
        names += [key.name for key in rules]
    assert len(names) == len(set(names))
    assert max(map(len, names)) <= 63


def test_tables_and_columns_say_what_they_are(database, place):
    toy.write_load(place)
    (said,) = ask(database, "SELECT obj_description('grilse.batch'::regclass)")
    assert said[0].startswith("Synthetic data, made by Grilse: version 0.0.0, seed 1.")
    (unit,) = ask(database, "SELECT col_description('grilse.batch'::regclass, 10)")
    assert unit[0].endswith("[g]")


def test_runs_of_equal_length_are_cut_as_single_rows_are(monkeypatch):
    table = TABLES["environmental_reading"]
    rows = toy.rows_of(table, 1, 4000)
    usual = b"".join(bytes(p) for p in binary.copy_pieces(table, rows))
    monkeypatch.setattr(binary, "_SHORT_RUN", 10**9)
    assert b"".join(bytes(p) for p in binary.copy_pieces(table, rows)) == usual
    monkeypatch.setattr(binary, "_SHORT_RUN", 0)
    assert b"".join(bytes(p) for p in binary.copy_pieces(table, rows)) == usual


def test_tables_of_others_are_left_alone(database, place):
    ask(database, "CREATE SCHEMA grilse")
    ask(database, "CREATE TABLE grilse.batch (mine int)")
    with pytest.raises(DestinationError, match="tables of others under the names of ours: batch"):
        toy.write_load(place)
    ask(database, "ALTER TABLE grilse.batch RENAME TO mine")
    toy.write_load(place)
    toy.write_load(place, toy.load(overwrite=True))
    assert ask(database, "SELECT count(*) FROM grilse.mine") == [(0,)]
    assert_whole(database)


def test_another_run_is_named(place):
    with (
        place.hold(toy.load()),
        pytest.raises(DestinationError, match=r"another run .* process \d+ of postgres \(grilse"),
        place.hold(toy.load()),
    ):
        pass


def test_two_schemas_hold_two_loads(database):
    for schema in ("one", "two"):
        toy.write_load(read_destination(database, schema=schema))
        assert_whole(database, schema=schema)


@contextmanager
def locked(database, mode, seconds=None):
    """Hold a lock on a table from another session, for ever or for some seconds."""
    with psycopg.connect(database, application_name="the nightly report") as other:
        other.execute(f"LOCK TABLE grilse.batch IN {mode} MODE")
        if seconds:
            threading.Timer(seconds, other.rollback).start()
        yield
        time.sleep(0.1 if seconds else 0)


def test_a_lock_of_another_session_is_told_by_name(database, place, monkeypatch):
    monkeypatch.setattr(line, "_FIRST_PAUSE_SECONDS", 0.01)
    with place.hold(toy.load()) as held:
        told = r"lock timeout.*Another session holds a lock: .*the nightly report.*on batch"
        with locked(database, "EXCLUSIVE"), pytest.raises(DestinationError, match=told):
            toy.write_segment(held.sink, "e0001-s0000", (1, 2))
        assert ask(database, "SELECT count(*) FROM grilse.environmental_reading") == [(0,)]
    assert toy.write_load(place).is_complete
    assert_whole(database)


def test_a_lock_that_goes_is_waited_for(database, place):
    with place.hold(toy.load()) as held, locked(database, "EXCLUSIVE", seconds=0.7):
        toy.write_segment(held.sink, "e0001-s0000", (1, 2))
    toy.write_load(place)
    assert_whole(database)


def test_a_missing_privilege_says_what_is_needed(server, database):
    role = f"reader_{os.getpid()}"
    ask(database, f"DROP ROLE IF EXISTS {role}")
    ask(database, f"CREATE ROLE {role} LOGIN")
    mine = database.replace("postgres@", f"{role}@")
    try:
        with pytest.raises(DestinationError, match=r"permission denied.*The role needs CREATE"):
            toy.write_load(read_destination(mine))
        ask(database, f"CREATE SCHEMA grilse AUTHORIZATION {role}")
        assert toy.write_load(read_destination(mine)).is_complete
        assert_whole(database)
    finally:
        ask(database, f"DROP OWNED BY {role}")
        ask(database, f"DROP ROLE {role}")


def test_a_full_disk_leaves_whole_batches(server, database, place):
    with grilse_postgres.small_disk(server) as folder:
        name = f"small_{os.getpid()}"
        ask(database, f"CREATE TABLESPACE {name} LOCATION '{folder}'")
        try:
            fill_until_full(database, place, name)
        finally:
            ask(database, f"ALTER DATABASE {database.rsplit('/', 1)[1]} RESET default_tablespace")
            ask(database, "DROP SCHEMA grilse CASCADE")
            ask(database, f"DROP TABLESPACE {name}")


def fill_until_full(database, place, tablespace):
    with place.hold(toy.load(segments=LONG)) as held:
        ask(database, f"ALTER TABLE grilse.environmental_reading SET TABLESPACE {tablespace}")
        with pytest.raises(DestinationError, match="server's disk is full"):
            bring_many(held.sink)
    there = {n for (n,) in ask(database, "SELECT batch_id FROM grilse.grilse_ledger")}
    found = ask(database, "SELECT DISTINCT batch_id FROM grilse.environmental_reading")
    assert there
    assert {n for (n,) in found} <= there < {0, *NUMBERS}
    ask(database, "ALTER TABLE grilse.environmental_reading SET TABLESPACE pg_default")


def bring_many(sink):
    table = TABLES["environmental_reading"]
    for name, (number,) in LONG.items():
        writer = sink.begin(name)
        writer.begin_batch(number)
        if number:
            writer.write(table, toy.rows_of(table, number, 20_000))
        writer.end_batch()
        writer.commit()


def test_keys_that_stood_are_put_back_if_the_run_dies(database, place):
    toy.write_load(place)
    ask(database, "DELETE FROM grilse.grilse_ledger WHERE batch_id > 1")
    assert has_keys(database)
    with pytest.raises(KeyboardInterrupt), place.hold(toy.load()):
        die_if_keys_are_gone(database)
    assert has_keys(database)


def test_a_run_that_is_stopped_early_makes_no_keys(database, place):
    with place.hold(toy.load(segments=LONG)) as held:
        toy.write_segment(held.sink, "e0001-s0001", (1,))
        assert not held.finish().is_complete
    assert not has_keys(database)
    assert toy.write_load(place, toy.load(segments=LONG)).is_complete
    assert has_keys(database)


def has_keys(database):
    with psycopg.connect(database) as connection:
        return keys.primary_keys_there(connection, "grilse", TABLES.values())


def die_if_keys_are_gone(database):
    if not has_keys(database):
        raise KeyboardInterrupt


def slowed(place):
    return replace(place, patience_seconds=5.0)


@pytest.mark.slow
def test_backends_killed_at_twenty_random_moments(database, place, monkeypatch):
    monkeypatch.setattr(line, "_FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(line, "_LONGEST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(line, "ATTEMPTS", 50)
    dice, is_over, killed = random.Random(7), threading.Event(), []

    def strike():
        while not is_over.is_set() and len(killed) < 20:
            time.sleep(dice.uniform(0.02, 0.5))
            killed.extend(
                ask(database, "SELECT pid FROM pg_stat_activity WHERE CASE WHEN "
                    "application_name = 'grilse writer' THEN pg_terminate_backend(pid) END")
            )  # fmt: skip

    load = toy.load(segments=LONG)
    striker = threading.Thread(target=strike)
    with slowed(place).hold(load) as held:
        striker.start()
        try:
            while len(killed) < 20:
                ask(database, "TRUNCATE grilse.grilse_ledger, " + ", ".join(
                    f"grilse.{name}" for name in TABLES))  # fmt: skip
                for name, numbers in load.segments.items():
                    toy.write_segment(held.sink, name, numbers)
        finally:
            is_over.set()
            striker.join()
        assert held.finish().is_complete
    assert len(killed) >= 20
    assert_whole(database, (0, *NUMBERS))


_CHILD = """
import sys
sys.path.insert(0, sys.argv[1])
import grilse_rows as toy
from grilse.sinks.destination import read_destination
numbers = range(1, 13)
segments = {"e0001-farm": (0,), **{f"e0001-s{n:04d}": (n,) for n in numbers}}
place = read_destination(sys.argv[2], schema=sys.argv[3])
print("ready", flush=True)
assert toy.write_load(place, toy.load(segments=segments)).is_complete
"""


def child(database, schema):
    folder = str(Path(__file__).parent)
    command = [sys.executable, "-c", _CHILD, folder, database, schema]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    return process


@pytest.mark.slow
def test_clients_killed_at_twenty_random_moments(database):
    dice = random.Random(11)
    for schema in ("a", "b", "c", "d"):
        for _ in range(5):
            process = child(database, schema)
            time.sleep(dice.uniform(0.0, 0.7))
            process.kill()
            process.communicate()
        last = child(database, schema)
        last.communicate()
        assert last.returncode == 0
        assert_whole(database, (0, *NUMBERS), schema)


@pytest.mark.slow
def test_a_farms_history_is_read_back_as_it_was_made(database):
    plan = api.plan(batches=1, stagger=30, start="2024-01-01", as_of="2024-05-01")
    job = api.prepare(plan.schedule)
    made = api.run_to_nothing(job, workers=1).tables
    loaded = api.load(job, database, workers=2)
    assert loaded.finished.totals == made
    found = toy.prints_of(toy.read_postgres(database), made)
    assert {name: mark for name, mark in found.items() if mark} == {
        name: totals.fingerprint for name, totals in made.items()
    }
    assert api.load(job, database, workers=2).skipped == 2


@pytest.mark.slow
@pytest.mark.parametrize("folder", grilse_postgres.system_programs(), ids=lambda p: p.parent.name)
def test_the_systems_own_servers_take_the_same(folder):
    with grilse_postgres.running(folder) as own, grilse_postgres.database(own) as url:
        assert toy.write_load(read_destination(url)).is_complete
        assert_whole(url)


def test_hypertables_are_asked_for_as_timescaledb_has_them():
    made = list(timescale.hypertables("farm", TABLES.values()))
    assert made[0] == (
        "SELECT create_hypertable('\"farm\".\"environmental_reading\"', 'reading_time', "
        "chunk_time_interval => INTERVAL '90 days', create_default_indexes => false, "
        "if_not_exists => true)"
    )
    after = list(timescale.compress("farm", TABLES.values()))
    assert "timescaledb.compress_segmentby = 'sensor_id'" in after[0]
    assert after[1].endswith('FROM show_chunks(\'"farm"."environmental_reading"\') AS chunk')


def test_without_the_driver_its_name_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with (
        pytest.raises(MissingExtra, match=r"pip install 'grilse\[postgres\]'"),
        PostgresPlace(Target("postgresql://u@h/d")).hold(toy.load()),
    ):
        pass


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@host/db",
        "postgresql://host/db?user=me&password=hunter2",
        "postgresql://host/db?sslpassword=hunter2",
        "s3://key:hunter2@bucket/prefix",
    ],
)
def test_a_password_in_a_name_is_refused_and_not_repeated(url):
    with pytest.raises(BadInput, match="D-PASSWORD") as caught:
        read_destination(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("schema", ["Grilse", "pg_mine", "a-b", "", 'x"; DROP', "x" * 64])
def test_a_schema_that_is_no_name_is_refused(schema):
    with pytest.raises(BadInput, match="D-SCHEMA"):
        read_target("postgresql://host/db", schema)


def test_no_server_is_told_in_one_line():
    with (
        pytest.raises(DestinationError, match=r"no connection: .*Is the server there") as caught,
        PostgresPlace(Target("postgresql://u@127.0.0.1:1/d")).hold(toy.load()),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_a_password_from_the_environment_is_nowhere_told(database, place, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    finished = toy.write_load(place)
    told = [place.shown, *finished.notes]
    told += [str(row) for row in ask(database, "SELECT inputs, marks FROM grilse.grilse_load")]
    told += [str(row) for row in ask(database, "SELECT application_name FROM pg_stat_activity")]
    assert not any("hunter2" in text for text in told)
