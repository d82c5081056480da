"""``grilse prepare``: write once what batches want of feed stores, for runs in parts."""

from __future__ import annotations

import sys
from datetime import datetime

import click

from grilse import api
from grilse.api.provisioning import provision
from grilse.cli.failing import failure_lines
from grilse.ground.errors import CheckFailed
from grilse.ground.wording import numbered

__all__ = ["command"]

_DATE = click.DateTime(formats=["%Y-%m-%d"])
_EXAMPLE = """\b
Example: grilse prepare schedule.yaml --to demand
         grilse run schedule.yaml --to out --partition 3/24 --prepared demand"""
_STOPPED = 130


@click.command(name="prepare", epilog=_EXAMPLE)
@click.argument("schedule", metavar="SCHEDULE")
@click.option("--to", metavar="DIR", required=True, help="A folder that all runs can read.")
@click.option("--farm", metavar="NAME|FILE", help="Farm to run on.  [default: reference]")
@click.option("--as-of", type=_DATE, metavar="YYYY-MM-DD", help="In place of the schedule's own.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="In place of the schedule's own.")
@click.option("--params", metavar="FILE", help="Parameters that differ from the built-in ones.")
@click.option(
    "--other-inputs",
    is_flag=True,
    help="Run on another farm, or with other parameters, than it was planned with.",
)
@click.option("--clean", is_flag=True, help="As the run that is to use it.")
@click.option(
    "--workers",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Processes; 1 works in this one.  [default: the processors allowed]",
)
@click.option("--overwrite", is_flag=True, help="Replace what was prepared for other inputs.")
def command(
    schedule: str, to: str, farm: str | None, as_of: datetime | None, seed: int | None,
    params: str | None, other_inputs: bool, clean: bool, workers: int | None, overwrite: bool,
) -> None:  # fmt: skip
    """Write once what each batch of SCHEDULE wants of feed stores; runs in parts then share it.

    A store's lots follow from all batches that draw on it. A part of a dataset works out what
    those of other parts want; with `grilse run --prepared DIR` it is read. Rows are the same.
    """
    job = api.prepare(
        schedule, farm=farm, parameters=params, as_of=None if as_of is None else as_of.date(),
        seed=seed, other_inputs=other_inputs, clean=clean,
    )  # fmt: skip
    for line in job.told:
        click.echo(line)
    report = provision(job, to, workers=workers, overwrite=overwrite, progress=sys.stderr.isatty())
    there = f" ({report.there:,} of them were there)" if report.there else ""
    made = report.batches - len(report.result.failures)
    click.echo(f"prepared    {made:,} of {report.batches:,} batches{there}")
    click.echo(f"size        {report.byte_count / 1e6:,.1f} MB in {report.folder}")
    for line in failure_lines(report.result.failures, verbose=False):
        click.echo(line, err=True)
    if report.result.is_stopped:
        click.echo("Stopped. The same command goes on from here.", err=True)
        sys.exit(_STOPPED)
    if report.result.failures:
        raise CheckFailed(f"{numbered(len(report.result.failures), 'batch')} failed")
    click.echo(f"next        grilse run {schedule} --to out --prepared {to}")
