"""``grilse report``: a schedule, or a dataset, as one page to look at."""

from __future__ import annotations

import click

from grilse.api.reporting import DEFAULT_OUTPUT, ReportMade, report

__all__ = ["command"]

_EXAMPLE = """\b
Examples:
  grilse report out
  grilse report schedule.yaml --output plan.html"""


@click.command(name="report", epilog=_EXAMPLE)
@click.argument("source", metavar="DIR|SCHEDULE", type=click.Path(exists=True))
@click.option(
    "-o", "--output", default=DEFAULT_OUTPUT, show_default=True, metavar="FILE",
    type=click.Path(), help="The page.",
)  # fmt: skip
@click.option("--no-verify", is_flag=True, help="Leave out what verification says; it is faster.")
@click.option(
    "--farm", metavar="NAME|FILE", help="A schedule's farm.  [default: one that has all of it]"
)
@click.option("--overwrite", is_flag=True, help="Replace whatever file stands at --output.")
def command(source: str, output: str, no_verify: bool, farm: str | None, overwrite: bool) -> None:
    """Make one page of a dataset, or of a schedule: it opens from disk, in any browser.

    It shows the plan, the company, its areas, each batch in depth, and what verification says; of a
    schedule, the plan alone. It asks nothing of any network.
    """
    made = report(source, output, farm=farm, verified=not no_verify, overwrite=overwrite)
    for line in _lines(made):
        click.echo(line)


def _lines(made: ReportMade) -> list[str]:
    drawn = "" if made.drawn == made.batches else f", {made.drawn:,} of them drawn"
    lines = [
        f"report      {made.output}: {made.batches:,} batches{drawn}, {made.size / 1e6:.1f} MB"
    ]
    if made.verdict is not None and not made.verdict.passed:
        failed = ", ".join(result.name for result in made.verdict.failed)
        lines.append(f"failed      {failed}: the page tells more")
    return lines
