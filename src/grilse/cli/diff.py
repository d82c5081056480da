"""``grilse diff``: two datasets, two schedules, or a dataset and a manifest, compared."""

from __future__ import annotations

import click

from grilse.api.comparing import diff
from grilse.compare.wording import as_json, as_text

__all__ = ["command"]

_DIFFERENT = 1
_EXAMPLE = """\b
Examples: grilse diff out other
          grilse diff out other --tolerance avg_weight_g=0.5 --tolerance biomass_kg=1%
          grilse diff out manifest-of-last-week.json
          grilse diff out farm.duckdb --rows
          grilse diff schedule.yaml edited.yaml --format json"""


@click.command(name="diff", epilog=_EXAMPLE)
@click.argument("a")
@click.argument("b")
@click.option(
    "--tolerance",
    "tolerances",
    multiple=True,
    metavar="[TABLE.]COLUMN=N[%]",
    help="Let values of a column lie this far apart, in its unit or in percent.",
)
@click.option(
    "--ignore", "ignored", multiple=True, metavar="[TABLE.]COLUMN", help="Leave a column out."
)
@click.option("--table", "tables", multiple=True, metavar="NAME", help="Compare this table alone.")
@click.option(
    "--rows", "by_rows", is_flag=True, help="Read every row, and believe no recorded fingerprint."
)
@click.option(
    "--examples",
    "most_examples",
    type=click.IntRange(0, 1000),
    default=3,
    show_default=True,
    metavar="N",
    help="Examples of each column.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Threads to read and compare with.  [default: the processors allowed]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines for people, or JSON for programs.",
)
def command(
    a: str, b: str, tolerances: tuple[str, ...], ignored: tuple[str, ...],
    tables: tuple[str, ...], by_rows: bool, most_examples: int, threads: int | None, form: str,
) -> int:  # fmt: skip
    """Compare A and B: two datasets, two schedules, or a dataset and a manifest.

    Equal fingerprints are told in a second; of what differs the rows are compared, by table, batch
    and column. Exit code 0 if they are equal, 1 if they differ, 2 if they cannot be compared.
    """
    found = diff(
        a, b, tolerances=tolerances, ignored=ignored, tables=tables, by_rows=by_rows,
        threads=threads, most_examples=most_examples,
    )  # fmt: skip
    for line in [as_json(found)] if form == "json" else as_text(found):
        click.echo(line)
    return 0 if found.is_equal else _DIFFERENT
