"""The verbs as calls of the package itself."""

from __future__ import annotations

import importlib
import subprocess
import sys

import duckdb
import pytest

import grilse
from grilse.ground.errors import BadInput
from grilse.tables.catalogue import TABLES
from grilse.tables.fingerprint import fingerprint
from grilse.tables.totals import Totals

AS_OF = "2025-06-01"


@pytest.fixture(scope="module")
def answer():
    """Two batches, of which the elder has been fed for a year."""
    return grilse.plan(batches=1, stagger=30, start="2024-01-01", as_of=AS_OF)


@pytest.fixture(scope="module")
def report(answer, tmp_path_factory):
    return grilse.run(answer, tmp_path_factory.mktemp("called") / "dataset", workers=1)


def test_streams_have_the_rows_that_a_run_writes(answer, report):
    streams = grilse.tables(answer)
    found = {}
    for name, stream in streams.items():
        assert stream.schema.equals(TABLES[name].arrow_schema)
        parts = [Totals(part.num_rows, fingerprint(TABLES[name], part)) for part in stream]
        if parts:
            found[name] = sum(parts, Totals())
    assert found == dict(report.result.tables)
    assert {"batch", "container", "feed_lot", "environmental_reading"} <= set(found)


def test_a_stream_goes_to_duckdb_as_it_is(answer, report):
    deaths = grilse.tables(answer, ["mortality_event"])["mortality_event"]
    with duckdb.connect() as database:
        database.register("deaths", deaths)
        (rows,) = database.execute("SELECT count(*) FROM deaths").fetchone()
    assert rows == report.result.tables["mortality_event"].rows


def test_the_verbs_compose(answer, report):
    assert grilse.validate(answer).is_valid
    verdict = grilse.verify(report.root, only=["structure"])
    assert verdict.passed
    assert {result.name.partition(".")[0] for result in verdict.results} == {"structure"}


def test_other_places_are_runs_too(answer, tmp_path):
    loaded = grilse.run(answer, f"csv:{tmp_path / 'csv'}", tables=["batch"], workers=1)
    assert loaded.finished.is_complete
    assert loaded.result.tables["batch"].rows == 2


def test_choices_are_checked(answer):
    with pytest.raises(BadInput, match="no_such"):
        grilse.tables(answer, ["no_such"])
    with pytest.raises(BadInput):
        grilse.tables(answer, seed=-1)
    with pytest.raises(TypeError):
        grilse.tables(answer, colour="red")


@pytest.mark.parametrize("name", ["plan", "run", "tables", "verify"])
def test_a_verb_stays_one_when_its_package_is_imported(name):
    room = importlib.import_module(f"grilse.{name}")
    assert getattr(grilse, name) is room
    assert callable(room)


def test_every_verb_that_is_offered_is_there():
    for name in grilse.__all__:
        assert getattr(grilse, name)
    assert set(grilse.__all__) <= set(dir(grilse))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = grilse.nothing


def test_to_import_it_costs_nothing():
    code = "import sys, grilse; print(len(set(sys.modules) & {'numpy', 'pyarrow', 'duckdb'}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"


@pytest.mark.slow
def test_a_script_without_a_guard_is_told_of_it(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import grilse\n"
        "answer = grilse.plan(batches=3, stagger=30, as_of='2024-01-01')\n"
        "grilse.run(answer, 'out', workers=2)\n"
    )
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1
    assert "WorkerError: worker processes die before they begin" in done.stderr
    assert "__main__" in done.stderr.splitlines()[-1]
