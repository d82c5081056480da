"""One tree of errors with one root, and the located problem that every refusal is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from errno import EDQUOT, ENOSPC
from typing import Literal

__all__ = [
    "BadInput",
    "CheckFailed",
    "DestinationError",
    "DiskFull",
    "GrilseError",
    "MissingExtra",
    "Problem",
    "kind_of_failure",
]

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input: where, what was found, what is allowed, what to do.

    Attributes
    ----------
    code
        A stable short name of the rule, for example ``S-OVERLAP``.
    message
        One sentence that says what is wrong.
    severity
        ``error`` refuses the input; ``warning`` and ``info`` only tell.
    file, line
        Where it stands; `line` counts from 1.
    batch
        The batch it belongs to, by its id in the schedule.
    found, allowed, mend
        What stands there, what could stand there, and what to do.
    """

    code: str
    message: str
    severity: Severity = "error"
    file: str | None = None
    line: int | None = None
    batch: str | None = None
    found: str | None = None
    allowed: str | None = None
    mend: str | None = None

    def __str__(self) -> str:
        """Format as ``file:line: code: message (found ...; allowed ...). Mend: ...``."""
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        details = [
            f"{label} {text}"
            for label, text in (("found", self.found), ("allowed", self.allowed))
            if text is not None
        ]
        words = [f"{place}: " if place else "", f"{self.severity} {self.code}: "]
        words.append(f"batch {self.batch}: " if self.batch else "")
        words.append(self.message)
        words.append(f" ({'; '.join(details)})" if details else "")
        words.append(f". {self.mend}" if self.mend else "")
        return "".join(words)


class GrilseError(Exception):
    """Root of every error raised on purpose; the command line prints it without a traceback."""

    exit_code = 1


class BadInput(GrilseError):
    """An input is refused whole; `problems` lists every reason.

    Parameters
    ----------
    problems
        At least one problem; all of them are printed.
    """

    exit_code = 2

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[BadInput], tuple[tuple[Problem, ...]]]:
        """Pickle by the problems, so that a worker's refusal reaches the parent whole."""
        return type(self), (self.problems,)


class DestinationError(GrilseError):
    """A destination cannot be written or read: it holds something else, is full or locked."""

    exit_code = 2


class DiskFull(DestinationError):
    """A destination's disk is full, or its user's share of it; what is there is whole."""


def kind_of_failure(error: OSError) -> type[DestinationError]:
    """Return the kind of error that a failed write is."""
    return DiskFull if error.errno in (ENOSPC, EDQUOT) else DestinationError


class MissingExtra(GrilseError):
    """A feature needs a package that is not there; the message names the command to install it."""

    exit_code = 2


class CheckFailed(GrilseError):
    """Something was made or read, and a check of it failed."""

    exit_code = 1
