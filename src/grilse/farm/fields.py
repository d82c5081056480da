"""Fields of a file's mappings, each taken strictly: what is wrong is noted, and reading goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import isfinite
from typing import Any, TypeVar

from grilse.farm.patterns import MAX_NAME_LENGTH, expanded
from grilse.ground.errors import Problem

__all__ = ["Fields", "Reading"]

T = TypeVar("T")

_SHOWN = 60


@dataclass(slots=True)
class Reading:
    """One reading of one file: its name, and the problems met so far."""

    file: str | None
    problems: list[Problem] = field(default_factory=list)

    def refuse(
        self, code: str, message: str, line: int | None, *, found: Any = None, allowed: str = "",
        mend: str = "",
    ) -> None:  # fmt: skip
        """Note a problem at a line."""
        shown = None if found is None else repr(found)[:_SHOWN]
        self.problems.append(
            Problem(
                code, message, file=self.file, line=line, found=shown, allowed=allowed or None,
                mend=mend or None,
            )
        )  # fmt: skip


class Fields:
    """A mapping of the file, taken key by key.

    Parameters
    ----------
    reading
        Where problems are noted.
    value, line
        What stands there, and where; anything but a mapping is a problem.
    what
        What it describes, as the messages call it.
    required, optional
        Its keys; another key, or one that is missing, is a problem.

    Notes
    -----
    Each method returns a harmless value of its type where the file has none that is allowed: the
    caller reads on, and looks at the problems at the end.
    """

    def __init__(
        self, reading: Reading, value: Any, line: int | None, what: str,
        required: Sequence[str], optional: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.reading = reading
        self.what = what
        self.line: int | None = getattr(value, "line", line)
        self.values: dict[Any, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            reading.refuse("F-TYPE", f"{what} must be a mapping", line, found=value)
            return
        self._refuse_keys(required, optional)

    def _refuse_keys(self, required: Sequence[str], optional: Sequence[str]) -> None:
        known = (*required, *optional)
        for key in self.values:
            if key not in known:
                close = get_close_matches(str(key), known, 1)
                mend = f"Did you mean {close[0]}?" if close else "Leave it out"
                self.refuse("F-KEY", f"{self.what} has an unknown key", key, key, known, mend)
        for key in required:
            if key not in self.values:
                self.reading.refuse("F-MISSING", f"{self.what} lacks {key}", self.line)

    def line_of(self, key: str) -> int | None:
        """Return the line of a key."""
        lines: dict[Any, int] = getattr(self.values, "key_lines", {})
        return lines.get(key, self.line)

    def refuse(
        self, code: str, message: str, key: str, found: Any, allowed: Sequence[str] | str,
        mend: str = "",
    ) -> None:  # fmt: skip
        """Note a problem at a key."""
        listed = allowed if isinstance(allowed, str) else ", ".join(allowed)
        line = self.line_of(key)
        self.reading.refuse(code, message, line, found=found, allowed=listed, mend=mend)

    def text(self, key: str, default: str = "") -> str:
        """Return a short text."""
        value = self.values.get(key, default)
        if isinstance(value, str) and len(value) <= MAX_NAME_LENGTH and value.isprintable():
            return value
        allowed = f"a printable text of at most {MAX_NAME_LENGTH} characters"
        self.refuse("F-TYPE", f"{key} of {self.what} must be a text", key, value, allowed)
        return default

    def word(self, key: str, allowed: Sequence[str]) -> str:
        """Return one of a few words."""
        value = self.values.get(key, allowed[0])
        if value in allowed:
            return str(value)
        self.refuse("F-WORD", f"{key} of {self.what} is none of its words", key, value, allowed)
        return allowed[0]

    def positive(self, key: str, most: float) -> float:
        """Return a number above 0, up to `most`."""
        value = self.values.get(key, 1.0)
        if _is_number(value) and 0 < value <= most:
            return float(value)
        allowed = f"above 0, up to {most:,.0f}"
        self.refuse("F-RANGE", f"{key} of {self.what} must be a number", key, value, allowed)
        return 1.0

    def names(self, key: str, site: str | None = None) -> tuple[str, ...]:
        """Return the names of a pattern; see `patterns.expanded`."""
        value = self.values.get(key)
        try:
            if value is None:
                return ()
            return expanded(value if isinstance(value, str) else "", site)
        except ValueError as error:
            allowed = "a name, {site}, one range {01..20}"
            message = f"{key} of {self.what} does not name anything: {error}"
            self.refuse("F-NAME", message, key, value, allowed)
            return ()

    def name(self, key: str, site: str | None = None) -> str:
        """Return the one name of a pattern without a range."""
        names = self.names(key, site)
        if len(names) > 1:
            self.refuse(
                "F-NAME",
                f"{key} of {self.what} must be one name",
                key,
                self.values[key],
                "no range",
            )
        return names[0] if names else ""

    def positions(self, key: str, count: int) -> list[tuple[float, float]]:
        """Return `count` positions, each latitude and longitude in degrees."""
        value = self.values.get(key)
        if isinstance(value, list) and len(value) == count and all(map(_is_position, value)):
            return [(float(latitude), float(longitude)) for latitude, longitude in value]
        if key in self.values and count:
            found = f"{len(value)} of them" if isinstance(value, list) else value
            allowed = f"{count} pairs [degrees north, degrees east], one a name"
            self.refuse("F-POSITION", f"{key} of {self.what} do not fit", key, found, allowed)
        return [(0.0, 0.0)] * count

    def each(self, key: str, read: Callable[[Any, int | None], T]) -> list[T]:
        """Read the items of a list that is not empty, each with its line."""
        value = self.values.get(key)
        if isinstance(value, list) and value:
            lines = getattr(value, "lines", [self.line_of(key)] * len(value))
            return [read(item, line) for item, line in zip(value, lines, strict=True)]
        if key in self.values:
            self.refuse("F-TYPE", f"{key} of {self.what} must be a list", key, value, "items")
        return []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_position(value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)):
        return False
    latitude, longitude = value
    return bool(-90 <= latitude <= 90 and -180 <= longitude <= 180)
