"""``grilse extend``: a dataset lives on to a later date."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grilse.api.extending import ExtendReport, extend
from grilse.api.loading import find_place
from grilse.cli.failing import failure_lines
from grilse.ground.errors import CheckFailed
from grilse.ground.wording import numbered
from grilse.run.result import RunResult

if TYPE_CHECKING:
    from grilse.api.growing import GrowthReport

__all__ = ["command", "leave", "report_lines"]

_DATE = click.DateTime(formats=["%Y-%m-%d"])
_EXAMPLE = """\b
Examples: grilse extend out --as-of 2026-01-01
          grilse extend out --changes out-changes     (to today, every night)
          grilse extend postgresql://me@host/farm --schema salmon
          grilse extend postgresql://me@host/dev --as aquamind"""
_STOPPED = 130
_NAMED = 5


@click.command(name="extend", epilog=_EXAMPLE)
@click.argument("dataset", metavar="PLACE")
@click.option("--as-of", type=_DATE, metavar="YYYY-MM-DD", help="New date.  [default: today, UTC]")
@click.option("--as", "application", metavar="NAME|FILE",
              help="In another application's tables: aquamind, or a mapping's file.")  # fmt: skip
@click.option("--schema", metavar="NAME",
              help="Schema of a database.  [default: grilse, or the mapping's]")  # fmt: skip
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
    dataset: str,
    as_of: datetime | None,
    application: str | None,
    schema: str | None,
    changes: Path | None,
    workers: int | None,
) -> None:
    """Move what is at PLACE on to a later date: a dataset's folder, FILE.duckdb, postgresql://...

    Batches live on, harvests happen, feed is bought, planned batches start. Event rows that are
    there stay as they are; state tables are made anew. Cut short, it is what it was, and the same
    command goes on.
    """
    when = None if as_of is None else as_of.date()
    progress = sys.stderr.isatty()
    if application is not None:
        from grilse.api.growing_mapped import extend_mapped

        for load in extend_mapped(
            dataset, application, when,
            schema=schema, changes=changes, workers=workers, progress=progress,
        ):  # fmt: skip
            _tell_load(load)
        return
    place = find_place(dataset, schema=schema)
    if place is None:
        report = extend(dataset, when, changes=changes, workers=workers, progress=progress)
        for line in report_lines(report):
            click.echo(line)
        leave(report.result, report.is_adopted)
        return
    from grilse.api.growing import extend_load

    _tell_load(extend_load(place, when, changes=changes, workers=workers, progress=progress))


def _tell_load(grown: GrowthReport) -> None:
    """Print what came of taking a load on; leave with an exit code if it was not."""
    if grown.result is None:
        click.echo(f"load        {grown.shown} is at {grown.as_of}; nothing to do")
        return
    if grown.is_adopted:
        for line in (*grown.notes, *_made_lines(grown.result, grown.open_batches)):
            click.echo(line)
        rows = sum(totals.rows for totals in grown.totals.values())
        click.echo(f"load        {grown.shown} at {grown.as_of}, {rows:,} rows")
    leave(grown.result, grown.is_adopted)


def report_lines(report: ExtendReport) -> Iterator[str]:
    """Say what an extension or a compaction made."""
    inputs = report.manifest.inputs
    if report.result is None:
        yield f"dataset     {report.root} is at {inputs.as_of}; nothing to do"
        return
    yield from _made_lines(report.result, report.open_batches)
    rows = sum(totals.rows for totals in report.manifest.totals.values())
    yield (
        f"dataset     {report.root} ({report.manifest.state}) at {inputs.as_of}, "
        f"{rows:,} rows, epoch {report.manifest.epoch}"
    )


def _made_lines(result: RunResult, lasting: tuple[str, ...]) -> Iterator[str]:
    yield f"rows        {result.rows:,} made in {result.wall_seconds:,.1f} s"
    if lasting:
        more = f" and {len(lasting) - _NAMED} more" if len(lasting) > _NAMED else ""
        yield (
            f"open        {', '.join(lasting[:_NAMED])}{more}: cut short in the schedule, they "
            "live on where they are"
        )


def leave(result: RunResult | None, is_adopted: bool) -> None:
    """Leave with the exit code that says what came of it."""
    if result is not None and result.is_stopped:
        click.echo("Stopped. The dataset is what it was; the same command goes on.", err=True)
        sys.exit(_STOPPED)
    if not is_adopted:
        failures = result.failures if result else ()
        for line in failure_lines(failures):
            click.echo(line, err=True)
        raise CheckFailed(f"{numbered(len(failures), 'batch')} failed; the dataset is what it was.")
