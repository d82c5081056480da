"""What a mapping says: which of another application's tables take which of our rows, and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "HISTORY_FIELDS", "Application", "Field", "Handover", "History", "Key", "MappedTable",
    "Master", "PgType",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PgType:
    """A column's type, as PostgreSQL's catalogue has it.

    Attributes
    ----------
    name
        ``int8``, ``numeric``, ``varchar``, ``timestamptz`` ...
    size
        Digits of a numeric, or most characters of a varchar; None for any.
    scale
        Digits behind the point of a numeric.
    """

    name: str
    size: int | None = None
    scale: int = 0

    def __str__(self) -> str:
        """Write as SQL does."""
        if self.size is None:
            return self.name
        return f"{self.name}({self.size}{f',{self.scale}' if self.name == 'numeric' else ''})"


@dataclass(frozen=True, slots=True)
class Field:
    """One column that is filled: its name and type there, and an expression over our rows."""

    name: str
    type: PgType
    expression: str


HISTORY_FIELDS = (
    Field("history_date", PgType("timestamptz"), ""),
    Field("history_type", PgType("varchar", 1), ""),
    Field("history_user_id", PgType("int4"), ""),
)
"""What a version of a row has beside the row: when, what was done (+), and by whom."""


@dataclass(frozen=True, slots=True)
class Key:
    """The key of a table whose rows are ours.

    Attributes
    ----------
    column
        Its name there.
    name
        How expressions call it: ``NAME_key(x)`` is our key `x` as it is there.
    bits
        How many keys an owner has room for, as a power of two; see `grilse.tables.keys`.
    """

    column: str
    name: str
    bits: int


@dataclass(frozen=True, slots=True)
class History:
    """The table that keeps versions of a table's rows.

    Attributes
    ----------
    table
        Its name.
    moment
        The column that tells when a row came to be.
    """

    table: str
    moment: str


@dataclass(frozen=True, slots=True)
class MappedTable:
    """A table that takes rows of ours.

    Attributes
    ----------
    name
        Its name there.
    source
        What follows FROM: our tables by their names.
    fields
        The columns filled.
    key
        Its key; None where the rows have another table's.
    history
        Where versions of its rows are kept, if they are.
    owner
        Whose rows they are.
    line
        Where it stands in its file.
    event
        The column that tells when what a row tells of happened: once there, it stays as it is.
        None where rows are of states, and are changed as time goes on.
    """

    name: str
    source: str
    fields: tuple[Field, ...]
    key: Key
    history: History | None = None
    owner: Literal["batch", "store"] = "batch"
    line: int | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Master:
    """Rows that are there before any batch: used by name, added where they are missing.

    Attributes
    ----------
    name
        How expressions call it: ``NAME_of(x)`` is the key there of what has the key `x` here.
    table, key
        The table there, and its key.
    source, ours
        Our rows, and our key.
    match
        Columns that name a row there.
    fields
        The columns filled where a row is missing.
    is_needed
        Whether a missing row is a problem rather than added.
    compared
        Columns that are compared where the row is there: what differs is told.
    history
        Where versions of its rows are kept, if they are.
    """

    name: str
    table: str
    key: str
    source: str
    ours: str
    match: tuple[str, ...]
    fields: tuple[Field, ...]
    is_needed: bool = False
    compared: tuple[str, ...] = ()
    history: History | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """What rows of the stores tell of a batch's, given to where the batch's rows are made."""

    name: str
    source: str
    batch: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Application:
    """All that is known of an application's schema.

    Attributes
    ----------
    name
        For people and for the ledger.
    file
        Where it was read from.
    schema
        The schema of its tables where none is named.
    user
        SQL that finds a user's key by name, asked there.
    batches_there
        SQL that lists the names of the batches there.
    stays_there
        SQL that lists container, batch, first day and day of departure of all stays there.
    containers
        The master that the stays' containers are of.
    macros
        SQL functions that expressions use.
    words
        Their words for ours: ``NAME_word(x)``.
    masters, handovers, tables
        In order.
    """

    name: str
    file: str
    schema: str
    user: str
    batches_there: str
    stays_there: str
    containers: str
    macros: tuple[str, ...] = ()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    masters: tuple[Master, ...] = ()
    handovers: tuple[Handover, ...] = ()
    tables: tuple[MappedTable, ...] = ()

    def of(self, owner: str) -> Iterator[MappedTable]:
        """Yield the tables whose rows belong to batches, or to stores."""
        return (table for table in self.tables if table.owner == owner)

    @property
    def sources(self) -> Iterator[str]:
        """All SQL over our rows, to see which of our tables are asked for."""
        parts: tuple[MappedTable | Master | Handover, ...]
        parts = (*self.tables, *self.masters, *self.handovers)
        for part in parts:
            yield part.source
            yield from (item.expression for item in part.fields)
