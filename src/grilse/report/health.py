"""Health: outbreaks by area and batch, what the laboratory found, vaccination and the journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grilse.report.rows import WEEK, Rows
from grilse.report.series import by_group, packed, rounded

__all__ = ["health_of_batches", "outbreaks"]

_DAY = "datediff('day', DATE '1970-01-01', {})::DOUBLE"

_OUTBREAKS = f"""
WITH stood AS (
    SELECT DISTINCT n.batch_id, n.stage_id, a.name AS area, g.name AS geography
    FROM assignment n JOIN container c USING (container_id) JOIN area a USING (area_id)
    JOIN geography g USING (geography_id)
)
SELECT geography, area, batch_id, disease, {_DAY.format("first_date")} AS first,
       {_DAY.format("last_date")} AS last, container_count AS containers, dead_count AS dead
FROM disease_outbreak JOIN stood USING (batch_id, stage_id) ORDER BY ALL"""

_OF_BATCH = f"""
SELECT batch_id, disease, {_DAY.format("first_date")} AS first,
       {_DAY.format("last_date")} AS last, container_count AS containers, dead_count AS dead
FROM disease_outbreak ORDER BY batch_id, first, disease"""

_LAB = f"""
SELECT batch_id, {_DAY.format("result_date")} AS day, disease, count(*) AS samples,
       count(*) FILTER (result = 'POSITIVE') AS positive
FROM lab_sample GROUP BY ALL ORDER BY batch_id, day, disease"""

_VACCINATED = f"""
SELECT batch_id, {_DAY.format("vaccination_date")} AS day, vaccine,
       sum(fish_count)::DOUBLE AS fish
FROM vaccination GROUP BY ALL ORDER BY batch_id, day, vaccine"""

_JOURNAL = f"""
SELECT batch_id, {_DAY.format("entry_date")} AS day, category, severity, any_value(entry) AS entry,
       count(*) AS containers
FROM journal_entry GROUP BY batch_id, day, category, severity, entry
ORDER BY batch_id, day, category, entry"""

_WELFARE = f"""
SELECT batch_id, {WEEK.format("sample_date")} AS week,
       sum(avg_score * sample_size)::DOUBLE / sum(sample_size) AS score
FROM welfare_sample GROUP BY ALL ORDER BY 1, 2"""

_LISTS = (
    ("outbreaks", "disease_outbreak", _OF_BATCH),
    ("laboratory", "lab_sample", _LAB),
    ("vaccinated", "vaccination", _VACCINATED),
    ("journal", "journal_entry", _JOURNAL),
)
"""What is told as rows, each with its table: the batch, then what the page needs of it."""


def outbreaks(rows: Rows) -> list[dict[str, Any]] | None:
    """Return every outbreak at sea with its area; None where the dataset does not tell of any."""
    if not rows.holds("disease_outbreak", "assignment", "container", "area", "geography"):
        return None
    found = rows.ask(_OUTBREAKS)
    return [_told(list(found), values) for values in zip(*found.values(), strict=True)]


def health_of_batches(rows: Rows) -> Iterator[tuple[int, str, Any]]:
    """Yield number, name of the part, and the part: lists of what happened, welfare by week."""
    for name, table, sql in _LISTS:
        if rows.has(table):
            yield from _lists(rows, name, sql)
    if rows.has("welfare_sample"):
        found = rows.ask(_WELFARE)
        for number, week, score in by_group(found["batch_id"], found["week"], found["score"]):
            yield int(number), "welfare", packed(week, score, 3)


def _lists(rows: Rows, name: str, sql: str) -> Iterator[tuple[int, str, Any]]:
    found = rows.ask(sql)
    names = list(found)[1:]
    for number, *columns in by_group(found["batch_id"], *(found[column] for column in names)):
        yield int(number), name, [_told(names, row) for row in zip(*columns, strict=True)]


def _told(names: list[str], values: tuple[Any, ...]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, str) else rounded(float(value), 9)
        for name, value in zip(names, values, strict=True)
    }
