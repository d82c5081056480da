"""The life of one batch as its rows tell it: a timeline on one screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from grilse.dataset.manifest import read_manifest
from grilse.dataset.views import connect
from grilse.ground.errors import BadInput, Problem

__all__ = ["life"]

_WIDTH = 48
_NEEDED = ("batch", "assignment", "stage", "container")

_BATCH = """
SELECT batch_id, batch_number, status, species, start_date, end_date, egg_count, population_count,
       avg_weight_g, harvest_target_kg
FROM batch WHERE batch_number = $named OR batch_id = $number"""

_STAYS = """
SELECT stage_id, s.name AS stage, min(a.start_date) AS begins, max(departure_date) AS ends,
       bool_or(is_active) AS is_active, count(*) AS containers, sum(initial_count) AS fish,
       coalesce(min(h.name), min(r.name)) AS place,
       sum(a.population_count * a.avg_weight_g) / nullif(sum(a.population_count), 0) AS grams
FROM assignment a JOIN stage s USING (stage_id) JOIN container c USING (container_id)
LEFT JOIN hall h USING (hall_id) LEFT JOIN area r ON r.area_id = c.area_id
WHERE batch_id = $batch GROUP BY ALL ORDER BY stage_id"""

_SUMS = {
    "mortality_event": ("dead", "sum(dead_count)"),
    "cull_event": ("culled", "sum(fish_count)"),
    "feeding_event": ("feed_kg", "sum(amount_kg)"),
    "harvest_event": ("harvested", "sum(fish_count)"),
    "growth_sample": ("samples", "count(*)"),
}
"""What is added up by stage, and of which table; a table that was not written is left out."""


def life(root: Path, batch: str) -> Iterator[str]:
    """Yield the lines of a batch's life.

    Parameters
    ----------
    root
        The dataset.
    batch
        Its id in the schedule, or its number.

    Raises
    ------
    BadInput
        Where the dataset has no such batch, or lacks the tables that a life is told by.
    """
    manifest = read_manifest(root)
    lacking = [name for name in _NEEDED if name not in manifest.totals]
    if lacking:
        message = "the dataset lacks tables that a life is told by"
        raise BadInput(Problem("L-TABLES", message, found=", ".join(lacking)))
    with connect(root) as rows:
        number = int(batch) if batch.isascii() and batch.isdigit() and len(batch) < 10 else -1
        found = _rows(rows, _BATCH, named=batch, number=number)
        if not found:
            raise BadInput(Problem("L-BATCH", "the dataset has no such batch", found=batch[:80]))
        told = found[0]
        stays = _rows(rows, _STAYS, batch=told["batch_id"])
        sums = {
            name: _by_stage(rows, table, what, told["batch_id"])
            for table, (name, what) in _SUMS.items()
            if table in manifest.totals
        }
    yield from _head(told)
    as_of = date.fromisoformat(manifest.inputs.as_of)
    for stay in stays:
        yield from _stay(told, stay, sums, as_of)


def _rows(connection: Any, sql: str, **parameters: Any) -> list[dict[str, Any]]:
    found = connection.execute(sql, parameters)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _by_stage(connection: Any, table: str, what: str, batch: int) -> dict[int, Any]:
    sql = (
        f"SELECT stage_id, {what} AS value FROM {table} JOIN (SELECT assignment_id, stage_id "
        f"FROM assignment WHERE batch_id = $batch) USING (assignment_id) "
        f"WHERE batch_id = $batch GROUP BY ALL"
    )
    return {row["stage_id"]: row["value"] for row in _rows(connection, sql, batch=batch)}


def _head(told: Mapping[str, Any]) -> Iterator[str]:
    target = told["harvest_target_kg"]
    yield f"{told['batch_number']} (batch {told['batch_id']}), {told['species']}: {told['status']}"
    yield f"{told['egg_count']:,} eggs on {told['start_date']}" + (
        f", to be harvested at {float(target):g} kg" if target is not None else ""
    )
    if told["end_date"] is not None:
        yield f"the last fish left on {told['end_date']}"
    else:
        weight = _weight(told["avg_weight_g"])
        yield f"{told['population_count']:,} fish alive" + (f" of {weight}" if weight else "")
    yield ""


def _stay(
    told: Mapping[str, Any], stay: Mapping[str, Any], sums: Mapping[str, Mapping[int, Any]],
    as_of: date,
) -> Iterator[str]:  # fmt: skip
    """Yield a stage: its dates and place, a bar of its part of the life, and what happened."""
    whole = max(((told["end_date"] or as_of) - told["start_date"]).days, 1)
    ends = as_of if stay["is_active"] or stay["ends"] is None else stay["ends"]
    first, last = ((day - told["start_date"]).days for day in (stay["begins"], ends))
    start = min(first * _WIDTH // whole, _WIDTH - 1)
    length = max(1, min((last - first) * _WIDTH // whole, _WIDTH - start))
    bar = ("." * start + "#" * length).ljust(_WIDTH, ".")
    until = "now" if stay["is_active"] else str(ends)
    yield f"{stay['stage']:<14} {bar}  {stay['begins']} to {until}, day {first}-{last}"
    happened = [
        f"{stay['place']}, {stay['containers']} containers",
        f"{int(stay['fish']):,} fish in",
        *_sums(stay["stage_id"], sums),
    ]
    weight = _weight(stay["grams"])
    yield f"{'':<14} {'; '.join([*happened, *([f'{weight} at the end'] if weight else [])])}"


def _sums(stage: int, sums: Mapping[str, Mapping[int, Any]]) -> Iterator[str]:
    for name, by_stage in sums.items():
        value = by_stage.get(stage)
        if value:
            is_feed = name == "feed_kg"
            yield f"{float(value) / 1000:,.1f} t fed" if is_feed else f"{int(value):,} {name}"


def _weight(grams: Any) -> str:
    if not grams:
        return ""
    value = float(grams)
    return f"{value:.3g} g" if value < 1000 else f"{value / 1000:.2f} kg"
