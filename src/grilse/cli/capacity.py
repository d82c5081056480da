"""``grilse capacity``: how many batches a farm bears, and which of its parts decides it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from grilse.biology.parameters import builtin_parameters
from grilse.cli.plan import ring_counts, stage_days_by_key
from grilse.farm.builtin import BUILTIN_FARMS
from grilse.farm.finding import find_farm
from grilse.plan.bearing import FarmBearing, GroupBearing, farm_bearing, words
from grilse.plan.explanation import days_text
from grilse.plan.question import PlanQuestion
from grilse.plan.rules import POLICIES
from grilse.plan.saturation import Saturation, measure
from grilse.schedule.reading import read_schedule

__all__ = ["command"]

_EXAMPLE = """\b
Examples:
  grilse capacity
  grilse capacity --policy biosecure --farm first-design
  grilse capacity schedule.yaml"""
_HEADINGS = (
    "geography", "stage", "places", "containers", "batches", "days", "one in d", "a year", "full",
)  # fmt: skip


@click.command(name="capacity", epilog=_EXAMPLE)
@click.argument("schedule", required=False, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--farm",
    "name",
    default=BUILTIN_FARMS[0],
    metavar="NAME|FILE",
    show_default=True,
    help=f"A built-in farm ({', '.join(BUILTIN_FARMS)}) or a farm file.",
)
@click.option(
    "--policy",
    type=click.Choice([policy for policy in POLICIES if policy != "ladder"]),
    default=POLICIES[0],
    show_default=True,
)
@click.option(
    "--rings", callback=ring_counts, default="6..20", metavar="A..B", show_default=True,
    help="Rings that a batch may hold.",
)  # fmt: skip
@click.option("--reserve", type=click.Choice(["days", "weight"]), default="days", show_default=True)
@click.option("--stage-days", callback=stage_days_by_key, multiple=True, metavar="STAGE=D")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(
    schedule: str | None,
    name: str,
    policy: str,
    rings: tuple[int, ...],
    reserve: str,
    stage_days: dict[str, int],
    form: str,
) -> None:
    """Show how many batches a farm bears, and which part of it decides that.

    With a SCHEDULE it shows, too, how full that leaves the farm: reserved, fished, and ever used.
    """
    question = PlanQuestion(
        as_of=0, policy=policy, ring_counts=rings, reserve=reserve, stage_days=stage_days
    )
    farm = find_farm(name)
    bearing = farm_bearing(question, farm, builtin_parameters())
    measured = None
    if schedule is not None:
        read = read_schedule(schedule)
        measured = measure(farm, read.batches, read.as_of)
    if form == "json":
        click.echo(json.dumps(_as_data(bearing, measured), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_as_text(bearing, measured)))


def _as_data(bearing: FarmBearing, measured: Saturation | None) -> dict[str, Any]:
    least, limit = bearing.least_stagger_days, bearing.bottleneck
    data: dict[str, Any] = {
        "farm": bearing.farm.name,
        "policy": bearing.question.policy,
        "least_stagger_days": None if least is None else float(least),
        "bottleneck": None if limit is None else limit.group.name,
        "saturation": round(bearing.saturation, 4),
        "groups": [_group_data(each) for each in bearing.groups],
    }
    if measured is not None:
        data["schedule"] = {
            "steady": measured.steady,
            "reserved": round(measured.overall, 4),
            "fished": round(measured.fished_share, 4),
            "ever_used": round(measured.ever_used_share, 4),
            "groups": {each.group.name: round(each.share, 4) for each in measured.groups},
        }
    return data


def _group_data(each: GroupBearing) -> dict[str, Any]:
    bound = each.bound
    spacing = bound.spacing_days
    return {
        "geography": bound.group.geography,
        "stage": bound.group.stage,
        "places": len(bound.group.sizes),
        "containers": bound.group.containers,
        "batches_at_once": bound.berths,
        "held_days": bound.held_days,
        "least_spacing_days": None if spacing is None else round(float(spacing), 4),
        "batches_a_year": round(each.batches_a_year, 2),
        "saturation_at_bound": round(each.saturation, 4),
    }


def _as_text(bearing: FarmBearing, measured: Saturation | None) -> Iterator[str]:
    yield from words(bearing)
    yield ""
    headings = (*_HEADINGS, "reserved") if measured else _HEADINGS
    shares = {each.group.name: each.share for each in measured.groups} if measured else {}
    rows = [(*_cells(each), *_share_cells(each, shares)) for each in bearing.groups]
    yield from _aligned([headings, *rows])
    if measured is not None:
        yield ""
        yield f"reserved   {measured.overall:.1%}{'' if measured.steady else ', never steady'}"
        yield f"fished     {measured.fished_share:.1%} by as-of"
        yield f"ever used  {measured.ever_used_share:.1%} of the containers"


def _share_cells(each: GroupBearing, shares: dict[str, float]) -> tuple[str, ...]:
    return (f"{shares.get(each.bound.group.name, 0.0):.1%}",) if shares else ()


def _cells(each: GroupBearing) -> tuple[str, ...]:
    bound = each.bound
    return (
        bound.group.geography,
        bound.group.stage,
        str(len(bound.group.sizes)),
        f"{bound.group.containers:,}",
        str(bound.berths),
        str(bound.held_days),
        "-" if bound.spacing_days is None else days_text(bound.spacing_days),
        f"{each.batches_a_year:.1f}",
        f"{each.saturation:.1%}",
    )


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Lay out rows in columns: the first two to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
