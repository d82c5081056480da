"""A verdict as people and programs read it: grouped lines, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any

from grilse.verify.verdict import CheckResult, Figure, Verdict

__all__ = ["as_data", "as_json", "as_text"]

_MARKS = {"pass": "ok", "fail": "FAIL", "inform": "info", "skip": "skip"}
_NAME_WIDTH = 32


def as_text(verdict: Verdict) -> Iterator[str]:
    """Yield a verdict's lines: a group after the other, each fault with where it stands."""
    for _, results in groupby(verdict.results, lambda result: result.group):
        for result in results:
            yield from _lines(result)
        yield ""
    yield _summary(verdict)


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
    yield from (f"      {_figure(figure)}" for figure in tally.figures)


def _figure(figure: Figure) -> str:
    """Format as ``Faroe Islands 5.86 kg (5.17 to 6.54), band 5 to 7.3: inside; 230 batches``."""
    if figure.value is None:
        return f"{figure.group}: nothing to measure it by"
    spread = f" ({_short(figure.low)} to {_short(figure.high)})" if figure.low is not None else ""
    band = f"band {_short(figure.least)} to {_short(figure.most)}"
    where = "inside" if figure.is_inside else "OUTSIDE"
    batches = f"{figure.batches:,} {'batch' if figure.batches == 1 else 'batches'}"
    return (
        f"{figure.group} {_short(figure.value)} {figure.unit}{spread}, {band}: {where}; {batches}"
    )


def _short(value: float | None) -> str:
    return "?" if value is None else f"{value:.4g}"


def _summary(verdict: Verdict) -> str:
    made = [result for result in verdict.results if result.verdict in ("pass", "fail")]
    figures = [figure for result in verdict.results for figure in result.tally.figures]
    outside = sum(figure.is_inside is False for figure in figures)
    failed = len(verdict.failed)
    told = f"{verdict.rows:,} rows of {verdict.batches:,} batches: "
    told += f"{len(made) - failed} of {len(made)} checks passed"
    if failed:
        told += f", {failed} FAILED ({', '.join(result.name for result in verdict.failed)})"
    if figures:
        told += f"; {len(figures) - outside} of {len(figures)} figures lie in their bands"
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
        "figures": [{**asdict(f), "inside": f.is_inside} for f in tally.figures],
        "reason": tally.reason,
        "seconds": round(result.seconds, 3),
    }


def as_json(verdict: Verdict) -> str:
    """Return a verdict as JSON."""
    return json.dumps(as_data(verdict), indent=2, ensure_ascii=False)
