"""What is written of the readings: fewer a day, and daily means; what is left stays as it is."""

from __future__ import annotations

import numpy as np
import pytest

from grilse import api
from grilse.api.writing import Writing, with_writing
from grilse.biology.parameters import builtin_parameters
from grilse.cli.main import main
from grilse.expand.cadence import kept_places
from grilse.ground.errors import BadInput
from grilse.production import Production, make

AS_OF = "2021-01-01"
DAY_US = 86_400_000_000


def rows(name: str, **writing: int) -> dict[str, np.ndarray]:
    schedule = api.plan(batches=1, start="2020-06-01", as_of=AS_OF).schedule
    job = api.prepare(schedule, parameters=with_writing(builtin_parameters(), Writing(**writing)),
                      other_inputs=True, tables=[name])  # fmt: skip
    chunk = dict(make(job.production, job.schedule.batches[0]))[name]
    assert isinstance(job.production, Production)
    # Decimals, times and keys by their integers.
    return {
        field.name: np.frombuffer(column.buffers()[1], {32: "i4", 64: "i8"}[field.type.bit_width])[
            : len(column)
        ]
        for field, column in zip(chunk.schema, chunk.columns, strict=True)
        if hasattr(field.type, "bit_width") and field.type.bit_width in (32, 64)
    }


@pytest.mark.parametrize(("taken", "written", "places"), [
    (6, 24, [0, 1, 2, 3, 4, 5]), (6, 6, [0, 1, 2, 3, 4, 5]), (6, 3, [0, 2, 4]), (6, 2, [0, 3]),
    (6, 1, [0]), (6, 4, [0, 1, 3, 4]), (8, 3, [0, 2, 5]),
])  # fmt: skip
def test_they_are_spread_over_the_day(taken, written, places):
    assert kept_places(taken, written).tolist() == places


def test_fewer_readings_are_some_of_all():
    name = "environmental_reading"
    everything, few = rows(name), rows(name, readings_per_day=2)
    assert len(few["reading_id"]) * 3 == len(everything["reading_id"])
    of = np.searchsorted(everything["reading_id"], few["reading_id"])
    for column in ("reading_id", "reading_time", "value", "sensor_id"):
        assert (everything[column][of] == few[column]).all(), column


def test_before_the_dense_days_stands_the_mean():
    name = "environmental_reading"
    everything, thin = rows(name), rows(name, dense_days=30)
    of = np.searchsorted(everything["reading_id"], thin["reading_id"])
    assert (everything["reading_id"][of] == thin["reading_id"]).all()
    first_dense = (np.datetime64(AS_OF) - np.timedelta64(30, "D")).astype("int64") * DAY_US
    dense = thin["reading_time"] >= first_dense
    assert (everything["value"][of][dense] == thin["value"][dense]).all()
    assert dense.sum() == (everything["reading_time"] >= first_dense).sum()
    days = everything["value"].reshape(-1, 6)
    mean = np.floor(days.mean(axis=1) + 0.5)
    assert (thin["value"][~dense] == mean[of[~dense] // 6]).all()
    assert (~dense).sum() * 6 + dense.sum() == len(everything["value"])


def test_rarer_samples_are_some_of_all():
    name = "growth_sample"
    weekly, fortnightly = rows(name), rows(name, sample_every_days=14)
    kept = np.isin(weekly["growth_sample_id"], fortnightly["growth_sample_id"])
    assert 0 < kept.sum() == len(fortnightly["growth_sample_id"]) < len(kept)
    assert (weekly["avg_weight_g"][kept] == fortnightly["avg_weight_g"]).all()


def test_what_cannot_be_is_refused():
    with pytest.raises(BadInput, match="readings-per-day"):
        with_writing(builtin_parameters(), Writing(readings_per_day=0))


@pytest.mark.slow
def test_what_was_left_out_is_not_missed_by_verify(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dates = ["--start-date", "2020-06-01", "--as-of", AS_OF, "--stagger", "30"]
    assert main(["plan", "--batches", "2", *dates]) == 0
    run = ["run", "schedule.yaml", "--workers", "1", "--readings-per-day", "3"]
    assert main([*run, "--dense-days", "40", "--compression", "zstd", "--to", "out"]) == 0
    assert main(["verify", "out"]) == 0
