"""Parameters: a frozen tree of values, each with unit, range and source, found by path.

A group that has a ``default`` is open: a name that it lacks, or lacks in part, is looked up in
``default`` instead. The tree knows nothing of what its values mean.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any

from grilse.ground.errors import Problem

__all__ = ["DEFAULT", "Bound", "Column", "Leaf", "Parameters", "Table", "Value", "matches", "step"]

DEFAULT = "default"
"""Name of the entry that stands for every name its group lacks."""

Column = tuple[float, ...] | tuple[str, ...]
Table = Mapping[str, Column]
Value = float | str | Column | Table
Bound = float | Mapping[str, float] | None
Path = str | Sequence[str]
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One parameter.

    Attributes
    ----------
    path
        The names that lead to it.
    value
        A number, a text, a tuple of either, or a table: a mapping from column to tuple.
    unit
        Its unit; for a table a mapping by column; empty for texts.
    least, most
        Its range, both ends allowed; for a table mappings by numeric column; None for texts.
    source
        Where the value comes from.
    any_length
        Whether a list of numbers may be overridden by one of another length.
    file, line
        Where it was read.
    """

    path: Names
    value: Value
    unit: str | Mapping[str, str]
    least: Bound
    most: Bound
    source: str
    any_length: bool = False
    file: str | None = field(default=None, compare=False)
    line: int | None = field(default=None, compare=False)

    def problem(self, code: str, message: str, **details: str | None) -> Problem:
        """Return a problem located at this leaf."""
        where = ".".join(self.path)
        return Problem(code, f"{where}: {message}", file=self.file, line=self.line, **details)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Parameters:
    """A frozen tree of parameters; two are equal when all their values are.

    Attributes
    ----------
    entries
        The leaves, in the file's order.

    Notes
    -----
    A path is a text with dots (``growth.fry.default.tgc_per_1000dd``) or, where a name may hold a
    dot itself, a sequence of names. The nearest match wins: at each step a group's own entry is
    preferred to its ``default``.
    """

    entries: tuple[Leaf, ...]

    def number(self, path: Path) -> float:
        """Return a number; raises KeyError where there is none at `path`."""
        value = self.leaf(path).value
        if not isinstance(value, float):
            raise KeyError(f"{_dotted(path)} is not a number")
        return value

    def numbers(self, path: Path) -> tuple[float, ...]:
        """Return a list of numbers; raises KeyError where there is none at `path`."""
        value = self.leaf(path).value
        if not isinstance(value, tuple) or not all(isinstance(item, float) for item in value):
            raise KeyError(f"{_dotted(path)} is not a list of numbers")
        return value  # type: ignore[return-value]

    def text(self, path: Path) -> str:
        """Return a text; raises KeyError where there is none at `path`."""
        value = self.leaf(path).value
        if not isinstance(value, str):
            raise KeyError(f"{_dotted(path)} is not a text")
        return value

    def texts(self, path: Path) -> tuple[str, ...]:
        """Return a list of texts; raises KeyError where there is none at `path`."""
        value = self.leaf(path).value
        if not isinstance(value, tuple) or not all(isinstance(item, str) for item in value):
            raise KeyError(f"{_dotted(path)} is not a list of texts")
        return value  # type: ignore[return-value]

    def table(self, path: Path) -> Table:
        """Return a table as columns of one length; raises KeyError where there is none."""
        value = self.leaf(path).value
        if not isinstance(value, Mapping):
            raise KeyError(f"{_dotted(path)} is not a table")
        return value

    def has(self, path: Path) -> bool:
        """Whether a parameter stands at `path`, its own or by default."""
        return any(isinstance(node, Leaf) for node in matches([self.tree], _names(path)))

    def group(self, path: Path = ()) -> Names:
        """Return the names below `path`, in the file's order; none where it is no group."""
        for node in matches([self.tree], _names(path)):
            if isinstance(node, dict):
                return tuple(node)
        return ()

    def leaf(self, path: Path) -> Leaf:
        """Return the parameter at `path` with all that is said of it; raises KeyError."""
        try:
            return self._found[path]  # type: ignore[index]
        except (KeyError, TypeError):  # not asked for before, or a list
            key = path if isinstance(path, str) else tuple(path)
        if key not in self._found:
            self._found[key] = self._search(path)
        return self._found[key]

    def _search(self, path: Path) -> Leaf:
        for node in matches([self.tree], _names(path)):
            if isinstance(node, Leaf):
                return node
        raise KeyError(f"no parameter {_dotted(path)}")

    @cached_property
    def _found(self) -> dict[str | Names, Leaf]:
        """Leaves that were asked for: the same few are, a hundred times a batch."""
        return {}

    def leaves(self) -> Iterator[Leaf]:
        """Yield every parameter in the file's order, for printing."""
        return iter(self.entries)

    @cached_property
    def fingerprint(self) -> str:
        """BLAKE2b of paths and values alone: units, ranges, sources and order do not count."""
        canonical = sorted([list(leaf.path), leaf.value] for leaf in self.entries)
        text = json.dumps(canonical, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return blake2b(text.encode(), digest_size=16).hexdigest()

    @cached_property
    def tree(self) -> dict[str, Any]:
        """Groups as dicts by name, parameters as leaves."""
        tree: dict[str, Any] = {}
        for leaf in self.entries:
            node = tree
            for name in leaf.path[:-1]:
                node = node.setdefault(name, {})
            node[leaf.path[-1]] = leaf
        return tree

    @cached_property
    def _number(self) -> int:
        return int(self.fingerprint[:15], 16)

    def __hash__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Parameters) and self.fingerprint == other.fingerprint


def step(nodes: Iterable[Any], name: str) -> Iterator[Any]:
    """Yield what the groups have under a name, each own entry before the default."""
    for node in nodes:
        if isinstance(node, dict):
            if name in node:
                yield node[name]
            if DEFAULT in node and name != DEFAULT:
                yield node[DEFAULT]


def matches(nodes: list[Any], names: Iterable[str]) -> list[Any]:
    """Return all that a path leads to, nearest first."""
    for name in names:
        nodes = list(step(nodes, name))
    return nodes


def _names(path: Path) -> Sequence[str]:
    return path.split(".") if isinstance(path, str) else path


def _dotted(path: Path) -> str:
    return ".".join(_names(path))
