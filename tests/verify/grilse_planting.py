"""How faults are planted in a dataset, and how it is told which checks found them."""

from __future__ import annotations

from typing import Any

from grilse.verify.dataset import Options, verify
from grilse.verify.verdict import CheckResult

__all__ = ["failed", "results", "under"]


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
