"""The farm that a schedule alone names, and what a schedule names that a farm does not have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Literal

from grilse.farm.builtin import reference_farm
from grilse.farm.model import Container, Farm, Geography, Place, Site, Store
from grilse.ground.errors import Problem
from grilse.schedule.layout import STAGES
from grilse.schedule.model import BatchPlan, Schedule, Stay

__all__ = ["farm_from_schedule", "missing_places"]

_MOST_HINTS = 20
_HALL = "-Hall-"
_SEA = "adult"

_Seen = set[tuple[Any, ...]]
"""What was looked up already: of the same names there is nothing more to tell."""


def farm_from_schedule(schedule: Schedule) -> Farm:
    """Return the farm of all that a schedule names, and of nothing else.

    Everything is in the order of its name, so that the order of the batches decides nothing. A
    container is as large as the reference farm's for its stage (the latest, where several use it)
    in the geography of that name, else in the reference farm's first; so are the stores, by the
    number of containers. A hall belongs to the station that its stage names, else to that whose
    name begins its own (``S`` of ``S-Hall-A``), else to the batch's.
    """
    batches: dict[str, list[BatchPlan]] = defaultdict(list)
    for batch in schedule.batches:
        batches[batch.geography].append(batch)
    codes: set[str] = set()
    geographies = tuple(_geography(name, batches[name], codes) for name in sorted(batches))
    return Farm("from-schedule", geographies, "schedule")


def missing_places(schedule: Schedule, farm: Farm) -> list[Problem]:
    """Return what a schedule names and a farm does not have, each where it is first named.

    An empty list says that the schedule can be run on the farm.
    """
    seen: _Seen = set()
    problems: list[Problem] = []
    for batch in schedule.batches:
        for problem in _missing(schedule.file, batch, farm, seen, len(problems) < _MOST_HINTS):
            problems.append(problem)
    return problems


def _geography(name: str, batches: Iterable[BatchPlan], codes: set[str]) -> Geography:
    """Return a geography with its stations, then its areas, in the order of their names."""
    batches = list(batches)
    like = _reference(name)
    used: dict[str, set[str]] = defaultdict(set)
    held: dict[str, dict[str, str]] = defaultdict(dict)
    for batch in batches:
        for stay in batch.stays:
            for place, container in stay.containers:
                used[place].add(stay.stage)
                known = held[place].get(container, stay.stage)
                held[place][container] = max(known, stay.stage, key=STAGES.index)
    places = {place: _place(place, used[place], held[place], like) for place in sorted(used)}
    sites = (*_stations(batches, places, like), *_areas(places, like))
    code = like.code if like.name == name else _code(batches)
    while code in codes:
        code += "X"
    codes.add(code)
    return Geography(name, code, sites)


def _stations(
    batches: Iterable[BatchPlan], places: Mapping[str, Place], like: Geography
) -> Iterator[Site]:
    halls: dict[str, list[Place]] = defaultdict(list)
    for hall, station in sorted(_station_of_halls(batches).items()):
        halls[station].append(places[hall])
    for batch in batches:
        halls.setdefault(batch.station, [])
    first = like.stations[0]
    for name in sorted(halls):
        yield Site(name, "station", tuple(halls[name]), first.latitude, first.longitude)


def _areas(places: Mapping[str, Place], like: Geography) -> Iterator[Site]:
    first = like.areas[0]
    for name, place in places.items():
        if place.kind == "area":
            yield Site(name, "area", (place,), first.latitude, first.longitude)


def _station_of_halls(batches: Iterable[BatchPlan]) -> dict[str, str]:
    """Return the station of each hall: the strongest witness, then the first by name."""
    witnesses: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for batch in batches:
        stages = batch.extra.get("stages", {})
        for stay in batch.stays:
            named = stages.get(stay.stage, {}).get("station")
            for place in {place for place, _ in stay.containers} if stay.stage != _SEA else ():
                head, mark, _ = place.partition(_HALL)
                witness = (0, str(named)) if named else (1, head) if mark else (2, batch.station)
                witnesses[place].add(witness)
    return {place: min(found)[1] for place, found in witnesses.items()}


def _place(name: str, used: set[str], held: Mapping[str, str], like: Geography) -> Place:
    """Return a place as large as the reference farm's for what it is used for."""
    stages = tuple(sorted(used, key=STAGES.index))
    usual = _usual(like.name, stages[-1])
    kind: Literal["hall", "area"] = "area" if stages[-1] == _SEA else "hall"
    containers = []
    for container in sorted(held):
        model = _usual(like.name, held[container]).containers[0]
        containers.append(Container(container, model.kind, model.volume_m3, model.max_biomass_kg))
    share = max(1.0, len(containers) / len(usual.containers))
    suffix = "Barge" if kind == "area" else "Silo"
    store = Store(
        f"{name.replace(_HALL, '-')}-{suffix}", usual.store.kind, usual.store.capacity_kg * share
    )
    return Place(name, kind, stages, tuple(containers), store)


@lru_cache(maxsize=64)
def _usual(geography: str, stage: str) -> Place:
    """Return the reference farm's first place for a stage in a geography of it."""
    sites = reference_farm().geography_by_name[geography].sites
    places = (place for site in sites for place in site.places)
    return next(place for place in places if stage in place.stages)


def _reference(name: str) -> Geography:
    """Return the reference farm's geography of that name, else its first."""
    farm = reference_farm()
    return farm.geography_by_name.get(name, farm.geographies[0])


def _code(batches: Iterable[BatchPlan]) -> str:
    """Return the letters that begin all the batch ids, else those that begin the name."""
    batches = list(batches)
    heads = {batch.batch_id.split("-")[0].upper() for batch in batches}
    head = heads.pop() if len(heads) == 1 else ""
    if head.isalpha() and 2 <= len(head) <= 4:
        return head
    letters = "".join(c for c in batches[0].geography.upper() if c.isascii() and c.isalpha())
    return (letters or "GEO")[:3]


def _missing(
    file: str | None, batch: BatchPlan, farm: Farm, seen: _Seen, hints: bool
) -> Iterator[Problem]:
    geography = farm.geography_by_name.get(batch.geography)
    if geography is None:
        line = batch.lines.get("geography", batch.line)
        names = farm.geography_by_name
        yield from _once(
            seen, ("geography", batch.geography), file, batch, line, names if hints else ()
        )
        return
    if _is_new(seen, "of", batch.geography, batch.station):
        stations = [site.name for site in geography.stations]
        if batch.station not in stations:
            line = batch.lines.get("station", batch.line)
            name = ("station", batch.geography, batch.station)
            yield from _once(seen, name, file, batch, line, stations if hints else ())
    for stay in batch.stays:
        if _is_new(seen, "in", batch.geography, stay.stage == _SEA, stay.containers):
            yield from _missing_in_stay(file, batch, stay, farm, seen, hints)


def _is_new(seen: _Seen, *name: object) -> bool:
    """Whether something is looked up for the first time; takes note of it."""
    is_new = name not in seen
    seen.add(name)
    return is_new


def _missing_in_stay(
    file: str | None, batch: BatchPlan, stay: Stay, farm: Farm, seen: _Seen, hints: bool
) -> Iterator[Problem]:
    kind = "area" if stay.stage == _SEA else "hall"
    where = batch.geography
    for slot, (place, container) in enumerate(stay.containers):
        found = farm.places.get((where, place))
        elsewhere = found is None and _elsewhere(farm, place)
        if elsewhere and (kind, where, place) not in seen:
            seen.add((kind, where, place))
            yield _crossed(file, batch, stay, place, elsewhere)
        elif found is None or found[1].kind != kind:
            names = (name for geography, name in farm.places if geography == where and hints)
            yield from _once(seen, (kind, where, place), file, batch, stay.line, names)
        elif (where, place, container) not in farm.by_path:
            line = stay.container_lines[slot] if slot < len(stay.container_lines) else stay.line
            names = (known.name for known in found[1].containers if hints)
            name = ("container", where, place, container)
            yield from _once(seen, name, file, batch, line, names)


def _elsewhere(farm: Farm, place: str) -> str:
    """Return the geography that has a place of that name; empty where none has."""
    return next((geography for geography, name in farm.places if name == place), "")


def _crossed(file: str | None, batch: BatchPlan, stay: Stay, place: str, elsewhere: str) -> Problem:
    return Problem(
        "S-GEOGRAPHY", f"stage {stay.stage} stands in another geography than the batch", "error",
        file, stay.line, batch.batch_id, f"{place} in {elsewhere}",
        f"places of {batch.geography}", "A batch never leaves its geography: take a place of it",
    )  # fmt: skip


def _once(
    seen: _Seen, name: tuple[str, ...], file: str | None, batch: BatchPlan, line: int | None,
    known: Iterable[str],
) -> Iterator[Problem]:  # fmt: skip
    """Yield the problem of a name that the farm does not have, the first time."""
    if name in seen:
        return
    seen.add(name)
    kind, *path = name
    near = get_close_matches(path[-1], list(known), n=1)
    yield Problem(
        f"S-UNKNOWN-{kind.upper()}", f"the farm has no {kind} of that name", "error", file, line,
        batch.batch_id, " / ".join(path), None,
        f"Did you mean {near[0]}?" if near else "Take another farm, or --farm from-schedule",
    )  # fmt: skip
