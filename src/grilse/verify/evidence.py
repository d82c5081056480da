"""What a check has before it: the dataset's own words, the rows, and what the sweep has seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grilse.tables.schema import Table
from grilse.verify.books import differences
from grilse.verify.doubts import DOUBTS
from grilse.verify.session import Session
from grilse.verify.source import Source
from grilse.verify.sweep import SweptFile
from grilse.verify.verdict import EXAMPLES, Fault, Tally

__all__ = ["Evidence"]


@dataclass(frozen=True)
class Evidence:
    """All that checks look at.

    Attributes
    ----------
    source
        The dataset and its saved inputs.
    session
        Its rows.
    swept
        What the sweep saw, file by file, in the order of the catalogue.
    hours
        Hours of the day at which readings are taken.
    doubts
        Checks that some row may break, each with the table of that row.
    with_fingerprints
        Whether the sweep worked out fingerprints.
    segments
        The segments in focus; None for all.
    """

    source: Source
    session: Session
    swept: tuple[SweptFile, ...]
    hours: tuple[int, ...]
    doubts: frozenset[tuple[str, str]] = frozenset()
    with_fingerprints: bool = True
    segments: frozenset[str] | None = None

    @property
    def slack_g(self) -> float:
        """What rounding adds to a weight or takes, where it is told less closely than ours."""
        told = self.source.application
        return 0.0 if told is None else told.weight_step_g

    @property
    def dense_days(self) -> int:
        """Days before the as-of date whose readings are written one by one; 0 for all."""
        parameters, path = self.source.parameters, "environment.dense_days"
        return int(parameters.number(path)) if parameters.has(path) else 0

    def faults(
        self, sql: str, looked: tuple[str, ...], *, is_kept: bool = False, **parameters: Any
    ) -> Tally:
        """Run a query that returns a row a fault: table, batch, key, what.

        Rows touched by events that the schedule asked for are not judged.

        Parameters
        ----------
        sql
            The query; ``$as_of`` stands for the as-of date, other names for `parameters`.
        looked
            Tables whose rows were looked at.
        is_kept
            Whether it is known already that no row is at fault: then `sql`, which looks at each,
            need not be run.
        """
        rows = sum(map(self.rows, looked))
        if is_kept:
            return Tally(rows)
        named = {"as_of": self.source.as_of, **parameters}
        used = {name: value for name, value in named.items() if f"${name}" in sql}
        found = self.session.all(
            f"SELECT *, count(*) OVER () FROM ({sql}) AS fault(tbl, batch, key, what) "
            f"{self._asked} ORDER BY 1, 2, 3, 4 LIMIT {EXAMPLES}",
            used,
        )
        examples = tuple(Fault(table, batch, key, what) for table, batch, key, what, _ in found)
        return Tally(rows, found[0][4] if found else 0, examples)

    @property
    def _asked(self) -> str:
        """The clause that leaves out rows touched by what the schedule asked for, if it did."""
        if not any("injected_event" in record.tables for record in self.source.records.values()):
            return ""
        return (
            "WHERE NOT EXISTS (SELECT 1 FROM whole.injected_event i WHERE i.table_name = tbl "
            "AND key BETWEEN i.first_key AND i.last_key)"
        )

    def finds(self, sql: str) -> bool:
        """Whether a query, a quick one of runs, finds anything."""
        return bool(self.session.all(f"{sql} LIMIT 1"))

    def is_clear(self, check: str, *tables: str) -> bool:
        """Whether no row of some tables may break a check, all of which have a rule for that."""
        return all(
            check in DOUBTS.get(table, {}) and (check, table) not in self.doubts for table in tables
        )

    def rows(self, table: str) -> int:
        """How many rows the records name of a table, in focus."""
        return sum(
            record.tables[table].rows
            for name, record in self.source.records.items()
            if table in record.tables and (self.segments is None or name in self.segments)
        )

    def seen(self, name: str) -> Tally:
        """Return what the sweep found for a check."""
        return sum(
            (part.found[name] for file in self.swept for part in file.parts if name in part.found),
            Tally(),
        )

    def balances(self, *accounts: str) -> bool:
        """Whether accounts balance: their two tellings are the same, each day or each feeding."""
        unequal = differences(
            (swept.file.table.name, part.books) for swept in self.swept for part in swept.parts
        )
        return not set(accounts) & set(unequal)

    def has(self, table: str) -> bool:
        """Whether the dataset was asked to hold a table."""
        return table in self.source.manifest.inputs.tables

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables that it was asked to hold, by name."""
        return {table.name: table for table in self.source.tables}
