"""A life in the reference farm, by hand, and what it was up to."""

from __future__ import annotations

from datetime import date

import pytest

from grilse.biology.parameters import builtin_parameters
from grilse.farm.builtin import reference_farm
from grilse.ground.days import day_of
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.batch import simulate
from grilse.simulate.state import BatchState
from grilse.simulate.world import World

AS_OF = day_of(date(2024, 6, 1))
LAND = ("egg_alevin", "fry", "parr", "smolt", "post_smolt")


@pytest.fixture(scope="session")
def world() -> World:
    return World(reference_farm(), builtin_parameters(), 1, AS_OF)


@pytest.fixture(scope="session")
def life_plan() -> BatchPlan:
    """Three million eggs, ten containers on land, eight rings; over by the as-of date."""
    stays = [
        Stay(
            stage,
            f"FI-FW-01-Hall-{letter}",
            tuple((f"FI-FW-01-Hall-{letter}", f"FI-FW-01-{letter}-C{i:02d}") for i in range(1, 11)),
            90 * place,
            90 * (place + 1),
        )
        for place, (stage, letter) in enumerate(zip(LAND, "ABCDE", strict=True))
    ]
    rings = tuple(("FI-SEA-01", f"FI-SEA-01-Ring-{i:02d}") for i in range(1, 9))
    stays.append(Stay("adult", "FI-SEA-01", rings, 450, 900))
    return BatchPlan(
        "FAR-2021-001", 1, AS_OF - 950, 3_000_000, 900, "Faroe Islands", "FI-FW-01", 5.0,
        tuple(stays),
    )  # fmt: skip


@pytest.fixture(scope="session")
def life(world: World, life_plan: BatchPlan) -> BatchState:
    return simulate(world, life_plan)
