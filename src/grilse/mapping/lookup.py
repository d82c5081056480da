"""Keys of master data, looked up for a whole column: what an outermost ``NAME_of(x)`` asks.

In SQL that is a join, which costs a query milliseconds however few rows it has, and each batch asks
some thirty queries. Where the function is all there is of an expression, SQL gives `x` alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Lookup", "looked_up"]

_WHOLE = re.compile(r"\s*([a-z_][a-z0-9_]*)_of\(([^']*)\)\s*", re.DOTALL)


@dataclass(frozen=True)
class Lookup:
    """A master's keys there, for its keys here.

    Attributes
    ----------
    ours, theirs
        The pairs; ours are numbers or texts, each there once.
    """

    ours: pa.Array
    theirs: pa.Array

    @property
    def sql_type(self) -> str:
        """The type to which SQL casts what is looked up."""
        return "BIGINT" if pa.types.is_integer(self.ours.type) else "VARCHAR"

    def find(self, keys: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the keys there; missing where the key here is, or has no row there."""
        return self.theirs.take(pc.index_in(keys, self.ours, skip_nulls=True))


def looked_up(expression: str, names: Collection[str]) -> tuple[str, str] | None:
    """Return the master's name and `x` where an expression is ``NAME_of(x)`` as a whole."""
    found = _WHOLE.fullmatch(expression)
    if found is None or found[1] not in names or not _is_one(found[2]):
        return None
    return found[1], found[2]


def _is_one(text: str) -> bool:
    """Whether every parenthesis in a text is of a pair within it."""
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0
