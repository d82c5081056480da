"""A small dataset of three lives with its analysis, and rows of a batch made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from grilse import api
from grilse.analysis.batch import analyse
from grilse.analysis.models import Models, StageModel
from grilse.analysis.observations import COLUMNS
from grilse.biology.growth import StageGrowth
from grilse.ground.days import MICROSECONDS_PER_DAY, day_of
from grilse.schedule.model import BatchPlan, Schedule, Stay
from grilse.tables.catalogue import TABLES
from grilse.tables.schema import chunk

AS_OF = date(2024, 6, 1)
LAND = ("egg_alevin", "fry", "parr", "smolt", "post_smolt")


def life(number: int, site: int, age: int) -> BatchPlan:
    """Plan a Faroese batch of that age on `AS_OF`, in two tanks a stage and three rings."""
    hall, area = f"FI-FW-{site:02d}", f"FI-SEA-{site:02d}"
    stays = [
        Stay(
            stage, f"{hall}-Hall-{letter}",
            tuple((f"{hall}-Hall-{letter}", f"{hall}-{letter}-C{i:02d}") for i in (1, 2)),
            90 * place, 90 * (place + 1),
        )
        for place, (stage, letter) in enumerate(zip(LAND, "ABCDE", strict=True))
    ]  # fmt: skip
    rings = tuple((area, f"{area}-Ring-{i:02d}") for i in (1, 2, 3))
    stays.append(Stay("adult", area, rings, 450, 450 + 260))
    return BatchPlan(
        f"FAR-{number:03d}", number, day_of(AS_OF) - age, 60_000 + number, max(age, 0),
        "Faroe Islands", hall, 1.5, tuple(stays),
    )  # fmt: skip


@pytest.fixture(scope="session")
def schedule() -> Schedule:
    """A life that is over, one at sea, one yet to begin."""
    lives = (life(1, 1, 750), life(2, 2, 560), life(3, 3, -10))
    return Schedule({"seed": 7, "as_of": AS_OF}, lives, day_of(AS_OF), 7)


@pytest.fixture(scope="session")
def dataset(schedule: Schedule, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its dataset, with the analysis that a run makes."""
    root = tmp_path_factory.mktemp("analysed") / "dataset"
    assert not api.run(api.prepare(schedule), root, workers=1, logs=False).result.failures
    return root


BIRTH = 19_000
GROWTH = StageGrowth(2.0, 9.5, 0.0, 10.0)
MODEL = StageModel(GROWTH, 1.0, np.full(366, 8.0))
MODELS = Models({}, MODEL, 0.12)
SCALES = {"g": 1000, "kg": 100, "degC": 1000}


@dataclass
class Batch:
    """Rows of one batch, made by hand; days are of its life, weights in g."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    as_of: int = 100

    def __post_init__(self) -> None:
        self.add("batch", batch_id=5, geography_id=1, start_date=BIRTH, harvest_target_kg=5000)

    def add(self, table: str, **values: Any) -> Batch:
        self.rows.setdefault(table, []).append(values)
        return self

    def stay(
        self, key: int, start: int, end: int | None, *, stage: int = 2, fish: int = 0
    ) -> Batch:
        return self.add(
            "assignment", assignment_id=key, container_id=key, stage_id=stage,
            start_date=BIRTH + start, departure_date=None if end is None else BIRTH + end,
            initial_count=fish,
        )  # fmt: skip

    def sample(self, key: int, day: int, grams: float, fish: int = 30, cv: float = 0.2) -> Batch:
        return self.add(
            "growth_sample", assignment_id=key, sample_date=BIRTH + day, sample_size=fish,
            avg_weight_g=round(grams * 1000), std_weight_g=round(grams * cv * 1000),
        )  # fmt: skip

    def move(self, source: int, dest: int, day: int, fish: int, grams: float = 0.0) -> Batch:
        return self.add(
            "transfer_action", source_assignment_id=source, dest_assignment_id=dest,
            transfer_date=BIRTH + day, transferred_count=fish, mortality_count=0,
            avg_weight_g=round(grams * 1000),
        )  # fmt: skip

    def dead(self, key: int, day: int, fish: int) -> Batch:
        return self.add(
            "mortality_event", assignment_id=key, event_date=BIRTH + day, dead_count=fish
        )

    def fed(self, key: int, day: int, kilos: float) -> Batch:
        time = (BIRTH + day) * MICROSECONDS_PER_DAY
        return self.add(
            "feeding_event", assignment_id=key, feeding_time=time, amount_kg=round(kilos * 100)
        )

    def read(self, key: int, day: int, temp_c: float, parameter: int = 0) -> Batch:
        time = (BIRTH + day) * MICROSECONDS_PER_DAY + 8 * 3_600_000_000
        return self.add(
            "environmental_reading", assignment_id=key, reading_time=time, parameter=parameter,
            value=round(temp_c * 1000),
        )  # fmt: skip

    @property
    def tables(self) -> dict[str, list[pa.RecordBatch]]:
        """Its rows as chunks, columns that nobody looks at filled with nothings."""
        return {name: [_chunk(name, rows)] for name, rows in self.rows.items()}

    def analysed(self, models: Models = MODELS) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of each analysis table."""
        found = analyse(self.tables, models, BIRTH + self.as_of)
        return {table.name: rows.to_pylist() for table, rows in found}

    def states(self, key: int, models: Models = MODELS) -> list[dict[str, Any]]:
        """Return the daily states of one stay, numbers as floats."""
        rows = self.analysed(models)["analysis_daily_state"]
        return [_plain(row) for row in rows if row["assignment_id"] == key]


def _chunk(name: str, rows: list[Mapping[str, Any]]) -> pa.RecordBatch:
    columns = {}
    for column in TABLES[name].columns:
        values = [row.get(column.name) for row in rows]
        looked_at = column.name in COLUMNS[name]
        if column.kind == "text":
            columns[column.name] = ["" for _ in rows]
        elif column.nullable or looked_at:
            mask = [value is None for value in values]
            columns[column.name] = np.ma.masked_array([value or 0 for value in values], mask)
        else:
            columns[column.name] = np.zeros(len(rows), np.int64)
    return chunk(TABLES[name], columns)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    numbers = ("avg_weight_g", "weight_se_g", "temp_c", "confidence", "biomass_kg", "feed_kg",
               "observed_fcr", "tgc_per_1000dd", "sgr_pct_per_day")  # fmt: skip
    return {n: float(v) if n in numbers and v is not None else v for n, v in row.items()}


@pytest.fixture
def batch() -> Batch:
    """A batch with no more than its own row."""
    return Batch()


@pytest.fixture
def hand() -> SimpleNamespace:
    """What rows made by hand are made of."""
    return SimpleNamespace(birth=BIRTH, growth=GROWTH, model=MODEL, models=MODELS)
