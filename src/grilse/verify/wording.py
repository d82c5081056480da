"""A verdict as people and programs read it: grouped lines, or JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from grilse.verify.verdict import CheckResult, Figure, Verdict

__all__ = ["as_data", "as_json", "as_table", "as_text", "figure_data"]

_MARKS = {"pass": "ok", "fail": "FAIL", "inform": "info", "skip": "skip"}
_NAME_WIDTH = 32
_LARGE = 10_000
_MOST_NAMED = 4


def as_text(verdict: Verdict, *, verbose: bool = False) -> Iterator[str]:
    """Yield a verdict's lines: a group after the other, each fault with where it stands.

    Parameters
    ----------
    verbose
        Whether each check that could not be made has a line of its own; else those that have one
        reason are told together.
    """
    made = [result for result in verdict.results if verbose or result.verdict != "skip"]
    for _, results in groupby(made, lambda result: result.group):
        told = [result for result in results if not _is_figure(result)]
        for result in told:
            yield from _lines(result)
        if told:
            yield ""
    skipped = [result for result in verdict.results if result.verdict == "skip"]
    if skipped and not verbose:
        yield from _skips(skipped)
        yield ""
    figures = _figures(verdict)
    if figures:
        yield from as_table(_HEAD, [_row(figure) for figure in figures])
        yield ""
    yield _summary(verdict)


def _skips(results: Iterable[CheckResult]) -> Iterator[str]:
    """Yield a line for each reason for which checks could not be made, with how many they are."""
    reasons: dict[str, list[CheckResult]] = {}
    for result in results:
        reasons.setdefault(result.tally.reason, []).append(result)
    for reason, alike in reasons.items():
        if len(alike) <= _MOST_NAMED:
            which = ", ".join(result.name for result in alike)
        else:
            groups = Counter(result.group for result in alike)
            which = ", ".join(f"{count} of {group}" for group, count in groups.items())
            which = f"{len(alike)} checks ({which})"
        yield f"{_MARKS['skip']:4}  {reason}: {which}"


def _is_figure(result: CheckResult) -> bool:
    """Whether a check's whole answer is figures, which the table of figures tells."""
    tally = result.tally
    return bool(tally.figures) and not tally.faults and not tally.reason


def _figures(verdict: Verdict) -> list[Figure]:
    return [figure for result in verdict.results for figure in result.tally.figures]


def as_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, each column as wide as it must be."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _lines(result: CheckResult) -> Iterator[str]:
    tally = result.tally
    told = f"{tally.rows:,} looked at" if not tally.reason else tally.reason
    if tally.faults:
        told = f"{tally.faults:,} {_plural('fault', tally.faults)}, {told}"
    yield f"{_MARKS[result.verdict]:4}  {result.name:{_NAME_WIDTH}}  {told}"
    if tally.faults:
        yield f"      {result.meaning}"
        yield from (f"      - {example}" for example in tally.examples)
        if tally.faults > len(tally.examples):
            yield f"      and {tally.faults - len(tally.examples):,} more"


_HEAD = (
    "figure", "geography", "value", "band", "5 to 95 %", "unit", "batches", "applies to", "verdict",
)  # fmt: skip


def _row(figure: Figure) -> tuple[str, ...]:
    """Return the cells of a figure: what it is, beside the band it is expected in."""
    verdict = f"{figure.verdict} ({figure.reason})" if figure.reason else figure.verdict
    return (
        figure.name, figure.group, _short(figure.value), _span(figure.least, figure.most),
        _span(figure.low, figure.high), figure.unit, f"{figure.batches:,}", figure.applies_to,
        verdict,
    )  # fmt: skip


def _span(least: float | None, most: float | None) -> str:
    if least is None and most is None:
        return ""
    if most is None:
        return f"from {_short(least)}"
    return f"to {_short(most)}" if least is None else f"{_short(least)} to {_short(most)}"


def _short(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:.4g}"


def _summary(verdict: Verdict) -> str:
    made = [result for result in verdict.results if result.verdict in ("pass", "fail")]
    judged = [figure for figure in _figures(verdict) if figure.verdict in ("inside", "OUTSIDE")]
    outside = sum(figure.verdict == "OUTSIDE" for figure in judged)
    failed = len(verdict.failed)
    told = f"{verdict.rows:,} rows of {verdict.batches:,} batches: "
    told += f"{len(made) - failed} of {len(made)} checks passed"
    if failed:
        told += f", {failed} FAILED ({', '.join(result.name for result in verdict.failed)})"
    if judged:
        told += f"; {len(judged) - outside} of {len(judged)} figures lie in their bands"
    return f"{told}; {verdict.seconds:.1f} s"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def as_data(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as plain data, for JSON."""
    return {
        "dataset": verdict.dataset,
        "verdict": "pass" if verdict.passed else "fail",
        "batches": verdict.batches,
        "rows": verdict.rows,
        "seconds": round(verdict.seconds, 3),
        "figures": [figure_data(figure) for figure in _figures(verdict)],
        "checks": [_check_data(result) for result in verdict.results],
    }


def _check_data(result: CheckResult) -> dict[str, Any]:
    tally = result.tally
    return {
        "name": result.name,
        "group": result.group,
        "meaning": result.meaning,
        "severity": result.severity,
        "verdict": result.verdict,
        "rows": tally.rows,
        "faults": tally.faults,
        "examples": [asdict(example) for example in tally.examples],
        "figures": [figure_data(figure) for figure in tally.figures],
        "reason": tally.reason,
        "seconds": round(result.seconds, 3),
    }


def figure_data(figure: Figure) -> dict[str, Any]:
    """Return a figure as plain data, with what is to be thought of it."""
    return {**asdict(figure), "inside": figure.is_inside, "verdict": figure.verdict}


def as_json(verdict: Verdict) -> str:
    """Return a verdict as JSON."""
    return json.dumps(as_data(verdict), indent=2, ensure_ascii=False)
