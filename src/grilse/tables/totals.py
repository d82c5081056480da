"""Rows and fingerprint of some part of a table: disjoint parts add up, in any order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grilse.tables.fingerprint import add

__all__ = ["Totals", "add_totals"]


@dataclass(frozen=True, slots=True)
class Totals:
    """What some rows of a table add up to.

    Attributes
    ----------
    rows
        How many there are.
    fingerprint
        Their content fingerprint, modulo 2**64.
    """

    rows: int = 0
    fingerprint: int = 0

    def __add__(self, other: Totals) -> Totals:
        """Join with the totals of other rows of the table."""
        return Totals(self.rows + other.rows, add(self.fingerprint, other.fingerprint))


def add_totals(parts: Iterable[Mapping[str, Totals]]) -> dict[str, Totals]:
    """Add up the totals of disjoint parts of a dataset, table by table; sorted by table name."""
    sums: dict[str, Totals] = {}
    for part in parts:
        for table, totals in part.items():
            sums[table] = sums.get(table, Totals()) + totals
    return dict(sorted(sums.items()))
