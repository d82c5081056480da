"""Money: what lots bring at the day's price, and what a batch is sold for as it goes to sea."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from grilse.expand.finance import companies, finances
from grilse.expand.harvest import harvests
from grilse.schedule.model import BatchPlan
from grilse.simulate.batch import simulate
from grilse.simulate.state import BatchState
from grilse.simulate.world import World
from grilse.tables.catalogue.events import GRADES


def test_every_lot_that_is_eaten_brings_its_weight_times_the_price(
    world: World, life: BatchState
) -> None:
    lots = {table.name: columns for table, columns in harvests(world, life)}["harvest_lot"]
    told = {table.name: columns for table, columns in finances(world, life)}["fact_harvest"]
    eaten = lots["grade"] != GRADES.index("REJECT")
    assert (told["fact_harvest_id"] == lots["harvest_lot_id"][eaten]).all()
    assert (told["quantity_kg"] == lots["gutted_weight_kg"][eaten]).all()
    exact = told["quantity_kg"] * told["unit_price_eur"] / 100
    assert np.abs(told["amount_eur"] - exact).max() <= 0.5
    assert (lots["waste_kg"] == lots["live_weight_kg"] - lots["gutted_weight_kg"]).all()
    best, worst = (
        told["unit_price_eur"][told["grade"] == GRADES.index(grade)].mean()
        for grade in ("SUPERIOR", "PRODUCTION")
    )
    assert best > 1.2 * worst


def test_a_days_price_is_that_of_the_day_whoever_sells(
    world: World, life_plan: BatchPlan, life: BatchState
) -> None:
    def by_day(state: BatchState) -> dict[tuple[int, int, int], int]:
        told = {table.name: columns for table, columns in finances(world, state)}["fact_harvest"]
        names = ("event_date", "grade", "weight_class", "unit_price_eur")
        rows = zip(*(told[name].tolist() for name in names), strict=True)
        return {(day, grade, kilos): price for day, grade, kilos, price in rows}

    other = simulate(world, replace(life_plan, batch_id="FAR-OTHER", number=7, eggs=2_900_000))
    first, second = by_day(life), by_day(other)
    shared = set(first) & set(second)
    assert shared
    assert all(first[key] == second[key] for key in shared)


def test_the_farm_buys_what_arrives_at_sea(world: World, life: BatchState) -> None:
    told = {t.name: columns for t, columns in finances(world, life)}["intercompany_transfer"]
    assert told["fish_count"].tolist() == [int(life.stays[-1].initial.sum())]
    ((_, known),) = companies(world)
    assert set(told["from_company_id"]) | set(told["to_company_id"]) <= set(known["company_id"])
