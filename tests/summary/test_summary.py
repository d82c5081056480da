"""A summary's figures are those of the rows, worked out here another way."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from grilse import api
from grilse.api.summarising import summary
from grilse.cli.main import main
from grilse.ground.days import day_of
from grilse.ground.errors import DestinationError
from grilse.schedule.model import BatchPlan, Schedule, Stay

AS_OF = date(2024, 6, 1)


def life(number: int, code: str, name: str, age: int) -> BatchPlan:
    station, area = f"{code}-FW-01", f"{code}-SEA-01"
    stays = [
        Stay(stage, f"{station}-Hall-{letter}",
             ((f"{station}-Hall-{letter}", f"{station}-{letter}-C01"),), 90 * i, 90 * i + 90)
        for i, (stage, letter) in enumerate(
            zip(("egg_alevin", "fry", "parr", "smolt", "post_smolt"), "ABCDE", strict=True)
        )
    ]  # fmt: skip
    stays.append(Stay("adult", area, ((area, f"{area}-Ring-01"),), 450, 700))
    return BatchPlan(f"{code}-{number}", number, day_of(AS_OF) - age, 30_000, age, name, station,
                     1.0, tuple(stays))  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("summary") / "out"
    plans = (life(1, "FI", "Faroe Islands", 750), life(2, "S", "Scotland", 120))
    schedule = Schedule({"seed": 7, "as_of": AS_OF}, plans, day_of(AS_OF), 7)
    api.run(api.prepare(schedule), folder, workers=1, logs=False)
    return folder


def rows_of(root: Path, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted((root / table).glob("*.parquet")):
        found += pq.read_table(path, partitioning=None).to_pylist()
    return found


def told(root: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["summary", str(root), "--format", "json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_the_figures_are_those_of_the_rows(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(root, capsys)
    assert [(b["status"], b["stage"], b["batches"]) for b in found["batches"]] == [
        ("ACTIVE", "Fry", 1), ("COMPLETED", "Adult", 1),
    ]  # fmt: skip
    harvest = rows_of(root, "harvest_event")
    by_year = {(h["year"], h["geography"]): h for h in found["harvest"]}
    assert {year for year, _ in by_year} == {row["event_date"].year for row in harvest}
    live = sum(float(row["live_weight_kg"]) for row in harvest)
    assert sum(h["live_t"] for h in found["harvest"]) == pytest.approx(live / 1000, abs=0.1)
    assert sum(h["fish"] for h in found["harvest"]) == sum(row["fish_count"] for row in harvest)
    (cycle,) = found["cycles"]
    smolts = next(
        row["transferred_count"] for row in rows_of(root, "transfer_workflow")
        if row["to_stage_id"] == 6
    )  # fmt: skip
    gutted = sum(float(row["gutted_weight_kg"]) for row in rows_of(root, "harvest_lot"))
    assert cycle["smolts"] == smolts
    assert cycle["gutted_kg_per_smolt"] == pytest.approx(gutted / smolts, abs=0.005)
    dead = sum(row["dead_count"] for row in rows_of(root, "mortality_event"))
    assert sum(row["dead"] for row in found["mortality"]) == dead
    assert sum(row["dead"] for row in found["causes"]) == dead
    (fcr,) = found["feed_conversion"]
    assert 0.9 < fcr["fcr_kg_per_kg"] < 1.5
    assert sum(row["rows"] for row in found["tables"]) == found["rows"]
    assert sum(row["bytes"] for row in found["tables"]) == found["bytes"] > 0
    assert found["saturation"][-1]["container_days"] == 2 * 700


def test_text_has_every_section(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", str(root)]) == 0
    lines = capsys.readouterr().out.splitlines()
    for section in summary(root).sections:
        assert any(line.startswith(section.title) for line in lines), section.name


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    plans = (life(1, "FI", "Faroe Islands", 30),)
    schedule = Schedule({"seed": 7, "as_of": AS_OF}, plans, day_of(AS_OF), 7)
    job = api.prepare(schedule, tables=["batch", "stage"])
    api.run(job, tmp_path / "out", workers=1, logs=False)
    by_name = {section.name: section for section in summary(tmp_path / "out").sections}
    assert by_name["batches"].rows == (("ACTIVE", "Egg&Alevin", 1, by_name["batches"].rows[0][3]),)
    assert "harvest_event" in by_name["harvest"].reason


def test_a_duckdb_file_tells_the_same(root: Path, tmp_path: Path) -> None:
    plans = (life(1, "FI", "Faroe Islands", 750), life(2, "S", "Scotland", 120))
    schedule = Schedule({"seed": 7, "as_of": AS_OF}, plans, day_of(AS_OF), 7)
    api.load(api.prepare(schedule), tmp_path / "farm.duckdb", workers=1)
    told = summary(tmp_path / "farm.duckdb")
    of_file = {s.name: s.rows for s in told.sections}
    of_folder = {s.name: s.rows for s in summary(root).sections}
    assert told.facts["rows"] == summary(root).facts["rows"]
    assert [row[:2] for row in of_folder["tables"]] == [row for row in of_file["tables"] if row[1]]
    for name in ("batches", "harvest", "cycles", "mortality", "feed_conversion", "sea_loss"):
        assert of_file[name] == of_folder[name], name


def test_what_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.duckdb").write_text("no database")
    for wrong in ("nowhere", "x.duckdb", "."):
        assert main(["summary", str(tmp_path / wrong)]) == 2, wrong
        assert "Traceback" not in capsys.readouterr().err


def test_what_is_no_duckdb_file_is_called_so(tmp_path):
    table = tmp_path / "containers.csv"
    table.write_text("a,b\n1,2\n")
    with pytest.raises(DestinationError, match="neither a dataset's folder nor a DuckDB file"):
        summary(table)
