"""What a schedule's own events do to the fish of a stay: burdens, warmth, escapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from grilse.farm.model import ContainerRef
from grilse.schedule.injected import AT_SEA, Met, events_met
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.burden import burden
from grilse.simulate.losses import Loss
from grilse.simulate.state import Burden
from grilse.simulate.suffocation import suffocation
from grilse.simulate.world import World
from grilse.tables.catalogue.events import MORTALITY_CAUSES

__all__ = ["Trouble", "stay_trouble"]

_RANGE = 65536
_DEADLY = {"outbreak": "DISEASE", "jellyfish": "JELLYFISH"}


@dataclass(frozen=True)
class Trouble:
    """What events add to a stay.

    Attributes
    ----------
    burdens
        What they make fish die of, and leave uneaten.
    warmer_centi_c
        Added to the water's temperature, hundredths of a degC, shape (days,).
    escapes
        Fish that get away.
    """

    warmer_centi_c: NDArray[np.int32]
    burdens: list[Burden] = field(default_factory=list)
    escapes: list[Loss] = field(default_factory=list)


def stay_trouble(
    world: World, plan: BatchPlan, stay: Stay, containers: Sequence[ContainerRef], days: int
) -> Trouble | None:
    """Return what events do to a stay; None where none meets it."""
    met = events_met(plan, plan.start + stay.start_day, [ref.path for ref in containers], days)
    if not met:
        return None
    trouble = Trouble(np.zeros(days, np.int32))
    is_at_sea = world.stages[stay.stage].environment == "sea water"
    for each in met:
        if is_at_sea or each.event.type not in AT_SEA:
            _add(world, plan, stay, containers, each, trouble)
    return trouble


def _add(
    world: World,
    plan: BatchPlan,
    stay: Stay,
    containers: Sequence[ContainerRef],
    met: Met,
    trouble: Trouble,
) -> None:
    event, rows, span = met.event, list(met.rows), slice(met.first, met.end)
    course, shape = met.course, (len(containers), len(trouble.warmer_centi_c))
    hazard, left = np.zeros(shape), np.ones(shape)
    if event.type in _DEADLY:
        peak = world.parameters.number(f"injected.{event.type}.hazard_per_day")
        appetite = world.parameters.number(f"injected.{event.type}.appetite")
        cause = event.detail if event.detail in MORTALITY_CAUSES else _DEADLY[event.type]
        hazard[rows, span] = np.minimum(peak * course, 1.0)
        left[rows, span] = np.maximum(1.0 - (1.0 - appetite) * course, 0.0)
        trouble.burdens.append(burden(cause, hazard, left))
    elif event.type == "oxygen_drop":
        cause = event.detail if event.detail in MORTALITY_CAUSES else "ENVIRONMENT"
        hazard[rows, span], left[rows, span] = suffocation(world, plan, stay, met)
        trouble.burdens.append(burden(cause, hazard, left))
    elif event.type == "heatwave":
        warmer = world.parameters.number("injected.heatwave.warmer_c") * 100.0
        trouble.warmer_centi_c[span] += np.rint(warmer * course).astype(np.int32)
    elif event.type == "feed_delay":
        left[rows, span] = 0.0
        trouble.burdens.append(burden("ENVIRONMENT", hazard, left))
    elif event.type == "escape" and event.first_day == met.began + met.first:
        trouble.escapes.append(_escape(world, plan, containers, met))


def _escape(world: World, plan: BatchPlan, containers: Sequence[ContainerRef], met: Met) -> Loss:
    share, threshold = np.zeros(len(containers)), np.zeros(len(containers))
    most = world.parameters.number("injected.escape.share") * met.event.severity
    for row in met.rows:
        name = (plan.batch_id, *containers[row].path)
        draw = world.draws.parts("injected.escape", name, met.event.first_day)
        share[row] = min(most * (0.5 + draw[0] / _RANGE), 1.0)
        threshold[row] = draw[1] / _RANGE
    return Loss("escaped", met.first, share, threshold)
