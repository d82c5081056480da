"""The built-in farms: as many places, with the names and sizes, that the design fixes."""

from __future__ import annotations

import pickle
from collections import Counter
from pathlib import Path

import pytest
import yaml

from grilse.farm.builtin import BUILTIN_FARMS, builtin_farm, reference_farm
from grilse.farm.fingerprint import farm_fingerprint
from grilse.farm.model import Farm

SCHEDULES = Path(__file__).parents[2].parent / "shared" / "schedules"
STAGES = ("egg_alevin", "fry", "parr", "smolt", "post_smolt")
VOLUMES_M3 = {"A": 10, "B": 100, "C": 500, "D": 1000, "E": 2000}
RING_VOLUMES_M3 = {"FAR": 30_500, "SCO": 25_000}

# Largest classic batch: fish, their weight at the stage's end, ration in % of it a day.
LARGEST = {
    "egg_alevin": (3.80e6, 0.2, 5.0),
    "fry": (3.30e6, 6.5, 4.0),
    "parr": (3.15e6, 60, 2.0),
    "smolt": (3.05e6, 165, 1.5),
    "post_smolt": (3.00e6, 400, 1.2),
}
# At sea: fish, gain in g a day in the warmest month; 1.12 is the feed conversion ratio.
LARGEST_AT_SEA = {"FAR": (3.0e6, 35.6), "SCO": (2.5e6, 34.4)}


@pytest.mark.parametrize(
    ("name", "stations", "containers"),
    [("reference", (12, 10), 1960), ("first-design", (14, 11), 2110)],
)
def test_counts(name: str, stations: tuple[int, int], containers: int) -> None:
    farm = builtin_farm(name)
    faroe, scotland = farm.geographies
    assert (faroe.name, faroe.code) == ("Faroe Islands", "FAR")
    assert (scotland.name, scotland.code) == ("Scotland", "SCO")
    assert (len(faroe.stations), len(scotland.stations)) == stations
    assert (len(faroe.areas), len(scotland.areas)) == (23, 20)
    assert sum(1 for _ in farm.containers()) == containers
    assert (farm.name, farm.origin) == (name, f"built-in:{name}")


@pytest.mark.parametrize("name", BUILTIN_FARMS)
def test_halls_hold_ten_of_their_stages_containers(name: str) -> None:
    for geography in builtin_farm(name).geographies:
        for station in geography.stations:
            assert [place.stages for place in station.places] == [(stage,) for stage in STAGES]
            for letter, hall in zip("ABCDE", station.places, strict=True):
                assert hall.name == f"{station.name}-Hall-{letter}"
                names = [f"{station.name}-{letter}-C{i:02d}" for i in range(1, 11)]
                assert [each.name for each in hall.containers] == names
                assert {each.volume_m3 for each in hall.containers} == {VOLUMES_M3[letter]}
                kind = "tray" if letter == "A" else "tank"
                assert {each.kind for each in hall.containers} == {kind}
                assert hall.store.kind == "silo"


@pytest.mark.parametrize("name", BUILTIN_FARMS)
def test_areas_hold_twenty_rings(name: str) -> None:
    for geography in builtin_farm(name).geographies:
        for area in geography.areas:
            (place,) = area.places
            assert place.name == area.name
            assert place.stages == ("adult",)
            names = [f"{area.name}-Ring-{i:02d}" for i in range(1, 21)]
            assert [each.name for each in place.containers] == names
            volume_m3 = RING_VOLUMES_M3[geography.code]
            assert {each.volume_m3 for each in place.containers} == {volume_m3}
            assert {each.max_biomass_kg for each in place.containers} == {volume_m3 * 25}
            assert place.store.kind == "barge"


def test_names_of_sites() -> None:
    faroe, scotland = reference_farm().geographies
    assert [site.name for site in faroe.stations] == [f"FI-FW-{i:02d}" for i in range(1, 13)]
    assert [site.name for site in faroe.areas] == [f"FI-SEA-{i:02d}" for i in range(1, 24)]
    assert [site.name for site in scotland.stations] == [f"S-FW-{i:02d}" for i in range(1, 11)]
    assert [site.name for site in scotland.areas] == [f"S-SEA-{i:02d}" for i in range(1, 21)]


def test_sites_lie_where_their_geography_does() -> None:
    bounds = {"FAR": ((61.3, 62.5), (-7.8, -6.2)), "SCO": ((55.0, 61.0), (-8.0, -0.7))}
    for geography in reference_farm().geographies:
        (south, north), (west, east) = bounds[geography.code]
        for site in geography.sites:
            assert south < site.latitude < north
            assert west < site.longitude < east
    positions = Counter(
        (site.latitude, site.longitude) for g in reference_farm().geographies for site in g.sites
    )
    assert max(positions.values()) == 1


@pytest.mark.parametrize("name", BUILTIN_FARMS)
def test_stores_hold_fifteen_days_of_the_classic_plans_feed(name: str) -> None:
    for geography in builtin_farm(name).geographies:
        for station in geography.stations:
            for hall in station.places:
                fish, weight_g, ration_pct = LARGEST[hall.stages[0]]
                daily_kg = fish * weight_g / 1000 * ration_pct / 100
                assert hall.store.capacity_kg >= 15 * daily_kg
        fish, gain_g = LARGEST_AT_SEA[geography.code]
        two_batches_kg = 2 * fish * gain_g * 1.12 / 1000
        for area in geography.areas:
            assert (
                15 * two_batches_kg <= area.places[0].store.capacity_kg < 1.1 * 15 * two_batches_kg
            )


@pytest.mark.parametrize("name", BUILTIN_FARMS)
def test_halls_hold_the_largest_classic_batch(name: str) -> None:
    for station in builtin_farm(name).geographies[0].stations:
        for hall in station.places:
            fish, weight_g, _ = LARGEST[hall.stages[0]]
            limit_kg = sum(each.max_biomass_kg for each in hall.containers)
            assert fish * weight_g / 1000 <= limit_kg


def test_ids_follow_the_order() -> None:
    refs = list(reference_farm().containers())
    assert [ref.container_id for ref in refs] == list(range(1, 1961))
    assert refs[0].path == ("Faroe Islands", "FI-FW-01", "FI-FW-01-Hall-A", "FI-FW-01-A-C01")
    assert (refs[-1].place_id, refs[-1].site_id, refs[-1].geography_id) == (153, 65, 2)


def test_the_farm_is_read_once() -> None:
    assert reference_farm() is reference_farm()
    assert len({farm_fingerprint(builtin_farm(name)) for name in BUILTIN_FARMS}) == 2


def test_the_reference_farm_is_pinned() -> None:
    # Datasets name the farm by this fingerprint: a change of the farm is a change of every dataset
    # made on it, to be made knowingly and told in the change log.
    assert farm_fingerprint(reference_farm()) == "ac9e22e48b405517b7f318abd984e9f2"


def test_there_is_no_other_built_in_farm() -> None:
    with pytest.raises(KeyError, match="no built-in farm second"):
        builtin_farm("second")


@pytest.mark.parametrize("file", ["test_schedule_20.yaml", "schedule_170_production.yaml"])
def test_every_place_of_the_shared_schedules_is_there(file: str) -> None:
    path = SCHEDULES / file
    if not path.exists():
        pytest.skip(f"{path.name} is not beside the repository")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    schedule = yaml.load(path.read_text(encoding="utf-8"), loader)
    # The larger file names one area of its own besides: that alone may be missing.
    missing = [name for name in _named(schedule) if name not in reference_farm().by_path]
    assert [name for name in missing if name[1].startswith(("FI-", "S-"))] == []
    assert len({place for _, place, _ in missing}) <= 1


def _named(schedule: dict) -> list[tuple[str, str, str]]:
    found = []
    for batch in schedule["batches"]:
        stays = [(stay["hall"], stay["containers"]) for stay in batch["freshwater"].values()]
        if batch["sea"]:
            stays.append((batch["sea"]["area"], batch["sea"]["rings"]))
        found += [(batch["geography"], place, name) for place, names in stays for name in names]
    assert found
    return found


def test_by_path_knows_every_container() -> None:
    farm: Farm = reference_farm()
    assert len(farm.by_path) == 1960
    assert len(farm.places) == 153


def test_a_container_is_found_by_its_path_as_it_is_met_in_order() -> None:
    farm = reference_farm()
    met = list(farm.containers())
    assert [farm.by_path[path] for path in farm.by_path] == met
    assert len(farm.by_path) == len(met)
    assert {farm.place_ids[ref.path[0], ref.path[2]] for ref in met} == {r.place_id for r in met}
    assert all(farm.by_path[r.path[0], r.path[2], r.path[3]] == r for r in met[::-7])


@pytest.mark.parametrize(
    "path",
    [
        ("Scotland", "FI-FW-01-Hall-A", "FI-FW-01-A-C01"),
        ("Faroe Islands", "FI-FW-01-Hall-B", "FI-FW-01-A-C01"),
        ("Faroe Islands", "FI-FW-01-Hall-A", "FI-FW-01-A-C11"),
    ],
)
def test_what_is_not_there_is_not_found(path: tuple[str, str, str]) -> None:
    farm = reference_farm()
    assert path not in farm.by_path
    assert farm.by_path.get(path) is None
    with pytest.raises(KeyError):
        farm.by_path[path]


def test_a_farm_travels_whole_and_without_what_was_made_of_it() -> None:
    farm = builtin_farm("reference")
    packed = pickle.dumps(farm)
    assert len(farm.by_path), len(farm.places)
    assert pickle.dumps(farm) == packed
    arrived = pickle.loads(packed)
    assert arrived == farm
    assert list(arrived.containers()) == list(farm.containers())
