"""``grilse finalise``: parts made by several runs become one dataset."""

from __future__ import annotations

from pathlib import Path

import click

from grilse.api.finalising import finalise
from grilse.ground.errors import CheckFailed
from grilse.ground.wording import numbered
from grilse.verify.dataset import verify
from grilse.verify.wording import as_text

__all__ = ["command"]

_EXAMPLE = """\b
Examples: grilse finalise out
          grilse finalise out from-host-1 from-host-2"""


@click.command(name="finalise", epilog=_EXAMPLE)
@click.argument("dataset", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("parts", metavar="[PART]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--no-verify", is_flag=True, help="Do not check the rows against every law.")
def command(dataset: Path, parts: tuple[Path, ...], no_verify: bool) -> None:
    """Join the parts that `grilse run --partition` made in DIR, or in the folders PART.

    Every segment must be there, of equal inputs; then the dataset is added up and verified.
    """
    report = finalise(dataset, parts)
    rows = sum(totals.rows for totals in report.manifest.totals.values())
    if parts:
        click.echo(
            f"joined      {numbered(report.joined, 'segment')} of {numbered(len(parts), 'folder')}"
        )
    click.echo(f"rows        {rows:,} in {numbered(len(report.manifest.segments), 'segment')}")
    click.echo(f"dataset     {report.root} ({report.manifest.state})")
    if no_verify:
        return
    verdict = verify(dataset)
    for line in as_text(verdict):
        click.echo(line)
    if not verdict.passed:
        raise CheckFailed(f"{numbered(len(verdict.failed), 'check')} failed")
