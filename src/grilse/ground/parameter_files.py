"""Parameter files: read strictly, overridden leaf by leaf, every problem told with its line.

A parameter file is a tree of groups in YAML. Its leaves are mappings with a ``value``: a number, a
list of numbers, a text, a list of texts, or a table (a mapping from column to list). Beside it
stand ``unit``, ``min`` and ``max`` (where there are numbers; for a table each a mapping by numeric
column) and ``source``. A list of numbers keeps its length in a user's file, unless its leaf says
``length: any``. A user's file gives only what it changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite
from typing import Any

from grilse.ground.errors import BadInput, Problem
from grilse.ground.marked_yaml import load
from grilse.ground.parameters import Bound, Column, Leaf, Parameters, Table, Value, step

__all__ = ["merged", "read_parameters"]

_LEAF_KEYS = ("value", "unit", "min", "max", "length", "source")


def read_parameters(text: str, file: str) -> Parameters:
    """Read a whole parameter file.

    Parameters
    ----------
    text
        The file's content, YAML.
    file
        Its name, for messages.

    Raises
    ------
    BadInput
        With every problem of the file, each at its line.
    """
    problems: list[Problem] = []
    entries = tuple(_walk(_Node(load(text, file), (), file), problems))
    if problems:
        raise BadInput(problems)
    return Parameters(entries)


def merged(base: Parameters, text: str, file: str) -> Parameters:
    """Return `base` with the values that a user's file gives instead.

    A leaf of the file may be the bare value, or a mapping with ``value`` and, where wanted,
    ``source``; unit and range are the base's, and are refused where the file says otherwise.
    New names are allowed in open groups alone (see the module), shaped as their ``default``.

    Raises
    ------
    BadInput
        With every problem of the file, each at its line.
    """
    problems: list[Problem] = []
    node = _Node(load(text, file), (), file)
    given = {leaf.path: leaf for leaf in _walk_over(node, [base.tree], problems)}
    if problems:
        raise BadInput(problems)
    kept = [given.pop(leaf.path, leaf) for leaf in base.entries]
    return Parameters((*kept, *given.values()))


@dataclass(frozen=True, slots=True)
class _Node:
    """A value of the file, with the place where it stands."""

    value: Any
    path: tuple[str, ...]
    file: str
    line: int | None = None

    def child(self, key: Any) -> _Node:
        line = getattr(self.value, "key_lines", {}).get(key, self.line)
        return _Node(self.value[key], (*self.path, str(key)), self.file, line)

    def children(self) -> Iterator[_Node]:
        return (self.child(key) for key in self.value)

    def problem(self, code: str, message: str, **details: str | None) -> Problem:
        where = ".".join(self.path) or "the file"
        return Problem(code, f"{where}: {message}", file=self.file, line=self.line, **details)  # type: ignore[arg-type]

    @property
    def is_leaf(self) -> bool:
        return isinstance(self.value, Mapping) and "value" in self.value


def _walk(node: _Node, problems: list[Problem]) -> Iterator[Leaf]:
    """Yield the leaves below a node of a whole file."""
    if node.is_leaf:
        leaf = _whole_leaf(node, problems)
        if leaf is not None:
            yield leaf
    elif not isinstance(node.value, Mapping) or not node.value:
        problems.append(_neither(node))
    else:
        for child in node.children():
            yield from _walk(child, problems)


def _walk_over(node: _Node, models: list[Any], problems: list[Problem]) -> Iterator[Leaf]:
    """Yield the leaves of a user's file; `models` are what the base has at this path."""
    model = next((model for model in models if isinstance(model, Leaf)), None)
    if model is not None:
        leaf = _leaf_like(node, model, problems)
        if leaf is not None:
            yield leaf
    elif not isinstance(node.value, Mapping) or node.is_leaf:
        problems.append(_neither(node))
    else:
        for child in node.children():
            below = list(step(models, child.path[-1]))
            if below:
                yield from _walk_over(child, below, problems)
            else:
                problems.append(_unknown(child, models))


def _whole_leaf(node: _Node, problems: list[Problem]) -> Leaf | None:
    """Make a leaf of which the file says everything."""
    found = list(_key_problems(node))
    value = _value(node.child("value"), found)
    given = node.value
    if value is not None:
        found += _companion_problems(node, value)
    if found or value is None:
        problems += found
        return None
    bounds = _numbers_of(given.get("min")), _numbers_of(given.get("max"))
    unit = given.get("unit", "")
    free = given.get("length") == "any"
    leaf = Leaf(node.path, value, unit, *bounds, given["source"], free, node.file, node.line)
    return _in_range(leaf, problems)


def _leaf_like(node: _Node, model: Leaf, problems: list[Problem]) -> Leaf | None:
    """Make a leaf that takes unit and range from the base's."""
    whole = node.is_leaf
    found = list(_key_problems(node)) if whole else []
    if whole:
        found += _differences(node, model)
    value = _value(node.child("value") if whole else node, found)
    if value is not None and _shape(value, model) != _shape(model.value, model):
        found.append(_other_shape(node, value, model))
    if found or value is None:
        problems += found
        return None
    source = node.value.get("source", f"given in {node.file}") if whole else f"given in {node.file}"
    leaf = replace(
        model, path=node.path, value=value, source=str(source), file=node.file, line=node.line
    )
    return _in_range(leaf, problems)


def _value(node: _Node, problems: list[Problem]) -> Value | None:
    """Turn what YAML gave into a value; None where it is none, which is told."""
    value, one = node.value, _scalar(node.value)
    if one is not None:
        return one
    if isinstance(value, list):
        return _column(node, problems)
    if isinstance(value, Mapping) and value:
        columns = {child.path[-1]: _column(child, problems) for child in node.children()}
        if None not in columns.values():
            return _table(node, columns, problems)  # type: ignore[arg-type]
        return None
    problems.append(_no_value(node))
    return None


def _scalar(value: Any) -> float | str | None:
    """Return a finite number as float, a text as it is, and None for all else."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return float(value) + 0.0
    return None


def _column(node: _Node, problems: list[Problem]) -> Column | None:
    """Return a list whose items are all numbers or all texts."""
    items = [_scalar(item) for item in node.value] if isinstance(node.value, list) else []
    kinds = {type(item) for item in items}
    if len(kinds) == 1 and None not in items:
        return tuple(items)  # type: ignore[return-value]
    problems.append(_no_value(node))
    return None


def _table(node: _Node, columns: dict[str, Column], problems: list[Problem]) -> Table | None:
    """Return a table: columns of one length, the first distinct texts or rising numbers."""
    first, *others = columns.values()
    if any(len(column) != len(first) for column in others):
        lengths = ", ".join(f"{name} {len(column)}" for name, column in columns.items())
        problems.append(node.problem("P-TABLE", "columns differ in length", found=lengths))
        return None
    rising = all(a < b for a, b in pairwise(first))  # type: ignore[operator]
    ordered = rising if isinstance(first[0], float) else len(set(first)) == len(first)
    if not ordered:
        allowed = "distinct texts, or numbers that rise"
        problems.append(
            node.problem("P-TABLE", "the first column must order the rows", allowed=allowed)
        )
        return None
    return columns


def _shape(value: Value, model: Leaf) -> object:
    """Return what an override must keep: a list's length, a table's columns."""
    if isinstance(value, Mapping):
        return tuple((name, type(column[0])) for name, column in value.items())
    if isinstance(value, tuple):
        fixed = isinstance(value[0], float) and not model.any_length
        return (type(value[0]), len(value) if fixed else None)
    return type(value)


def _numeric(value: Value) -> Mapping[str, tuple[float, ...]]:
    """Return the numbers of a value by column; a value without columns has one, unnamed."""
    columns = value if isinstance(value, Mapping) else {"": value}
    listed = {k: v if isinstance(v, tuple) else (v,) for k, v in columns.items()}
    return {k: v for k, v in listed.items() if isinstance(v[0], float)}  # type: ignore[misc]


def _bounds(bound: Bound) -> Mapping[str, float]:
    """Return a bound by column, as `_numeric` does."""
    if bound is None:
        return {}
    return bound if isinstance(bound, Mapping) else {"": bound}


def _numbers_of(bound: Any) -> Bound:
    """Return what a file gives as ``min`` or ``max`` as floats."""
    if bound is None:
        return None
    if isinstance(bound, Mapping):
        return {str(name): float(number) for name, number in bound.items()}
    return float(bound)


def _in_range(leaf: Leaf, problems: list[Problem]) -> Leaf | None:
    """Return the leaf where all its numbers lie within its range; else None, which is told."""
    least, most = _bounds(leaf.least), _bounds(leaf.most)
    wrong = [
        leaf.problem(
            "P-RANGE",
            f"{name or 'value'} out of range",
            found=f"{number:g}",
            allowed=f"{least[name]:g} to {most[name]:g}",
            mend="Give a value within the range",
        )
        for name, column in _numeric(leaf.value).items()
        for number in column
        if not least[name] <= number <= most[name]
    ]
    problems += wrong
    return None if wrong else leaf


def _key_problems(node: _Node) -> Iterator[Problem]:
    """Yield a problem for each key that no leaf has."""
    for key in node.value:
        if key not in _LEAF_KEYS:
            yield node.child(key).problem(
                "P-KEY", "unknown key of a parameter", allowed=", ".join(_LEAF_KEYS)
            )


def _companion_problems(node: _Node, value: Value) -> Iterator[Problem]:
    """Yield what is wrong with unit, min, max and source of a whole leaf."""
    given, numeric = node.value, set(_numeric(value))
    if given.get("length", "any") != "any":
        yield node.problem("P-KEY", "length can only be left free", allowed="any")
    if not isinstance(given.get("source"), str):
        yield node.problem("P-SOURCE", "no source", mend="Say where the value comes from")
    for key, kind in (("unit", str), ("min", float), ("max", float)):
        bound = given.get(key)
        names = set(bound) if isinstance(bound, Mapping) else ({""} if bound is not None else set())
        if names != numeric:
            yield node.problem(
                f"P-{key.upper()}",
                f"{key} must be given for exactly the numbers of the value",
                found=_listing(names),
                allowed=_listing(numeric),
            )
        elif any(type(_scalar(item)) is not kind for item in _items(bound)):
            allowed = "text" if kind is str else "number"
            yield node.problem(f"P-{key.upper()}", f"not a {allowed}", found=str(bound))


def _differences(node: _Node, model: Leaf) -> Iterator[Problem]:
    """Yield each of unit, min and max that a user's file gives otherwise than the base."""
    for key, own in (("unit", model.unit), ("min", model.least), ("max", model.most)):
        if key in node.value and node.value[key] != own:
            yield node.child(key).problem(
                f"P-{key.upper()}",
                f"{key} cannot be changed",
                found=str(node.value[key]),
                allowed=str(own),
                mend="Leave it out",
            )


def _items(bound: Any) -> Iterable[Any]:
    if isinstance(bound, Mapping):
        return list(bound.values())
    return [] if bound is None else [bound]


def _listing(names: Iterable[str]) -> str:
    return ", ".join(sorted(name or "value" for name in names)) or "none"


def _neither(node: _Node) -> Problem:
    found = "a list" if isinstance(node.value, list) else _said(node.value)
    return node.problem(
        "P-SHAPE",
        "a value stands where a group of parameters does",
        found=found,
        mend="`grilse params` shows what it holds",
    )


def _said(value: object) -> str:
    return "nothing" if value is None else str(value)[:60]


def _no_value(node: _Node) -> Problem:
    return node.problem(
        "P-VALUE",
        "not a value",
        found=str(node.value)[:60],
        allowed="a finite number, a text, a list of either, or a table of such lists",
    )


def _other_shape(node: _Node, value: Value, model: Leaf) -> Problem:
    return node.problem(
        "P-VALUE",
        "must be of the same kind, length and columns as the value it stands for",
        found=str(value)[:60],
        allowed=str(model.value)[:120],
    )


def _unknown(node: _Node, models: Iterable[Any]) -> Problem:
    names = sorted({name for model in models if isinstance(model, dict) for name in model})
    return node.problem("P-KEY", "no such parameter", allowed=", ".join(names))
