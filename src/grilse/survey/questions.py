"""The questions by which an application's database tells what a farm has: SQL, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from grilse.ground import marked_yaml
from grilse.ground.errors import BadInput, Problem
from grilse.ground.pattern import compiled

__all__ = ["BUILTIN", "Questions", "questions_of"]

BUILTIN = ("aquamind", "grilse")
"""Applications whose questions are known; others are asked by a file."""

_MAPPINGS = ("stage_patterns", "stage_words", "parameter_words")
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked of an application's database.

    Attributes
    ----------
    application, schema
        Its name, and the schema in which its tables usually are.
    containers, stores, sensors, stages, tgc, fcr, mortality, temperature, holds, batches
        SQL; `aquamind.yaml` says which columns each answers with.
    stage_patterns
        Regular expressions, in the order in which they are tried, by stage.
    stage_words, parameter_words
        Our keys for their words.
    """

    application: str
    schema: str
    containers: str
    stores: str
    sensors: str
    stages: str
    tgc: str
    fcr: str
    mortality: str
    temperature: str
    holds: str
    batches: str
    stage_patterns: Mapping[str, str]
    stage_words: Mapping[str, str]
    parameter_words: Mapping[str, str]


def questions_of(application: str | PathLike[str] | None) -> Questions:
    """Return the questions of an application: by its name, or from a file of one's own.

    Raises
    ------
    BadInput
        If there is neither, or the file lacks a question, or has one that nobody asks.
    """
    name = "grilse" if application is None else fspath(application)
    if name in BUILTIN:
        text = (files("grilse.survey") / "data" / f"{name}.yaml").read_text(encoding="utf-8")
        return _checked(marked_yaml.load(text, f"{name}.yaml"), f"{name}.yaml")
    if not Path(name).is_file():
        allowed = f"{', '.join(BUILTIN)}, or a file of questions"
        raise BadInput(Problem("Q-UNKNOWN", "nobody's tables", found=repr(name), allowed=allowed))
    return _checked(marked_yaml.read(name), name)


def _checked(value: Any, file: str) -> Questions:
    known = [field.name for field in fields(Questions)]
    if not isinstance(value, Mapping):
        raise BadInput(Problem("Q-FORM", "a file of questions is a mapping", file=file))
    problems = [
        *(
            _problem("Q-MISSING", f"there is no {name}", file)
            for name in known
            if name not in value
        ),
        *(
            _problem("Q-KEY", f"nobody asks {name!r}", file, value, name)
            for name in value
            if name not in known
        ),
    ]
    for name in known:
        if name in value and not _fits(name, value[name]):
            kind = "a mapping of texts" if name in _MAPPINGS else "a text"
            problems.append(_problem("Q-TYPE", f"{name} must be {kind}", file, value, name))
    if not problems and not _SCHEMA.fullmatch(value["schema"]):
        message = "that cannot be the name of a schema"
        problems.append(_problem("Q-SCHEMA", message, file, value, "schema"))
    problems += [] if problems else _pattern_problems(value["stage_patterns"], file)
    if problems:
        raise BadInput(problems)
    return Questions(**{name: value[name] for name in known})


def _fits(name: str, value: Any) -> bool:
    if name not in _MAPPINGS:
        return isinstance(value, str)
    return isinstance(value, Mapping) and all(
        isinstance(text, str) for pair in value.items() for text in pair
    )


def _pattern_problems(patterns: Mapping[str, str], file: str) -> list[Problem]:
    problems = []
    for stage, pattern in patterns.items():
        try:
            compiled(pattern)
        except ValueError as error:
            message = f"stage_patterns: {stage}: no regular expression: {error}"
            problems.append(_problem("Q-PATTERN", message, file, patterns, stage))
    return problems


def _problem(code: str, message: str, file: str, node: Any = None, key: Any = None) -> Problem:
    line = getattr(node, "key_lines", {}).get(key)
    return Problem(code, message, file=file, line=line)
