"""What a comparison tells: tables, batches and columns that differ, with counts and examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

__all__ = [
    "ONLY_A", "ONLY_B", "ROWS", "BatchChange", "Comparison", "Example", "Findings",
    "TableDifference",
]  # fmt: skip

ONLY_A, ONLY_B, ROWS = "(only in A)", "(only in B)", "(changed)"
"""Stand where a column's name does, for rows that one side lacks and for rows that differ."""


@dataclass(frozen=True, slots=True)
class Example:
    """One value that differs, or one row that a side lacks.

    Attributes
    ----------
    column
        The column, or `ONLY_A` or `ONLY_B`.
    batch
        Number of the batch; None for rows of no batch.
    key
        Primary key of the row.
    a, b
        The value on either side as text; for a missing row both are empty.
    """

    column: str
    batch: int | None
    key: int
    a: str = ""
    b: str = ""


@dataclass(frozen=True)
class Findings:
    """What differs in some rows of a table; those of disjoint rows add up.

    Attributes
    ----------
    counts
        Rows by batch (None for rows of no batch) and column; `ONLY_A`, `ONLY_B` and `ROWS` count
        rows as wholes.
    examples
        By column, the first few.
    """

    counts: Mapping[tuple[int | None, str], int] = field(default_factory=dict)
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)

    @classmethod
    def joined(cls, parts: Iterable[Findings], most_examples: int) -> Findings:
        """Add up the findings of disjoint rows; the first examples are kept."""
        counts: Counter[tuple[int | None, str]] = Counter()
        examples: dict[str, tuple[Example, ...]] = {}
        for part in parts:
            counts.update(part.counts)
            for column, found in part.examples.items():
                examples[column] = (*examples.get(column, ()), *found)[:most_examples]
        return cls(dict(counts), examples)


@dataclass(frozen=True)
class BatchChange:
    """What differs in one batch's rows of a table: rows by column, as in `Findings`."""

    batch: int | None
    name: str
    columns: Mapping[str, int]


@dataclass(frozen=True)
class TableDifference:
    """What differs in a table.

    Attributes
    ----------
    table
        Its name.
    rows_a, rows_b
        Rows of either side; None where a side does not have the table.
    is_looked_into
        Whether its rows were compared; where a side has fingerprints alone they cannot be.
    findings
        What differs.
    names
        Ids of the batches by number.
    notes
        What else is to be said of it, such as columns that a side lacks.
    """

    table: str
    rows_a: int | None
    rows_b: int | None
    is_looked_into: bool = False
    findings: Findings = field(default_factory=Findings)
    names: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> dict[str, int]:
        """Rows that differ, by column; the three counts of whole rows come first."""
        sums: Counter[str] = Counter()
        for (_, column), rows in self.findings.counts.items():
            sums[column] += rows
        whole = [name for name in (ONLY_A, ONLY_B, ROWS) if sums[name]]
        others = sorted((name for name in sums if name not in whole), key=lambda n: (-sums[n], n))
        return {name: sums[name] for name in (*whole, *others)}

    @property
    def batches(self) -> tuple[BatchChange, ...]:
        """What differs batch by batch, by number; rows of no batch come first."""
        found: dict[int | None, dict[str, int]] = {}
        for (batch, column), rows in self.findings.counts.items():
            found.setdefault(batch, {})[column] = rows
        ordered = sorted(found, key=lambda batch: -1 if batch is None else batch)
        return tuple(
            BatchChange(batch, "" if batch is None else self.names.get(batch, "?"), found[batch])
            for batch in ordered
        )

    @property
    def is_equal(self) -> bool:
        """Whether its rows were compared, and none differs by more than is tolerated."""
        return self.is_looked_into and not self.findings.counts and not self.notes


@dataclass(frozen=True)
class Comparison:
    """What is to be said of two datasets.

    Attributes
    ----------
    a, b
        Their folders or files.
    rows_a, rows_b
        Rows in all tables.
    tables
        How many tables they have between them.
    differing
        Tables whose content differs, in the order of the catalogue.
    tolerated
        Names of tables that differ by no more than is tolerated.
    told
        Lines that the reader should know: inputs that differ, a dataset that is not whole.
    rows_read
        Rows compared one by one, of both sides.
    """

    a: str
    b: str
    rows_a: int
    rows_b: int
    tables: int
    differing: tuple[TableDifference, ...]
    tolerated: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    rows_read: int = 0

    @property
    def is_equal(self) -> bool:
        """Whether no table differs."""
        return not self.differing
