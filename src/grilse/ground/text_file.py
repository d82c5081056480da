"""Text files from outside: opened, or refused with the reason, and never read past a limit."""

from __future__ import annotations

from os import PathLike, fspath
from typing import TextIO

from grilse.ground.errors import BadInput, Problem

__all__ = ["DEFAULT_LIMIT", "LimitedText", "TooLargeError", "open_text"]

DEFAULT_LIMIT = 32 * 2**20
"""Largest document that is read, in characters, where the caller names no other limit."""


def open_text(path: str | PathLike[str]) -> TextIO:
    """Open a UTF-8 text file (a byte order mark is skipped).

    Raises
    ------
    BadInput
        Saying why it cannot be opened.
    """
    name = fspath(path)
    try:
        return open(name, encoding="utf-8-sig", newline="")
    except FileNotFoundError:
        reason = ("F-MISSING", "there is no such file", "Check the path")
    except IsADirectoryError:
        reason = ("F-DIRECTORY", "this is a directory, not a file", "Name the file in it")
    except (OSError, ValueError) as error:
        detail = getattr(error, "strerror", None) or str(error)
        reason = ("F-UNREADABLE", f"the file cannot be read: {detail}", "Check its permissions")
    raise BadInput(Problem(reason[0], reason[1], file=name, mend=reason[2]))


class TooLargeError(Exception):
    """A source holds more than its limit, which is the only argument."""


class LimitedText:
    """A text source that refuses to give more than so many characters."""

    def __init__(self, source: TextIO, limit: int) -> None:
        self.source, self.limit, self.left = source, limit, limit

    def read(self, size: int = 65_536) -> str:
        """Return the next part of the text."""
        part = self.source.read(size)
        self.left -= len(part)
        if self.left < 0:
            raise TooLargeError(self.limit)
        return part
