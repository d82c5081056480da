"""Deaths of a stay: overdispersed daily counts around the hazard, never more than fish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from grilse.biology.mortality import cause_shares, daily_hazard
from grilse.ground.draws import SPREAD_ONE, spread_table
from grilse.ground.parameters import Parameters
from grilse.schedule.model import BatchPlan, Stay
from grilse.simulate.burden import Toll, hazard_of, tolls
from grilse.simulate.chance import Chance
from grilse.simulate.losses import Kind, Loss, after_handling, lost, share_kept
from grilse.simulate.state import Burden, Counts, Floats
from grilse.simulate.world import World
from grilse.site.season import mortality_season
from grilse.tables.catalogue.events import MORTALITY_CAUSES

__all__ = ["Deaths", "deaths"]

_HALF_RANGE = 65536


@dataclass(frozen=True)
class Deaths:
    """Deaths of a stay before any harvest, shape (containers, days).

    Attributes
    ----------
    expected
        Mean of each day's deaths, the day's scatter included, while all fish are there.
    threshold
        The day's draw in [0, 1): a mean is rounded up where its fraction passes it.
    cause
        Code of the cause that a day's ordinary deaths are booked to.
    toll
        The part of them that is not ordinary.
    """

    expected: Floats
    threshold: Floats
    cause: NDArray[np.int8]
    toll: Toll

    def counted(
        self, initial: Counts, losses: Sequence[Loss], share_there: Floats | None = None
    ) -> tuple[Counts, Mapping[Kind, Counts]]:
        """Return whole deaths a day, and the fish lost alive by kind, of what is there.

        `share_there` is the part of the fish not yet harvested. No loss that comes later changes
        the deaths of a day: fish lost are fewer than those that the deaths up to then have left.
        """
        mean = self.expected if share_there is None else self.expected * share_there
        drawn = np.floor(mean + self.threshold).astype(np.int64)
        total = np.minimum(np.cumsum(drawn, axis=1), initial[:, None])
        gone = lost(losses, initial, total)
        if losses:
            taken = sum(counts.sum(axis=1) for counts in gone.values())
            total = np.minimum(total, (initial - taken)[:, None])
        total[:, 1:] -= total[:, :-1].copy()
        return total, gone


def deaths(
    world: World,
    plan: BatchPlan,
    stay: Stay,
    luck: Chance,
    initial: Counts,
    weight_g: Floats,
    temp_c: Floats,
    losses: Sequence[Loss] = (),
    burdens: Sequence[Burden] = (),
) -> Deaths:
    """Draw the deaths of a stay.

    Parameters
    ----------
    luck
        Of the stay's days.
    initial
        Fish put into each container.
    weight_g
        Mean weight at the start of each day, shape (containers, days).
    temp_c
        Shape (days,).
    losses
        Fish culled or escaped: the fewer are left, and those handled die more.
    burdens
        What adds to the deaths.
    """
    days = len(temp_c)
    hazard = np.broadcast_to(
        daily_hazard(
            world.parameters,
            stay.stage,
            plan.geography,
            weight_g,
            temp_c,
            np.arange(days),
            _season(world, plan, stay, days),
        ),
        weight_g.shape,
    )
    if losses:
        hazard = np.minimum(hazard * after_handling(world, losses, days), 1.0)
    toll = tolls(burdens, hazard, luck)
    hazard = hazard_of(burdens, hazard)
    survival = np.cumprod(1.0 - hazard, axis=1)
    alive = np.empty_like(survival)
    alive[:, 0] = initial
    np.multiply(initial[:, None], survival[:, :-1], out=alive[:, 1:])
    if losses:
        alive *= share_kept(losses, len(initial), days)
    spread = spread_table(world.parameters.number("mortality.daily_spread"))
    expected = alive * hazard
    expected *= spread.take(luck.raw("death_spread")) / SPREAD_ONE
    causes = _causes(world.parameters, stay.stage, plan.geography).take(luck.raw("cause"))
    return Deaths(expected, luck.even("death_rounding"), causes, toll)


def _season(world: World, plan: BatchPlan, stay: Stay, days: int) -> Floats:
    """Return the time of year's factor at sea, shape (days,); on land there is none."""
    if world.stages[stay.stage].environment != "sea water":
        return np.ones(days)
    first = plan.start + stay.start_day
    return mortality_season(world.parameters, plan.geography, first, days)


@lru_cache(maxsize=64)
def _causes(parameters: Parameters, stage: str, geography: str) -> NDArray[np.int8]:
    """Return the code of the cause that each 16-bit word stands for, shape (65536,)."""
    shares = cause_shares(parameters, stage, geography)
    bounds = np.rint(np.cumsum(list(shares.values())) * _HALF_RANGE)
    codes = np.array([MORTALITY_CAUSES.index(cause) for cause in shares], np.int8)
    by_word = codes[np.searchsorted(bounds[:-1], np.arange(_HALF_RANGE), side="right")]
    by_word.setflags(write=False)
    return by_word
