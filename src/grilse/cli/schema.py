"""``grilse schema``: tell every table, from the schema objects that write them."""

from __future__ import annotations

import click

from grilse.ground.errors import BadInput, Problem
from grilse.tables.catalogue import TABLES
from grilse.tables.forms import FORMS

__all__ = ["command"]

_EXAMPLE = """\b
Example: grilse schema harvest_event harvest_lot
Example: grilse schema --format sql > schema.sql"""


@click.command(name="schema", epilog=_EXAMPLE)
@click.argument("tables", metavar="[TABLE]...", nargs=-1)
@click.option(
    "--format", "form", type=click.Choice(list(FORMS)), default="text", show_default=True,
    help="How to tell it.",
)  # fmt: skip
def command(tables: tuple[str, ...], form: str) -> None:
    """Tell the columns, units, keys and meaning of each TABLE, or of all of them."""
    unknown = [name for name in tables if name not in TABLES]
    if unknown:
        allowed = ", ".join(TABLES)
        raise BadInput(
            Problem("R-TABLE", "there is no such table", found=name, allowed=allowed)
            for name in unknown
        )
    click.echo(FORMS[form](TABLES[name] for name in TABLES if not tables or name in tables))
