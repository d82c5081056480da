"""A dataset written as the record that a legacy system would give: CSV of the FishTalk kind."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from grilse.ground.days import date_of
from grilse.ground.errors import DestinationError, kind_of_failure
from grilse.migration.mapping import COLUMNS
from grilse.schedule.model import BatchPlan, Schedule, Stay

__all__ = ["NEEDED", "export_legacy"]

NEEDED = (
    "assignment", "batch", "container", "hall", "station", "area", "geography", "stage",
    "transfer_action", "creation_action", "harvest_event",
)  # fmt: skip
"""Tables that an export reads."""

_CONTAINERS = """
SELECT c.container_id, c.name, coalesce(h.name, r.name), coalesce(t.name, r.name), g.name,
       upper(c.kind::VARCHAR), NULL
FROM container c LEFT JOIN hall h USING (hall_id) LEFT JOIN station t USING (station_id)
LEFT JOIN area r ON r.area_id = c.area_id
JOIN geography g ON g.geography_id = coalesce(t.geography_id, r.geography_id)
ORDER BY c.container_id
"""

_POPULATIONS = """
WITH came AS (
    SELECT dest_assignment_id AS assignment_id,
           sum(transferred_count * avg_weight_g::DOUBLE) / sum(transferred_count) AS grams
    FROM transfer_action WHERE transferred_count > 0 GROUP BY 1
)
SELECT a.assignment_id, a.container_id, a.start_date, a.departure_date, a.initial_count,
       round(came.grams, 3), a.population_count, a.avg_weight_g, s.code
FROM assignment a JOIN stage s USING (stage_id) LEFT JOIN came USING (assignment_id)
ORDER BY a.assignment_id
"""

_TRANSFERS = """
SELECT transfer_action_id, transfer_date, source_assignment_id, NULL, NULL, dest_assignment_id,
       transferred_count, mortality_count, avg_weight_g
FROM transfer_action ORDER BY transfer_date, transfer_action_id
"""

_INPUTS = """
SELECT assignment_id, batch_number, 1, year(start_date), actual_date, c.egg_count, NULL
FROM creation_action c JOIN batch USING (batch_id) ORDER BY assignment_id
"""

_HARVESTS = """
SELECT assignment_id, event_date, fish_count, avg_weight_g
FROM harvest_event ORDER BY harvest_event_id
"""

_QUERIES = {
    "containers": _CONTAINERS, "populations": _POPULATIONS, "transfers": _TRANSFERS,
    "inputs": _INPUTS, "harvests": _HARVESTS,
}  # fmt: skip


def export_legacy(
    rows: duckdb.DuckDBPyConnection, schedule: Schedule, folder: Path
) -> dict[str, int]:
    """Write a dataset's populations as CSV files, and say how many rows each has.

    Parameters
    ----------
    rows
        A database in which the tables of `NEEDED` go by their names.
    schedule
        The one that the dataset was made of: it says what is reserved for days to come.
    folder
        Is made where it is not there; must be empty.

    Raises
    ------
    DestinationError
        If the folder cannot be written, or holds something; then it is as it was.
    """
    try:
        is_new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise DestinationError(f"{folder}: holds something; name an empty folder or a new one")
        return _all_written(rows, schedule, folder, is_new)
    except OSError as error:
        raise kind_of_failure(error)(
            f"{folder}: cannot be written: {error.strerror or error}. Nothing of it was kept."
        ) from error


def _all_written(
    rows: duckdb.DuckDBPyConnection, schedule: Schedule, folder: Path, is_new: bool
) -> dict[str, int]:
    """Write all files, or none: half an export would be taken for a company of half the fish."""
    try:
        told = {what: _write(folder, what, _asked(rows, sql)) for what, sql in _QUERIES.items()}
        told["plans"] = _write(folder, "plans", _plans(rows, schedule))
    except BaseException:
        for what in COLUMNS:
            (folder / f"{what}.csv").unlink(missing_ok=True)
        if is_new:
            folder.rmdir()
        raise
    return told


def _asked(rows: duckdb.DuckDBPyConnection, sql: str) -> Iterator[Sequence[Any]]:
    found = rows.execute(sql)
    while part := found.fetchmany(10_000):
        yield from part


def _write(folder: Path, what: str, rows: Iterable[Sequence[Any]]) -> int:
    """Write one file, whole or not at all."""
    path, count = folder / f"{what}.csv", 0
    aside = path.with_suffix(".inprogress")
    try:
        with aside.open("x", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS[what])
            for row in rows:
                writer.writerow(["" if value is None else value for value in row])
                count += 1
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    return count


def _plans(rows: duckdb.DuckDBPyConnection, schedule: Schedule) -> Iterator[Sequence[Any]]:
    """Yield what is reserved from the as-of day on, and of each batch what it is called."""
    ids = {
        (geography, place, name): container_id
        for container_id, name, place, _, geography, *_ in _asked(rows, _CONTAINERS)
    }
    for plan in schedule.batches:
        key = (plan.batch_id, 1, date_of(plan.start).year)
        batch = (plan.batch_id, plan.number, plan.eggs, plan.harvest_target_kg)
        as_of = date_of(schedule.as_of)
        reserved = list(_reserved(plan, schedule.as_of))
        if not reserved:
            yield *key, *batch, None, None, None, None, as_of
        for stay in reserved:
            days = (date_of(plan.start + stay.start_day), date_of(plan.start + stay.end_day))
            for place, name in stay.containers:
                container = ids.get((plan.geography, place, name))
                yield *key, *batch, stay.stage, container, *days, as_of


def _reserved(plan: BatchPlan, as_of: int) -> Iterator[Stay]:
    for stay in plan.stays:
        is_last = stay is plan.stays[-1]
        if is_last and plan.open_ended:
            continue
        if is_last or plan.start + stay.end_day >= as_of:
            yield stay
