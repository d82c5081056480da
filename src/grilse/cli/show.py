"""``grilse show``: a schedule on a screen: its occupancy, a batch, or the rings of an area."""

from __future__ import annotations

from pathlib import Path

import click

from grilse.api.life import life
from grilse.api.planning import standing_schedule
from grilse.dataset.layout import MANIFEST
from grilse.farm.builtin import reference_farm
from grilse.farm.finding import find_farm
from grilse.farm.model import Farm
from grilse.ground.errors import BadInput, Problem
from grilse.plan.showing import schedule_show
from grilse.schedule.derived_farm import farm_from_schedule, missing_places
from grilse.schedule.model import Schedule

__all__ = ["command"]

_EXAMPLE = """\b
Examples:
  grilse show schedule.yaml
  grilse show schedule.yaml --batch SCO-2024-041
  grilse show schedule.yaml --area FI-SEA-01
  grilse show out --batch SCO-2024-041"""


@click.command(name="show", epilog=_EXAMPLE)
@click.argument("source", type=click.Path(exists=True))
@click.option("--batch", metavar="ID|NUMBER", help="Show this batch: where it is, and when.")
@click.option("--area", metavar="NAME", help="Show the containers of this hall or area over time.")
@click.option("--farm", metavar="NAME|FILE", help="The farm.  [default: one that has all of it]")
def command(source: str, batch: str | None, area: str | None, farm: str | None) -> None:
    """Show what a schedule holds, or the one that a dataset was made of.

    With --batch and a dataset's folder: the life of the batch as its rows tell it.
    """
    root = Path(source)
    if batch is not None and area is None and (root / MANIFEST).is_file():
        for line in life(root, batch):
            click.echo(line)
        return
    if root.is_dir() and not (root / MANIFEST).is_file():
        message, mend = "there is no dataset in this folder", "Name a dataset or a schedule's file"
        raise BadInput(Problem("F-DIRECTORY", message, file=source, mend=mend))
    schedule = standing_schedule(source)
    held = find_farm(farm) if farm else _farm(schedule)
    for line in schedule_show(schedule, held, batch=batch, area=area):
        click.echo(line)


def _farm(schedule: Schedule) -> Farm:
    reference = reference_farm()
    return farm_from_schedule(schedule) if missing_places(schedule, reference) else reference
