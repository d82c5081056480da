"""Ordinary deaths: they scatter, follow the time of year, and are booked to several causes."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from grilse.biology.mortality import cause_shares
from grilse.biology.parameters import builtin_parameters, changed_parameters
from grilse.farm.builtin import reference_farm
from grilse.ground.days import day_of
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.batch import simulate
from grilse.simulate.state import StayState
from grilse.simulate.world import World
from grilse.tables.catalogue.events import MORTALITY_CAUSES

START = day_of(date(2022, 1, 1))
CALM = f"disease: {{by_chance: {{value: 0}}}}\nlice: {{limit: {{Scotland: {[90] * 12}}}}}\n"


def at_sea(text: str = "") -> StayState:
    """Return 450 days of eight Scottish rings that nothing befalls, from January."""
    hall = (("S-FW-01-Hall-E", "S-FW-01-E-C01"),)
    rings = tuple(("S-SEA-01", f"S-SEA-01-Ring-{i:02d}") for i in range(1, 9))
    stays = (
        Stay("post_smolt", "S-FW-01-Hall-E", hall, 0, 90),
        Stay("adult", "S-SEA-01", rings, 90, 540),
    )
    plan = BatchPlan("SCO-T", 7, START - 90, 900_000, 540, "Scotland", "S-FW-01", 30.0, stays)
    parameters = changed_parameters(CALM + text, "t.yaml")
    return simulate(World(reference_farm(), parameters, 5, START + 430), plan).stays[-1]


@pytest.fixture(scope="module")
def calm() -> StayState:
    return at_sea()


def test_days_scatter_more_than_chance_alone_would_have_it(calm: StayState) -> None:
    dead = calm.dead[:, 100:400].astype(float)
    steps = np.diff(dead, axis=1)
    assert dead.mean() > 5
    assert steps.var() / (2.0 * dead.mean()) > 2.0
    assert np.corrcoef(dead[0, 1:], dead[0, :-1])[0, 1] < 0.3


def test_deaths_follow_the_time_of_year(calm: StayState) -> None:
    flat = [1.0] * 12
    peak = [1.0] * 7 + [3.0] * 3 + [1.0] * 2
    dead = [
        at_sea(f"mortality: {{season: {{Scotland: {season}}}}}").dead.sum(axis=0)
        for season in (flat, peak)
    ]
    month = (np.datetime64(START, "D") + np.arange(len(dead[0]))).astype("datetime64[M]")
    of_year = month.astype(int) % 12 + 1
    whole = np.isin(of_year, (9,))
    assert dead[1][whole].sum() > 2.7 * dead[0][whole].sum()
    spring = np.isin(of_year, (3, 4, 5))
    assert dead[1][spring].sum() == pytest.approx(dead[0][spring].sum(), rel=0.02)


def test_the_dead_are_booked_to_the_causes_that_there_are_in_their_shares(calm: StayState) -> None:
    shares = cause_shares(builtin_parameters(), "adult", "Scotland")
    total = calm.dead.sum()
    for cause, share in shares.items():
        told = calm.dead[calm.cause == MORTALITY_CAUSES.index(cause)].sum() / total
        assert told == pytest.approx(share, abs=0.05), cause
    assert calm.dead[calm.cause == 0].sum() < 0.25 * total


def test_smolts_die_most_in_their_first_weeks_at_sea(calm: StayState) -> None:
    share = calm.dead.sum(axis=0) / calm.opening.sum(axis=0)
    assert share[:14].mean() > 6 * share[70:200].mean()
    assert 0.02 < 1.0 - calm.closing[:, 60].sum() / calm.initial.sum() < 0.07


def test_some_die_of_a_transfer_as_many_as_the_trade_says() -> None:
    land = ("egg_alevin", "fry", "parr", "smolt", "post_smolt")
    stays = tuple(
        Stay(stage, f"S-FW-01-Hall-{letter}",
             tuple((f"S-FW-01-Hall-{letter}", f"S-FW-01-{letter}-C{i:02d}") for i in range(1, 9)),
             90 * at, 90 * at + 90)
        for at, (stage, letter) in enumerate(zip(land, "ABCDE", strict=True))
    )  # fmt: skip
    plan = BatchPlan("SCO-T", 7, START, 3_000_000, 450, "Scotland", "S-FW-01", None, stays)
    world = World(reference_farm(), builtin_parameters(), 5, START + 450)
    moves = simulate(world, plan).transfers
    share = [move.dead.sum() / move.taken.sum() for move in moves]
    assert len(share) == 4
    assert min(share) > 0.0005
    assert max(share) < 0.003
    assert all(len(set((move.dead / move.taken).round(5))) > 4 for move in moves)
