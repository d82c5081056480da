"""The mapping: which file of a source holds what, what its columns are called, and its stages.

The layout that is read without one is described in `COLUMNS`; a YAML file says what differs::

    system: fishtalk
    delimiter: ";"
    dates: "%d.%m.%Y %H:%M"
    files:
      populations: {file: Populations.txt, columns: {PopulationID: PopID, StartTime: Start}}
    geographies: {Faroes: Faroe Islands}
    stages:
      - {place: "Startfeeding.*", stage: fry}
    rules: {link_days: 2, link_count_share: 0.1, bridge_hours: 24}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from os import PathLike
from typing import Any

from grilse.ground import marked_yaml
from grilse.ground.errors import BadInput, Problem
from grilse.ground.pattern import compiled
from grilse.schedule.layout import STAGES, stage_key

__all__ = ["COLUMNS", "OPTIONAL_FILES", "RULES", "Layout", "StageRule", "read_mapping"]

COLUMNS: Mapping[str, Mapping[str, bool]] = {
    "containers": {
        "ContainerID": True, "ContainerName": True, "GroupName": True, "SiteName": True,
        "Geography": True, "ContainerType": True, "Stage": False,
    },
    "populations": {
        "PopulationID": True, "ContainerID": True, "StartTime": True, "EndTime": True,
        "StartCount": False, "StartAvgWeightG": False, "EndCount": False, "EndAvgWeightG": False,
        "Stage": False,
    },
    "transfers": {
        "TransferID": True, "OperationTime": True, "SourcePopBefore": True,
        "SourcePopAfter": False, "DestPopBefore": False, "DestPopAfter": True, "Count": False,
        "DeadCount": False, "AvgWeightG": False,
    },
    "inputs": {
        "PopulationID": True, "InputName": True, "InputNumber": True, "YearClass": True,
        "InputTime": True, "InputCount": True, "AvgWeightG": False,
    },
    "statuses": {"PopulationID": True, "StatusTime": True, "Count": False, "AvgWeightG": False},
    "harvests": {"PopulationID": True, "HarvestTime": True, "Count": True, "AvgWeightG": False},
    "plans": {
        "InputName": True, "InputNumber": True, "YearClass": True, "BatchID": False,
        "BatchNumber": False, "InputCount": False, "HarvestTargetKg": False, "Stage": False,
        "ContainerID": False, "StartTime": False, "EndTime": False, "AsOf": False,
    },
}  # fmt: skip
"""Columns of each file, and whether they must be there."""

OPTIONAL_FILES = ("statuses", "harvests", "plans")

RULES: Mapping[str, tuple[float, float, float]] = {
    "link_days": (2.0, 0.0, 60.0),
    "link_count_share": (0.1, 0.0, 1.0),
    "bridge_hours": (24.0, 0.0, 720.0),
}
"""Default, least and most of each rule: days between fresh water and sea that may be one batch,
by how much their numbers may differ, and hours below which a population is but a bridge."""

_KEYS = ("system", "delimiter", "dates", "files", "geographies", "stages", "rules")


@dataclass(frozen=True, slots=True)
class StageRule:
    """A stage by the name of a container's hall or area, or its own."""

    pattern: re.Pattern[str]
    on: str
    stage: str


@dataclass(frozen=True)
class Layout:
    """How a source is laid out.

    Attributes
    ----------
    system
        Its name: rows carry it.
    delimiter, dates
        Of its files; without `dates` ISO 8601 is read.
    files
        Names of the files, by what they hold.
    columns
        Names of the columns, by file and the name that we give them.
    geographies
        Our names by the source's.
    stages
        Rules, tried in order.
    rules
        Numbers, as in `RULES`.
    """

    system: str = "fishtalk"
    delimiter: str = ","
    dates: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    geographies: Mapping[str, str] = field(default_factory=dict)
    stages: tuple[StageRule, ...] = ()
    rules: Mapping[str, float] = field(default_factory=dict)

    def file(self, what: str) -> str:
        """Return the name of the file of something."""
        return self.files.get(what, f"{what}.csv")

    def column(self, what: str, name: str) -> str:
        """Return what a column is called."""
        return self.columns.get(what, {}).get(name, name)

    def rule(self, name: str) -> float:
        """Return a rule's number."""
        return self.rules.get(name, RULES[name][0])

    def stage(self, place: str, container: str) -> str | None:
        """Return the stage that the rules give a container."""
        for rule in self.stages:
            if rule.pattern.fullmatch(place if rule.on == "place" else container):
                return rule.stage
        return None


def read_mapping(path: str | PathLike[str]) -> Layout:
    """Read a mapping file.

    Raises
    ------
    BadInput
        With every problem of it, at its line.
    """
    raw = marked_yaml.read(path)
    problems: list[Problem] = []

    def wrong(
        text: str, found: Any, allowed: str | None = None, *, at: tuple[Any, Any] = (None, None)
    ) -> None:
        """Note a problem; `at` is a mapping and the key in it at which it stands."""
        said = None if found is None else str(found)[:80]
        line = getattr(at[0], "key_lines", {}).get(at[1], getattr(found, "line", None))
        problems.append(Problem("G-MAPPING", text, file=str(path), line=line, found=said,
                                allowed=allowed))  # fmt: skip

    if not isinstance(raw, Mapping):
        raise BadInput(Problem("G-MAPPING", "a mapping file must hold a mapping", file=str(path)))
    for key in raw:
        if key not in _KEYS:
            near = get_close_matches(str(key), _KEYS, n=1)
            wrong(
                "the file has a key that is not known", key, ", ".join(near or _KEYS), at=(raw, key)
            )
    files, columns = _files(raw, wrong)
    result = Layout(
        str(raw.get("system", "fishtalk")),
        _text(raw, "delimiter", wrong) if "delimiter" in raw else ",",
        None if raw.get("dates") is None else _text(raw, "dates", wrong),
        files,
        columns,
        _names(raw, "geographies", wrong),
        tuple(_stages(raw.get("stages") or [], wrong)),
        _rules(raw, wrong),
    )
    if len(result.delimiter) != 1:
        wrong("a delimiter is one character", result.delimiter, at=(raw, "delimiter"))
    if problems:
        raise BadInput(problems)
    return result


def _text(node: Any, key: str, wrong: Any) -> str:
    value = node[key]
    if not isinstance(value, str):
        wrong(f"{key} must be a text", value, at=(node, key))
    return str(value)


def _names(node: Any, key: str, wrong: Any) -> dict[str, str]:
    value = node.get(key) or {}
    if not isinstance(value, Mapping):
        wrong(f"{key} must be a mapping of names", value, at=(node, key))
        return {}
    return {str(key): str(item) for key, item in value.items()}


def _files(raw: Any, wrong: Any) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    files: dict[str, str] = {}
    columns: dict[str, dict[str, str]] = {}
    value = raw.get("files") or {}
    if not isinstance(value, Mapping):
        wrong("files must be a mapping", value, at=(raw, "files"))
        return files, columns
    for what, told in value.items():
        if what not in COLUMNS or not isinstance(told, Mapping):
            wrong("this is no file of a source", what, ", ".join(COLUMNS), at=(value, what))
            continue
        for key in [key for key in told if key not in ("file", "columns")]:
            wrong(f"{what}: a key that is not known", key, "file, columns", at=(told, key))
        if "file" in told:
            files[str(what)] = str(told["file"])
        columns[str(what)] = _names(told, "columns", wrong)
        known = COLUMNS[str(what)]
        for name in [name for name in columns[str(what)] if name not in known]:
            at = (told["columns"], name)
            wrong(f"{what}: no such column", name, ", ".join(known), at=at)
    return files, columns


def _stages(value: Any, wrong: Any) -> list[StageRule]:
    rules = []
    for item in value if isinstance(value, list) else [value]:
        on = next(
            (key for key in ("place", "container") if isinstance(item, Mapping) and key in item),
            None,
        )
        stage = stage_key(str(item.get("stage", ""))) if on else None
        if on is None or stage is None:
            allowed = f"{{place: PATTERN, stage: {'|'.join(STAGES)}}}"
            wrong("this is no rule for a stage", item, allowed)
            continue
        try:
            rules.append(StageRule(compiled(str(item[on])), on, stage))
        except ValueError as error:
            wrong(f"a pattern cannot be read: {error}", item[on], at=(item, on))
    return rules


def _rules(raw: Any, wrong: Any) -> dict[str, float]:
    rules: dict[str, float] = {}
    value = raw.get("rules") or {}
    for key, number in (value if isinstance(value, Mapping) else {"": value}).items():
        at = (value, key)
        is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
        if key not in RULES:
            wrong("there is no such rule", key, ", ".join(RULES), at=at)
        elif not is_number or not RULES[key][1] <= number <= RULES[key][2]:
            allowed = f"{RULES[key][1]:g} to {RULES[key][2]:g}"
            wrong(f"rule {key} is out of range", number, allowed, at=at)
        else:
            rules[str(key)] = float(number)
    return rules
