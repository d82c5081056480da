"""``grilse plan``: plan batches to the last tank, and save them as a schedule."""

from __future__ import annotations

import re
import shlex
from datetime import datetime
from fractions import Fraction

import click

from grilse import api
from grilse.farm.builtin import BUILTIN_FARMS
from grilse.plan.metadata import summary_lines
from grilse.plan.question import (
    DEFAULT_BATCHES_PER_GEOGRAPHY,
    DEFAULT_SEED,
    DEFAULT_STAGGER_DAYS,
    YOUNGEST_DAYS,
    PlanAnswer,
)
from grilse.plan.saving import check_output, save_plan

__all__ = ["command"]

_DATE = click.DateTime(formats=["%Y-%m-%d"])
_EXAMPLE = """\b
Example: grilse plan --batches 275 --stagger 6 --start-date 2016-01-01"""
_DECIMAL = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,4})?")


def _exact_days(ctx: click.Context, param: click.Parameter, text: str) -> Fraction:
    """Return a number of days as it was written, without rounding; up to four decimals."""
    if not _DECIMAL.fullmatch(text.strip()):
        raise click.BadParameter(f"{text!r} is not a number of days such as 30 or 4.5", ctx, param)
    return Fraction(text)


@click.command(name="plan", epilog=_EXAMPLE)
@click.option(
    "--batches",
    type=int,
    default=DEFAULT_BATCHES_PER_GEOGRAPHY,
    metavar="N",
    show_default=True,
    help="Batches in each geography.",
)
@click.option(
    "--stagger",
    callback=_exact_days,
    default=str(DEFAULT_STAGGER_DAYS),
    metavar="D",
    show_default=True,
    help="Days from one start to the next, the geographies in turn; 4.5 is fine too.",
)
@click.option(
    "--start-date",
    type=_DATE,
    metavar="YYYY-MM-DD",
    help=f"First start.  [default: such that the last batch is {YOUNGEST_DAYS} days old]",
)
@click.option(
    "--as-of",
    type=_DATE,
    metavar="YYYY-MM-DD",
    help="History is made up to, and without, this day.  [default: today, UTC]",
)
@click.option(
    "--seed",
    type=int,
    default=DEFAULT_SEED,
    metavar="S",
    show_default=True,
    help="Seed of every draw.",
)
@click.option(
    "--farm",
    default=BUILTIN_FARMS[0],
    metavar="NAME|FILE",
    show_default=True,
    help=f"A built-in farm ({', '.join(BUILTIN_FARMS)}) or a farm file.",
)
@click.option("--dry-run", is_flag=True, help="Plan and check, but save nothing.")
@click.option(
    "-o",
    "--output",
    default="schedule.yaml",
    metavar="FILE",
    show_default=True,
    help="Where to save; a schedule that Grilse made is replaced, anything else is not.",
)
@click.option("--overwrite", is_flag=True, help="Replace whatever file stands at --output.")
def command(
    batches: int, stagger: Fraction, start_date: datetime | None, as_of: datetime | None,
    seed: int, farm: str, dry_run: bool, output: str, overwrite: bool,
) -> None:  # fmt: skip
    """Plan batches to the last tank, check the plan, and save it as a schedule."""
    if not dry_run:
        check_output(output, overwrite=overwrite)
    answer = api.plan(
        batches=batches,
        stagger=stagger,
        start=None if start_date is None else start_date.date(),
        as_of=None if as_of is None else as_of.date(),
        seed=seed,
        farm=farm,
    )
    if not dry_run:
        save_plan(answer, output, overwrite=overwrite)
    _tell(answer, None if dry_run else output)


def _tell(answer: PlanAnswer, output: str | None) -> None:
    """Print the closing lines: batches, conflicts, saturation, where it is and what is next."""
    for line in summary_lines(answer):
        click.echo(line)
    if output is None:
        click.echo("saved       nothing (--dry-run); next: the same command without --dry-run")
    else:
        name = shlex.quote(output)
        click.echo(f"saved       {name}; next: grilse run {name} --to out")
