"""Outbreaks: functions of place and day, that spread along the coast and look at no later day."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.biology.parameters import builtin_parameters, changed_parameters, clean_parameters
from grilse.farm.builtin import reference_farm
from grilse.ground.draws import Draws
from grilse.site.outbreak import arrivals, coast_around, outbreak_pressure

PARAMETERS = builtin_parameters()
SCOTLAND = reference_farm().geography_by_name["Scotland"]
COAST = coast_around(SCOTLAND, "S-SEA-07")
FIRST = 19_000


def pressure(first: int, days: int, disease: str = "PD", seed: int = 1, coast=COAST):
    return outbreak_pressure(
        Draws(seed), PARAMETERS, "Scotland", coast, disease, first, days
    )  # fmt: skip


def many(text: str):
    return changed_parameters(f"disease: {{{text}}}", "t.yaml")


@given(st.integers(0, 900), st.integers(1, 300), st.sampled_from(["PD", "JELLYFISH", "CMS"]))
def test_a_day_is_the_same_whatever_stretch_is_asked_for(start, days, disease):
    whole = pressure(FIRST, 1200, disease)
    assert (pressure(FIRST + start, days, disease) == whole[start : start + days]).all()


def test_the_coast_is_the_farms_order():
    assert COAST[0] == ("S-SEA-01", 6)
    assert COAST[6] == ("S-SEA-07", 0)
    assert [name for name, away in COAST if away == 1] == ["S-SEA-06", "S-SEA-08"]


def test_what_lies_beyond_reach_decides_nothing():
    near = tuple(each for each in COAST if each[1] <= 3)
    assert (pressure(FIRST, 2000) == pressure(FIRST, 2000, coast=near)).all()
    alone = tuple(each for each in COAST if each[1] == 0)
    assert (pressure(FIRST, 4000) >= pressure(FIRST, 4000, coast=alone)).all()
    assert (pressure(FIRST, 4000) > pressure(FIRST, 4000, coast=alone)).any()


def test_it_comes_to_neighbours_later_weaker_and_less_often():
    draws, parameters = Draws(1), many("by_chance: {value: 5}")
    own = (("S-SEA-07", 0),)
    begun = arrivals(draws, parameters, "Scotland", own, "PD")
    found = []
    for away in (1, 2, 3):
        target = f"S-SEA-{7 + away:02d}"
        both = (("S-SEA-07", away), (target, 0))
        come = arrivals(draws, parameters, "Scotland", both, "PD")
        here = arrivals(draws, parameters, "Scotland", ((target, 0),), "PD")
        spread = set(zip(come.day.tolist(), come.strength.tolist(), strict=True)) - set(
            zip(here.day.tolist(), here.strength.tolist(), strict=True)
        )
        late = [day - begun.day[begun.day < day].max() for day, _ in spread]
        assert min(late) > 0
        found.append((len(spread), float(np.mean([strength for _, strength in spread]))))
    assert len(begun.day) > found[0][0] > found[1][0] > found[2][0] > 0
    assert begun.strength.mean() > found[0][1] > found[2][1]


def test_it_comes_as_often_as_it_is_said_to_and_in_its_season():
    parameters = many("by_chance: {value: 4}")
    areas = [site.name for site in SCOTLAND.areas]
    days = np.concatenate([
        arrivals(Draws(seed), parameters, "Scotland", ((area, 0),), "GILL_DISEASE").day
        for seed in (1, 2) for area in areas
    ])  # fmt: skip
    rate = parameters.number("disease.kind.GILL_DISEASE.introductions_per_year.Scotland")
    years = 65_536 / 365.25 * len(areas) * 2
    assert len(days) / years == pytest.approx(4 * rate, rel=0.05)
    of_year = days % 365.25
    assert ((of_year > 150) & (of_year < 300)).mean() > 0.85


def test_a_course_rises_and_falls_and_never_is_below_nothing():
    whole = pressure(0, 20_000)
    assert whole.min() == 0.0
    assert 0.02 < (whole > 0).mean() < 0.7
    assert np.abs(np.diff(whole)).max() < 0.2


def test_there_is_none_where_the_parameters_leave_it_out():
    for parameters in (many("by_chance: {value: 0}"), clean_parameters(PARAMETERS)):
        found = outbreak_pressure(Draws(1), parameters, "Scotland", COAST, "PD", 0, 60_000)
        assert not found.any()
    faroe = coast_around(reference_farm().geography_by_name["Faroe Islands"], "FI-SEA-01")
    assert not outbreak_pressure(
        Draws(1), PARAMETERS, "Faroe Islands", faroe, "PD", 0, 60_000
    ).any()


def test_first_draws_are_promises():
    come = arrivals(Draws(1), PARAMETERS, "Scotland", COAST, "JELLYFISH")
    assert come.day[:4].tolist() == [131, 638, 1704, 2375]
