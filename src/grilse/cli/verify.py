"""``grilse verify``: check a dataset against every law, from its rows alone."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from grilse.api.choosing import chosen_farm, chosen_parameters
from grilse.api.judging import judge_seeds
from grilse.api.pulling import dataset_of
from grilse.ground.errors import CheckFailed
from grilse.ground.wording import numbered
from grilse.plan.rules import POLICIES
from grilse.verify.dataset import Options, verify
from grilse.verify.seeds import failing, seed_data, seed_table
from grilse.verify.verdict import Figure, Verdict
from grilse.verify.wording import as_json, as_table, as_text

__all__ = ["command"]

_EXAMPLE = """\b
Examples: grilse verify out
          grilse verify out --only conservation --only fish.samples
          grilse verify out --format json
          grilse verify farm.duckdb
          grilse verify postgresql://me@localhost/dev --as aquamind
          grilse verify --seeds 30
          grilse verify --seeds 10 schedule.yaml"""


@click.command(name="verify", epilog=_EXAMPLE)
@click.argument("dataset", metavar="DIR|FILE.duckdb|URL", required=False)
@click.option("--schema", metavar="NAME", help="Of a PostgreSQL database.  [default: grilse]")
@click.option("--as", "application", metavar="NAME|FILE",
              help="Whose tables the database has: aquamind, or a file of views.")  # fmt: skip
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines for people, or JSON for programs.",
)
@click.option("--only", multiple=True, metavar="NAME", help="A check or a group of checks to make.")
@click.option(
    "--without", multiple=True, metavar="NAME", help="A check or a group of checks to leave out."
)
@click.option(
    "--against-truth", is_flag=True, help="Hold growth analysis against the truth as well."
)
@click.option("--farm", metavar="NAME|FILE", help="Hold its containers against this farm as well.")
@click.option("--params", metavar="FILE", help="Tell whether it was made with these parameters.")
@click.option(
    "--verbose", is_flag=True, help="Give each check that could not be made a line of its own."
)
@click.option("--no-fingerprints", is_flag=True, help="Do not work out content fingerprints.")
@click.option("--no-realism", is_flag=True, help="Do not measure figures against their bands.")
@click.option(
    "--threads",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Threads to read and compute with.  [default: the processors allowed]",
)
@click.option(
    "--memory",
    "memory_mb",
    type=click.IntRange(128),
    default=1024,
    show_default=True,
    metavar="MB",
    help="Memory that the database may take before it spills to the disk.",
)
@click.option(
    "--seeds",
    type=int,
    metavar="N",
    help="Plan and make N histories aside, a seed each, and tell how often each band holds; "
    "DIR may be a dataset or a schedule to do that with.",
)
@click.option("--first-seed", type=int, metavar="S", help="The first of the seeds.  [default: 1]")
@click.option("--batches", type=int, metavar="N", help="Batches in each geography.  [default: 50]")
@click.option("--years", metavar="Y", help="Years of starts.  [default: 5]")
@click.option("--as-of", metavar="YYYY-MM-DD", help="As of this day.  [default: today, UTC]")
@click.option("--policy", type=click.Choice(POLICIES), help="Of the plans.  [default: saturation]")
@click.option("--workers", type=int, metavar="N", help="Processes that make the histories.")
def command(
    dataset: str | None, schema: str | None, application: str | None, form: str,
    only: tuple[str, ...], without: tuple[str, ...],
    against_truth: bool, farm: str | None, params: str | None, verbose: bool,
    no_fingerprints: bool,
    no_realism: bool, threads: int | None, memory_mb: int, seeds: int | None, **of_seeds: Any,
) -> None:  # fmt: skip
    """Check the dataset in DIR, or what a database holds, against every law, from its rows alone.

    What a database holds is pulled into a folder for as long as it is read; another application's
    tables are seen as ours, and checks that they cannot be put to are listed with the reason.

    Exit code 1 if a check fails, 2 if there is no dataset that can be read.
    """
    if seeds is not None:
        asked = {"farm": farm, "parameters": params, "only": only, "without": without, **of_seeds}
        _judge(seeds, Path(dataset) if dataset else None, form, asked)
        return
    when = of_seeds.pop("as_of") if application is not None else None
    named = sorted(name for name, value in of_seeds.items() if value is not None)
    if named:
        raise click.UsageError(f"--{named[0].replace('_', '-')} goes with --seeds")
    if dataset is None:
        raise click.UsageError("Name the dataset, or --seeds N.")
    left_out = [*without]
    left_out += ["structure.fingerprints"] if no_fingerprints else []
    left_out += ["realism"] if no_realism else []
    options = Options(
        only, left_out, threads or _processors(), memory_mb,
        farm=None if farm is None else chosen_farm(farm),
        parameters=None if params is None else chosen_parameters(params),
        against_truth=against_truth,
    )  # fmt: skip
    if application is not None:
        verdict = _of_application(dataset, application, schema, when, options)
    else:
        with dataset_of(dataset, schema=schema) as root:
            verdict = replace(verify(root, options), dataset=dataset)
    lines = [as_json(verdict)] if form == "json" else as_text(verdict, verbose=verbose)
    for line in lines:
        click.echo(line)
    if not verdict.passed:
        raise CheckFailed(f"{numbered(len(verdict.failed), 'check')} failed")


def _of_application(
    url: str, application: str, schema: str | None, when: str | None, options: Options
) -> Verdict:
    """Verify what another application's tables hold."""
    from grilse.api.mirroring import verify_application

    if options.farm is not None or options.against_truth:
        raise click.UsageError("--farm and --against-truth are for Grilse's own tables")
    return verify_application(
        url, application, replace(options, parameters=None), schema=schema, as_of=when,
        parameters=options.parameters,
    )  # fmt: skip


def _judge(seeds: int, source: Path | None, form: str, asked: Mapping[str, Any]) -> None:
    """Judge many seeds, tell how often each band holds, and fail where one does so too seldom."""
    given = {name: value for name, value in asked.items() if value is not None}
    show = _tell_seed if sys.stderr.isatty() else None
    figures = judge_seeds(seeds, source, told=show, **given)
    if form == "json":
        click.echo(json.dumps([seed_data(figure) for figure in figures], indent=2))
    else:
        for line in as_table(*seed_table(figures)):
            click.echo(line)
    bad = [f"{figure.name} ({figure.group})" for figure in failing(figures)]
    held = sum(bool(figure.judged) for figure in figures) - len(bad)
    if form != "json":
        click.echo(f"\n{held} of {held + len(bad)} bands hold in enough of {seeds} seeds")
    if bad:
        raise CheckFailed(f"too few seeds hold {', '.join(bad)}")


def _tell_seed(seed: int, figures: Sequence[Figure]) -> None:
    outside = [figure.name for figure in figures if figure.verdict == "OUTSIDE"]
    click.echo(f"seed {seed}: {', '.join(outside) or 'all bands hold'}", err=True)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
