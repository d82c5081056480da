"""``grilse plot``: a picture of a batch, an area, a container or a feed store."""

from __future__ import annotations

import click

from grilse.api.plotting import plot

__all__ = ["command"]

_EXAMPLE = """\b
Examples:
  grilse plot out --batch SCO-2024-041 -o batch.png
  grilse plot out --area FI-SEA-01 -o area.svg
  grilse plot out --container FI-SEA-01-Ring-01 --from 2024-01-01 --to 2025-01-01 -o ring.png
  grilse plot out --store FI-SEA-01 -o barge.png"""


@click.command(name="plot", epilog=_EXAMPLE)
@click.argument("dataset", metavar="DIR")
@click.option("--batch", metavar="ID|NUMBER", help="Draw this batch: its life, water and feed.")
@click.option("--area", metavar="NAME", help="Draw all batches of this sea area or hall.")
@click.option("--container", metavar="NAME|ID", help="Draw the readings of this tank or ring.")
@click.option("--store", metavar="NAME|ID", help="Draw the feed store of this hall or area.")
@click.option("--from", "first", metavar="DATE", help="From this day on.  [default: the first]")
@click.option("--to", "end", metavar="DATE", help="Up to this day, without it.")
@click.option(
    "-o", "--output", metavar="FILE", required=True, help="The picture: .png, .svg or .pdf."
)
def command(
    dataset: str,
    batch: str | None,
    area: str | None,
    container: str | None,
    store: str | None,
    first: str | None,
    end: str | None,
    output: str,
) -> None:
    """Draw a picture of the dataset in DIR, from its rows alone."""
    path = plot(
        dataset, output, batch=batch, area=area, container=container, store=store, first=first,
        end=end,
    )  # fmt: skip
    click.echo(f"drawn {path}")
