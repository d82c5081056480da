"""Rows and fingerprint of some part of a table: disjoint parts add up, in any order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from grilse.tables.fingerprint import add, text

__all__ = ["Totals", "add_totals", "content_fingerprint"]

_DIGEST_BYTES = 16


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


def content_fingerprint(tables: Mapping[str, Totals]) -> str:
    """Return the fingerprint of some tables together: 32 hexadecimal digits.

    Two datasets of equal tables have equal ones, whatever workers, files or destinations made
    them; tables without a row count as absent.
    """
    lines = (
        f"{name} {totals.rows} {text(totals.fingerprint)}"
        for name, totals in sorted(tables.items())
        if totals.rows
    )
    return blake2b("\n".join(lines).encode(), digest_size=_DIGEST_BYTES).hexdigest()
