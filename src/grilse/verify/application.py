"""Rows of another application's tables: what cannot be asked of them, and how they tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Application"]


@dataclass(frozen=True)
class Application:
    """Whose tables rows were read from.

    Attributes
    ----------
    name
        For people.
    unfit
        Reasons by check, or group of checks, that such tables cannot be put to.
    informs
        Checks that tell, and fail nothing: the application allows what they look for.
    weight_step_g
        To what weights are told there.
    beside
        Files of tables that the checks of group ``application`` look at, by name.
    """

    name: str
    unfit: Mapping[str, str] = field(default_factory=dict)
    informs: frozenset[str] = frozenset()
    weight_step_g: float = 0.0
    beside: Mapping[str, Path] = field(default_factory=dict)

    def why_unfit(self, check: str) -> str:
        """Say why a check cannot be made; nothing where it can."""
        return self.unfit.get(check, self.unfit.get(check.partition(".")[0], ""))
