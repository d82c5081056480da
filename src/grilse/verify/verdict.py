"""What a verification answers: a verdict, made of one result a check, each with its faults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "EXAMPLES",
    "CheckResult",
    "Fault",
    "Figure",
    "Judgement",
    "Severity",
    "Standing",
    "Tally",
    "Verdict",
]

EXAMPLES = 5
"""Most faults of a check that are shown; all are counted."""

Severity = Literal["error", "info"]
Judgement = Literal["pass", "fail", "inform", "skip"]
Standing = Literal["inside", "OUTSIDE", "informs", "nothing"]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong, and where.

    Attributes
    ----------
    table
        Where the row stands; a file's path where it is a file that is wrong.
    batch
        Number of the batch it belongs to, or None.
    key
        The row's primary key, or None.
    what
        What stands there, and what would be right.
    """

    table: str
    batch: int | None
    key: int | None
    what: str

    def __str__(self) -> str:
        """Format as ``table key 12, batch 3: what``."""
        where = [self.table]
        where += [] if self.key is None else [f"key {self.key}"]
        place = " ".join(where)
        return f"{place}{'' if self.batch is None else f', batch {self.batch}'}: {self.what}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure beside the band it is expected in.

    Attributes
    ----------
    name, unit, group
        What was measured, in what unit, and for which geography.
    value
        Its value, or None where there is nothing to measure it by.
    low, high
        The range of 5 to 95 % of batches, or of what it is measured on; None where there is none.
    least, most
        The band.
    batches
        How many batches it was measured on.
    applies_to
        The policy whose plans it is judged for; ``all`` for any.
    reason
        Why it only informs, where it does.
    """

    name: str
    unit: str
    group: str
    value: float | None
    low: float | None
    high: float | None
    least: float | None
    most: float | None
    batches: int
    applies_to: str = "all"
    reason: str = ""

    @property
    def verdict(self) -> Standing:
        """Whether it lies in its band, where it is judged by it."""
        if self.value is None:
            return "nothing"
        if self.reason:
            return "informs"
        return "inside" if self.is_inside else "OUTSIDE"

    @property
    def is_inside(self) -> bool | None:
        """Whether the value lies in the band; None where there is no value."""
        if self.value is None:
            return None
        above = self.least is None or self.value >= self.least
        return above and (self.most is None or self.value <= self.most)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a check looked at and found; tallies of disjoint parts add up.

    Attributes
    ----------
    rows
        How many rows it looked at.
    faults
        How many faults it found.
    examples
        Some of them, at most `EXAMPLES`.
    figures
        What it measured, where it measures.
    reason
        Why it could not be made, where it could not.
    """

    rows: int = 0
    faults: int = 0
    examples: tuple[Fault, ...] = ()
    figures: tuple[Figure, ...] = ()
    reason: str = ""

    def __add__(self, other: Tally) -> Tally:
        """Join with what the same check found elsewhere."""
        return Tally(
            self.rows + other.rows,
            self.faults + other.faults,
            (*self.examples, *other.examples)[:EXAMPLES],
            (*self.figures, *other.figures),
            self.reason or other.reason,
        )

    @classmethod
    def of(cls, rows: int, faults: Iterable[Fault]) -> Tally:
        """Make a tally of faults that are all at hand."""
        found = list(faults)
        return cls(rows, len(found), tuple(found[:EXAMPLES]))


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of one check.

    Attributes
    ----------
    name
        ``group.rule``, for example ``keys.primary``.
    meaning
        The rule, in a sentence.
    severity
        ``error``: a fault fails the dataset; ``info``: it is only told.
    verdict
        ``pass``, ``fail``, ``inform``, or ``skip`` for what could not be checked.
    tally
        What it looked at and found.
    seconds
        How long it took.
    """

    name: str
    meaning: str
    severity: Severity
    verdict: Judgement
    tally: Tally
    seconds: float = field(default=0.0, compare=False)

    @property
    def group(self) -> str:
        """The group of rules it belongs to."""
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be thought of a dataset.

    Attributes
    ----------
    dataset
        Its folder.
    batches, rows
        How many it holds.
    results
        One a check, in the order in which they are told.
    seconds
        How long all took.
    """

    dataset: str
    batches: int
    rows: int
    results: tuple[CheckResult, ...]
    seconds: float = field(default=0.0, compare=False)

    @property
    def failed(self) -> tuple[CheckResult, ...]:
        """The checks that failed."""
        return tuple(result for result in self.results if result.verdict == "fail")

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return not self.failed
