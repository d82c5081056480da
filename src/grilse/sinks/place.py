"""A place where a load can go: a database, a folder, an object store; held for one run at a time.

A sink takes chunks; a place knows what stands where they go. It refuses what is not ours or is of
other inputs, says which batches are there already, gives the sink for the others, and makes the
whole ready at the end::

    with place.hold(load) as held:
        ...                             # parts not in held.done, through held.sink
        finished = held.finish()
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from grilse.sinks.protocol import Sink
from grilse.tables.schema import Table
from grilse.tables.totals import Totals

__all__ = ["Finished", "Held", "Load", "Part", "Place", "describe_differences"]


Part = tuple[str, int]
"""What is brought as a whole: a segment's name and a batch's number."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be at a place when a run has ended.

    Attributes
    ----------
    tables
        In an order in which parents come before children.
    inputs
        All that the content is a function of, as text: only equal inputs are gone on with.
    marks
        What is said there of where the data come from: version, seed.
    segments
        The numbers of the batches of each segment; 0 stands for what is no batch's.
    overwrite
        Whether a load of other inputs is replaced.
    saved
        Texts of the inputs, by file name, to be kept there: so that the load can live on.
    """

    tables: tuple[Table, ...]
    inputs: Mapping[str, str]
    marks: Mapping[str, str]
    segments: Mapping[str, tuple[int, ...]]
    overwrite: bool = False
    saved: Mapping[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> frozenset[Part]:
        """All parts of the load."""
        return frozenset(
            (segment, number) for segment, numbers in self.segments.items() for number in numbers
        )


@dataclass(frozen=True, slots=True)
class Finished:
    """What is at a place when a run has ended.

    Attributes
    ----------
    totals
        Rows and fingerprint of every table that has rows.
    is_complete
        Whether every batch of the load is there.
    seconds
        How long what follows the last row took, by name: keys, foreign keys.
    notes
        Lines that the user should read.
    """

    totals: Mapping[str, Totals]
    is_complete: bool
    seconds: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A place that is held by this run.

    Attributes
    ----------
    sink
        For the parts that are not there.
    done
        The parts that are there, of equal inputs.
    finish
        Makes the whole ready, after the last batch.
    workers
        Most processes that may write; None for any number.
    is_staged
        Whether what is no batch's must all be there before the first batch is brought.
    """

    sink: Sink
    done: frozenset[Part]
    finish: Callable[[], Finished]
    workers: int | None = None
    is_staged: bool = False


class Place(Protocol):
    """Where a load can go."""

    @property
    def shown(self) -> str:
        """Its name for people; never with a password."""

    def hold(self, load: Load) -> AbstractContextManager[Held]:
        """Hold the place for as long as the block lasts.

        Raises
        ------
        DestinationError
            If it holds something else or a load of other inputs, is held by another run, or
            cannot be reached or written.
        MissingExtra
            If a package is needed that is not there.
        """


def describe_differences(shown: str, there: Mapping[str, str], wanted: Mapping[str, str]) -> str:
    """Say in what a load that is there differs from the one wanted; empty if in nothing."""
    lines = [
        f"{name}: there {there.get(name, 'nothing')}, wanted {wanted.get(name, 'nothing')}"
        for name in sorted({*there, *wanted})
        if there.get(name) != wanted.get(name)
    ]
    if not lines:
        return ""
    return (
        f"{shown}: holds a load of other inputs:\n  "
        + "\n  ".join(lines)
        + "\nWrite to another place, or give --overwrite to replace it."
    )
