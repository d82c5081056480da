"""What is known of an application's tables: questions to them, and what our tables would hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from importlib.resources import files
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from grilse.ground import marked_yaml
from grilse.ground.errors import BadInput, Problem
from grilse.mirror.states import States
from grilse.tables.catalogue import TABLES

__all__ = ["BUILTIN", "Reflection", "asked_reads", "read_reflection"]

BUILTIN = ("aquamind",)
"""Applications whose tables are known; those of others are told by a file."""

_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_PAIRS = ("reads", "views", "analysed", "beside")
_NEEDED = ("reads", "views")


@dataclass(frozen=True, slots=True)
class Reflection:
    """How an application's tables are seen as ours.

    Attributes
    ----------
    application, schema
        Its name, and the schema in which its tables usually are.
    reads
        Questions to its database, by the name under which the answer lies for the views.
    views
        DuckDB's SQL for rows of ours, by table, in an order in which views are there before they
        are used.
    analysed
        The same for tables that growth analysis looks at otherwise.
    beside
        The same for tables that are none of ours, which verification asks for.
    macros
        SQL functions of the views.
    weight_step_g
        To what weights are told there.
    unfit
        Names or groups of checks that cannot be made, by the reason.
    informs
        Names of checks that tell, and fail nothing.
    states
        Where the application keeps what is estimated of each day, if it does.
    """

    application: str
    schema: str
    reads: Mapping[str, str]
    views: Mapping[str, str]
    analysed: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    macros: tuple[str, ...] = ()
    weight_step_g: float = 0.001
    unfit: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    informs: tuple[str, ...] = ()
    states: States | None = None


def read_reflection(application: str | PathLike[str]) -> Reflection:
    """Return how an application's tables are seen: by its name, or from a file of one's own.

    Raises
    ------
    BadInput
        If there is neither, or with every problem of the file.
    """
    name = fspath(application)
    if name in BUILTIN:
        text = (files("grilse.mirror") / "data" / f"{name}.yaml").read_text(encoding="utf-8")
        return _checked(marked_yaml.load(text, f"{name}.yaml"), f"{name}.yaml")
    if not Path(name).is_file():
        allowed = f"{', '.join(BUILTIN)}, or a file of views"
        raise BadInput(Problem("V-UNKNOWN", "nobody's tables", found=repr(name), allowed=allowed))
    return _checked(marked_yaml.read(name), name)


def _checked(value: Any, file: str) -> Reflection:
    if not isinstance(value, Mapping):
        raise BadInput(Problem("V-FORM", "a file of views is a mapping", file=file))
    lines = getattr(value, "key_lines", {})
    problems = [
        Problem("V-FORM", message, file=file, line=lines.get(key))
        for key, message in _faults(value)
    ]
    if problems:
        raise BadInput(problems)
    unfit = {why: tuple(names) for why, names in value.get("unfit", {}).items()}
    lists = {name: tuple(value.get(name, ())) for name in ("macros", "informs")}
    step = float(value.get("weight_step_g", 0.001))
    states = States(**value["states"]) if "states" in value else None
    return Reflection(**{**value, **lists, "unfit": unfit, "weight_step_g": step, "states": states})


def _faults(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong, each with the key under which it stands."""
    known = {each.name for each in fields(Reflection)}
    yield from ((name, f"nobody asks {name!r}") for name in value if name not in known)
    for name in ("application", "schema"):
        if not isinstance(value.get(name), str):
            yield name, f"{name} is missing, or no text"
    if isinstance(value.get("schema"), str) and not _SCHEMA.fullmatch(value["schema"]):
        yield "schema", "schema cannot be the name of a schema"
    for name in _PAIRS:
        pairs = value.get(name, {})
        if not _is_pairs(pairs) or (name in _NEEDED and not pairs):
            yield name, f"{name} must be a mapping of small-lettered names to SQL"
        elif name in ("views", "analysed"):
            yield from (
                (name, f"{name}: there is no table {t!r}") for t in pairs if t not in TABLES
            )
    yield from _faults_of_checks(value)
    if "states" in value:
        yield from (("states", message) for message in _faults_of_states(value["states"]))


def _faults_of_checks(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("macros", "informs"):
        if not _is_texts(value.get(name, [])):
            yield name, f"{name} must be a list of texts"
    unfit = value.get("unfit", {})
    if not isinstance(unfit, Mapping) or not all(map(_is_texts, unfit.values())):
        yield "unfit", "unfit must be a mapping of reasons to lists of checks"
    if not isinstance(value.get("weight_step_g", 0.0), int | float):
        yield "weight_step_g", "weight_step_g must be a number"


def _faults_of_states(value: Any) -> Iterator[str]:
    names = [each.name for each in fields(States)]
    if not isinstance(value, Mapping) or set(value) != set(names):
        yield f"states must have {', '.join(names)}, and nothing else"
        return
    for name in names:
        is_text = name not in ("columns", "marked", "brought")
        if not (isinstance(value[name], str) if is_text else _is_pairs(value[name])):
            yield f"states: {name} must be {'a text' if is_text else 'a mapping of names to texts'}"


def _is_pairs(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and _WORD.fullmatch(name) and isinstance(text, str)
        for name, text in value.items()
    )


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def asked_reads(
    reflection: Reflection, views: Mapping[str, str], wanted: Collection[str],
    beside: Mapping[str, str],
) -> tuple[Mapping[str, str], Mapping[str, str]]:  # fmt: skip
    """Return the reads, and of some views those, that the tables wanted are made of, in order."""
    needed = {*wanted, *(word for sql in beside.values() for word in _WORD.findall(sql.lower()))}
    for name in reversed(list(views)):
        if name in needed:
            needed |= set(_WORD.findall(views[name].lower()))
    chosen = {name: sql for name, sql in views.items() if name in needed}
    return {name: sql for name, sql in reflection.reads.items() if name in needed}, chosen
