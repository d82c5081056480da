"""What a planner takes from the parameters: harvest targets, margins, and the rules of the sea."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor

from grilse.farm.model import Place
from grilse.ground.parameters import Parameters

__all__ = ["SeaRules", "harvest_target_range_g", "sea_rules"]

_GRAMS = 1000


@dataclass(frozen=True, slots=True)
class SeaRules:
    """What a geography asks of a batch at sea.

    Attributes
    ----------
    fallow_days
        Days for which an area lies empty between two generations.
    window_days
        Batches that are put into an area within so many days are one generation.
    most_fish_a_ring
        Fish in one ring.
    up_to_kg, most_kg_per_m3
        Density allowed up to a mean weight: bands in ascending order; the last one holds above it.
    fill_share
        Part of the density limit that a plan uses at the harvest target, so that the rings which
        are emptied last have room to grow.
    smolts_an_egg
        Fish put to sea for each egg delivered.
    """

    fallow_days: int
    window_days: int
    most_fish_a_ring: int
    up_to_kg: tuple[float, ...]
    most_kg_per_m3: tuple[float, ...]
    fill_share: float
    smolts_an_egg: float

    def density_limit(self, weight_kg: float) -> float:
        """Return the density allowed at a mean weight, in kg/m3."""
        for up_to, limit in zip(self.up_to_kg, self.most_kg_per_m3, strict=True):
            if weight_kg < up_to:
                return limit
        return self.most_kg_per_m3[-1]

    def fish_a_ring(self, volume_m3: float, target_kg: float) -> int:
        """Return how many fish a ring takes that shall grow to a target, whatever band is tightest.

        Losses at sea are left out of account: they are a margin.
        """
        room = [
            limit * volume_m3 / min(up_to, target_kg)
            for up_to, limit in zip(self.up_to_kg, self.most_kg_per_m3, strict=True)
        ]
        room.append(self.density_limit(target_kg) * self.fill_share * volume_m3 / target_kg)
        return floor(min(self.most_fish_a_ring, *room))

    def eggs_for(self, place: Place, rings: Iterable[str], target_kg: float) -> int:
        """Return the eggs that fill some rings of an area, counted back from the harvest."""
        held = set(rings)
        fish = sum(
            self.fish_a_ring(ring.volume_m3, target_kg)
            for ring in place.containers
            if ring.name in held
        )
        return max(1, floor(fish / self.smolts_an_egg))


def sea_rules(parameters: Parameters, geography: str) -> SeaRules:
    """Return the rules of a geography's sea, by default where the parameters name none of it."""
    density = parameters.table(("planning", "density", geography))
    return SeaRules(
        fallow_days=int(parameters.number(("planning", "fallow_days", geography))),
        window_days=int(parameters.number("planning.stocking_window_days")),
        most_fish_a_ring=int(parameters.number("planning.most_fish_a_ring")),
        up_to_kg=tuple(map(float, density["up_to_kg"])),
        most_kg_per_m3=tuple(map(float, density["kg_per_m3"])),
        fill_share=parameters.number("planning.fill_share"),
        smolts_an_egg=parameters.number("planning.smolts_an_egg"),
    )


def harvest_target_range_g(parameters: Parameters, geography: str) -> tuple[int, int]:
    """Return the lowest and highest harvest target of a geography, mean live weight in grams."""
    low_kg, high_kg = parameters.numbers(("planning", "target_kg", geography))
    return round(low_kg * _GRAMS), round(high_kg * _GRAMS)
