"""``grilse wipe``: remove what was brought into another application's tables."""

from __future__ import annotations

from collections.abc import Iterator

import click

from grilse.api.mapping import wipe, wipe_count
from grilse.mapping.wiping import Wiped

__all__ = ["command"]

_EXAMPLE = """\b
Example: grilse wipe --to postgresql://localhost/aquamind --as aquamind"""


@click.command(name="wipe", epilog=_EXAMPLE)
@click.option("--to", required=True, metavar="postgresql://...", help="The database.")
@click.option("--as", "application", required=True, metavar="NAME|FILE",
              help="Whose tables they are: aquamind, or a mapping's file.")  # fmt: skip
@click.option("--schema", metavar="NAME", help="Schema of the tables.  [default: the mapping's]")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(to: str, application: str, schema: str | None, yes: bool) -> None:
    """Remove all rows that Grilse has brought into an application's tables, and nothing else.

    What would go is counted and shown first. Rows of the application's own that refer to such rows
    keep all of them from going.
    """
    found = wipe_count(to, application, schema=schema)
    if not found.loads:
        click.echo("Grilse has brought nothing there.")
        return
    for line in _lines(found):
        click.echo(line)
    if not yes:
        click.confirm("Remove these rows?", abort=True)
    gone = wipe(to, application, schema=schema)
    click.echo(f"removed     {gone.total:,} rows of {gone.loads} loads")
    for row in gone.kept:
        click.echo(f"kept        {row} (others refer to it)")


def _lines(found: Wiped) -> Iterator[str]:
    for table, rows in found.rows.items():
        yield f"  {table:<46} {rows:>14,} rows"
    yield f"rows        {found.total:,} of {found.loads} loads"
