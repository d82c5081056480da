"""What a run says at its end, and what it says that it would do."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from grilse.api import Expectation, RunReport
from grilse.ground.wording import numbered
from grilse.plan.metadata import percent
from grilse.plan.saturation import Saturation
from grilse.run.result import RunResult
from grilse.run.slices import SliceTotals
from grilse.run.usage import allowed_processors
from grilse.tables.catalogue import TABLES
from grilse.tables.totals import Totals, content_fingerprint

__all__ = [
    "cost_lines",
    "figures",
    "rows_line",
    "run_lines",
    "saturation_lines",
    "slice_lines",
    "table_lines",
]

_MEGABYTE = 1e6
_SMALLEST_TOLD = 100


def figures(expected: Expectation, workers: int | None) -> Iterator[str]:
    """Say what a run would write, and about how long it would take here."""
    count = workers or allowed_processors()
    yield f"batches     {expected.batches:,} begun by the as-of date"
    for table, number in sorted(expected.rows.items(), key=lambda item: -item[1]):
        if number >= _SMALLEST_TOLD:
            yield f"  {table:<32} about {number:>14,} rows"
    yield f"rows        about {expected.all_rows:,}"
    yield f"bytes       about {_megabytes(expected.bytes)} as Parquet"
    yield f"time        about {expected.seconds(count):,.0f} s with {count} workers"
    yield "Nothing was written (--dry-run)."


def run_lines(report: RunReport) -> Iterator[str]:
    """Say what a run wrote and what it took: a line a table, the farm's own tables on one."""
    result, manifest = report.result, report.manifest
    statuses = ", ".join(f"{count:,} {status.lower()}" for status, count in report.statuses.items())
    skipped = f"; {numbered(report.skipped, 'segment')} there already" if report.skipped else ""
    yield f"batches     {result.batches:,} made{skipped}; {statuses or 'none written'}"
    is_news = bool(result.rows) or not report.skipped
    if is_news:
        yield from table_lines(manifest.totals)
        yield from cost_lines(result)
    content = content_fingerprint(manifest.totals)
    yield f"content     {content}, as everywhere that has made the same"
    if is_news:
        yield from saturation_lines(report.saturation)
    root = shlex.quote(str(report.root))
    is_over = manifest.state == "complete" or report.part is not None
    then = f"grilse {report.next_verb} {root}" if is_over else "the same command again"
    yield f"dataset     {root} ({manifest.state}); next: {then}"


def table_lines(totals: Mapping[str, Totals]) -> Iterator[str]:
    """Say how many rows there are: a line a table, the farm's own tables on one."""
    farm = [name for name in totals if name in TABLES and TABLES[name].owner == "farm"]
    for name in totals:
        if name not in farm:
            yield f"  {name:<32} {totals[name].rows:>14,} rows"
    if farm:
        rows = sum(totals[name].rows for name in farm)
        yield f"  {f'of the farm, {len(farm)} tables':<32} {rows:>14,} rows"


def cost_lines(result: RunResult) -> Iterator[str]:
    """Say what a run took."""
    rows, cpu = result.rows, result.parent_cpu_seconds + result.worker_cpu_seconds
    yield rows_line(result)
    yield (
        f"cost        {cpu:,.1f} CPU s"
        + (f", {cpu / rows * 1e9:,.0f} ns a row" if rows else "")
        + f"; memory at most {result.worker_peak_bytes / _MEGABYTE:,.0f} MB a worker, "
        f"{result.parent_peak_bytes / _MEGABYTE:,.0f} MB here; {result.workers} workers"
    )


def rows_line(result: RunResult) -> str:
    """Say how many rows a run wrote, how fast, and how large they are."""
    rate = result.rows / result.wall_seconds if result.wall_seconds else 0.0
    size = f", {_megabytes(sum(result.bytes.values()))}" if result.bytes else ""
    return f"rows        {result.rows:,} in {result.wall_seconds:,.1f} s ({rate:,.0f} rows/s){size}"


def saturation_lines(found: Saturation) -> Iterator[str]:
    """Say how full the schedule leaves the farm: a line a geography."""
    yield (
        f"saturation  {percent(found.overall)} reserved, "
        f"{percent(found.ever_used_share)} of containers ever used; "
        f"{found.fished_days:,} container-days fished"
    )
    shares: dict[str, list[str]] = {}
    for group in found.groups:
        share = f"{group.group.stage} {percent(group.share)}"
        shares.setdefault(group.group.geography, []).append(share)
    for geography, stages in shares.items():
        yield f"  {geography}: {', '.join(stages)}"


def _megabytes(size: int) -> str:
    return f"{size / _MEGABYTE:,.1f} MB"


def slice_lines(slices: Mapping[str, SliceTotals]) -> Iterator[str]:
    """Say what came of each slice."""
    for name, found in slices.items():
        left_out = f", {found.failed} failed, the first {found.reason}" if found.failed else ""
        yield f"slice       {name}: {found.batches} made, {found.rows:,} rows{left_out}"
