"""``grilse analyse``: growth analysis of rows that are there."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from grilse.api.reanalysing import analyse
from grilse.cli.telling import cost_lines, table_lines
from grilse.ground.errors import CheckFailed
from grilse.run.task import PATIENCE, Patience

__all__ = ["command"]

_DATE = click.DateTime(formats=["%Y-%m-%d"])
_EXAMPLE = """\b
Examples: grilse analyse out
          grilse analyse exported-tables --as-of 2025-11-18
          grilse analyse farm.duckdb --timeout 60
          grilse analyse postgresql://me@localhost/dev --as aquamind"""
_STOPPED = 130


@click.command(name="analyse", epilog=_EXAMPLE)
@click.argument("place", metavar="DIR|FILE.duckdb|URL")
@click.option("--as", "application", metavar="NAME|FILE",
              help="Whose tables the database has: aquamind, or a file of views.")  # fmt: skip
@click.option("--schema", metavar="NAME", help="Of a PostgreSQL database.  [default: grilse]")
@click.option("--overwrite", is_flag=True,
              help="With --as: replace the days that others have told there as well.")  # fmt: skip
@click.option(
    "--as-of", type=_DATE, metavar="YYYY-MM-DD",
    help="Until when batches were seen, where it is no dataset.  [default: the last event's]",
)  # fmt: skip
@click.option("--params", metavar="FILE", help="What differs from the built-in parameters.")
@click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Processes; 1 works in this one.  [default: the processors allowed]",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=PATIENCE.batch_seconds,
    show_default=True,
    metavar="S",
    help="How long one batch may take, in seconds.",
)
@click.option("--no-progress", is_flag=True, help="Do not tell how far it is.")
def command(
    place: str, application: str | None, schema: str | None, overwrite: bool,
    as_of: datetime | None, params: str | None, workers: int | None, timeout: float,
    no_progress: bool,
) -> None:  # fmt: skip
    """Estimate weight and growth of every batch in a place from its rows.

    `grilse run` does it by itself unless --no-analysis is given. Rows that Grilse did not make do
    as well, in tables of the same names and columns; what comes of it is kept beside them. Of
    another application's tables those of its daily states are filled. A batch that fails is left
    out, and the exit code is then 1.
    """
    when = None if as_of is None else as_of.date()
    report = analyse(
        place, as_of=when, parameters=params, application=application, schema=schema,
        overwrite=overwrite, workers=workers, patience=Patience(0, timeout),
        progress=not no_progress and sys.stderr.isatty(),
    )  # fmt: skip
    for told in report.told:
        click.echo(told)
    result = report.result
    click.echo(f"batches     {result.batches:,} analysed, {len(result.failures):,} left out")
    for line in (*table_lines(result.tables), *cost_lines(result)):
        click.echo(line)
    for failure in result.failures:
        click.echo(f"failed      batch {failure.batch_id}: {failure.reason}", err=True)
    if result.is_stopped:
        click.echo("Stopped. The same command begins anew.", err=True)
        sys.exit(_STOPPED)
    if result.failures:
        raise CheckFailed(f"{len(result.failures)} batches could not be analysed; others were.")
