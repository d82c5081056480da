"""``grilse farm``: what a farm has, and what it can hold."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from grilse.dataset.files import write_whole
from grilse.farm.builtin import BUILTIN_FARMS
from grilse.farm.capacity import StageCapacity, capacity
from grilse.farm.finding import find_farm
from grilse.farm.fingerprint import farm_fingerprint
from grilse.farm.model import Farm, Geography
from grilse.farm.scaling import farm_text, scaled
from grilse.ground.errors import DestinationError

__all__ = ["command"]

_HEADINGS = ("geography", "stage", "places", "containers", "m3", "t of fish", "t of feed")
_KG_PER_TONNE = 1000


@click.group(name="farm")
def command() -> None:
    """Show what a farm has, and what it can hold."""


@command.command(epilog="Example: grilse farm show --farm first-design")
@click.option(
    "--farm",
    "name",
    default=BUILTIN_FARMS[0],
    metavar="NAME|FILE",
    show_default=True,
    help=f"A built-in farm ({', '.join(BUILTIN_FARMS)}) or a farm file.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def show(name: str, form: str) -> None:
    """Show a farm's sites and containers, and its capacity by geography and stage."""
    farm = find_farm(name)
    if form == "json":
        click.echo(json.dumps(_as_data(farm), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_as_text(farm)))


@command.command(epilog="Example: grilse farm scale 4 --output four.yaml")
@click.argument("copies", type=int, metavar="K")
@click.option("--farm", "name", default=BUILTIN_FARMS[0], metavar="NAME|FILE", show_default=True)
@click.option(
    "-o", "--output", default="company.yaml", metavar="FILE", show_default=True,
    help="A file that is not there yet.",
)  # fmt: skip
def scale(copies: int, name: str, output: str) -> None:
    """Make a company of K such farms, as a farm file for --farm."""
    farm = scaled(find_farm(name), copies)
    if os.path.lexists(output):
        raise DestinationError(f"{output}: exists already; name a file that is not there yet")
    write_whole(Path(output), farm_text(farm))
    click.echo(f"{output}: {_containers(farm):,} containers, fingerprint {farm_fingerprint(farm)}")


def _as_data(farm: Farm) -> dict[str, Any]:
    return {
        "name": farm.name,
        "origin": farm.origin,
        "fingerprint": farm_fingerprint(farm),
        "containers": _containers(farm),
        "geographies": [_counts(geography) for geography in farm.geographies],
        "capacity": [asdict(each) for each in capacity(farm)],
    }


def _counts(geography: Geography) -> dict[str, Any]:
    return {
        "name": geography.name,
        "code": geography.code,
        "stations": len(geography.stations),
        "halls": sum(len(station.places) for station in geography.stations),
        "areas": len(geography.areas),
        "containers": sum(
            len(place.containers) for site in geography.sites for place in site.places
        ),
    }


def _as_text(farm: Farm) -> Iterator[str]:
    yield f"{farm.name} ({farm.origin}), fingerprint {farm_fingerprint(farm)}"
    for geography in farm.geographies:
        n = _counts(geography)
        yield (
            f"{n['name']} ({n['code']}): {n['stations']} stations with {n['halls']} halls, "
            f"{n['areas']} sea areas, {n['containers']:,} containers"
        )
    yield f"In all {_containers(farm):,} containers"
    yield ""
    yield from _aligned([_HEADINGS, *(_cells(each) for each in capacity(farm))])


def _cells(each: StageCapacity) -> tuple[str, ...]:
    numbers = (
        each.places,
        each.containers,
        round(each.volume_m3),
        round(each.max_biomass_kg / _KG_PER_TONNE),
        round(each.store_kg / _KG_PER_TONNE),
    )
    return (each.geography, each.stage, *(f"{number:,}" for number in numbers))


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Lay out rows in columns: the first two to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells)


def _containers(farm: Farm) -> int:
    return sum(1 for _ in farm.containers())
