"""What is put away comes back as it was, whoever points at it and however often it is tried."""

from contextlib import suppress

import psycopg
import pytest

from grilse.mapping import dropped
from grilse.sinks.postgres.target import Target

TABLES = """
CREATE SCHEMA {0};
CREATE TABLE {0}.tank (id int PRIMARY KEY, code text UNIQUE, kind int);
CREATE TABLE {0}.reading (id int, at date, tank_id int REFERENCES {0}.tank
  DEFERRABLE INITIALLY DEFERRED, PRIMARY KEY (id, at));
CREATE TABLE {0}.fish (id int PRIMARY KEY, tank_id int);
ALTER TABLE {0}.fish ADD CONSTRAINT fish_tank FOREIGN KEY (tank_id) REFERENCES {0}.tank NOT VALID;
CREATE TABLE {0}.theirs (tank_id int REFERENCES {0}.tank);
CREATE INDEX reading_tank ON {0}.reading (tank_id);
CREATE INDEX tank_kind ON {0}.tank (kind) WHERE kind > 3;
INSERT INTO {0}.tank SELECT n, n, n FROM generate_series(1, 9) n;
INSERT INTO {0}.reading SELECT n, '2024-01-01', 1 + n % 9 FROM generate_series(1, 99) n;
"""
OURS = ("tank", "reading", "fish")


@pytest.fixture
def connection(database):
    with psycopg.connect(database, autocommit=True) as opened:
        opened.execute("CREATE SCHEMA grilse_mapped")
        yield opened


def standing(connection, schema):
    return connection.execute(
        "SELECT conname, pg_get_constraintdef(oid), convalidated, condeferred FROM pg_constraint "
        "WHERE connamespace = %s::regnamespace UNION ALL "
        "SELECT indexname, indexdef, true, false FROM pg_indexes WHERE schemaname = %s "
        "ORDER BY 1, 2",
        [schema, schema],
    ).fetchall()


def put_away(connection, schema):
    connection.execute(TABLES.format(schema))
    before = standing(connection, schema)
    dropped.drop(connection, schema, OURS, ("tank", "reading"))
    return before


def put_back(connection, database, schema):
    return dropped.restore(connection, Target(database, schema), patience_seconds=1.0)


def test_keys_that_others_point_at_stay_and_all_others_go_and_come_back(connection, database):
    before = put_away(connection, "farm")
    left = {name for name, *_ in standing(connection, "farm")}
    assert {"tank_pkey", "fish_pkey", "theirs_tank_id_fkey"} <= left
    assert not left & {"tank_code_key", "reading_pkey", "reading_tank", "tank_kind"}
    seconds = put_back(connection, database, "farm")
    assert set(seconds) == {"indexes", "keys", "foreign keys"}
    assert standing(connection, "farm") == before
    assert put_back(connection, database, "farm") == {}


def test_what_broke_off_is_gone_on_with_wherever_it_was(connection, database, monkeypatch):
    before, whole, breaks = put_away(connection, "farm"), dropped._put_back, 0

    def break_off(each, waiting):
        whole(each, waiting[:1])
        raise ConnectionError

    monkeypatch.setattr(dropped, "_put_back", break_off)
    for _ in range(20):
        with suppress(ConnectionError):
            put_back(connection, database, "farm")
            break
        breaks += 1
    assert breaks > 3
    assert standing(connection, "farm") == before


def test_rows_that_break_a_key_are_told_and_the_rest_waits(connection, database):
    before = put_away(connection, "farm")
    connection.execute("INSERT INTO farm.reading VALUES (1, '2024-01-01', 1)")
    with pytest.raises(psycopg.errors.UniqueViolation, match="reading_pkey"):
        put_back(connection, database, "farm")
    connection.execute("DELETE FROM farm.reading WHERE id = 1")
    put_back(connection, database, "farm")
    assert standing(connection, "farm") == before


def test_two_schemas_put_back_their_own(connection, database):
    one, two = put_away(connection, "one"), put_away(connection, "two")
    put_back(connection, database, "one")
    assert standing(connection, "one") == one
    assert standing(connection, "two") != two
    put_back(connection, database, "two")
    assert standing(connection, "two") == two
