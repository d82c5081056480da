"""A check: one rule, its name, what it means, and the function that looks for what breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grilse.verify.evidence import Evidence
from grilse.verify.verdict import Severity, Tally

__all__ = ["Check", "check"]

Rule = Callable[[Evidence], Tally]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule of a dataset.

    Attributes
    ----------
    name
        ``group.rule``.
    meaning
        The rule in a sentence, for people.
    rule
        Looks for what breaks it.
    needs
        Tables without which it cannot be checked.
    severity
        ``error`` or ``info``.
    by_stretch
        Whether it is checked on some segments at a time: for rules that hold within each batch
        and look at tables too large to be held at once.
    """

    name: str
    meaning: str
    rule: Rule
    needs: tuple[str, ...] = ()
    severity: Severity = "error"
    by_stretch: bool = False


def check(
    name: str,
    meaning: str,
    *,
    needs: tuple[str, ...] = (),
    severity: Severity = "error",
    by_stretch: bool = False,
) -> Callable[[Rule], Check]:
    """Make a check of the function that follows."""

    def made(rule: Rule) -> Check:
        return Check(name, meaning, rule, needs, severity, by_stretch)

    return made
