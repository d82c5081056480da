"""Keys: unique by structure, pointing at rows that are there, and made by the arithmetic of keys.

That keys are unique is proved, not counted: within a row group they ascend or are compared, and
the spans of keys without great gaps, of all row groups, are disjoint. Only where they meet are keys
of several row groups compared one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from grilse.tables.catalogue import TABLES
from grilse.tables.catalogue.reference import PARAMETERS
from grilse.tables.schema import Column, Table
from grilse.verify.books import EATEN
from grilse.verify.check import check
from grilse.verify.evidence import Evidence
from grilse.verify.runs import DAY_PARTS, READINGS, SINGLE, run_columns
from grilse.verify.verdict import Tally

__all__ = ["CHECKS"]


@check("keys.primary", "Primary keys are there, and unique.")
def primary(evidence: Evidence) -> Tally:
    tally = evidence.seen("keys.primary") + Tally(sum(s.totals.rows for s in evidence.swept))
    for table in evidence.tables.values():
        for where in _meetings(evidence, table):
            tally += _duplicates(evidence, table, where)
    return tally


def _meetings(evidence: Evidence, table: Table) -> list[str]:
    """Return conditions on the keys that may stand twice; none where all spans are disjoint."""
    spans = [p.spans for s in evidence.swept if s.file.table is table for p in s.parts]
    if not spans:
        return []
    whole = np.concatenate(spans)
    whole = whole[np.lexsort((whole[:, 1], whole[:, 0]))]
    reach = np.maximum.accumulate(whole[:-1, 1])
    meet = np.flatnonzero(whole[1:, 0] <= reach)
    if len(meet) > _MANY_RANGES:
        return ["true"]
    key = table.primary_key[0]
    return [
        f"{key} BETWEEN {whole[i + 1, 0]} AND {min(whole[i + 1, 1], reach[i])}"
        for i in meet.tolist()
    ]


_MANY_RANGES = 20
"""Beyond so many ranges all keys of the table are compared."""


def _duplicates(evidence: Evidence, table: Table, where: str) -> Tally:
    key = table.primary_key[0]
    batch = "min(batch_id)" if table.has_column("batch_id") else "NULL"
    return evidence.faults(
        f"SELECT '{table.name}', {batch}, {key}, format('{key} stands {{}} times', count(*)) "
        f"FROM {table.name} WHERE {where} GROUP BY {key} HAVING count(*) > 1",
        (),
    )


@check("keys.foreign", "Every key that points at another table points at a row that is there.")
def foreign(evidence: Evidence) -> Tally:
    # Asked once a table, and column by column only where some key points at nothing.
    tally = Tally()
    for table, references in groupby(_references(evidence), lambda each: each[0]):
        among = [each for each in references if (table.name, each[1].name) not in SINGLE]
        orphaned = " OR ".join(_orphaned(*each[1:]) for each in among)
        if among and evidence.finds(f"SELECT 1 FROM {table.name}_run WHERE {orphaned}"):
            tally += sum((_orphans(evidence, *each) for each in among), Tally())
        tally += Tally(evidence.rows(table.name) * len(among))
    return tally + sum(
        (_orphan_rows(evidence, table, column.name, target, key)
         for table, column, target, key in _references(evidence)
         if (table.name, column.name) in SINGLE), Tally(),
    )  # fmt: skip


def _references(evidence: Evidence) -> Iterator[tuple[Table, Column, Table, str]]:
    for table in evidence.tables.values():
        for column in table.columns:
            if column.references:
                target, _, key = column.references.partition(".")
                if evidence.has(target):
                    yield table, column, TABLES[target], key


def _orphans(evidence: Evidence, table: Table, column: Column, target: Table, key: str) -> Tally:
    """Find runs of rows whose key points at nothing; a run with such a key begins at such a row."""
    name = column.name
    batch = "batch_id" if "batch_id" in run_columns(table) else "NULL"
    return evidence.faults(
        f"SELECT '{table.name}', {batch}, first_key, format('{name} {{}} is no {target.name}', "
        f"{name}) || if(row_count > 1, format(' ({{}} rows)', row_count), '') "
        f"FROM {table.name}_run WHERE {_orphaned(column, target, key)}",
        (),
    )


def _orphaned(column: Column, target: Table, key: str) -> str:
    return f"{column.name} NOT IN (SELECT {key} FROM {target.name})"


def _orphan_rows(evidence: Evidence, table: Table, name: str, target: Table, key: str) -> Tally:
    batch = "batch_id" if table.has_column("batch_id") else "NULL"
    return evidence.faults(
        f"SELECT '{table.name}', {batch}, {table.primary_key[0]}, "
        f"format('{name} {{}} is no {target.name}', {name}) "
        f"FROM {table.name} ANTI JOIN {target.name} ON {table.name}.{name} = {target.name}.{key}",
        (table.name,),
        # What was eaten balances, feeding by feeding: then each feeding that it names is there.
        is_kept=evidence.balances(EATEN),
    )


@check(
    "keys.arithmetic",
    "A key is made of its assignment, and the time since the batch began.",
    needs=("batch",),
)
def arithmetic(evidence: Evidence) -> Tally:
    tally = evidence.seen("keys.arithmetic")
    for name in (READINGS, *DAY_PARTS):
        if evidence.has(name):
            tally += evidence.faults(
                f"""
                SELECT '{name}', r.batch_id, first_key,
                       format('its key is of assignment {{}}, the row of {{}}; the time in the key '
                              'counts from {{}}, the batch began on {{}}', key_assignment,
                              assignment_id, make_timestamp(origin_us)::DATE, start_date)
                FROM {name}_run r JOIN batch b USING (batch_id)
                WHERE key_assignment <> assignment_id
                   OR origin_us <> epoch_us(b.start_date::TIMESTAMP)
                """,
                (name,),
            )
    return tally + (_parameters(evidence) if evidence.has(READINGS) else Tally())


def _parameters(evidence: Evidence) -> Tally:
    """Find readings whose key names another parameter."""
    return evidence.faults(
        """
        SELECT 'environmental_reading', batch_id, first_key,
               format('its key is of parameter {}, the row of {}', key_parameter, parameter)
        FROM environmental_reading_run
        WHERE key_parameter <> list_position($parameters, parameter)
        """,
        (),
        parameters=list(PARAMETERS),
    )


CHECKS = (primary, foreign, arithmetic)
