"""How faults are planted in a dataset, and how it is told which checks found them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grilse.verify.checks import CHECKS
from grilse.verify.dataset import Options, verify
from grilse.verify.verdict import CheckResult

__all__ = [
    "Case", "Faults", "Planted", "failed", "finds", "more", "passes", "results", "under",
]  # fmt: skip

Planted = tuple[str, int | None, int | None]
"""Where a fault was planted: table (or file), batch, key."""

Plant = Callable[[Any], Planted]


@dataclass(frozen=True)
class Case:
    """A fault: the check that must find it, how it is planted, and others that it breaks too."""

    name: str
    plant: Plant
    others: frozenset[str]


class Faults:
    """The faults of some tests, in the order in which they are written down."""

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def fault(self, name: str, *others: str) -> Callable[[Plant], None]:
        """Take the function that follows for one that plants a fault."""

        def add(plant: Plant) -> None:
            self.cases.append(Case(name, plant, frozenset(others)))

        return add

    def row(
        self, name: str, table: str, key: str, where: Any = None, others: tuple[str, ...] = (),
        nth: int = 0, **values: Any,
    ) -> None:  # fmt: skip
        """Add a fault that is one row with other values."""

        def plant(forged: Any) -> Planted:
            row = forged.change(table, where, nth, **values)
            new_key = values.get(key, lambda row: row[key])
            return table, row.get("batch_id"), new_key(row)

        self.fault(name, *others)(plant)

    def each(self) -> pytest.MarkDecorator:
        """Let a test be made of each fault, as its `case`."""
        names = [(case.name, case.plant.__name__.strip("_")) for case in self.cases]
        ids = [
            f"{i}-{name}" if words in ("", "plant") else words
            for i, (name, words) in enumerate(names)
        ]
        return pytest.mark.parametrize("case", self.cases, ids=ids)

    def lacks(self, group: str) -> set[str]:
        """Name the checks of a group that no fault is for."""
        wanted = {check.name for check in CHECKS if check.name.startswith(f"{group}.")}
        assert wanted, f"there is no group {group}"
        return wanted - {case.name for case in self.cases}


def more(column: str, by: Any) -> Callable[[dict[str, Any]], Any]:
    """Return what makes of a row a column's value and something more."""
    return lambda row: row[column] + by


def finds(case: Case, forged: Any, only: Collection[str]) -> None:
    """Plant a fault; see that it is found and named, and by no other checks than those told."""
    planted = case.plant(forged)
    verdict = verify(forged.root, Options(only=only, threads=1))
    found = {result.name: result for result in verdict.failed}
    assert set(found) == {case.name, *case.others}
    examples = found[case.name].tally.examples
    assert planted in [(e.table, e.batch, e.key) for e in examples], examples
    assert all(e.what for result in found.values() for e in result.tally.examples)


def passes(root: Path, group: str, only: Collection[str] = ()) -> None:
    """See that nothing fails a dataset, and that every check of a group had rows to look at."""
    verdict = verify(root, Options(only, threads=1, without=("realism",)))
    assert [(r.name, r.tally.examples) for r in verdict.failed] == []
    own = [result for result in verdict.results if result.group == group]
    assert {result.verdict for result in own} == {"pass"}
    assert all(result.tally.rows > 0 for result in own)


def under(forged: Any, name: str) -> None:
    """Let the saved schedule say that it was planned by a policy."""
    path = forged.root / "_grilse" / "schedule.yaml"
    text = path.read_text()
    assert "metadata:\n" in text
    path.unlink()
    path.write_text(text.replace("metadata:\n", f"metadata:\n  policy: {name}\n", 1))


def results(forged: Any, *only: str) -> dict[str, CheckResult]:
    """Make some checks, or groups of them; return what came of each by its name."""
    verdict = verify(forged.root, Options(only=only, threads=1))
    return {result.name: result for result in verdict.results}


def failed(forged: Any, *only: str) -> dict[str, CheckResult]:
    """Make some checks, or groups of them; return what came of those that failed."""
    told = results(forged, *only)
    return {name: result for name, result in told.items() if result.verdict == "fail"}
