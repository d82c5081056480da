"""``grilse summary``: a dataset in a page."""

from __future__ import annotations

from pathlib import Path

import click

from grilse.api.summarising import summary
from grilse.summary.summary import as_json, as_text

__all__ = ["command"]

_EXAMPLE = """\b
Examples: grilse summary out
          grilse summary farm.duckdb
          grilse summary out --format json"""


@click.command(name="summary", epilog=_EXAMPLE)
@click.argument("dataset", metavar="DIR|FILE.duckdb", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines for people, or JSON for programs.",
)
def command(dataset: Path, form: str) -> None:
    """Tell what a dataset holds, and what came of the fish.

    Batches by status and stage, rows and bytes a table, saturation, harvest by year and geography,
    yield, deaths, feed conversion and lice.
    """
    found = summary(dataset)
    for line in [as_json(found)] if form == "json" else as_text(found):
        click.echo(line)
