"""``grilse extend``: a dataset lives on to a later date."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from grilse.api.extending import ExtendReport, extend
from grilse.cli.failing import failure_lines
from grilse.ground.errors import CheckFailed

__all__ = ["command", "leave", "report_lines"]

_DATE = click.DateTime(formats=["%Y-%m-%d"])
_EXAMPLE = """\b
Examples: grilse extend out --as-of 2026-01-01
          grilse extend out --changes out-changes     (to today, every night)"""
_STOPPED = 130
_NAMED = 5


@click.command(name="extend", epilog=_EXAMPLE)
@click.argument("dataset", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--as-of", type=_DATE, metavar="YYYY-MM-DD", help="New date.  [default: today, UTC]")
@click.option(
    "--changes",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Write there what was added, and what changed, before and after.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Processes; 1 works in this one.  [default: the processors allowed]",
)
def command(
    dataset: Path, as_of: datetime | None, changes: Path | None, workers: int | None
) -> None:
    """Move the dataset in DIR on to a later date.

    Batches live on, harvests happen, feed is bought, planned batches start. Event rows that are
    there stay as they are; state tables are made anew. Cut short, the dataset is what it was, and
    the same command goes on.
    """
    when = None if as_of is None else as_of.date()
    report = extend(dataset, when, changes=changes, workers=workers, progress=sys.stderr.isatty())
    for line in report_lines(report):
        click.echo(line)
    leave(report)


def report_lines(report: ExtendReport) -> Iterator[str]:
    """Say what an extension or a compaction made."""
    inputs = report.manifest.inputs
    if report.result is None:
        yield f"dataset     {report.root} is at {inputs.as_of}; nothing to do"
        return
    result = report.result
    yield f"rows        {result.rows:,} made in {result.wall_seconds:,.1f} s"
    if report.open_batches:
        named = ", ".join(report.open_batches[:_NAMED])
        more = len(report.open_batches) - _NAMED
        yield (
            f"open        {named}{f' and {more} more' if more > 0 else ''}: cut short in the "
            "schedule, they live on where they are"
        )
    rows = sum(totals.rows for totals in report.manifest.totals.values())
    yield (
        f"dataset     {report.root} ({report.manifest.state}) at {inputs.as_of}, "
        f"{rows:,} rows, epoch {report.manifest.epoch}"
    )


def leave(report: ExtendReport) -> None:
    """Leave with the exit code that says what came of it."""
    result = report.result
    if result is not None and result.is_stopped:
        click.echo("Stopped. The dataset is what it was; the same command goes on.", err=True)
        sys.exit(_STOPPED)
    if not report.is_adopted:
        failures = result.failures if result else ()
        for line in failure_lines(failures):
            click.echo(line, err=True)
        raise CheckFailed(f"{len(failures)} batches failed; the dataset is what it was.")
