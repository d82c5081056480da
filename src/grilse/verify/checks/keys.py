"""Keys: unique by structure, pointing at rows that are there, and made by the arithmetic of keys.

That keys are unique is proved, not counted: keys ascend within each row group, and the ranges of
row groups are disjoint. Only where ranges meet are keys compared one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from grilse.tables.catalogue import TABLES
from grilse.tables.schema import Column, Table
from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]

_READINGS = "environmental_reading"


@check("keys.primary", "Primary keys are there, and unique.")
def primary(evidence: Evidence) -> Tally:
    tally = evidence.seen("keys.primary") + Tally(sum(s.totals.rows for s in evidence.swept))
    for table in evidence.tables.values():
        for least, most in _shared_ranges(evidence, table):
            tally += _duplicates(evidence, table, least, most)
    return tally


def _shared_ranges(evidence: Evidence, table: Table) -> Iterator[tuple[int, int]]:
    """Yield the ranges of keys that lie in more than one row group."""
    ranges = sorted(
        (part.first_key, part.last_key)
        for swept in evidence.swept
        if swept.file.table is table
        for part in swept.parts
    )
    reach = -1
    for (_, last), (first, end) in pairwise(ranges):
        reach = max(reach, last)
        if first <= reach:
            yield first, min(reach, end)


def _duplicates(evidence: Evidence, table: Table, least: int, most: int) -> Tally:
    key = table.primary_key[0]
    batch = "min(batch_id)" if _has(table, "batch_id") else "NULL"
    return evidence.faults(
        f"SELECT '{table.name}', {batch}, {key}, format('{key} stands {{}} times', count(*)) "
        f"FROM {table.name} WHERE {key} BETWEEN {least} AND {most} GROUP BY {key} "
        "HAVING count(*) > 1",
        (),
    )


@check("keys.foreign", "Every key that points at another table points at a row that is there.")
def foreign(evidence: Evidence) -> Tally:
    pairs = [pair for pair in _references(evidence) if pair[0].name == _READINGS
             or pair[0].owner != "batch"]  # fmt: skip
    return sum((_orphans(evidence, *pair) for pair in pairs), Tally())


@check(
    "keys.foreign_of_batches",
    "Every key of a batch's rows that points at another table points at a row that is there.",
    by_stretch=True,
)
def foreign_of_batches(evidence: Evidence) -> Tally:
    pairs = [pair for pair in _references(evidence) if pair[0].name != _READINGS
             and pair[0].owner == "batch"]  # fmt: skip
    return sum((_orphans(evidence, *pair) for pair in pairs), Tally())


def _references(evidence: Evidence) -> Iterator[tuple[Table, Column, Table, str]]:
    for table in evidence.tables.values():
        for column in table.columns:
            if column.references:
                target, _, key = column.references.partition(".")
                if evidence.has(target):
                    yield table, column, TABLES[target], key


def _orphans(evidence: Evidence, table: Table, column: Column, target: Table, key: str) -> Tally:
    """Find rows whose key points at nothing; readings by the runs that stand for them."""
    is_reading = table.name == _READINGS
    rows, own = ("reading_run", "first_key") if is_reading else (table.name, table.primary_key[0])
    batch = "batch_id" if _has(table, "batch_id") else "NULL"
    return evidence.faults(
        f"SELECT '{table.name}', {batch}, {own}, "
        f"format('{column.name} {{}} is no {target.name}', {column.name}) "
        f"FROM {rows} WHERE {column.name} IS NOT NULL AND {column.name} NOT IN "
        f"(SELECT {key} FROM whole.{target.name})",
        (table.name,),
    )


def _has(table: Table, name: str) -> bool:
    return any(column.name == name for column in table.columns)


@check("keys.arithmetic", "A reading's key is made of its assignment, parameter and hour of life.",
       needs=(_READINGS, "batch"))  # fmt: skip
def arithmetic(evidence: Evidence) -> Tally:
    return evidence.seen("keys.arithmetic") + evidence.faults(
        """
        SELECT 'environmental_reading', r.batch_id, first_key,
               format('the key tells assignment {} and parameter {}, the row {} and {}, {} h off',
                      key_assignment, key_parameter, assignment_id, parameter,
                      (origin_us - epoch_us(b.start_date::TIMESTAMP)) // 3600000000)
        FROM reading_run r JOIN batch b USING (batch_id)
        WHERE key_assignment <> assignment_id
           OR key_parameter <> list_position($parameters, parameter)
           OR origin_us <> epoch_us(b.start_date::TIMESTAMP)
        """,
        (_READINGS,),
        parameters=list(TABLES["sensor"].column("parameter").values),
    )


_DAY_KEYS = {
    "growth_sample": ("growth_sample_id", "sample_date", 1),
    "harvest_event": ("harvest_event_id", "event_date", 1),
    "true_daily_state": ("state_id", "state_date", 1),
    "mortality_event": ("mortality_event_id", "event_date", 256),
    "feeding_event": ("feeding_event_id", "feeding_time::DATE", 256),
}
"""For each table of daily rows its key, the day it tells, and how many rows a day can have."""


@check("keys.day_arithmetic", "A daily row's key is made of its assignment and day of life.",
       by_stretch=True, needs=("batch",))  # fmt: skip
def day_arithmetic(evidence: Evidence) -> Tally:
    tally = Tally()
    for table, (key, date, parts) in _DAY_KEYS.items():
        if evidence.has(table):
            tally += evidence.faults(
                f"""
                SELECT '{table}', t.batch_id, {key},
                       format('the key tells assignment {{}} and day {{}}, the row {{}} and {{}}',
                              {key} // {parts * 4096}, {key} // {parts} % 4096, assignment_id,
                              {date} - b.start_date)
                FROM {table} t JOIN whole.batch b USING (batch_id)
                WHERE {key} // {parts} <> assignment_id * 4096 + ({date} - b.start_date)
                """,
                (table,),
            )
    return tally


CHECKS = (primary, foreign, foreign_of_batches, arithmetic, day_arithmetic)
