"""``grilse compact``: the epochs of a dataset become one."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grilse.api.extending import compact
from grilse.cli.extend import leave, report_lines

__all__ = ["command"]

_EXAMPLE = """\b
Example: grilse compact out"""


@click.command(name="compact", epilog=_EXAMPLE)
@click.argument("dataset", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Processes; 1 works in this one.  [default: the processors allowed]",
)
def command(dataset: Path, workers: int | None) -> None:
    """Merge what the dataset in DIR was extended by: as few files as a fresh run writes.

    The rows are made anew, and taken only if they are equal to those that are there.
    """
    report = compact(dataset, workers=workers, progress=sys.stderr.isatty())
    for line in report_lines(report):
        click.echo(line)
    leave(report)
