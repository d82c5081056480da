"""A farm of the rows that a database answers with: sites, halls and areas, containers, stores."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from grilse.farm.builtin import reference_farm
from grilse.farm.model import Container, Farm, Geography, Place, Site, Store
from grilse.ground.errors import BadInput, Problem
from grilse.survey.answers import Row

__all__ = ["Found", "farm_of_rows"]

_USUAL_STORE_KG = {"hall": 50_000.0, "area": 500_000.0}
"""Taken where a hall or area has no store: about a fortnight's feed of the reference farm's."""

_NAMED = 5
_CODE_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A farm, with what there is to tell of how it was found."""

    farm: Farm
    told: tuple[str, ...]


def farm_of_rows(
    name: str,
    containers: Sequence[Row],
    stores: Iterable[Row],
    stage_patterns: Mapping[str, str],
    sea_stages: tuple[str, ...],
) -> Found:
    """Make a farm of what a database has.

    Parameters
    ----------
    name
        For the farm, for people.
    containers, stores
        Answers to the questions of these names; places of one geography follow each other.
    stage_patterns
        Regular expressions, by the stage that a hall is for.
    sea_stages
        Stages for which areas are.

    Raises
    ------
    BadInput
        If there is no container.
    """
    if not containers:
        raise BadInput(
            Problem("Q-EMPTY", "the database has no container that is in use",
                    mend="Fill in its infrastructure first")
        )  # fmt: skip
    held: dict[tuple[str, str], list[Row]] = {}
    for row in stores:
        held.setdefault((row["geography"], row["place"]), []).append(row)
    places: dict[str, list[tuple[Row, Place]]] = {}
    told: list[str] = []
    purposeless: list[str] = []
    for (geography, _, _), rows in groupby(containers, _where):
        part = list(rows)
        stages = sea_stages if part[0]["at_sea"] else _stages(part, stage_patterns)
        place = _place(part, stages, held.get((geography, part[0]["place"]), []))
        if stages:
            places.setdefault(geography, []).append((part[0], place))
        else:
            purposeless.append(place.name)
    if purposeless:
        told.append(f"told        left out, as no stage is known of {_some(purposeless)}")
    told += _lacking(places, held)
    codes = _codes(containers)
    geographies = tuple(
        Geography(geography, codes[geography], tuple(_sites(own)))
        for geography, own in places.items()
    )
    return Found(Farm(name, geographies, name), tuple(told))


def _where(row: Row) -> tuple[str, str, str]:
    return row["geography"], row["site"], row["place"]


def _place(rows: Sequence[Row], stages: tuple[str, ...], stores: Sequence[Row]) -> Place:
    kind: Literal["hall", "area"] = "area" if rows[0]["at_sea"] else "hall"
    capacity = sum(float(store["capacity_kg"]) for store in stores) or _USUAL_STORE_KG[kind]
    name = stores[0]["store"] if stores else f"{rows[0]['place']}-store"
    store = Store(name, "barge" if kind == "area" else "silo", capacity)
    return Place(rows[0]["place"], kind, stages, tuple(map(_container, rows)), store)


def _container(row: Row) -> Container:
    return Container(
        row["container"], _kind(row), float(row["volume_m3"]), float(row["max_biomass_kg"])
    )


def _kind(row: Row) -> Literal["tray", "tank", "ring"]:
    if row["at_sea"]:
        return "ring"
    return "tray" if "tray" in str(row["kind"]).lower() else "tank"


def _stages(rows: Sequence[Row], patterns: Mapping[str, str]) -> tuple[str, ...]:
    """Return the stage of a hall: what its purpose names first, else what its own name does."""
    for text in (rows[0]["purpose"], rows[0]["place"]):
        named = [
            stage for stage, pattern in patterns.items()
            if re.search(pattern, str(text), re.IGNORECASE)
        ]  # fmt: skip
        if named:
            return (named[0],)
    return ()


def _sites(places: Iterable[tuple[Row, Place]]) -> Iterator[Site]:
    for _, group in groupby(places, lambda each: (each[0]["site"], each[0]["at_sea"])):
        part = list(group)
        row = part[0][0]
        kind: Literal["station", "area"] = "area" if row["at_sea"] else "station"
        position = float(row["latitude"]), float(row["longitude"])
        yield Site(row["site"], kind, tuple(place for _, place in part), *position)


def _lacking(
    places: Mapping[str, Sequence[tuple[Row, Place]]], stores: Mapping[tuple[str, str], object]
) -> Iterator[str]:
    every = [(where, place) for where, own in places.items() for _, place in own]
    unfed = [place for where, place in every if (where, place.name) not in stores]
    if unfed:
        yield (
            f"told        no feed store at {_some([place.name for place in unfed])}: taken are "
            f"{_USUAL_STORE_KG['hall']:,.0f} kg on land, {_USUAL_STORE_KG['area']:,.0f} kg at sea"
        )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _codes(rows: Iterable[Row]) -> dict[str, str]:
    """Return a code for each geography: its own, the reference farm's, or its first letters."""
    usual = {geography.name: geography.code for geography in reference_farm().geographies}
    codes: dict[str, str] = {}
    for row in rows:
        name = row["geography"]
        if name not in codes:
            letters = re.sub(r"[^A-Z]", "", name.upper())[:_CODE_LETTERS].ljust(2, "X")
            code = str(row.get("code") or usual.get(name, letters))
            taken = set(codes.values())
            codes[name] = next(
                each for each in (code, *(f"{letters}{n}" for n in range(2, 10_000)))
                if each not in taken
            )  # fmt: skip
    return codes
