"""What a run says at its end, and what it says that it would do."""

from __future__ import annotations

from collections.abc import Iterator

from grilse.api import Expectation, RunReport
from grilse.plan.metadata import percent
from grilse.run.usage import allowed_processors

__all__ = ["figures", "run_lines"]

_BYTES_A_ROW = 1.7
_NANOSECONDS_A_ROW = 130.0
"""Measured on the benchmark's 550 batches into Parquet; see `make bench`."""

_MEGABYTE = 1e6


def figures(expected: Expectation, workers: int | None) -> Iterator[str]:
    """Say what a run would write, and how long it would take on an ordinary machine."""
    count = workers or allowed_processors()
    rows = expected.all_rows
    seconds = rows * _NANOSECONDS_A_ROW / 1e9 / count
    yield f"batches     {expected.batches:,} begun by the as-of date"
    for table, number in sorted(expected.rows.items(), key=lambda item: -item[1]):
        yield f"  {table:<32} about {number:>14,} rows"
    yield f"rows        about {rows:,}"
    yield f"bytes       about {rows * _BYTES_A_ROW / _MEGABYTE:,.0f} MB as Parquet"
    yield f"time        about {seconds:,.0f} s with {count} workers"
    yield "Nothing was written (--dry-run)."


def run_lines(report: RunReport) -> Iterator[str]:
    """Say what a run wrote and what it took."""
    result, manifest = report.result, report.manifest
    statuses = ", ".join(f"{count:,} {status.lower()}" for status, count in report.statuses.items())
    skipped = f"; {report.skipped:,} segments were there already" if report.skipped else ""
    yield f"batches     {result.batches:,} made{skipped}; {statuses or 'statuses not written'}"
    for name, totals in manifest.totals.items():
        yield f"  {name:<32} {totals.rows:>14,} rows"
    rows = result.rows
    rate = rows / result.wall_seconds if result.wall_seconds else 0.0
    cpu = result.parent_cpu_seconds + result.worker_cpu_seconds
    yield (
        f"rows        {rows:,} in {result.wall_seconds:,.1f} s ({rate:,.0f} rows/s), "
        f"{sum(result.bytes.values()) / _MEGABYTE:,.1f} MB"
    )
    yield (
        f"cost        {cpu:,.1f} CPU s"
        + (f", {cpu / rows * 1e9:,.0f} ns a row" if rows else "")
        + f"; memory at most {result.worker_peak_bytes / _MEGABYTE:,.0f} MB a worker, "
        f"{result.parent_peak_bytes / _MEGABYTE:,.0f} MB here; {result.workers} workers"
    )
    yield from _saturation_lines(report)
    yield f"dataset     {report.root} ({manifest.state}); next: grilse verify {report.root}"


def _saturation_lines(report: RunReport) -> Iterator[str]:
    found = report.saturation
    yield (
        f"saturation  {percent(found.overall)} reserved, "
        f"{percent(found.ever_used_share)} of containers ever used; "
        f"{found.fished_days:,} container-days fished"
    )
    for group in found.groups:
        yield f"  {group.group.name:<32} {percent(group.share):>9}"
