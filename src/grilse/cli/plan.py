"""``grilse plan``: plan batches to the last tank, and save them as a schedule."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

import click

from grilse import api
from grilse.api.choosing import chosen_farm, chosen_parameters
from grilse.api.presets import PRESETS
from grilse.cli.legacy import WITH_A_SOURCE, refuse_options, save_and_tell
from grilse.cli.surveyed import aside, asked_of_databases
from grilse.farm.builtin import BUILTIN_FARMS
from grilse.plan.limits import Bearing, limit_lines
from grilse.plan.metadata import summary_lines
from grilse.plan.question import (
    DEFAULT_BATCHES_PER_GEOGRAPHY,
    DEFAULT_SEED,
    DEFAULT_STAGGER_DAYS,
    YOUNGEST_DAYS,
    PlanAnswer,
)
from grilse.plan.rules import POLICIES
from grilse.plan.saving import check_output, save_plan
from grilse.plan.stores import store_lines
from grilse.schedule.partitions import partitioned

__all__ = ["command", "ring_counts", "stage_days_by_key"]

_DATE = click.DateTime(formats=["%Y-%m-%d"])
_EXAMPLE = """\b
Examples:
  grilse plan --batches 275 --stagger 6 --start-date 2016-01-01
  grilse plan --batches 292 --stagger 4.5
  grilse plan --saturation 0.87 --start-date 2018-01-01
  grilse plan --policy biosecure --fit
  grilse plan --policy ladder
  grilse plan --from-legacy exported --mapping fishtalk.yaml
  grilse plan --farm postgresql://me@host/farm --as aquamind --onto postgresql://me@host/farm
  grilse plan --batches 1 --geography Scotland --eggs 1000000 --duration 500"""
_DECIMAL = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,4})?")
_WITH_A_PRESET = {
    "preset", "farm", "parameters", "seed", "partitions", "dry_run", "output", "overwrite",
}  # fmt: skip
_RANGE = re.compile(r"([0-9]{1,4})\.\.([0-9]{1,4})")


def _exact_days(ctx: click.Context, param: click.Parameter, text: str | None) -> Fraction | None:
    """Return a number as it was written, without rounding; up to four decimals."""
    if text is None:
        return None
    if not _DECIMAL.fullmatch(text.strip()):
        raise click.BadParameter(
            f"{text!r} is not a number of days such as 30 or 4.5, or a share such as 0.87",
            ctx,
            param,
        )
    return Fraction(text)


def ring_counts(ctx: click.Context, param: click.Parameter, text: str) -> tuple[int, ...]:
    """Return ring counts: ``6..20``, ``20..6``, or a list ``8,10,12``."""
    span = _RANGE.fullmatch(text.strip())
    if span:
        first, last = int(span[1]), int(span[2])
        step = 1 if last >= first else -1
        return tuple(range(first, last + step, step))
    return _whole_numbers(ctx, param, text)


def _whole_numbers(ctx: click.Context, param: click.Parameter, text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")] if text else []
    if not all(part.isdecimal() and len(part) < 6 for part in parts):
        raise click.BadParameter(f"{text!r} is not a list such as 8,10,12", ctx, param)
    return tuple(map(int, parts))


def stage_days_by_key(
    ctx: click.Context, param: click.Parameter, texts: tuple[str, ...]
) -> dict[str, int]:
    """Return days by stage: ``fry=80``, several in one option or in several."""
    result = {}
    for text in ",".join(texts).split(",") if texts else ():
        key, _, days = text.partition("=")
        if not days.strip().isdecimal():
            raise click.BadParameter(f"{text!r} is not of the form fry=80", ctx, param)
        result[key.strip().replace("-", "_")] = int(days)
    return result


@click.command(name="plan", epilog=_EXAMPLE)
@click.option(
    "--batches",
    type=int,
    metavar="N",
    help=f"Batches in each geography.  [default: {DEFAULT_BATCHES_PER_GEOGRAPHY}]",
)
@click.option(
    "--stagger",
    callback=_exact_days,
    metavar="D",
    help="Days from one start to the next, the geographies in turn; 4.5 is fine too."
    f"  [default: {DEFAULT_STAGGER_DAYS}]",
)
@click.option(
    "--saturation",
    callback=_exact_days,
    metavar="S",
    help="How full the farm shall be, 0 to 1: finds the stagger.",
)
@click.option(
    "--years", callback=_exact_days, metavar="Y", help="Years of starts: finds the number."
)
@click.option("--fit", is_flag=True, help="Start as close together as the farm bears.")
@click.option(
    "--policy",
    type=click.Choice(POLICIES),
    default=POLICIES[0],
    show_default=True,
    help="saturation fills the farm; biosecure keeps one generation an area, fallow and density "
    "limits; ladder puts a batch on every rung of life, for acceptance tests.",
)
@click.option(
    "--rings",
    callback=ring_counts,
    default="6..20",
    metavar="A..B",
    show_default=True,
    help="Rings a batch, mixed so that none is idle: 6..20 the fewest first, 20..6 the most.",
)
@click.option(
    "--reserve",
    type=click.Choice(["days", "weight"]),
    default="days",
    show_default=True,
    help="Reserve the sea for its days, or until the heaviest target is reached and harvested.",
)
@click.option("--adult-duration", type=int, metavar="D", help="Days reserved at sea.")
@click.option(
    "--stage-days",
    callback=stage_days_by_key,
    multiple=True,
    metavar="STAGE=D",
    help="Days reserved for a stage, such as fry=80; may be given several times.",
)
@click.option(
    "--fallow-days",
    type=click.IntRange(0, 730),
    metavar="D",
    help="Days for which rings lie empty.  [default: none; under biosecure those of the rules]",
)
@click.option(
    "--batches-an-area",
    type=click.IntRange(1, 100),
    default=1,
    metavar="N",
    show_default=True,
    help="Batches that are put into an area one after the other, under biosecure.",
)
@click.option(
    "--geography",
    "geographies",
    multiple=True,
    metavar="NAME|CODE",
    help="Plan for this one alone; may be given several times.  [default: all]",
)
@click.option(
    "--interleave/--no-interleave",
    default=True,
    show_default=True,
    help="Let the geographies start in turn, or each by itself.",
)
@click.option(
    "--ladder",
    callback=_whole_numbers,
    default="",
    metavar="D,D,...",
    help="Days of life on the as-of day, under --policy ladder.",
)
@click.option(
    "--onto",
    metavar="SCHEDULE|DIR|postgresql://...",
    help="Go on from this schedule or dataset, or around the batches of a database.",
)
@click.option("--eggs", type=int, metavar="N", help="Eggs of every batch.")
@click.option(
    "--duration", type=int, metavar="D", help="Days that the first batch has lived by --as-of."
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
    metavar="S",
    help=f"Seed of every draw.  [default: {DEFAULT_SEED}, or that of --onto]",
)
@click.option(
    "--farm",
    default=BUILTIN_FARMS[0],
    metavar="NAME|FILE|postgresql://...",
    show_default=True,
    help=f"A built-in farm ({', '.join(BUILTIN_FARMS)}), a farm file, or a database that has one.",
)
@click.option(
    "--as",
    "application",
    metavar="NAME|FILE",
    help="Whose tables a database has: grilse, aquamind, or a file of questions.  "
    "[default: grilse]",
)
@click.option("--schema", metavar="NAME", help="Schema of the tables.  [default: theirs]")
@click.option(
    "--params",
    "parameters",
    metavar="FILE",
    help="Parameters that differ from the built-in ones: `grilse params` lists them.",
)
@click.option(
    "--from-legacy",
    type=click.Path(exists=True, file_okay=False),
    metavar="DIR",
    help="Build the schedule from a legacy system's exported populations, with anchors.",
)
@click.option(
    "--mapping",
    type=click.Path(),
    metavar="FILE",
    help="What the files and columns of --from-legacy are called, and which stage is where.",
)
@click.option(
    "--anchors/--no-anchors",
    "is_anchored",
    default=True,
    show_default=True,
    help="Let batches of --from-legacy pass exactly through the numbers and weights it tells.",
)
@click.option(
    "--preset",
    type=click.Choice(list(PRESETS)),
    help="A plan that has a name, in place of the options of planning.",
)
@click.option(
    "--partitions",
    type=click.IntRange(1, 1024),
    metavar="N",
    help="Write N chronological slices into the schedule, for `grilse run --use-partitions`.",
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
    start_date: datetime | None,
    as_of: datetime | None,
    dry_run: bool,
    output: str,
    overwrite: bool,
    adult_duration: int | None,
    stage_days: dict[str, int],
    ladder: tuple[int, ...],
    policy: str,
    preset: str | None,
    partitions: int | None,
    from_legacy: str | None,
    mapping: str | None,
    is_anchored: bool,
    application: str | None,
    schema: str | None,
    **asked: Any,
) -> None:
    """Plan batches to the last tank, check the plan, and save it as a schedule.

    A farm in a database is read with the models that it is run by, and saved beside the schedule,
    as FILE.farm.yaml and FILE.params.yaml.
    """
    if not dry_run:
        check_output(output, overwrite=overwrite)
    beside = output if not dry_run else aside()
    for line in asked_of_databases(asked, as_of, beside, application, schema):
        click.echo(line)
    if from_legacy is not None:
        refuse_options("--from-legacy", WITH_A_SOURCE)
        day = None if as_of is None else as_of.date()
        found = api.plan_from_legacy(
            from_legacy, mapping=mapping, as_of=day, seed=asked["seed"], is_anchored=is_anchored
        )
        save_and_tell(found, from_legacy, None if dry_run else output)
        return
    if adult_duration is not None:
        stage_days = {**stage_days, "adult": adult_duration}
    if preset is not None:
        answer = _preset(preset, asked)
    else:
        answer = api.plan(
            start=None if start_date is None else start_date.date(),
            as_of=None if as_of is None else as_of.date(),
            stage_days=stage_days,
            ladder=ladder,
            policy="ladder" if ladder else policy,
            **asked,
        )
    if partitions is not None:
        answer = replace(answer, schedule=partitioned(answer.schedule, partitions))
    if not dry_run:
        save_plan(answer, output, overwrite=overwrite)
    farm, parameters = chosen_farm(asked["farm"]), chosen_parameters(asked["parameters"])
    for line in store_lines(answer.schedule.batches, farm, parameters):
        click.echo(line)
    for line in limit_lines(Bearing(answer.schedule, farm, parameters)):
        click.echo(line)
    _tell(answer, None if dry_run else output)


def _preset(name: str, asked: dict[str, Any]) -> PlanAnswer:
    """Plan a preset; what would make another plan of it is refused."""
    refuse_options(f"--preset {name}", _WITH_A_PRESET)
    chosen = {key: asked[key] for key in ("farm", "parameters", "seed")}
    return api.plan(**PRESETS[name].question, **chosen)


def _tell(answer: PlanAnswer, output: str | None) -> None:
    """Print the closing lines: batches, conflicts, saturation, where it is and what is next."""
    for line in summary_lines(answer):
        click.echo(line)
    if output is None:
        click.echo("saved       nothing (--dry-run); next: the same command without --dry-run")
    else:
        name = shlex.quote(output)
        click.echo(f"saved       {name}; next: grilse run {name} --to out")
