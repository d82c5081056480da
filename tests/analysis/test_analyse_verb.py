"""The verb: what it makes of a dataset is what a run makes, and rows of others do as well."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from grilse import api
from grilse.analysis.models import REFERENCE
from grilse.analysis.observations import COLUMNS
from grilse.api.analysing import ANALYSIS
from grilse.api.extending import extend
from grilse.api.reanalysing import analyse
from grilse.cli.main import main
from grilse.dataset.manifest import read_manifest
from grilse.dataset.records import read_records
from grilse.dataset.views import connect
from grilse.ground.errors import BadInput, DestinationError
from grilse.run.task import Patience
from grilse.schedule.model import Schedule

STATES = "analysis_daily_state"


def told(root: Path) -> dict[str, Any]:
    return dict(read_manifest(root).totals)


@pytest.fixture(scope="session")
def bare(schedule: Schedule, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same dataset without analysis."""
    root = tmp_path_factory.mktemp("bare") / "dataset"
    api.run(api.prepare(schedule, skip=ANALYSIS), root, workers=1, logs=False)
    return root


@pytest.fixture
def copy(bare: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bare, tmp_path / "copy"))


def foreign(dataset: Path, folder: Path) -> Path:
    """Write the rows of a dataset as another program would: a file a table, plain types."""
    folder.mkdir()
    with connect(dataset) as rows:
        for name in {*COLUMNS, *REFERENCE}:
            there = rows.execute("SELECT 1 FROM duckdb_views() WHERE view_name = ?", [name])
            if there.fetchone():
                rows.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet)")
    return folder


def states(place: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as database:
        return database.execute(f"SELECT * FROM '{place}' ORDER BY 1").fetchall()


def test_a_run_makes_the_analysis(dataset: Path, bare: Path) -> None:
    assert set(told(dataset)) - set(told(bare)) == set(ANALYSIS)
    assert {name: told(dataset)[name] for name in told(bare)} == told(bare)


def test_analysing_afterwards_comes_to_the_same_records_and_all(dataset: Path, copy: Path) -> None:
    assert not analyse(copy, workers=1).result.failures
    assert read_records(copy) == read_records(dataset)
    assert read_manifest(copy) == read_manifest(dataset)
    with connect(copy) as rows:
        assert rows.execute(f"SELECT count(*) FROM {STATES}").fetchone() != (0,)


def test_analysing_again_changes_nothing(dataset: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(dataset, tmp_path / "again"))
    analyse(root, workers=1)
    assert read_records(root) == read_records(dataset)


def test_a_run_goes_on_with_what_was_analysed(schedule: Schedule, copy: Path) -> None:
    analyse(copy, workers=1)
    report = api.run(api.prepare(schedule), copy, workers=1, logs=False)
    assert report.result.segments == 0


def test_an_analysis_that_was_cut_short_is_made_good_by_a_run(
    schedule: Schedule, dataset: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    from grilse.api import reanalysing

    monkeypatch.setattr(reanalysing.amendment, "finished", stopped)
    with pytest.raises(KeyboardInterrupt):
        analyse(copy, workers=1)
    monkeypatch.undo()
    assert read_manifest(copy).state == "begun"
    api.run(api.prepare(schedule), copy, workers=1, logs=False)
    assert told(copy) == told(dataset)


def test_an_extended_dataset_tells_what_one_run_tells(
    schedule: Schedule, dataset: Path, tmp_path: Path
) -> None:
    root = tmp_path / "grown"
    api.run(api.prepare(schedule, as_of="2024-04-01"), root, workers=1, logs=False)
    extend(root, "2024-06-01", workers=1)
    for name in ANALYSIS:
        assert told(root)[name] == told(dataset)[name], name
    analyse(root, workers=1)
    for name in ANALYSIS:
        assert told(root)[name] == told(dataset)[name], name


def test_rows_of_others_in_files_do(dataset: Path, tmp_path: Path) -> None:
    folder = foreign(dataset, tmp_path / "theirs")
    analyse(folder, as_of="2024-06-01", workers=1)
    theirs = states(f"{folder}/{STATES}.parquet")
    assert theirs == states(f"{dataset}/{STATES}/*.parquet")


def test_rows_of_others_in_a_database_do(dataset: Path, tmp_path: Path) -> None:
    folder, file = foreign(dataset, tmp_path / "theirs"), tmp_path / "farm.duckdb"
    with duckdb.connect(str(file)) as database:
        for path in folder.glob("*.parquet"):
            database.execute(f"CREATE TABLE {path.stem} AS FROM '{path}'")
    analyse(file, as_of="2024-06-01", workers=1)
    with duckdb.connect(str(file)) as database:
        rows = database.execute(f"SELECT * FROM {STATES} ORDER BY 1").fetchall()
    assert rows == states(f"{dataset}/{STATES}/*.parquet")


def test_rows_without_models_samples_or_readings_do(dataset: Path, tmp_path: Path) -> None:
    folder = foreign(dataset, tmp_path / "theirs")
    for name in (*REFERENCE, "growth_sample", "environmental_reading", "scenario"):
        (folder / f"{name}.parquet").unlink(missing_ok=True)
    assert not analyse(folder, as_of="2024-06-01", workers=1).result.failures
    assert len(states(f"{folder}/{STATES}.parquet")) == told(dataset)[STATES].rows


def test_a_batch_that_fails_is_left_out_and_told(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = foreign(dataset, tmp_path / "theirs")
    path = folder / "assignment.parquet"
    rows = pq.read_table(path)
    twice = rows.filter(pa.compute.equal(rows["batch_id"], 2)).slice(0, 1)
    pq.write_table(pa.concat_tables([rows, twice]), path)
    assert main(["analyse", str(folder), "--as-of", "2024-06-01", "--workers", "1"]) == 1
    told_of = capsys.readouterr()
    assert "batch 2: ValueError: an assignment has two rows" in told_of.err
    assert "1 left out" in told_of.out
    batches = {row[3] for row in states(f"{folder}/{STATES}.parquet")}
    assert batches == {1}


def test_a_batch_that_takes_too_long_is_left_out(copy: Path) -> None:
    result = analyse(copy, workers=1, patience=Patience(0, 0.001)).result
    assert {1, 2} <= {failure.number for failure in result.failures}
    assert "--timeout" in result.failures[0].reason


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["/nowhere/at/all"], "there is no such folder"),
        (["s3://host/base"], "A-PLACE"),
        (["postgresql://127.0.0.1:1/base"], "no connection"),
        (["postgresql://me:secret@127.0.0.1:1/base"], "D-PASSWORD"),
        (["postgresql://127.0.0.1:1/base", "--as-of", "2024-01-01"], "A-OPTION"),
        (["postgresql://127.0.0.1:1/base", "--overwrite"], "A-OPTION"),
        (["postgresql://127.0.0.1:1/base", "--as", "aquamind"], "no connection"),
        (["postgresql://127.0.0.1:1/base", "--as", "nobody"], "V-UNKNOWN"),
        (["DATASET", "--as", "aquamind"], "A-PLACE"),
        (["EMPTY", "--schema", "public"], "A-PLACE"),
        (["DATASET", "--as-of", "2024-01-01"], "A-OPTION"),
        (["EMPTY"], "has no table batch"),
        (["FILE"], "neither a folder nor a DuckDB file"),
        (["BROKEN"], "cannot be read"),
        (["DATASET", "--workers", "0"], "--workers"),
        (["EMPTY", "--as-of", "yesterday"], "--as-of"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    words: list[str], said: str, dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("no")
    (tmp_path / "broken.duckdb").write_text("no database")
    places = {"DATASET": dataset, "EMPTY": tmp_path / "empty", "FILE": tmp_path / "file.txt",
              "BROKEN": tmp_path / "broken.duckdb"}  # fmt: skip
    assert main(["analyse", *(str(places.get(word, word)) for word in words)]) == 2
    message = capsys.readouterr().err
    assert said in message
    assert "Traceback" not in message


def test_a_dataset_that_is_not_whole_is_refused(copy: Path) -> None:
    next((copy / "_grilse" / "segments").glob("*s0001.json")).unlink()
    with pytest.raises(DestinationError, match="to its end first"):
        analyse(copy)


def test_a_run_of_analysis_alone_sees_all_and_cannot_be_analysed_again(
    schedule: Schedule, dataset: Path, tmp_path: Path
) -> None:
    root = tmp_path / "few"
    api.run(api.prepare(schedule, tables=["batch", STATES]), root, workers=1, logs=False)
    assert told(root) == {name: told(dataset)[name] for name in ("batch", STATES)}
    with pytest.raises(DestinationError, match="made without assignment"):
        analyse(root)


def test_options_of_other_places_are_refused_on_a_dataset(dataset: Path) -> None:
    with pytest.raises(BadInput, match="as_of"):
        analyse(dataset, as_of="2024-01-01")
