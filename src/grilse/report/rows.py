"""The rows of a dataset, asked in SQL through its views; answers are columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

__all__ = ["WEEK", "Columns", "Rows"]

Columns = Mapping[str, NDArray[Any]]

WEEK = "(datediff('day', DATE '1970-01-05', {}::DATE) // 7)"
"""The number of a date's week: weeks begin on Mondays, and week 0 on 1970-01-05."""

_MEMORY = "1GB"


class Rows:
    """A dataset's rows.

    Parameters
    ----------
    connection
        Opened on its views.
    counts
        Rows of each table that the dataset was asked to hold.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, counts: Mapping[str, int]) -> None:
        self._connection = connection
        self._counts = counts
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        connection.execute("SET enable_progress_bar = false")

    def has(self, *tables: str) -> bool:
        """Whether the dataset has all of these tables, each with a row."""
        return all(self._counts.get(table, 0) > 0 for table in tables)

    def holds(self, *tables: str) -> bool:
        """Whether the dataset was asked for all of these tables, be there rows or not."""
        return all(table in self._counts for table in tables)

    def hold(self, name: str, sql: str) -> None:
        """Hold the answer to a query under a name, for others to ask of."""
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")

    def ask(self, sql: str, **parameters: Any) -> Columns:
        """Return the answer to a query as columns: numbers as floats where one may be missing."""
        found = self._connection.execute(sql, parameters or None).fetchnumpy()
        return {name: _plain(values) for name, values in found.items()}


def _plain(values: Any) -> NDArray[Any]:
    """Return a column without mask: missing numbers are NaN, all else that is missing is None."""
    if not isinstance(values, np.ma.MaskedArray):
        return np.asarray(values)
    masked: Any = values
    if masked.dtype.kind in "iuf":
        return np.asarray(masked.astype(float).filled(np.nan))
    return np.asarray(masked.astype(object).filled(None))
