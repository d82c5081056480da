"""What verification found: every check with its verdict, every figure beside its band."""

from __future__ import annotations

from typing import Any

from grilse.report.series import rounded
from grilse.verify.verdict import CheckResult, Figure, Verdict

__all__ = ["checks_panel"]


def checks_panel(verdict: Verdict | None) -> dict[str, Any] | None:
    """Return the verdict as the page shows it; None where nothing was verified."""
    if verdict is None:
        return None
    judged = [result for result in verdict.results if result.verdict in ("pass", "fail")]
    return {
        "passed": len(judged) - len(verdict.failed),
        "judged": len(judged),
        "rows": verdict.rows,
        "checks": [_check(result) for result in verdict.results],
    }


def _check(result: CheckResult) -> dict[str, Any]:
    tally = result.tally
    return {
        "name": result.name,
        "meaning": result.meaning,
        "verdict": result.verdict,
        "rows": tally.rows,
        "faults": tally.faults,
        "examples": [str(example) for example in tally.examples],
        "reason": tally.reason,
        "figures": [_figure(figure) for figure in tally.figures],
    }


def _figure(figure: Figure) -> dict[str, Any]:
    named = ("value", "low", "high", "least", "most")
    numbers = {name: getattr(figure, name) for name in named}
    return {
        "group": figure.group,
        "unit": figure.unit,
        "batches": figure.batches,
        "inside": figure.is_inside,
        **{name: None if value is None else rounded(value) for name, value in numbers.items()},
    }
