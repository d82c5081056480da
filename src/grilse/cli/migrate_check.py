"""``grilse migrate-check``: a dataset held against the legacy source that it was planned from."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from grilse.api.migrating import migrate_check
from grilse.migration.checking import MigrationCheck, tolerated

__all__ = ["command"]

_DIFFERENT = 1
_TOLD = 20
_EXAMPLE = """\b
Examples: grilse migrate-check legacy out
          grilse migrate-check legacy out --days 3 --count 1% --weight 2%"""


@click.command(name="migrate-check", epilog=_EXAMPLE)
@click.argument("legacy", type=click.Path(path_type=Path))
@click.argument("dataset", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--mapping", type=click.Path(path_type=Path), metavar="FILE", help="As for plan --from-legacy."
)
@click.option(
    "--days", type=click.IntRange(0, 365), default=0, show_default=True, metavar="N",
    help="Let dates lie this many days apart.",
)  # fmt: skip
@click.option(
    "--count", default="0", show_default=True, metavar="N[%]", help="Let numbers be off by this."
)
@click.option(
    "--weight", default="0.001", show_default=True, metavar="G[%]",
    help="Let mean weights be off by this.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(
    legacy: Path, dataset: Path, mapping: Path | None, days: int, count: str, weight: str, form: str
) -> int:
    """Compare populations, counts, weights and dates of LEGACY with the rows in DIR.

    Exit code 0 if all lie within the tolerances, 1 if some do not, 2 if they cannot be compared.
    """
    within = tolerated(days, count, weight)
    found = migrate_check(legacy, dataset, mapping=mapping, within=within)
    if form == "json":
        click.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        _tell(found)
    return _DIFFERENT if found.differences else 0


def _tell(found: MigrationCheck) -> None:
    click.echo(f"populations {found.found:,} of {found.populations:,} stand in the dataset")
    off: dict[str, int] = {}
    for each in found.differences:
        off[each.what] = off.get(each.what, 0) + 1
    for what in dict.fromkeys((*found.compared, *off)):
        click.echo(
            f"  {what:14} {found.compared.get(what, 0):>10,} compared {off.get(what, 0):>8,} off"
        )
    for each in found.differences[:_TOLD]:
        click.echo(f"  - {each}")
    if len(found.differences) > _TOLD:
        click.echo(f"  and {len(found.differences) - _TOLD:,} more")
