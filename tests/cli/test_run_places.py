"""`grilse run --to` other places than a folder: what is said, what is refused."""

import json

import duckdb
import pytest

from grilse import api
from grilse.cli.main import main
from grilse.dataset.manifest import read_manifest
from grilse.plan.saving import save_plan


@pytest.fixture(scope="module")
def schedule(tmp_path_factory):
    path = tmp_path_factory.mktemp("places") / "schedule.yaml"
    save_plan(api.plan(batches=1, stagger=30, start="2024-01-01", as_of="2024-05-01"), path)
    return str(path)


def test_a_duckdb_file_has_the_rows_of_the_folder(schedule, tmp_path, capsys):
    file, folder = tmp_path / "farm.duckdb", tmp_path / "out"
    assert main(["run", schedule, "--to", str(file), "--workers", "1"]) == 0
    assert "2 brought" in capsys.readouterr().out
    assert main(["run", schedule, "--to", str(folder), "--workers", "1"]) == 0
    with duckdb.connect(str(file), read_only=True) as database:
        (held,) = database.execute("SELECT totals FROM grilse_load").fetchall()
    wanted = read_manifest(folder).totals
    assert {name: int(mark, 16) for name, (_, mark) in json.loads(held[0]).items()} == {
        name: totals.fingerprint for name, totals in wanted.items()
    }


def test_one_table_goes_to_standard_output_alone(schedule, capfdbinary):
    assert main(["run", schedule, "--to", "-", "--tables", "batch"]) == 0
    out, err = capfdbinary.readouterr()
    assert out.splitlines()[0].startswith(b'"batch_id","batch_number"')
    assert len(out.splitlines()) == 3
    assert b"2 brought" in err


def test_two_tables_do_not(schedule, capsys):
    assert main(["run", schedule, "--to", "-", "--tables", "batch,area"]) == 2
    assert "standard output takes one table" in capsys.readouterr().err


def test_what_only_a_folder_takes_is_refused(schedule, tmp_path, capsys):
    code = main(["run", schedule, "--to", f"csv:{tmp_path}/c", "--update", "--partition", "1/2"])
    assert code == 2
    assert "--update, --partition: only where --to is a folder" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()


def test_a_password_is_refused(schedule, capsys):
    assert main(["run", schedule, "--to", "postgresql://me:hunter2@host/db"]) == 2
    said = capsys.readouterr()
    assert "PGPASSWORD" in said.err
    assert "hunter2" not in said.out + said.err
