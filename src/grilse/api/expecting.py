"""The verb run without running: about how many rows and bytes, and how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from grilse.api.preparing import Job
from grilse.dataset.segments import numbers_by_segment, segment_size
from grilse.production import expected_rows, make
from grilse.tables.catalogue import TABLES

__all__ = ["Expectation", "expect"]

_BYTES_A_ROW: Mapping[str, float] = {
    "environmental_reading": 2.1,
    "individual_growth_observation": 4.3,
    "mortality_event": 6.9,
    "feed_consumption": 7.0,
    "feeding_event": 7.2,
    "true_daily_state": 10.7,
    "growth_sample": 17.0,
}
_BYTES_A_ROW_OF_OTHERS = 7.0
_BYTES_A_FILE = 2_500
"""Measured on a schedule of 170 batches; a file's own are its schema, its words and its marks."""

_NANOSECONDS_A_ROW = 220.0
_SECONDS_TO_START = 0.7
"""Measured as well: CPU time a row, and what starting and finishing take."""


@dataclass(frozen=True)
class Expectation:
    """What a run would write: an estimate, made without simulating.

    Attributes
    ----------
    batches
        Batches begun by the as-of date.
    rows
        By table: about how many.
    bytes
        About how large the Parquet files will be.
    """

    batches: int
    rows: Mapping[str, int]
    bytes: int

    @property
    def all_rows(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())

    def seconds(self, workers: int) -> float:
        """About how long it takes with so many processors."""
        return _SECONDS_TO_START + self.all_rows * _NANOSECONDS_A_ROW / 1e9 / workers


def expect(job: Job) -> Expectation:
    """Estimate what a run would write, without simulating anything."""
    production, rows = job.production, Counter[str]()
    begun = [batch for batch in job.schedule.batches if batch.start < job.schedule.as_of]
    for batch in begun:
        rows.update(expected_rows(production, batch))
    for name, chunk in make(production, None):
        rows[name] += chunk.num_rows
    return Expectation(len(begun), dict(rows), _bytes(job, rows))


def _bytes(job: Job, rows: Mapping[str, int]) -> int:
    numbers = [batch.number for batch in job.schedule.batches]
    segments = numbers_by_segment(numbers, segment_size(max(numbers, default=1)))
    tables = Counter("farm" if TABLES[name].owner == "farm" else "batch" for name in job.tables)
    files = tables["batch"] * len(segments) + tables["farm"]
    packed = [_BYTES_A_ROW.get(name, _BYTES_A_ROW_OF_OTHERS) * rows[name] for name in rows]
    return round(sum(packed)) + _BYTES_A_FILE * files
