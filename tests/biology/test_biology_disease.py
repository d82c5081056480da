"""Disease: susceptibility by size, age and warmth; illness that wears off; vaccination's price."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grilse.biology.disease import disease, disease_names, illness, susceptibility
from grilse.biology.parameters import builtin_parameters, changed_parameters
from grilse.biology.vaccination import appetite_around, hazard_after
from grilse.ground.errors import BadInput
from grilse.tables.catalogue.events import MORTALITY_CAUSES

PARAMETERS = builtin_parameters()


def test_diseases_are_causes_in_the_order_of_their_names():
    names = disease_names(PARAMETERS)
    assert names == tuple(sorted(names))
    assert set(names) <= set(MORTALITY_CAUSES)


def test_the_vaccinated_suffer_less_where_there_is_a_vaccine():
    for name in disease_names(PARAMETERS):
        how = disease(PARAMETERS, name)
        bare, safe = (
            susceptibility(how, 1000.0, 150, 9.0, is_vaccinated=given) for given in (False, True)
        )
        assert safe == pytest.approx(bare * (1.0 - how.vaccine_effect))


def test_cms_is_of_large_fish_pd_of_those_half_a_year_at_sea_ulcers_of_the_cold():
    cms, pd, ulcer = (disease(PARAMETERS, name) for name in ("CMS", "PD", "WINTER_ULCER"))
    of = {"is_vaccinated": False}
    assert susceptibility(cms, 800.0, 100, 9.0, **of) < 0.1 * susceptibility(
        cms, 3000.0, 100, 9.0, **of
    )
    assert susceptibility(pd, 2000.0, 150, 11.0, **of) > susceptibility(pd, 2000.0, 20, 11.0, **of)
    assert susceptibility(ulcer, 2000.0, 150, 5.0, **of) > 5 * susceptibility(
        ulcer, 2000.0, 150, 11.0, **of
    )


def test_the_same_call_for_a_number_and_an_array():
    how = disease(PARAMETERS, "PD")
    weights, temps = np.array([[300.0], [3000.0]]), np.array([6.0, 9.0, 13.0])
    grid = susceptibility(how, weights, np.arange(3), temps, is_vaccinated=True)
    assert grid.shape == (2, 3)
    assert grid[1, 2] == susceptibility(how, 3000.0, 2, 13.0, is_vaccinated=True)


EXPOSURE = st.lists(st.floats(0, 20), min_size=2, max_size=60)


@given(EXPOSURE, st.sampled_from(["PD", "CMS", "JELLYFISH"]))
def test_illness_stays_within_bounds_and_no_day_looks_ahead(exposure, name):
    how = disease(PARAMETERS, name)
    whole = illness(how, np.array([exposure]), 2.5)
    assert (whole.load >= 0).all()
    assert (whole.load <= 2.5).all()
    assert ((whole.hazard >= 0) & (whole.hazard <= 1)).all()
    assert ((whole.appetite >= 0) & (whole.appetite <= 1)).all()
    assert (whole.dearness >= 1).all()
    half = len(exposure) // 2
    part = illness(how, np.array([exposure[:half]]), 2.5)
    assert (part.load == whole.load[:, :half]).all()


def test_fish_that_live_become_immune_where_a_disease_leaves_immunity():
    lasting = np.ones((1, 400))
    assert illness(disease(PARAMETERS, "PD"), lasting, 2.5).load[0, -1] == 0.0
    assert illness(disease(PARAMETERS, "GILL_DISEASE"), lasting, 2.5).load[0, -1] == 1.0


def test_survivors_of_pd_are_immune_for_the_rest_of_their_cycle():
    how = disease(PARAMETERS, "PD")
    exposure = np.zeros((1, 450))
    exposure[0, 20:90] = 1.0
    ordinary = illness(how, exposure, 2.5)
    assert (ordinary.load == exposure).all()
    exposure[0, 200:280] = exposure[0, 350:430] = 2.0
    again = illness(how, exposure, 2.5)
    assert (again.load == ordinary.load).all()
    assert (again.hazard[0, 146:] == 0).all()
    assert (again.appetite[0, 146:] == 1).all()


def test_an_outbreak_of_pd_fades_it_does_not_break_off():
    how = disease(PARAMETERS, "PD")
    load = illness(how, np.ones((1, 200)), 2.5).load[0]
    assert load[0] == 1.0
    assert load[-1] == 0.0
    assert np.diff(load).max() <= 0.0
    assert np.diff(load).min() > -0.03


def test_immunity_comes_by_what_was_gone_through_and_takes_its_time():
    lasting = np.full((1, 300), 0.5)
    text = (
        "disease: {kind: {PD: {immunity_days: {value: 50}, "
        "immunity_after_range: {value: [40, 41]}}}}"
    )
    load = illness(disease(changed_parameters(text, "t.yaml"), "PD"), lasting, 2.5).load[0]
    assert (load[:41] == 0.5).all()
    assert load[41] == pytest.approx(0.5 * (1 - 0.5 / 50))
    assert (load[140:] == 0).all()


def test_fish_fast_for_their_vaccination_eat_little_after_it_and_some_die():
    since = np.arange(-10, 60)
    appetite, hazard = appetite_around(PARAMETERS, since), hazard_after(PARAMETERS, since)
    fast = int(PARAMETERS.number("vaccination.fast_days"))
    assert (appetite[since < -fast] == 1).all()
    assert (appetite[(since >= -fast) & (since <= 0)] == 0).all()
    assert (np.diff(appetite[since > 0]) >= 0).all()
    assert appetite[-1] == 1.0
    assert 0 < appetite[since == 1][0] < 0.8
    assert (hazard[since < 0] == 0).all()
    assert 0.0005 < hazard.sum() < 0.01
    assert appetite_around(PARAMETERS, 5) == appetite[since == 5][0]


@pytest.mark.parametrize(("text", "found"), [
    ("laboratory: {disease: {PD: {tissue: {value: BONE}}}}", "BONE"),
    ("laboratory: {disease: {PD: {method: {value: GUESS}}}}", "GUESS"),
    ("laboratory: {days_range: {value: [9, 3]}}", "9 to 3"),
    ("disease: {kind: {PD: {hazard_pct_per_day: {value: 900}}}}", "900"),
    ("disease: {kind: {PD: {immunity_after_range: {value: [90, 20]}}}}", "90 to 20"),
    ("disease: {kind: {PD: {immunity_after_range: {value: [90]}}}}", "immunity_after_range"),
    ("disease: {kind: {PLAGUE: {hazard_pct_per_day: {value: 1}}}}", "PLAGUE"),
    ("vaccination: {dose_ml: {value: -1}}", "-1"),
    ("disease: {by_chance: {value: lots}}", "lots"),
])  # fmt: skip
def test_parameters_that_cannot_be_are_refused_by_name(text, found):
    with pytest.raises(BadInput) as refused:
        changed_parameters(text, "t.yaml")
    assert found in str(refused.value)
