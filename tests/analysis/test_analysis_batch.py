"""The analysis of batches made by hand: counts, weights, transfers, gaps, slips, outlook."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

STATES = "analysis_daily_state"


def grown(root: float, days: float, temp_c: float = 8.0) -> float:
    """Return the weight after some days of the model's growth."""
    x = root + days * 2.0 / 1000.0 * temp_c
    return x * x * x


def one_stay(batch: Any, days: int = 60, grams: float = 1000.0) -> Any:
    batch.as_of = days
    return batch.stay(1, 0, None, fish=1000).sample(1, 0, grams, fish=10_000)


def test_a_batch_that_has_not_begun_tells_nothing(batch: Any) -> None:
    assert batch.analysed() == {}


def test_growth_is_that_of_the_model_where_nothing_else_is_told(batch: Any) -> None:
    state = one_stay(batch).states(1)
    assert len(state) == 60
    assert state[-1]["avg_weight_g"] == pytest.approx(grown(10.0, 60), rel=0.01)
    assert state[-1]["weight_source"] == "MODELLED"
    assert state[0]["weight_source"] == "MEASURED"
    assert state[0]["anchor"] == "GROWTH_SAMPLE"
    assert state[-1]["tgc_per_1000dd"] == pytest.approx(2.0, rel=0.02)
    assert state[-1]["confidence"] < state[5]["confidence"]


def test_between_weighings_the_estimate_is_drawn_to_both_and_surest_at_them(batch: Any) -> None:
    one_stay(batch).sample(1, 40, 1.03 * grown(10.0, 40), fish=5000)
    state = batch.states(1)
    assert state[39]["avg_weight_g"] == pytest.approx(1.03 * grown(10.0, 40), rel=0.01)
    assert state[20]["avg_weight_g"] > grown(10.0, 21)
    assert state[20]["weight_source"] == "ASSIMILATED"
    assert state[20]["weight_se_g"] > state[39]["weight_se_g"]


def test_a_better_weighing_counts_for_more(batch: Any) -> None:
    few = one_stay(type(batch)()).sample(1, 40, 1.1 * grown(10.0, 40), fish=5)
    many = one_stay(type(batch)()).sample(1, 40, 1.1 * grown(10.0, 40), fish=2000)
    assert many.states(1)[39]["avg_weight_g"] > few.states(1)[39]["avg_weight_g"] * 1.02


def test_a_slip_of_the_pen_moves_the_estimate_little(batch: Any) -> None:
    one_stay(batch)
    for day in (7, 14, 28, 35):
        batch.sample(1, day, grown(10.0, day))
    sound = batch.states(1)[20]["avg_weight_g"]
    slipped = batch.sample(1, 21, 10 * grown(10.0, 21)).states(1)[20]["avg_weight_g"]
    assert slipped == pytest.approx(sound, rel=0.05)


def test_counts_are_those_of_the_books(batch: Any) -> None:
    batch.as_of = 30
    batch.add("creation_action", assignment_id=1, actual_date=19_000, egg_count=1000,
              dead_on_arrival=10)  # fmt: skip
    batch.stay(1, 0, None, stage=1).dead(1, 3, 5).dead(1, 3, 2).dead(1, 9, 100)
    batch.add("cull_event", assignment_id=1, event_date=19_020, fish_count=50)
    batch.add("escape_event", assignment_id=1, event_date=19_021, fish_count=30)
    fish = [row["population_count"] for row in batch.states(1)]
    assert fish[:3] == [990] * 3
    assert fish[3:9] == [983] * 6
    assert fish[9:20] == [883] * 11
    assert fish[20:] == [833, *[803] * 9]


def test_fish_found_more_than_were_booked_take_deaths_back(batch: Any) -> None:
    batch.as_of = 60
    batch.stay(1, 0, 30, fish=1000).stay(2, 30, None).dead(1, 3, 5).dead(1, 10, 900)
    batch.move(1, 2, 30, 985, 20.0)
    fish = [row["population_count"] for row in batch.states(1)]
    assert fish[-1] == 985
    assert all(a >= b for a, b in pairwise(fish))
    assert batch.states(2)[0]["population_count"] == 985


def test_transfers_mix_their_sources_by_their_fish(batch: Any) -> None:
    batch.as_of = 60
    batch.stay(1, 0, 30, fish=3000).stay(2, 0, 30, fish=1000).stay(3, 30, None)
    batch.sample(1, 0, 100.0, fish=10_000).sample(2, 0, 200.0, fish=10_000)
    batch.move(1, 3, 30, 3000).move(2, 3, 30, 1000)
    one, two, mixed = (batch.states(key) for key in (1, 2, 3))
    wanted = 0.75 * one[-1]["avg_weight_g"] + 0.25 * two[-1]["avg_weight_g"]
    assert mixed[0]["avg_weight_g"] == pytest.approx(wanted, rel=0.02)
    assert mixed[0]["avg_weight_g"] > wanted
    assert mixed[0]["population_count"] == 4000


def test_what_is_weighed_later_is_told_back_across_a_transfer(batch: Any) -> None:
    def made(later: float) -> list[dict[str, Any]]:
        fresh = type(batch)()
        fresh.as_of = 60
        fresh.stay(1, 0, 30, fish=1000).stay(2, 30, None).sample(1, 0, 100.0, fish=3)
        fresh.move(1, 2, 30, 1000).sample(2, 31, later, fish=2000)
        return fresh.states(1) + fresh.states(2)

    light, heavy = made(120.0), made(200.0)
    assert heavy[29]["avg_weight_g"] > light[29]["avg_weight_g"] * 1.1
    for told in (light, heavy):
        assert told[30]["avg_weight_g"] == pytest.approx(told[29]["avg_weight_g"], rel=0.02)


def test_one_source_in_two_containers_leaves_no_step(batch: Any) -> None:
    batch.as_of = 60
    batch.stay(1, 0, 30, fish=1000).stay(2, 30, None).stay(3, 30, None)
    batch.sample(1, 0, 100.0, fish=30).move(1, 2, 30, 400).move(1, 3, 30, 600)
    for day in (33, 40, 47, 54):
        batch.sample(2, day, 170.0 + 3 * (day - 33)).sample(3, day, 160.0 + 3 * (day - 33))
    last = batch.states(1)[-1]["avg_weight_g"]
    for key in (2, 3):
        assert batch.states(key)[0]["avg_weight_g"] == pytest.approx(last, rel=0.04)


def test_temperature_is_read_there_or_beside_it_or_is_the_seasons(batch: Any) -> None:
    batch.as_of = 40
    batch.stay(1, 0, None, fish=10).stay(2, 0, None, fish=10)
    for day in range(20):
        batch.read(2, day, 11.0)
        if day != 5:
            batch.read(1, day, 12.0).read(1, day, 99.0, parameter=1)
    state = batch.states(1)
    assert [row["temp_c"] for row in state[4:7]] == [12.0, 11.0, 12.0]
    assert [row["temp_source"] for row in state[4:7]] == ["MEASURED", "NEARBY", "MEASURED"]
    assert state[25]["temp_source"] == "PROFILE"
    assert 8.0 < state[39]["temp_c"] < state[25]["temp_c"] < 11.6


def fed_stay(batch: Any, share: dict[int, float], days: int = 60) -> Any:
    """Feed a stay by the growth of its model, some days less."""
    one_stay(batch, days)
    for day in range(days):
        gain = (grown(10.0, day + 1) - grown(10.0, day)) * 1.2
        kilos = gain * share.get(day, 1.0)
        if kilos:
            batch.fed(1, day, kilos)
    return batch


def test_days_without_feed_are_days_without_growth(batch: Any) -> None:
    state = fed_stay(batch, dict.fromkeys(range(20, 30), 0.0)).states(1)
    assert state[29]["avg_weight_g"] == pytest.approx(state[19]["avg_weight_g"], rel=1e-4)
    assert state[18]["avg_weight_g"] < state[19]["avg_weight_g"]
    assert state[29]["feed_kg"] == 0.0


def test_weeks_of_poor_appetite_are_weeks_of_poor_growth(batch: Any) -> None:
    full = fed_stay(type(batch)(), {}).states(1)
    poor = fed_stay(type(batch)(), dict.fromkeys(range(20, 50), 0.5)).states(1)
    gains = [state[49]["avg_weight_g"] - state[20]["avg_weight_g"] for state in (poor, full)]
    assert gains[0] == pytest.approx(0.5 * gains[1], rel=0.1)


def test_waste_of_feed_tells_as_conversion_and_not_as_growth(batch: Any) -> None:
    state = fed_stay(batch, {}).states(1)
    assert state[50]["observed_fcr"] == pytest.approx(1.2, rel=0.03)


def test_events_outside_a_stay_count_for_its_first_or_last_day(batch: Any) -> None:
    batch.as_of = 60
    batch.stay(1, 5, 30, fish=1000).dead(1, 2, 10).dead(1, 44, 20)
    fish = [row["population_count"] for row in batch.states(1)]
    assert (fish[0], fish[-2], fish[-1]) == (990, 990, 970)


def test_amounts_below_nothing_count_for_nothing(batch: Any) -> None:
    batch.as_of = 30
    batch.stay(1, 0, None, fish=1000).dead(1, 3, -50).dead(1, 4, 10).sample(1, 9, -20.0)
    assert [row["population_count"] for row in batch.states(1)[2:5]] == [1000, 1000, 990]


def test_rows_that_cannot_be_are_refused_in_words(batch: Any) -> None:
    batch.stay(1, 0, None).stay(1, 0, None)
    with pytest.raises(ValueError, match="an assignment has two rows"):
        batch.analysed()
    batch.rows["batch"].append(dict(batch.rows["batch"][0]))
    with pytest.raises(ValueError, match="2 rows of table batch"):
        batch.analysed()


def test_a_living_batch_is_projected_to_its_harvest_weight(batch: Any) -> None:
    found = one_stay(batch).analysed()
    (outlook,) = found["analysis_outlook"]
    days = found["analysis_projection"]
    assert float(outlook["target_weight_g"]) == 5000.0
    assert outlook["earliest_date"] < outlook["harvest_date"] < outlook["latest_date"]
    assert days[-1]["projection_date"] == outlook["harvest_date"]
    assert days[-1]["avg_weight_g"] >= 5000 > days[-2]["avg_weight_g"]
    weights = [tuple(float(row[f"{n}_weight_g"]) for n in ("low", "avg", "high")) for row in days]
    assert all(low < mean < high for low, mean, high in weights)
    spans = [high - low for low, _, high in weights]
    assert spans[0] < spans[-1]
    assert days[0]["population_count"] == 1000


def test_a_batch_that_is_gone_is_not_projected(batch: Any) -> None:
    batch.as_of = 60
    batch.stay(1, 0, 50, fish=1000).sample(1, 0, 1000.0)
    batch.add("harvest_event", assignment_id=1, event_date=19_049, fish_count=1000,
              avg_weight_g=round(1020 * grown(10.0, 50)))  # fmt: skip
    found = batch.analysed()
    assert set(found) == {STATES, "analysis_batch_day", "analysis_batch_week"}
    last = found["analysis_batch_day"][-1]
    assert last["population_count"] == 0
    assert float(last["avg_weight_g"]) == pytest.approx(1.02 * grown(10.0, 50), rel=0.005)


def test_weeks_begin_on_monday_and_add_their_days_up(batch: Any) -> None:
    one_stay(batch).dead(1, 10, 7).fed(1, 10, 3.0)
    found = batch.analysed()
    weeks, days = found["analysis_batch_week"], found["analysis_batch_day"]
    assert {row["week_start"].weekday() for row in weeks} == {0}
    assert sum(row["day_count"] for row in weeks) == len(days) == 60
    assert sum(row["mortality_count"] for row in weeks) == 7
    assert sum(row["feed_kg"] for row in weeks) == 3
    assert weeks[-1]["avg_weight_g"] == days[-1]["avg_weight_g"]
    assert all(row["scenario_id"] is None for row in weeks)


def test_the_batch_is_held_against_its_scenario(batch: Any) -> None:
    one_stay(batch, 30)
    batch.add("scenario", scenario_id=9, start_date=19_000, initial_weight_g=0,
              harvest_date=19_400, is_pinned=1)  # fmt: skip
    for day in range(30):
        grams = 2.0 * grown(10.0, day + 1)
        batch.add("scenario_projection", scenario_id=9, projection_date=19_000 + day, stage_id=2,
                  population_count=2000, avg_weight_g=round(1000 * grams))  # fmt: skip
    last = batch.analysed()["analysis_batch_day"][-1]
    assert last["scenario_id"] == 9
    assert float(last["weight_variance_pct"]) == pytest.approx(-50.0, abs=1.0)
    assert float(last["count_variance_pct"]) == -50.0
    assert float(last["biomass_variance_pct"]) == pytest.approx(-75.0, abs=1.0)
