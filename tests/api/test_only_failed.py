"""``--only-failed`` makes just the segments of failed batches; what thins out is not extended."""

import json

import pytest

from grilse import api, production
from grilse.api.extending import extend
from grilse.api.growing import extend_load
from grilse.api.loading import find_place
from grilse.api.writing import Writing
from grilse.ground.errors import BadInput, DestinationError
from grilse.run.task import Patience

TABLES = ("geography", "batch", "mortality_event")


@pytest.fixture(scope="module")
def schedule():
    return api.plan(batches=3, stagger=20, start="2024-01-01", as_of="2024-03-01").schedule


@pytest.fixture
def job(schedule):
    return api.prepare(schedule, tables=TABLES)


def failing(monkeypatch, number):
    usual = production.simulate

    def simulate(world, plan):
        if plan.number == number:
            raise ArithmeticError("a fish too many")
        return usual(world, plan)

    monkeypatch.setattr(production, "simulate", simulate)


def state(root):
    return json.loads((root / "_grilse/manifest.json").read_text())["state"]


def test_only_failed_batches_are_made(job, tmp_path, monkeypatch):
    root = tmp_path / "out"
    failing(monkeypatch, 2)
    first = api.run(job, root, workers=1, patience=Patience(retries=0), logs=False)
    assert [failure.number for failure in first.result.failures] == [2]
    monkeypatch.undo()
    missing = root / "batch/e0001-s0002.parquet"
    missing.unlink()
    again = api.run(job, root, workers=1, only_failed=True, logs=False)
    assert (again.result.segments, again.result.batches) == (1, 1)
    assert not missing.exists()
    last = api.run(job, root, workers=1, logs=False)
    assert (last.result.segments, state(root)) == (1, "complete")
    assert last.manifest.totals == api.run_to_nothing(job, workers=1).tables


def test_where_no_batch_failed_nothing_is_made(job, tmp_path):
    api.run(job, tmp_path / "out", workers=1, logs=False)
    again = api.run(job, tmp_path / "out", workers=1, only_failed=True, logs=False)
    assert (again.result.segments, state(tmp_path / "out")) == (0, "complete")


def test_without_a_dataset_no_batch_has_failed(job, tmp_path):
    with pytest.raises(DestinationError, match="holds no dataset, so that no batch has failed"):
        api.run(job, tmp_path / "out", workers=1, only_failed=True)
    assert not list((tmp_path / "out").rglob("*.json"))


def test_other_inputs_are_refused_all_the_same(job, schedule, tmp_path):
    api.run(job, tmp_path / "out", workers=1, logs=False)
    other = api.prepare(schedule, tables=TABLES, seed=7)
    with pytest.raises(DestinationError, match="seed: there 1, wanted 7"):
        api.run(other, tmp_path / "out", workers=1, only_failed=True)


def test_readings_that_thin_out_are_not_extended(schedule, tmp_path):
    tables = (*TABLES, "environmental_reading")
    job = api.prepare(schedule, tables=tables, writing=Writing(dense_days=10))
    api.run(job, tmp_path / "out", workers=1, logs=False)
    api.load(job, str(tmp_path / "farm.duckdb"), workers=1)
    with pytest.raises(BadInput, match=r"R-EXTEND.*run it anew to the later date"):
        extend(tmp_path / "out", "2024-04-01", workers=1)
    with pytest.raises(BadInput, match=r"R-EXTEND.*run it anew to the later date"):
        extend_load(find_place(str(tmp_path / "farm.duckdb")), "2024-04-01", workers=1)
    assert state(tmp_path / "out") == "complete"
