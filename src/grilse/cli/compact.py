"""``grilse compact``: the epochs of a dataset become one."""

from __future__ import annotations

import sys

import click

from grilse.api.extending import compact
from grilse.api.loading import find_place
from grilse.cli.extend import leave, report_lines

__all__ = ["command"]

_EXAMPLE = """\b
Example: grilse compact out"""


@click.command(name="compact", epilog=_EXAMPLE)
@click.argument("dataset", metavar="PLACE")
@click.option("--schema", metavar="NAME", help="Schema of a database.  [default: grilse]")
@click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Processes; 1 works in this one.  [default: the processors allowed]",
)
def command(dataset: str, schema: str | None, workers: int | None) -> None:
    """Merge what the dataset at PLACE was extended by: as few files as a fresh run writes.

    The rows are made anew, and taken only if they are equal to those that are there. A DuckDB file
    is written anew without the room of what was replaced; a PostgreSQL schema is vacuumed.
    """
    place = find_place(dataset, schema=schema)
    if place is not None:
        from grilse.api.growing import compact_load

        for line in compact_load(place):
            click.echo(f"compact     {place.shown}: {line}")
        return
    report = compact(dataset, workers=workers, progress=sys.stderr.isatty())
    for line in report_lines(report):
        click.echo(line)
    leave(report.result, report.is_adopted)
