from __future__ import annotations

from dataclasses import replace

from grilse.farm.builtin import reference_farm
from grilse.schedule.derived_farm import farm_from_schedule, missing_places
from grilse.schedule.reading import read_schedule


def test_the_reference_farm_has_all_that_the_20_batches_name(shared):
    assert missing_places(read_schedule(shared("test_schedule_20.yaml")), reference_farm()) == []


def test_what_the_reference_farm_lacks_is_found_where_it_is_first_named(shared):
    schedule = read_schedule(shared("schedule_170_production.yaml"))
    [problem] = missing_places(schedule, reference_farm())
    assert (problem.code, problem.line) == ("S-UNKNOWN-AREA", 4675)
    assert problem.found == "Faroe Islands / Faroe Islands Sea Area 1"


def test_the_derived_farm_has_all_that_the_schedule_names(shared):
    schedule = read_schedule(shared("schedule_170_production.yaml"))
    farm = farm_from_schedule(schedule)
    assert missing_places(schedule, farm) == []
    named = {
        (batch.geography, *pair)
        for batch in schedule.batches for stay in batch.stays for pair in stay.containers
    }  # fmt: skip
    assert set(farm.by_path) == named
    assert [(g.name, g.code) for g in farm.geographies] == [
        ("Faroe Islands", "FAR"), ("Scotland", "SCO"),
    ]  # fmt: skip


def test_what_both_farms_have_is_alike(shared):
    derived = farm_from_schedule(read_schedule(shared("schedule_170_production.yaml")))
    reference = reference_farm()
    both = set(derived.by_path) & set(reference.by_path)
    assert len(both) > 500
    for name in both:
        assert derived.by_path[name].container == reference.by_path[name].container
        assert derived.by_path[name].path == reference.by_path[name].path
    for name in set(derived.places) & set(reference.places):
        ours, theirs = derived.places[name][1], reference.places[name][1]
        assert (ours.store, ours.kind, ours.stages) == (theirs.store, theirs.kind, theirs.stages)


def test_the_order_of_batches_does_not_change_the_farm(parse, base):
    text = base.replace(
        "eggs: 3123456\n  duration: 90\n  geography: Faroe Islands", "eggs: 3\n  geography: Az"
    )
    schedule = parse(text.replace("[FI-FW-01-B-C01, FI-FW-01-B-C02]", "[z, a]"))
    assert schedule.batches[1].geography == "Az"
    farm = farm_from_schedule(schedule)
    assert [geography.name for geography in farm.geographies] == ["Az", "Faroe Islands"]
    fry = farm.places["Faroe Islands", "FI-FW-01-Hall-B"][1]
    assert [container.name for container in fry.containers] == ["a", "z"]
    turned = replace(schedule, batches=schedule.batches[::-1])
    assert farm_from_schedule(turned) == farm_from_schedule(schedule)


def test_a_farm_of_other_names(parse, base):
    text = base.replace("Faroe Islands", "Norway").replace("FI-FW-01", "Gjógv").replace("FAR", "NO")
    text = text.replace("      hall: Gjógv-Hall-B\n", "      hall: Big\n      station: Elsewhere\n")
    farm = farm_from_schedule(parse(text))
    [geography] = farm.geographies
    assert (geography.name, geography.code) == ("Norway", "NO")
    assert [site.name for site in geography.stations] == ["Elsewhere", "Gjógv"]
    assert [place.name for place in geography.stations[0].places] == ["Big"]
    assert farm.by_path["Norway", "Big", "Gjógv-B-C01"].container.volume_m3 == 100


def test_unknown_names_are_located_once_each_with_a_hint(parse, base):
    text = base.replace("FI-FW-01-A-C02", "FI-FW-01-A-C99").replace(
        "station: FI-FW-01", "station: FI-FW-77"
    )
    text = text.replace("area: FI-SEA-01", "area: FI-SEA-O1")
    found = missing_places(parse(text), reference_farm())
    assert [(problem.code, problem.line) for problem in found] == [
        ("S-UNKNOWN-STATION", 10), ("S-UNKNOWN-CONTAINER", 16), ("S-UNKNOWN-AREA", 24),
    ]  # fmt: skip
    assert "Did you mean FI-SEA-" in str(found[2])


def test_an_unknown_geography_is_told_once(parse, base):
    found = missing_places(parse(base.replace("Faroe Islands", "Faroes")), reference_farm())
    assert [(problem.code, problem.line) for problem in found] == [("S-UNKNOWN-GEOGRAPHY", 9)]


def test_a_sea_stage_in_a_hall_is_missing(parse, base):
    text = base.replace("area: FI-SEA-01", "area: FI-FW-02-Hall-A")
    text = text.replace("[FI-SEA-01-Ring-01]", "[FI-FW-02-A-C01]")
    assert [problem.code for problem in missing_places(parse(text), reference_farm())] == [
        "S-UNKNOWN-AREA"
    ]
