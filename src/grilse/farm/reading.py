"""Reads a farm file: places by patterns, strictly, every problem told with its line.

A farm file names the farm, sets of halls, and geographies::

    name: my farm
    hall_sets:
      two-halls:
        - name: "{site}-Hall-A"
          stages: [egg_alevin, fry]
          containers: {name: "{site}-A-C{01..10}", kind: tray, volume_m3: 10, max_kg_per_m3: 15}
          silo: {name: "{site}-A-Silo", capacity_kg: 1000}
    geographies:
      - name: Faroe Islands
        code: FAR
        stations:
          - {names: "FI-FW-{01..02}", halls: two-halls, positions: [[62.2, -6.5], [62.1, -6.6]]}
        areas:
          - names: FI-SEA-01
            rings: {name: "{site}-Ring-{01..20}", volume_m3: 30500, max_kg_per_m3: 25}
            barge: {name: "{site}-Barge", capacity_kg: 1000000}
            positions: [[62.3, -6.5]]

An area is for the stage ``adult`` unless it says ``stages``. ``containers`` may be a list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike, fspath
from typing import Any, Literal, cast

from grilse.farm.fields import Fields, Reading
from grilse.farm.model import Container, Farm, Geography, Place, Site, Store
from grilse.ground import marked_yaml
from grilse.ground.errors import BadInput, Problem

__all__ = ["farm_of", "read_farm"]

_CODE = re.compile(r"[A-Z0-9]{2,8}")
_STAGE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_MAX_VOLUME_M3 = 1e6
_MAX_KG_PER_M3 = 1000.0
_MAX_STORE_KG = 1e9
_MAX_CONTAINERS = 1_000_000
_SEA_STAGES = ("adult",)

_HallSets = Mapping[str, tuple[Any, int | None]]


def read_farm(path: str | PathLike[str]) -> Farm:
    """Read a farm file of a user's own.

    Raises
    ------
    BadInput
        With every problem of the file, each at its line.
    """
    name = fspath(path)
    return farm_of(marked_yaml.read(path), name, name)


def farm_of(value: Any, file: str | None, origin: str) -> Farm:
    """Make the farm that a file's value describes.

    Parameters
    ----------
    value
        As `grilse.ground.marked_yaml` reads it.
    file
        The file's name, for messages.
    origin
        What the farm is to say of where it comes from.

    Raises
    ------
    BadInput
        With every problem, each at its line.
    """
    reading = Reading(file)
    farm = _farm(reading, value, origin)
    reading.problems += _clashes_of_names(farm, file)
    if reading.problems:
        raise BadInput(_once(reading.problems))
    return farm


def _farm(reading: Reading, value: Any, origin: str) -> Farm:
    fields = Fields(reading, value, 1, "the farm", ("name", "geographies"), ("hall_sets",))
    hall_sets = _hall_sets(fields)
    geographies = fields.each("geographies", lambda v, n: _geography(reading, v, n, hall_sets))
    return Farm(fields.text("name"), tuple(geographies), origin)


def _hall_sets(fields: Fields) -> _HallSets:
    value = fields.values.get("hall_sets", {})
    if not isinstance(value, dict):
        fields.refuse("F-TYPE", "hall_sets must be a mapping", "hall_sets", value, "name: halls")
        return {}
    lines: Mapping[str, int] = getattr(value, "key_lines", {})
    return {name: (halls, lines.get(name)) for name, halls in value.items()}


def _geography(reading: Reading, value: Any, line: int | None, sets: _HallSets) -> Geography:
    fields = Fields(reading, value, line, "a geography", ("name", "code"), ("stations", "areas"))
    code = fields.text("code")
    if code and not _CODE.fullmatch(code):
        fields.refuse("F-CODE", "code of a geography", "code", code, "2 to 8 of A-Z and 0-9")
    stations = fields.each("stations", lambda v, n: _stations(reading, v, n, sets))
    areas = fields.each("areas", lambda v, n: _areas(reading, v, n))
    sites = tuple(site for group in (*stations, *areas) for site in group)
    return Geography(fields.text("name"), code, sites)


def _stations(reading: Reading, value: Any, line: int | None, sets: _HallSets) -> list[Site]:
    fields = Fields(reading, value, line, "a station", ("names", "halls", "positions"))
    names = fields.names("names")
    positions = fields.positions("positions", len(names))
    return [
        Site(name, "station", tuple(_halls(fields, name, sets)), latitude, longitude)
        for name, (latitude, longitude) in zip(names, positions, strict=True)
    ]


def _halls(fields: Fields, site: str, sets: _HallSets) -> list[Place]:
    """Read a station's halls: a set by its name, or a list of their own."""
    chosen = fields.values.get("halls")
    if not isinstance(chosen, str):
        return fields.each("halls", lambda v, n: _hall(fields.reading, v, n, site))
    if chosen not in sets:
        fields.refuse("F-HALLS", "there is no such set of halls", "halls", chosen, sorted(sets))
        return []
    halls, line = sets[chosen]
    in_set = Fields(fields.reading, {chosen: halls}, line, "the sets of halls", (chosen,))
    return in_set.each(chosen, lambda v, n: _hall(fields.reading, v, n, site))


def _hall(reading: Reading, value: Any, line: int | None, site: str) -> Place:
    fields = Fields(reading, value, line, "a hall", ("name", "stages", "containers", "silo"))
    containers = _containers(fields, "containers", site)
    store = _store(fields, "silo", site)
    return Place(fields.name("name", site), "hall", _stages(fields), containers, store)


def _areas(reading: Reading, value: Any, line: int | None) -> list[Site]:
    required = ("names", "rings", "barge", "positions")
    fields = Fields(reading, value, line, "an area", required, ("stages",))
    names = fields.names("names")
    positions = fields.positions("positions", len(names))
    stages = _stages(fields) if "stages" in fields.values else _SEA_STAGES
    return [
        Site(name, "area", (_area(fields, name, stages),), latitude, longitude)
        for name, (latitude, longitude) in zip(names, positions, strict=True)
    ]


def _area(fields: Fields, name: str, stages: tuple[str, ...]) -> Place:
    rings = _containers(fields, "rings", name)
    return Place(name, "area", stages, rings, _store(fields, "barge", name))


def _stages(fields: Fields) -> tuple[str, ...]:
    stages = fields.each("stages", lambda value, line: value)
    for stage in stages:
        if not isinstance(stage, str) or not _STAGE.fullmatch(stage):
            fields.refuse("F-STAGE", "no stage's key", "stages", stage, "such as fry, post_smolt")
    return tuple(map(str, stages))


def _containers(fields: Fields, key: str, site: str) -> tuple[Container, ...]:
    """Read one group of equal containers, or a list of groups."""
    value = fields.values.get(key)
    if isinstance(value, list):
        groups = fields.each(key, lambda v, n: _group(fields.reading, v, n, key, site))
    elif key in fields.values:
        groups = [_group(fields.reading, value, fields.line_of(key), key, site)]
    else:
        groups = []
    return tuple(container for group in groups for container in group)


def _group(
    reading: Reading, value: Any, line: int | None, key: str, site: str
) -> Iterator[Container]:
    on_land = key == "containers"
    required = ("name", "volume_m3", "max_kg_per_m3", *(("kind",) if on_land else ()))
    fields = Fields(reading, value, line, key, required)
    kind = fields.word("kind", ("tray", "tank")) if on_land else "ring"
    volume_m3 = fields.positive("volume_m3", _MAX_VOLUME_M3)
    limit_kg = volume_m3 * fields.positive("max_kg_per_m3", _MAX_KG_PER_M3)
    names = fields.names("name", site)
    known = cast(Literal["tray", "tank", "ring"], kind)
    return iter([Container(name, known, volume_m3, limit_kg) for name in names])


def _store(fields: Fields, key: Literal["silo", "barge"], site: str) -> Store:
    value = fields.values.get(key)
    required = ("name", "capacity_kg") if key in fields.values else ()
    of = Fields(fields.reading, value or {}, fields.line_of(key), f"the {key}", required)
    return Store(of.name("name", site), key, of.positive("capacity_kg", _MAX_STORE_KG))


def _clashes_of_names(farm: Farm, file: str | None) -> Iterator[Problem]:
    """Yield what is named twice where names must be unique, and a farm too large for its keys."""
    for what, names in _names_to_be_unique(farm):
        for name, times in Counter(names).items():
            if name and times > 1:
                message = f"{what}: {name!r} is there {times} times"
                yield Problem("F-DUPLICATE", message, file=file, mend="Give each a name of its own")
    total = sum(1 for _ in farm.containers())
    if total > _MAX_CONTAINERS:
        allowed = f"at most {_MAX_CONTAINERS:,}"
        message = "too many containers"
        yield Problem("F-TOO-MANY", message, file=file, found=f"{total:,}", allowed=allowed)


def _names_to_be_unique(farm: Farm) -> Iterator[tuple[str, list[str]]]:
    yield "names of geographies", [geography.name for geography in farm.geographies]
    yield "codes of geographies", [geography.code for geography in farm.geographies]
    for geography in farm.geographies:
        places = [place for site in geography.sites for place in site.places]
        yield f"sites of {geography.name}", [site.name for site in geography.sites]
        yield f"halls and areas of {geography.name}", [place.name for place in places]
        yield f"stores of {geography.name}", [place.store.name for place in places]
        for place in places:
            yield f"containers of {place.name}", [each.name for each in place.containers]


def _once(problems: Iterable[Problem]) -> list[Problem]:
    """Leave out repetitions: a set of halls is read once a station."""
    return list(dict.fromkeys(problems))
