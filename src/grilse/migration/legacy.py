"""What a legacy system tells: containers, populations, transfers, inputs, and what it adds to them.

A *population* is a group of fish in one container from one time to another. Each transfer ends
populations and begins others; an *input* is the delivery from which a group's fish come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

__all__ = [
    "Container", "Harvest", "Input", "Legacy", "PlannedStay", "Population", "Status", "Transfer",
    "Unmapped",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Something of the source that does not come into the schedule, or not as it stands.

    Attributes
    ----------
    kind
        ``row``, ``population``, ``transfer``, ``input``, ``batch``, ``count``.
    what
        Which one, by its id.
    reason
        Why, in a sentence.
    file, line
        Where it stands.
    """

    kind: str
    what: str
    reason: str
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Format as ``populations.csv:12: population P7: its container is not known``."""
        place = f"{self.file}:{self.line}: " if self.file else ""
        return f"{place}{self.kind} {self.what}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Container:
    """A tank, tray or ring."""

    container_id: str
    name: str
    place: str
    site: str
    geography: str
    is_sea: bool
    stage: str | None


@dataclass(frozen=True, slots=True)
class Population:
    """A group of fish in one container.

    Attributes
    ----------
    start, end
        When it was there; `end` is None while it is.
    start_count, start_weight_g, end_count, end_weight_g
        As far as they are known.
    stage
        Key of its stage, where the source names it.
    order
        Its place in the file.
    """

    population_id: str
    container: Container
    start: datetime
    end: datetime | None
    start_count: int | None
    start_weight_g: float | None
    end_count: int | None
    end_weight_g: float | None
    stage: str | None
    order: int
    line: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """A move of fish: populations that it ended, and those that it began.

    `source_after` is what is left in the source's container, `dest_before` what stood in the
    destination's; either is None where there was nothing.
    """

    transfer_id: str
    time: datetime
    source_before: str
    source_after: str | None
    dest_before: str | None
    dest_after: str
    count: int | None
    died: int
    weight_g: float | None
    line: int


@dataclass(frozen=True, slots=True)
class Input:
    """Fish or eggs that came from outside into a population.

    Attributes
    ----------
    key
        Name, number and year class: what one delivery is known by.
    """

    population_id: str
    key: tuple[str, str, str]
    time: datetime
    count: int
    weight_g: float | None
    line: int


@dataclass(frozen=True, slots=True)
class Status:
    """Number and mean weight of a population at a time."""

    population_id: str
    time: datetime
    count: int | None
    weight_g: float | None


@dataclass(frozen=True, slots=True)
class Harvest:
    """Fish harvested of a population at a time."""

    population_id: str
    time: datetime
    count: int
    weight_g: float | None


@dataclass(frozen=True, slots=True)
class PlannedStay:
    """A container reserved for a delivery's fish in a stage, and what else is planned for them."""

    key: tuple[str, str, str]
    batch_id: str | None
    number: int | None
    eggs: int | None
    target_kg: float | None
    stage: str | None
    container: Container | None
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Legacy:
    """All that was read of a source.

    Attributes
    ----------
    populations
        By id, in the order of the file.
    as_of
        When the source was read out, where it says so; else the latest time that it names.
    unmapped
        Rows that could not be read, or name what is not there.
    rules
        Numbers that decide what belongs together: see `mapping`.
    """

    populations: Mapping[str, Population]
    transfers: tuple[Transfer, ...]
    inputs: tuple[Input, ...]
    statuses: tuple[Status, ...] = ()
    harvests: tuple[Harvest, ...] = ()
    plans: tuple[PlannedStay, ...] = ()
    as_of: datetime | None = None
    system: str = "fishtalk"
    rules: Mapping[str, float] = field(default_factory=dict)
    unmapped: tuple[Unmapped, ...] = ()

    @cached_property
    def statuses_of(self) -> Mapping[str, list[Status]]:
        """Statuses by population, in order of time."""
        found: dict[str, list[Status]] = {}
        for each in sorted(self.statuses, key=lambda status: status.time):
            found.setdefault(each.population_id, []).append(each)
        return found

    @cached_property
    def harvests_of(self) -> Mapping[str, list[Harvest]]:
        """Harvests by population, in order of time."""
        found: dict[str, list[Harvest]] = {}
        for each in sorted(self.harvests, key=lambda harvest: harvest.time):
            found.setdefault(each.population_id, []).append(each)
        return found
