"""A company of many equal farms: each geography with its sites over and over, under new names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from grilse.farm.model import Container, Farm, Geography, Place, Site
from grilse.ground.errors import BadInput, Problem

__all__ = ["MOST_COPIES", "farm_text", "scaled"]

MOST_COPIES = 500


def scaled(farm: Farm, copies: int) -> Farm:
    """Return a company of so many farms like this one.

    Parameters
    ----------
    copies
        1 to `MOST_COPIES`. The first keeps its names, so that a schedule of the farm runs on the
        company as well; copy 2 begins its names with ``K2-``.

    Raises
    ------
    BadInput
        If `copies` is out of its range.
    """
    if not 1 <= copies <= MOST_COPIES:
        allowed = f"1 to {MOST_COPIES}"
        raise BadInput(Problem("F-SCALE", "not so many farms", found=str(copies), allowed=allowed))
    return Farm(
        f"{farm.name} x {copies}" if copies > 1 else farm.name,
        tuple(_repeated(geography, copies) for geography in farm.geographies),
        farm.origin if copies == 1 else f"{farm.origin} x {copies}",
    )


def _repeated(geography: Geography, copies: int) -> Geography:
    sites = [
        _copy(site, f"K{number}-" if number > 1 else "")
        for kind in (geography.stations, geography.areas)
        for number in range(1, copies + 1)
        for site in kind
    ]
    return replace(geography, sites=tuple(sites))


def _copy(site: Site, mark: str) -> Site:
    places = tuple(
        replace(
            place,
            name=mark + place.name,
            store=replace(place.store, name=mark + place.store.name),
            containers=tuple(replace(each, name=mark + each.name) for each in place.containers),
        )
        for place in site.places
    )
    return replace(site, name=mark + site.name, places=places)


def farm_text(farm: Farm) -> str:
    """Return a farm as the text of a farm file, which reads back with an equal fingerprint."""
    return "\n".join([f"name: {_word(farm.name)}", "geographies:", *_geographies(farm)]) + "\n"


def _geographies(farm: Farm) -> Iterator[str]:
    for geography in farm.geographies:
        yield f"  - name: {_word(geography.name)}"
        yield f"    code: {geography.code}"
        for key, sites in (("stations", geography.stations), ("areas", geography.areas)):
            if sites:
                yield f"    {key}:"
                yield from (line for site in sites for line in _site(site))


def _site(site: Site) -> Iterator[str]:
    yield f"      - names: {_word(site.name)}"
    yield f"        positions: [[{site.latitude!r}, {site.longitude!r}]]"
    if site.kind == "area":
        (area,) = site.places
        yield f"        stages: {json.dumps(area.stages)}"
        yield f"        rings: {_groups(area.containers, on_land=False)}"
        yield f"        barge: {_store(area)}"
        return
    yield "        halls:"
    for hall in site.places:
        yield f"          - name: {_word(hall.name)}"
        yield f"            stages: {json.dumps(hall.stages)}"
        yield f"            containers: {_groups(hall.containers, on_land=True)}"
        yield f"            silo: {_store(hall)}"


def _store(place: Place) -> str:
    return f"{{name: {_word(place.store.name)}, capacity_kg: {place.store.capacity_kg!r}}}"


def _groups(containers: Sequence[Container], *, on_land: bool) -> str:
    """Write containers as groups: those in a row that are counted on and equal are one."""
    runs: list[list[Container]] = []
    for each in containers:
        if runs and _follows(runs[-1][-1], each):
            runs[-1].append(each)
        else:
            runs.append([each])
    return "[" + ", ".join(_group(run, on_land) for run in runs) + "]"


def _group(run: Sequence[Container], on_land: bool) -> str:
    first, last = run[0], run[-1]
    stem, digits = _counted(first.name)
    name = first.name if len(run) == 1 else f"{stem}{{{digits}..{_counted(last.name)[1]}}}"
    kind = f"kind: {first.kind}, " if on_land else ""
    limit = first.max_biomass_kg / first.volume_m3
    volume = f"volume_m3: {first.volume_m3!r}, max_kg_per_m3: {limit!r}"
    return f"{{name: {_word(name)}, {kind}{volume}}}"


def _follows(before: Container, after: Container) -> bool:
    stem, digits = _counted(before.name)
    if not digits or replace(before, name=after.name) != after:
        return False
    return after.name == f"{stem}{int(digits) + 1:0{len(digits)}d}"


def _counted(name: str) -> tuple[str, str]:
    stem = name.rstrip("0123456789")
    digits = name[len(stem) :]
    return (stem, digits) if len(digits) <= 9 else (name, "")


def _word(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
