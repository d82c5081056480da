"""What pictures are drawn from: rows of a dataset, asked for through its views."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import duckdb

__all__ = ["Columns", "Reader", "Span"]

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Span:
    """Days of a picture: from the first up to, and without, the end."""

    first: date
    end: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.first).days


@dataclass(frozen=True)
class Reader:
    """A dataset's rows.

    Attributes
    ----------
    connection
        To its views.
    tables
        Names of those that it holds.
    """

    connection: duckdb.DuckDBPyConnection
    tables: Collection[str]

    def lacking(self, needs: Collection[str]) -> list[str]:
        """Name the tables of some that the dataset was made without."""
        return [name for name in needs if name not in self.tables]

    def columns(self, sql: str, **parameters: Any) -> Columns:
        """Return a query's answer, an array a column; numbers that are missing are NaN."""
        named = {name: value for name, value in parameters.items() if f"${name}" in sql}
        found = self.connection.execute(sql, named).fetchnumpy()
        return {name: _plain(values) for name, values in found.items()}

    def rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Return a query's rows."""
        named = {name: value for name, value in parameters.items() if f"${name}" in sql}
        answer: list[tuple[Any, ...]] = self.connection.execute(sql, named).fetchall()
        return answer


def _plain(values: Any) -> NDArray[Any]:
    if not np.ma.isMaskedArray(values):
        return np.asarray(values)
    missing = np.datetime64("NaT") if values.dtype.kind == "M" else np.nan
    if values.dtype.kind in "biu":
        values = values.astype(np.float64)
    filled: NDArray[Any] = values.filled(missing) if values.dtype.kind in "fM" else values.data
    return filled
