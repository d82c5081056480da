"""``grilse verify``: check a dataset against every law, from its rows alone."""

from __future__ import annotations

import os
from pathlib import Path

import click

from grilse.api.choosing import chosen_farm, chosen_parameters
from grilse.ground.errors import CheckFailed
from grilse.verify.dataset import Options, verify
from grilse.verify.wording import as_json, as_text

__all__ = ["command"]

_EXAMPLE = """\b
Examples: grilse verify out
          grilse verify out --only conservation --only fish.samples
          grilse verify out --format json"""


@click.command(name="verify", epilog=_EXAMPLE)
@click.argument("dataset", metavar="DIR", type=click.Path(path_type=Path))
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
def command(
    dataset: Path, form: str, only: tuple[str, ...], without: tuple[str, ...],
    against_truth: bool, farm: str | None, params: str | None, no_fingerprints: bool,
    no_realism: bool, threads: int | None, memory_mb: int,
) -> None:  # fmt: skip
    """Check the dataset in DIR against every law, from its rows alone.

    Exit code 1 if a check fails, 2 if there is no dataset that can be read.
    """
    left_out = [*without]
    left_out += ["structure.fingerprints"] if no_fingerprints else []
    left_out += ["realism"] if no_realism else []
    options = Options(
        only, left_out, threads or _processors(), memory_mb,
        farm=None if farm is None else chosen_farm(farm),
        parameters=None if params is None else chosen_parameters(params),
        against_truth=against_truth,
    )  # fmt: skip
    verdict = verify(dataset, options)
    lines = [as_json(verdict)] if form == "json" else as_text(verdict)
    for line in lines:
        click.echo(line)
    if not verdict.passed:
        count = len(verdict.failed)
        raise CheckFailed(f"{count} check{'' if count == 1 else 's'} failed")


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
