"""A load that lives on is the one that a single run to the last date makes, in every place."""

import json
import shutil
import subprocess
import sys
import time
from types import SimpleNamespace

import duckdb
import grilse_postgres
import grilse_rows as toy
import psycopg
import pyarrow.parquet as pq
import pytest

from grilse import api
from grilse.api import growing
from grilse.api.extending import extend
from grilse.api.growing import compact_load, extend_load
from grilse.api.loading import find_place, load
from grilse.cli.main import main
from grilse.ground.errors import BadInput, DestinationError
from grilse.run.task import Patience
from grilse.sinks import duckdb_growth
from grilse.tables.catalogue import TABLES

WANTED = (
    "geography", "container", "batch", "assignment", "creation_action", "transfer_action",
    "mortality_event", "feeding_event", "growth_sample", "harvest_event", "harvest_lot",
    "feed_purchase", "feed_lot", "feed_consumption", "feed_stock", "planned_activity",
    "scenario_projection",
)  # fmt: skip
FIRST, DATES = "2024-03-20", ("2024-04-19", "2024-05-19", "2024-06-18")
KINDS = ("duckdb", "postgresql")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def schedule():
    """Two batches that are harvested between the dates, one that starts then, one later."""
    return api.plan(batches=3, stagger=150, start="2021-12-15", as_of=DATES[-1]).schedule


def job_at(schedule, as_of):
    chosen = [name for name in TABLES if name in WANTED]
    return api.prepare(schedule, as_of=as_of, tables=chosen)


@pytest.fixture(scope="module")
def whole(schedule):
    """What a single run to each date makes."""
    return {when: api.run_to_nothing(job_at(schedule, when), workers=1).tables
            for when in (FIRST, *DATES)}  # fmt: skip


@pytest.fixture(params=KINDS)
def spot(request, tmp_path):
    """A place of one kind: its name, how its tables are read, and how a question is asked."""
    if request.param == "duckdb":
        path = tmp_path / "farm.duckdb"

        def ask(text):
            with duckdb.connect(str(path), read_only=True) as database:
                return database.sql(text).fetchall()

        return SimpleNamespace(to=str(path), read=toy.read_duckdb(path), ask=ask)
    url = request.getfixturevalue("database")

    def ask(text):
        with psycopg.connect(url) as connection:
            connection.execute("SET search_path TO grilse")
            return connection.execute(text).fetchall()

    return SimpleNamespace(to=url, read=toy.read_postgres(url), ask=ask)


@pytest.fixture(scope="module")
def first_file(schedule, tmp_path_factory):
    """A DuckDB file that is at the first date, to be copied."""
    path = tmp_path_factory.mktemp("first") / "farm.duckdb"
    load(job_at(schedule, FIRST), str(path), workers=1)
    return path


@pytest.fixture(scope="module")
def first_database(schedule, server):
    """A database that is at the first date, to be copied."""
    with grilse_postgres.database(server) as url:
        load(job_at(schedule, FIRST), url, workers=1)
        yield url.rpartition("/")[2]


@pytest.fixture
def early(spot, request):
    """A place that is at the first date."""
    if not spot.to.startswith("postgresql"):
        shutil.copyfile(request.getfixturevalue("first_file"), spot.to)
        return spot
    first, name = request.getfixturevalue("first_database"), spot.to.rpartition("/")[2]
    with psycopg.connect(request.getfixturevalue("server").url(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name}")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {first}")
    return spot


def content(spot, names):
    """The fingerprints of what is read back."""
    found = {}
    for name in names:
        table = TABLES[name]
        prints = [toy.fingerprint(table, b) for b in toy.canonical(table, spot.read(table))]
        found[name] = toy.add(*prints)
    return found


def prints(tables):
    return {name: totals.fingerprint for name, totals in tables.items()}


def extended(spot, when, **options):
    return extend_load(find_place(spot.to), when, workers=1, **options)


def test_three_times_thirty_days_are_one_run_to_the_last_date(early, whole, schedule):
    for when in DATES:
        report = extended(early, when)
        assert (report.is_adopted, report.as_of) == (True, when)
        assert report.totals == whole[when]
    assert content(early, whole[DATES[-1]]) == prints(whole[DATES[-1]])
    assert whole[DATES[-1]]["harvest_event"].rows > 0
    again = load(job_at(schedule, DATES[-1]), early.to, workers=1)
    assert again.result.rows == 0
    assert again.finished.totals == whole[DATES[-1]]
    assert extended(early, DATES[-1]).result is None
    compact_load(find_place(early.to))
    assert content(early, whole[DATES[-1]]) == prints(whole[DATES[-1]])


def test_what_an_extension_changes_is_told(early, whole, tmp_path):
    before = dict(early.ask("SELECT batch_id, population_count FROM batch"))
    extended(early, DATES[0], changes=tmp_path / "changes")
    told = json.loads((tmp_path / "changes/changes.json").read_text())
    assert (told["since"], told["as_of"]) == (FIRST, DATES[0])
    for name in ("feeding_event", "mortality_event"):
        rows = whole[DATES[0]][name].rows - whole[FIRST][name].rows
        assert told["tables"][name] == {"added": rows}
    after = dict(early.ask("SELECT batch_id, population_count FROM batch"))
    old = pq.read_table(tmp_path / "changes/batch/before.parquet").to_pylist()
    new = pq.read_table(tmp_path / "changes/batch/after.parquet").to_pylist()
    assert {row["batch_id"] for row in old} >= {n for n in before if before[n] != after[n]}
    assert {row["batch_id"]: row["population_count"] for row in old}.items() <= before.items()
    assert {row["batch_id"]: row["population_count"] for row in new}.items() <= after.items()
    assert "geography" not in told["tables"]


def test_the_changes_are_those_of_a_folder(early, schedule, tmp_path):
    api.run(job_at(schedule, FIRST), tmp_path / "dataset", workers=1, logs=False)
    extend(tmp_path / "dataset", DATES[0], workers=1, changes=tmp_path / "of-folder")
    extended(early, DATES[0], changes=tmp_path / "of-load")
    told = [json.loads((tmp_path / name / "changes.json").read_text())
            for name in ("of-folder", "of-load")]  # fmt: skip
    assert told[0] == told[1]


def test_where_a_batch_fails_the_load_stays_what_it_was(early, whole, monkeypatch):
    made = growing.make_since

    def failing(extension, plan):
        if getattr(plan, "number", None) == 2:
            raise ZeroDivisionError
        yield from made(extension, plan)

    monkeypatch.setattr(growing, "make_since", failing)
    report = extended(early, DATES[0], patience=Patience(retries=0))
    assert (report.is_adopted, len(report.result.failures)) == (False, 1)
    assert content(early, whole[FIRST]) == prints(whole[FIRST])
    monkeypatch.undo()
    assert extended(early, DATES[0]).totals == whole[DATES[0]]


def test_a_place_that_fails_on_the_way_stays_what_it_was(early, whole, monkeypatch):
    """What comes late in the one transaction fails: nothing of it is kept."""
    if early.to.startswith("postgresql"):
        monkeypatch.setattr("grilse.sinks.postgres.ledger.move_on", _fall)
    else:
        usual = duckdb_growth._statements

        def falling(table, files):
            yield from usual(table, files)
            if table.name == "feed_consumption":
                _fall()

        monkeypatch.setattr(duckdb_growth, "_statements", falling)
    with pytest.raises(RuntimeError, match="fell"):
        extended(early, DATES[0])
    monkeypatch.undo()
    assert content(early, whole[FIRST]) == prints(whole[FIRST])
    assert extended(early, DATES[0]).totals == whole[DATES[0]]


def _fall(*arguments, **options):
    raise RuntimeError("fell")


def test_state_rows_that_are_no_longer_are_gone(early, whole, tmp_path):
    more = (
        "INSERT INTO planned_activity SELECT * REPLACE (planned_activity_id + 1 AS "
        "planned_activity_id) FROM planned_activity ORDER BY planned_activity_id DESC LIMIT 1"
    )
    if early.to.startswith("postgresql"):
        with psycopg.connect(early.to) as connection:
            connection.execute(
                "CREATE TEMP TABLE one AS SELECT * FROM grilse.planned_activity "
                "ORDER BY planned_activity_id DESC LIMIT 1; "
                "UPDATE one SET planned_activity_id = planned_activity_id + 1; "
                "INSERT INTO grilse.planned_activity SELECT * FROM one"
            )
    else:
        with duckdb.connect(early.to) as database:
            database.execute(more)
    extended(early, DATES[0])
    assert content(early, whole[DATES[0]]) == prints(whole[DATES[0]])


EXTEND = """
import sys, time
from grilse.api import growing
from grilse.api.loading import find_place
made = growing.make_since
def slowly(extension, plan):
    time.sleep(0.3)
    print("made", flush=True)
    yield from made(extension, plan)
growing.make_since = slowly
growing.extend_load(find_place(sys.argv[1]), sys.argv[2], workers=1)
"""


def test_an_extension_that_was_killed_is_nothing(early, whole):
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", EXTEND, early.to, DATES[0]], stdout=subprocess.DEVNULL
        )
        time.sleep(1.5)
        process.kill()
        process.wait()
    assert content(early, whole[FIRST]) == prints(whole[FIRST])
    assert extended(early, DATES[0]).totals == whole[DATES[0]]
    assert content(early, whole[DATES[0]]) == prints(whole[DATES[0]])


def test_the_command_line_extends_and_compacts(early, whole, capsys):
    assert main(["extend", early.to, "--as-of", DATES[0], "--workers", "1"]) == 0
    rows = sum(totals.rows for totals in whole[DATES[0]].values())
    assert f"at {DATES[0]}, {rows:,} rows" in capsys.readouterr().out
    assert main(["extend", early.to, "--as-of", DATES[0]]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert main(["compact", early.to]) == 0
    assert main(["extend", early.to, "--as-of", "2020-01-01"]) == 2
    assert "R-EXTEND" in capsys.readouterr().err
    assert content(early, whole[DATES[0]]) == prints(whole[DATES[0]])


def test_what_is_not_there_or_not_ours_is_refused(tmp_path, capsys):
    with pytest.raises(DestinationError, match="is not there"):
        extend_load(find_place(str(tmp_path / "none.duckdb")), DATES[0])
    with duckdb.connect(str(tmp_path / "mine.duckdb")) as database:
        database.execute("CREATE TABLE batch (a INTEGER)")
    with pytest.raises(DestinationError, match="not a database of Grilse's"):
        extend_load(find_place(str(tmp_path / "mine.duckdb")), DATES[0])
    for place in (f"csv:{tmp_path}/x", "-"):
        with pytest.raises(BadInput, match="cannot live on"):
            extend_load(find_place(place), DATES[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.duckdb"]


def test_a_schema_without_a_load_is_refused(database):
    with pytest.raises(DestinationError, match="holds no load"):
        extend_load(find_place(database), DATES[0])
