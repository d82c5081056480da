"""What a database holds is verified and compared as a dataset's folder is, and faults are found."""

from pathlib import Path

import duckdb
import psycopg
import pytest

from grilse import api
from grilse.api.comparing import diff
from grilse.api.pulling import dataset_of
from grilse.cli.main import main
from grilse.verify.dataset import Options, verify

pytestmark = pytest.mark.slow
OPTIONS = Options(without=("realism",), threads=1)


@pytest.fixture(scope="module")
def job():
    plan = api.plan(batches=1, stagger=20, start="2023-05-01", as_of="2024-01-10")
    return api.prepare(plan.schedule)


@pytest.fixture(scope="module")
def folder(job, tmp_path_factory):
    root = tmp_path_factory.mktemp("folder") / "out"
    api.run(job, root, workers=1, logs=False)
    return root


@pytest.fixture(params=["duckdb", "postgresql"])
def base(request, job, tmp_path):
    """A database with the job's rows, and a way to put a question to it."""
    if request.param == "duckdb":
        to = str(tmp_path / "farm.duckdb")

        def ask(text):
            with duckdb.connect(to) as database:
                database.execute(text)
    else:
        to = request.getfixturevalue("database")

        def ask(text):
            with psycopg.connect(to) as connection:
                connection.execute("SET search_path TO grilse")
                connection.execute(text)

    api.load(job, to, workers=1)
    return to, ask


def test_a_database_is_verified_like_a_folder(base, folder, capsys):
    to, ask = base
    with dataset_of(to) as root:
        of_base = {r.name: (r.verdict, r.tally.faults) for r in verify(root, OPTIONS).results
                   if r.name != "structure.order"}  # fmt: skip
    of_folder = {r.name: (r.verdict, r.tally.faults) for r in verify(folder, OPTIONS).results
                 if r.name != "structure.order"}  # fmt: skip
    assert of_base == of_folder
    assert not [name for name, (verdict, _) in of_base.items() if verdict == "fail"]
    assert diff(folder, to, by_rows=True, threads=1).is_equal
    first = "(SELECT min(mortality_event_id) FROM mortality_event)"
    ask(
        f"UPDATE mortality_event SET dead_count = dead_count + 1 WHERE mortality_event_id = {first}"
    )
    assert main(["verify", to, "--only", "structure", "--only", "conservation"]) == 1
    told = capsys.readouterr().out
    assert "FAIL  structure.fingerprints" in told
    assert "FAIL  conservation.assignment" in told
    (table,) = diff(folder, to, by_rows=True, threads=1).differing
    assert (table.table, table.columns["dead_count"]) == ("mortality_event", 1)


def test_what_is_no_database_of_ours_is_refused(tmp_path: Path, capsys) -> None:
    (tmp_path / "x.duckdb").write_text("no database")
    with duckdb.connect(str(tmp_path / "other.duckdb")) as database:
        database.execute("CREATE TABLE batch (batch_id INTEGER)")
    for wrong in ("x.duckdb", "other.duckdb", "none.duckdb", "csv:somewhere"):
        where = wrong if ":" in wrong else str(tmp_path / wrong)
        assert main(["verify", where]) == 2, wrong
        assert main(["diff", where, where]) == 2, wrong
        assert "Traceback" not in capsys.readouterr().err
