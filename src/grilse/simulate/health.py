"""Health of a stay: outbreaks that the place is under become illness of these fish."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from grilse.biology.disease import disease, disease_names, illness, susceptibility
from grilse.ground.draws import SPREAD_ONE, halves, spread_table
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.burden import burden
from grilse.simulate.state import Burden, Floats
from grilse.simulate.world import World
from grilse.site.outbreak import outbreak_pressure

__all__ = ["ailments"]

_RANGE = 65536


def ailments(
    world: World,
    plan: BatchPlan,
    stay: Stay,
    paths: Sequence[tuple[str, ...]],
    weight_g: Floats,
    temp_c: Floats,
    *,
    is_vaccinated: bool,
) -> list[Burden]:
    """Return what the outbreaks of an area do to a stay's fish, a burden a disease.

    Parameters
    ----------
    paths
        Names of the containers.
    weight_g
        Mean weight at the start of each day were all healthy, shape (containers, days).
    temp_c
        Shape (days,).
    is_vaccinated
        Whether the fish are.

    Returns
    -------
    list of Burden
        None on land, nor of a disease that spares the fish.
    """
    if world.stages[stay.stage].environment != "sea water":
        return []
    found = (
        _ailment(world, plan, stay, paths, weight_g, temp_c, name, is_vaccinated)
        for name in disease_names(world.parameters)
    )
    return [each for each in found if each is not None]


def _ailment(
    world: World, plan: BatchPlan, stay: Stay, paths: Sequence[tuple[str, ...]], weight_g: Floats,
    temp_c: Floats, name: str, is_vaccinated: bool,
) -> Burden | None:  # fmt: skip
    days = len(temp_c)
    pressure = outbreak_pressure(
        world.draws, world.parameters, plan.geography, world.coast(plan.geography, stay.place),
        name, plan.start + stay.start_day, days,
    )  # fmt: skip
    if not pressure.any():
        return None
    proneness, late = _proneness(world, plan, paths, name)
    if not proneness.any():
        return None
    how = disease(world.parameters, name)
    exposure = _later(pressure, late) * proneness[:, None]
    exposure *= susceptibility(how, weight_g, np.arange(days), temp_c, is_vaccinated=is_vaccinated)
    ill = illness(how, exposure, world.parameters.number("disease.most_load"))
    return burden(name, ill.hazard, ill.appetite, ill.dearness)


def _proneness(
    world: World, plan: BatchPlan, paths: Sequence[tuple[str, ...]], name: str
) -> tuple[Floats, NDArray[np.int64]]:
    """Draw how prone each container's fish are to a disease, and by how many days they lag.

    Some batches are spared altogether. Shape (containers,) each.
    """
    number = world.parameters.number
    draw = world.draws.parts("disease.batch", (plan.batch_id, name))
    if draw[0] >= _RANGE * number("disease.taken_share"):
        return np.zeros(len(paths)), np.zeros(len(paths), np.int64)
    batch = spread_table(number("disease.batch_sd"))[draw[1]] / SPREAD_ONE
    names = ((plan.batch_id, *path, name) for path in paths)
    each = halves(world.draws.each("disease.container", names)).reshape(-1, 4)
    own = spread_table(number("disease.container_sd"))[each[:, 0]] / SPREAD_ONE
    late = (number(("disease", "kind", name, "container_lag_days")) + 1.0) * each[:, 1] / _RANGE
    return batch * own, np.floor(late).astype(np.int64)


def _later(pressure: Floats, late: NDArray[np.int64]) -> Floats:
    """Return the pressure as it comes to each container some days later."""
    day = np.arange(len(pressure)) - late[:, None]
    shifted: Floats = np.where(day >= 0, pressure[np.maximum(day, 0)], 0.0)
    return shifted
