"""How far values may lie apart and still count as equal: ``avg_weight_g=0.5``, ``1%``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from grilse.ground.errors import BadInput, Problem
from grilse.tables.catalogue import TABLES
from grilse.tables.schema import Column, Table

__all__ = ["NOTHING_TOLERATED", "Tolerance", "Tolerances", "read_tolerances"]

_FORM = re.compile(r"(?:([a-z_0-9]+)\.)?([a-z_0-9]+)=([0-9]{1,15}(?:\.[0-9]{1,9})?)(%?)")
_NAME = re.compile(r"(?:([a-z_0-9]+)\.)?([a-z_0-9]+)")
_NUMERIC = ("int32", "int64", "decimal", "date", "timestamp")
_PER_UNIT = {"timestamp": 1_000_000}


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far apart two values may lie.

    Attributes
    ----------
    apart
        In the column's unit; days for dates, seconds for times. Where `is_share`, percent of the
        greater of the two.
    """

    apart: float
    is_share: bool = False

    def exceeded(
        self, column: Column, a: NDArray[np.int64], b: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Whether values, as they are stored, lie further apart; shape of both."""
        off = np.abs(a.astype(np.float64) - b.astype(np.float64))
        if self.is_share:
            most = np.maximum(np.abs(a.astype(np.float64)), np.abs(b.astype(np.float64)))
            result: NDArray[np.bool_] = off > most * (self.apart / 100.0)
            return result
        unit = 10**column.scale * _PER_UNIT.get(column.kind, 1)
        result = off > self.apart * unit + 1e-9
        return result


@dataclass(frozen=True)
class Tolerances:
    """Tolerances by ``(table, column)``, the table empty where any is meant.

    Attributes
    ----------
    by_column
        How far apart values may lie.
    ignored
        Columns that are not looked at.
    """

    by_column: Mapping[tuple[str, str], Tolerance] = field(default_factory=dict)
    ignored: Collection[tuple[str, str]] = ()

    def of(self, table: str, column: str) -> Tolerance | None:
        """Return the tolerance of a column; one for its table goes before one for any."""
        return self.by_column.get((table, column)) or self.by_column.get(("", column))

    def ignores(self, table: str, column: str) -> bool:
        """Whether a column is not looked at."""
        return (table, column) in self.ignored or ("", column) in self.ignored


NOTHING_TOLERATED = Tolerances()


def read_tolerances(texts: Iterable[str], ignored: Iterable[str] = ()) -> Tolerances:
    """Read tolerances such as ``avg_weight_g=0.5``, ``batch.end_date=2`` or ``biomass_kg=1%``.

    Raises
    ------
    BadInput
        With every text that is none, or names no column.
    """
    problems: list[Problem] = []
    by_column: dict[tuple[str, str], Tolerance] = {}
    for text in texts:
        match = _FORM.fullmatch(text.strip())
        if match is None:
            allowed = "COLUMN=NUMBER, TABLE.COLUMN=NUMBER, or either with a % behind the number"
            problems.append(
                Problem("D-TOLERANCE", "this is no tolerance", found=text[:80], allowed=allowed)
            )
        elif _known(match[1], match[2], problems, numeric=True):
            by_column[match[1] or "", match[2]] = Tolerance(float(match[3]), match[4] == "%")
    left_out = []
    for text in ignored:
        match = _NAME.fullmatch(text.strip())
        if match is None or _known(match[1], match[2], problems):
            left_out.append((match[1] or "", match[2]) if match else ("", text))
        if match is None:
            problems.append(Problem("D-COLUMN", "this is no column", found=text[:80]))
    if problems:
        raise BadInput(problems)
    return Tolerances(by_column, frozenset(left_out))


def _known(
    table: str | None, column: str, problems: list[Problem], *, numeric: bool = False
) -> bool:
    """Whether a column is there, and has numbers where it must; what is wrong is noted."""
    if table is not None and table not in TABLES:
        near = get_close_matches(table, TABLES, n=1)
        mend = f"Did you mean {near[0]}?" if near else "grilse schema lists them"
        problems.append(Problem("R-TABLE", "there is no such table", found=table, mend=mend))
        return False
    held: list[Table] = [TABLES[table]] if table else list(TABLES.values())
    kinds = {each.column(column).kind for each in held if each.has_column(column)}
    if not kinds:
        names = sorted({each.name for part in held for each in part.columns})
        near = get_close_matches(column, names, n=1)
        mend = f"Did you mean {near[0]}?" if near else "grilse schema lists them"
        problems.append(Problem("D-COLUMN", "no table has such a column", found=column, mend=mend))
        return False
    if numeric and not kinds & set(_NUMERIC):
        problems.append(
            Problem("D-TOLERANCE", "the column holds no numbers", found=column,
                    mend="Leave it out of the comparison by --ignore")
        )  # fmt: skip
        return False
    return True
