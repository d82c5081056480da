"""What a batch says while it is made: its output and warnings, caught to stand in its log."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field

__all__ = ["MOST_CHARACTERS", "Heard", "hearing"]

MOST_CHARACTERS = 100_000
"""What is kept of a batch's output; a batch that fills the log helps nobody."""


@dataclass(slots=True)
class Heard:
    """What was said during a block; filled when it ends.

    Attributes
    ----------
    output
        What was printed, to either stream.
    warnings
        One line each.
    """

    output: str = ""
    warnings: list[str] = field(default_factory=list)


@contextmanager
def hearing() -> Iterator[Heard]:
    """Catch what this process prints and warns of during the block; filters stay as they are."""
    heard, spoken = Heard(), io.StringIO()
    try:
        with (
            warnings.catch_warnings(record=True) as warned,
            redirect_stdout(spoken),
            redirect_stderr(spoken),
        ):
            yield heard
    finally:
        heard.output = spoken.getvalue()[:MOST_CHARACTERS]
        heard.warnings = [f"{each.category.__name__}: {each.message}" for each in warned]
