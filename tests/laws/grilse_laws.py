"""A small company of eight batches, datasets made of it in fresh processes, and their content.

The batches live whole lives of the usual length, in two or three containers a stage, so that a
dataset holds everything there is and takes a second. Two lives are over by the as-of date, one is
being harvested, one batch has its eggs yet to come. Their numbers leave gaps and reach beyond 128:
some share a segment, some do not.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from grilse.dataset.manifest import read_manifest
from grilse.dataset.records import read_records
from grilse.dataset.views import connect
from grilse.ground.days import date_of, day_of
from grilse.schedule.model import BatchPlan, Schedule, Stay
from grilse.schedule.writing import write_schedule
from grilse.tables.catalogue import TABLES
from grilse.tables.fingerprint import fingerprint
from grilse.tables.schema import Table

AS_OF = day_of(date(2024, 6, 1))
MONTH = 30
SEED = 7

BATCH_TABLES = tuple(name for name, table in TABLES.items() if table.owner == "batch")
EVENT_TABLES = tuple(n for n, table in TABLES.items() if table.event_date and not table.optional)
BATCH_EVENT_TABLES = tuple(name for name in EVENT_TABLES if name in BATCH_TABLES)

Content = dict[str, tuple[int, int]]
"""Rows and fingerprint, by table."""

_STAGES = ("egg_alevin", "fry", "parr", "smolt", "post_smolt")
_LETTERS = "ABCDE"
_STAGE_DAYS, _SEA_DAYS = 90, 450

# Number, geography, index of station and area, age at as-of, trays and tanks a stage, rings,
# harvest target. The two of one area hold rings of their own.
_LIVES = (
    (1, "Faroe Islands", 1, 1000, (2, 3, 2, 1, 2), (1, 2, 3), 5.2),
    (2, "Scotland", 1, 905, (1, 1, 1, 1, 1), (1, 2), 4.6),
    (3, "Faroe Islands", 2, 825, (2, 2, 2, 2, 2), (4, 5, 9), 4.92),
    (5, "Scotland", 2, 520, (2, 2, 3, 2, 2), (3, 4), None),
    (6, "Faroe Islands", 3, 345, (3, 2, 1, 2, 2), (6,), 6.0),
    (9, "Scotland", 3, 75, (3, 2, 2, 2, 2), (5,), 5.0),
    (40, "Faroe Islands", 4, 15, (2, 2, 2, 2, 2), (7,), 5.5),
    (300, "Scotland", 4, -10, (2, 2, 2, 2, 2), (8,), 5.5),
)


def company(as_of: int = AS_OF) -> Schedule:
    """Return the schedule of all eight batches."""
    batches = tuple(_batch(*life) for life in _LIVES)
    return Schedule({"seed": SEED, "as_of": date_of(as_of)}, batches, as_of, SEED)


def _batch(
    number: int, geography: str, site: int, age: int, tanks: tuple[int, ...],
    rings: tuple[int, ...], target: float | None,
) -> BatchPlan:  # fmt: skip
    prefix = "FI" if geography == "Faroe Islands" else "S"
    station, area = f"{prefix}-FW-{site:02}", f"{prefix}-SEA-01"
    stays = []
    for index, (stage, count) in enumerate(zip(_STAGES, tanks, strict=True)):
        letter, start = _LETTERS[index], index * _STAGE_DAYS
        hall = f"{station}-Hall-{letter}"
        names = tuple((hall, f"{station}-{letter}-C{n:02}") for n in range(1, count + 1))
        stays.append(Stay(stage, hall, names, start, start + _STAGE_DAYS))
    at_sea = tuple((area, f"{area}-Ring-{ring:02}") for ring in rings)
    start = len(_STAGES) * _STAGE_DAYS
    stays.append(Stay("adult", area, at_sea, start, start + _SEA_DAYS))
    code = "FAR" if prefix == "FI" else "SCO"
    return BatchPlan(
        batch_id=f"{code}-{number:03}", number=number, start=AS_OF - age, eggs=1_500_000 + number,
        duration=max(0, min(age, stays[-1].end_day)), geography=geography, station=station,
        harvest_target_kg=target, stays=tuple(stays),
    )  # fmt: skip


def with_batch(schedule: Schedule, number: int, **changes: object) -> Schedule:
    """Return a schedule in which one batch is another."""
    batches = tuple(
        replace(batch, **changes) if batch.number == number else batch  # type: ignore[arg-type]
        for batch in schedule.batches
    )
    return replace(schedule, batches=batches)


def only(schedule: Schedule, numbers: Iterable[int]) -> Schedule:
    """Return a schedule that holds some of the batches alone."""
    wanted = set(numbers)
    return replace(schedule, batches=tuple(b for b in schedule.batches if b.number in wanted))


# A run as the command does it, but for the order in which segments are made.
_BACKWARDS = """
import sys
from grilse.api import running
from grilse.cli.main import main

in_order = running.run_segments

def backwards(work, tasks, **options):
    return in_order(work, reversed(list(tasks)), **options)

running.run_segments = backwards
if __name__ == "__main__":
    sys.exit(main())
"""


def run(
    schedule: Schedule, folder: Path, *options: str, backwards: bool = False,
    surroundings: Mapping[str, str] | None = None,
) -> Path:  # fmt: skip
    """Make the dataset of a schedule in a fresh process, and return where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    file, root = folder / "schedule.yaml", folder / "dataset"
    write_schedule(schedule, file)
    start = ["-c", _BACKWARDS] if backwards else ["-m", "grilse"]
    done = subprocess.run(
        [sys.executable, *start, "run", str(file), "--to", str(root), *options],
        capture_output=True, text=True, check=False,
        env={**os.environ, **(surroundings or {})},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert read_manifest(root).state == "complete"
    return root


def told(root: Path) -> Content:
    """Return what a dataset's manifest says that it holds."""
    totals = read_manifest(root).totals
    return {name: (each.rows, each.fingerprint) for name, each in totals.items()}


def content(root: Path, tables: Mapping[str, Table] = TABLES) -> Content:
    """Return what a dataset's files hold: read again, and worked out anew."""
    found: Content = {}
    for record in read_records(root).values():
        for name in record.tables:
            if name not in tables:
                continue
            rows, total = found.get(name, (0, 0))
            names = [column.name for column in tables[name].columns]
            for chunk in pq.ParquetFile(root / record.files[name]).iter_batches(columns=names):
                rows += chunk.num_rows
                total += fingerprint(tables[name], chunk.select(names))
            found[name] = (rows, total % 2**64)
    return found


def of_batches(some: Content) -> Content:
    """Return what a content says of tables that batches own."""
    return {name: some[name] for name in some if name in BATCH_TABLES}


def only_in_one(one: Path, other: Path, table: str, where: str = "true") -> int:
    """Count a table's rows that are in one of two datasets alone, where a condition holds."""
    with connect(one) as first, connect(other) as second:
        query = f"SELECT * FROM {table} WHERE {where}"
        rows, others = first.sql(query).to_arrow_table(), second.sql(query).to_arrow_table()
    with duckdb.connect() as anywhere:
        anywhere.register("first", rows)
        anywhere.register("second", others)
        return _number(
            anywhere,
            "SELECT (SELECT count(*) FROM (FROM first EXCEPT ALL FROM second))"
            " + (SELECT count(*) FROM (FROM second EXCEPT ALL FROM first))",
        )


def number(root: Path, query: str) -> int:
    """Return the one number that a query of a dataset yields."""
    with connect(root) as rows:
        return _number(rows, query)


def _number(rows: duckdb.DuckDBPyConnection, query: str) -> int:
    found = rows.execute(query).fetchone()
    assert found is not None
    return int(found[0] or 0)
