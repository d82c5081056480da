"""What the fish put on their water: feed load in tanks, density in rings, as shares of full."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from grilse.simulate.state import Floats, Ints, StayState
from grilse.simulate.world import World

__all__ = ["Strain", "strain"]

_FULL_DENSITY_KG_M3 = 25.0
"""The density that the drop of oxygen at sea is told for: the trade's common limit."""


@dataclass(frozen=True)
class Strain:
    """The load of a stay's fish on their water.

    Attributes
    ----------
    feed_10g
        Feed fed from the stay's first day up to each day, shape (containers, days + 1).
    volume_m3
        Shape (containers, 1).
    warmth
        Factor of each day's temperature, shape (days,).
    half_kg_m3_d
        The load at which half of the span is reached.
    by_hour
        How much of the day's mean load the water holds at each hour of 24.
    density
        Biomass as a share of full density, shape (containers, days).
    is_at_sea
        Whether oxygen follows density and not the load.
    """

    feed_10g: Ints
    volume_m3: Floats
    warmth: Floats
    half_kg_m3_d: float
    by_hour: tuple[float, ...]
    density: Floats
    is_at_sea: bool
    _shares: dict[int, Floats] = field(default_factory=dict, repr=False, compare=False)
    _swings: dict[tuple[int, ...], Floats] = field(default_factory=dict, repr=False, compare=False)

    def share(self, lag_days: int) -> Floats:
        """Return load / (load + half) x warmth, shape (containers, days).

        The load is the mean of the last `lag_days` days' feed per volume; before the stay there
        was none, for the fish came into clean water.
        """
        if lag_days not in self._shares:
            self._shares[lag_days] = self._share(lag_days)
        return self._shares[lag_days]

    def _share(self, lag_days: int) -> Floats:
        total = self.feed_10g[:, 1:].copy()
        if total.shape[1] > lag_days:
            total[:, lag_days:] -= self.feed_10g[:, 1:-lag_days]
        part: Floats = total / (total + self.half_kg_m3_d * 100.0 * lag_days * self.volume_m3)
        part *= self.warmth
        return part

    def swing(self, hours: Ints, lag_days: int) -> Floats:
        """Return what hours add to the share of the mean container, shape (days, hours).

        Several parameters follow the same lag: it is told once.
        """
        key = (lag_days, *hours.tolist())
        if key not in self._swings:
            self._swings[key] = self._swing(hours, self.share(lag_days))
        return self._swings[key]

    def _swing(self, hours: Ints, share: Floats) -> Floats:
        mean = np.cumsum(share, axis=0)[-1] / len(share)
        pattern = np.array([self.by_hour[hour] - 1.0 for hour in hours.tolist()])
        added: Floats = mean[:, None] * pattern
        return added

    @property
    def on_oxygen(self) -> Floats:
        """What lowers the oxygen, as a share of full, shape (containers, days)."""
        return self.density * self.warmth if self.is_at_sea else self.share(1)


def strain(world: World, stay: StayState) -> Strain:
    """Return the load of a stay's fish on their water."""
    number = world.parameters.number
    volume = np.array([ref.container.volume_m3 for ref in stay.containers])[:, None]
    fed = np.zeros((len(volume), stay.days + 1), np.int64)
    np.cumsum(stay.feed_10g, axis=1, out=fed[:, 1:])
    off = stay.temp_centi_c / 100.0 - number("water_load.reference_temp_c")
    warmth = np.maximum(1.0 + number("water_load.warmth_per_c") * off, 0.0)
    density = stay.opening * stay.weight_open_g / (1000.0 * _FULL_DENSITY_KG_M3 * volume)
    return Strain(
        feed_10g=fed,
        volume_m3=volume,
        warmth=warmth,
        half_kg_m3_d=number("water_load.half_kg_m3_d"),
        by_hour=world.parameters.numbers("water_load.by_hour"),
        density=np.minimum(density, 1.5),
        is_at_sea=stay.stage.environment == "sea water",
    )
