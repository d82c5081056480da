"""Fields of a mapping in a file: each a typed value or a located problem."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

from grilse.ground.days import day_of
from grilse.ground.errors import Problem
from grilse.ground.marked_yaml import MarkedMap, MarkedSeq

__all__ = ["Fields", "Notes", "as_name", "day_number", "kind_of", "whole_days"]

_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?")

_KINDS = {
    dict: "a mapping", list: "a list", str: "text", bool: "true or false", int: "a whole number",
    float: "a number with a fraction", date: "a date", type(None): "nothing",
}  # fmt: skip


class Notes:
    """The problems met in one reading of one file."""

    def __init__(self, file: str | None) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(
        self,
        code: str,
        message: str,
        line: int | None,
        *,
        batch: str | None = None,
        found: str | None = None,
        allowed: str | None = None,
        mend: str | None = None,
    ) -> None:
        """Note a problem."""
        place = (self.file, line, batch)
        self.problems.append(Problem(code, message, "error", *place, found, allowed, mend))


class Fields:
    """A mapping of the file, read field by field.

    Parameters
    ----------
    notes
        Where problems go.
    values
        The mapping.
    what
        What it is, for the messages: ``batch``, ``stage fry``.
    batch
        The batch that it belongs to.
    """

    def __init__(
        self, notes: Notes, values: MarkedMap, what: str, batch: str | None = None
    ) -> None:
        self.notes, self.values, self.what, self.batch = notes, values, what, batch

    @property
    def line(self) -> int:
        """Where the mapping begins."""
        return self.values.line

    def line_of(self, key: str) -> int:
        """Line of a key, or that of the mapping where it is not there."""
        return self.values.key_lines.get(key, self.values.line)

    def only(self, allowed: Iterable[str]) -> None:
        """Complain of every key that is not allowed."""
        known = tuple(allowed)
        for key in self.values:
            if key not in known:
                self._unknown(str(key), self.values.key_lines[key], known)

    def _unknown(self, key: str, line: int, known: Sequence[str]) -> None:
        near = get_close_matches(key, known, n=1)
        self.notes.add(
            "S-UNKNOWN-KEY",
            f"{self.what} has a key that is not known",
            line,
            batch=self.batch,
            found=key[:60],
            allowed=", ".join(known),
            mend=f"Did you mean {near[0]}?" if near else "Remove it",
        )

    def present(self, key: str) -> bool:
        """Whether the key is there with a value."""
        return self.values.get(key) is not None

    def required(self, key: str) -> Any:
        """Return a value that must be there; None with a problem where it is not."""
        if not self.present(key):
            state = "has no value" if key in self.values else "is missing"
            message = f"{self.what}: {key} {state}"
            self.notes.add("S-MISSING-KEY", message, self.line_of(key), batch=self.batch)
        return self.values.get(key)

    def misfit(self, key: str, allowed: str, code: str = "S-TYPE", mend: str | None = None) -> None:
        """Complain that a value is not what it must be."""
        value = self.values.get(key)
        scalar = value is not None and not isinstance(value, (dict, list))
        found = f"{kind_of(value)}: {str(value)[:60]}" if scalar else kind_of(value)
        message = f"{self.what}: {key} is not what it must be"
        self.notes.add(
            code, message, self.line_of(key), batch=self.batch, found=found, allowed=allowed,
            mend=mend,
        )  # fmt: skip

    def name(self, key: str, *, required: bool = True) -> str | None:
        """Return a name: text, or a whole number taken as text."""
        value = self.required(key) if required else self.values.get(key)
        if value is None:
            return None
        text = as_name(value)
        if text is None:
            self.misfit(key, "a name (text)", mend="Write it in quotes")
        return text

    def whole(self, key: str, *, required: bool = True) -> int | None:
        """Return a whole number."""
        value = self.required(key) if required else self.values.get(key)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.misfit(key, "a whole number")
            return None
        return value

    def days(self, key: str, *, required: bool = True) -> int | None:
        """Return a number of days; a begun day counts whole."""
        value = self.required(key) if required else self.values.get(key)
        if value is None:
            return None
        days = whole_days(value)
        if days is None:
            self.misfit(key, "a number of days")
        return days

    def decimal(self, key: str) -> float | None:
        """Return a number where there is one."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.misfit(key, "a number")
            return None
        return float(value)

    def flag(self, key: str) -> bool:
        """Return true or false; false where there is none."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self.misfit(key, "true or false")
            return False
        return value

    def date(self, key: str, *, required: bool = True) -> int | None:
        """Return the day number of a date, written as a YAML date or as text."""
        value = self.required(key) if required else self.values.get(key)
        if value is None:
            return None
        day = day_number(value)
        if day is None:
            self.misfit(key, "a date as YYYY-MM-DD", "S-DATE")
        return day

    def mapping(self, key: str, what: str) -> Fields | None:
        """Return the fields of a mapping under a key; None where there is none."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, MarkedMap):
            self.misfit(key, "a mapping")
            return None
        return Fields(self.notes, value, what, self.batch)

    def names(self, key: str) -> tuple[tuple[str, ...], Sequence[int]] | None:
        """Return a list of names with their lines."""
        value = self.required(key)
        if value is None:
            return None
        if not isinstance(value, MarkedSeq):
            self.misfit(key, "a list of names")
            return None
        names = tuple(filter(None, (as_name(item) for item in value)))
        if len(names) != len(value):
            bad = next(i for i, item in enumerate(value) if not as_name(item))
            self._bad_item(key, value[bad], value.lines[bad])
            return None
        return names, value.lines

    def _bad_item(self, key: str, item: Any, line: int) -> None:
        message = f"{self.what}: an item of {key} is no name"
        self.notes.add(
            "S-TYPE", message, line, batch=self.batch, found=kind_of(item), allowed="names (text)",
            mend="Write it in quotes",
        )  # fmt: skip

    def extras(self, keys: Iterable[str]) -> dict[str, Any]:
        """Return what stands under some keys, as read."""
        return {key: self.values[key] for key in keys if key in self.values}


def kind_of(value: Any) -> str:
    """Say in words what kind of value this is."""
    return next((words for kind, words in _KINDS.items() if isinstance(value, kind)), "a value")


def as_name(value: Any) -> str | None:
    """Return a name that is text or a whole number, without blanks around it; None for others."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def whole_days(value: Any) -> int | None:
    """Return a number of days, rounded up: what is left within a day is free the day after."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return math.ceil(value) if abs(value) < 2**53 else None


def day_number(value: Any) -> int | None:
    """Return the day number of a date, or of a text that begins with one; None for others."""
    if isinstance(value, str):
        written = _DATE.fullmatch(value.strip())
        try:
            value = date.fromisoformat(written[1]) if written else None
        except ValueError:
            return None
    return day_of(value) if isinstance(value, date) else None
