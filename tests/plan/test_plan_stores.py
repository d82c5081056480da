"""Stores too small for a plan are named, with the size they need."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grilse import api
from grilse.biology.parameters import builtin_parameters
from grilse.farm.builtin import reference_farm
from grilse.farm.model import Farm
from grilse.plan.stores import expected_feed_kg, small_stores, store_lines
from grilse.simulate.batch import simulate
from grilse.simulate.world import World

PARAMETERS = builtin_parameters()


@pytest.fixture(scope="module")
def batches():
    return api.plan(batches=3, stagger=30, start="2018-01-01", as_of="2022-01-01").schedule.batches


def with_barges(capacity_kg: float) -> Farm:
    farm = reference_farm()

    def smaller(place):
        if place.kind == "hall":
            return place
        return replace(place, store=replace(place.store, capacity_kg=capacity_kg))

    return replace(farm, geographies=tuple(
        replace(geography, sites=tuple(
            replace(site, places=tuple(map(smaller, site.places))) for site in geography.sites
        )) for geography in farm.geographies
    ))  # fmt: skip


def test_the_reference_farm_bears_its_plan(batches):
    assert store_lines(batches, reference_farm(), PARAMETERS) == ()
    assert store_lines((), reference_farm(), PARAMETERS) == ()


def test_a_small_barge_is_named_with_what_it_needs(batches):
    found = list(small_stores(batches, with_barges(100_000), PARAMETERS))
    assert {small.store.kind for small in found} == {"barge"}
    (line,) = store_lines(batches, with_barges(100_000), PARAMETERS)
    assert "holds 100 t and needs" in line
    assert "so are" in line
    enough = max(small.needed_kg for small in found)
    assert not list(small_stores(batches, with_barges(enough), PARAMETERS))
    assert list(small_stores(batches, with_barges(enough - 1000), PARAMETERS))


def test_what_is_expected_is_near_what_is_eaten(batches):
    first = batches[0]
    world = World(reference_farm(), PARAMETERS, 1, first.life.end)
    expected = expected_feed_kg(first, PARAMETERS)
    for stay in simulate(world, first).stays[1:]:
        eaten = stay.feed_10g.sum() / 100
        days = slice(stay.start_day, stay.start_day + stay.days)
        # Fish that fast, fall ill or are treated eat less than a plan can expect.
        assert expected[days].sum() == pytest.approx(eaten, rel=0.3)
