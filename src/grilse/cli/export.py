"""``grilse export``: a dataset as a legacy system's populations would be exported."""

from __future__ import annotations

from pathlib import Path

import click

from grilse.api.migrating import export_as_legacy

__all__ = ["command"]

_EXAMPLE = """\b
Example: grilse export out --as fishtalk --to legacy"""


@click.command(name="export", epilog=_EXAMPLE)
@click.argument("dataset", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--as",
    "kind",
    type=click.Choice(["fishtalk"]),
    required=True,
    help="The kind of system: populations, containers, transfers, inputs, harvests, plans.",
)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="An empty folder, or one that is not there yet.",
)
def command(dataset: Path, kind: str, folder: Path) -> None:
    """Write the dataset in DIR as CSV files that `grilse plan --from-legacy` reads."""
    for what, rows in export_as_legacy(dataset, folder).items():
        click.echo(f"{what:12} {rows:>12,} rows")
    click.echo(f"written     {folder}; next: grilse plan --from-legacy {folder}")
