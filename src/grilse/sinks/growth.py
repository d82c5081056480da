"""A load that lives on: what stands at a place, and what is added to it in one step.

Rows up to the new date are made aside, as Parquet files; then the place takes all of them in one
transaction, and says from then on that it is at the new date. Cut short before that, it is what it
was.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grilse.sinks.place import Load, Part
from grilse.tables.schema import Table
from grilse.tables.totals import Totals

__all__ = ["Growing", "Growth", "Standing", "grown"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at a place.

    Attributes
    ----------
    inputs
        Of the load that is there.
    saved
        Texts of its schedule, farm and parameters, by file name.
    totals
        Rows and fingerprint of its tables.
    is_complete
        Whether every batch is there.
    """

    inputs: Mapping[str, str]
    saved: Mapping[str, str]
    totals: Mapping[str, Totals]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Growth:
    """What a load is to be taken on by.

    Attributes
    ----------
    load
        What is to stand there then.
    files
        Parquet files of each table that has rows: event rows since the date before, and the rows
        of state tables as they are now, all of them.
    parts
        Rows and fingerprints of these, by part.
    """

    load: Load
    files: Mapping[str, tuple[Path, ...]]
    parts: Mapping[Part, Mapping[str, Totals]]


class Growing(Protocol):
    """A place that can be taken on to a later date."""

    @property
    def shown(self) -> str:
        """Its name for people; never with a password."""

    def hold(self) -> AbstractContextManager[Standing]:
        """Hold the place, and tell what stands there.

        Raises
        ------
        DestinationError
            If there is nothing of Grilse's, it cannot be reached, or is held by another run.
        """

    def stage(self) -> AbstractContextManager[Path]:
        """Give a folder for the rows that are made aside."""

    def write_states(self, tables: tuple[Table, ...], folder: Path) -> dict[str, Path]:
        """Write the rows of state tables as they stand, as Parquet; return the files."""

    def adopt(self, growth: Growth) -> dict[str, Totals]:
        """Take what was made, all of it or nothing; return what then stands there."""

    def compact(self) -> tuple[str, ...]:
        """Give back the room that what was replaced took; return lines for the user."""


def grown(
    before: Mapping[str, Totals], tables: tuple[Table, ...], added: Mapping[str, Totals]
) -> dict[str, Totals]:
    """Return the totals after a growth: of event tables the sum, of state tables what is new."""
    totals = {}
    for table in tables:
        new = added.get(table.name, Totals())
        old = before.get(table.name, Totals()) if table.event_date else Totals()
        if (old + new).rows:
            totals[table.name] = old + new
    return dict(sorted(totals.items()))
