"""Capacity by geography and stage."""

from __future__ import annotations

from grilse.farm.builtin import reference_farm
from grilse.farm.capacity import StageCapacity, capacity
from grilse.farm.model import Container, Farm, Geography, Place, Site, Store

TANK = Container("T", "tank", 5.0, 100.0)


def test_a_hall_for_two_stages_counts_in_both() -> None:
    hall = Place("H", "hall", ("fry", "parr"), (TANK, TANK), Store("S", "silo", 7.0))
    site = Site("A", "station", (hall,), 1.0, 2.0)
    farm = Farm("f", (Geography("G", "GG", (site, site)),))
    assert capacity(farm) == (
        StageCapacity("G", "fry", 2, 4, 20.0, 400.0, 14.0),
        StageCapacity("G", "parr", 2, 4, 20.0, 400.0, 14.0),
    )


def test_the_reference_farm_holds_what_its_containers_hold() -> None:
    groups = capacity(reference_farm())
    assert len(groups) == 12
    assert sum(group.containers for group in groups) == 1960
    rings = {group.geography: group for group in groups if group.stage == "adult"}
    assert rings["Faroe Islands"].max_biomass_kg == 460 * 30_500 * 25
    assert rings["Scotland"].volume_m3 == 400 * 25_000
    assert [group.stage for group in groups[:6]] == [
        "egg_alevin", "fry", "parr", "smolt", "post_smolt", "adult",
    ]  # fmt: skip
