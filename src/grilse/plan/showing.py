"""A schedule on a screen: a batch, the occupancy of every group over time, the rings of an area."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from string import ascii_letters

import numpy as np
from numpy.typing import NDArray

from grilse.farm.model import Farm
from grilse.ground.days import date_of
from grilse.ground.errors import BadInput, Problem
from grilse.ground.interval import Interval
from grilse.ground.wording import numbered
from grilse.plan.capacity import CapacityGroup, capacity_groups
from grilse.plan.metadata import percent, saturation_text
from grilse.plan.saturation import measure
from grilse.schedule.model import BatchPlan, Schedule, Stay

__all__ = ["batch_lines", "occupancy_lines", "ring_lines", "schedule_show"]

_WIDTH = 60
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_FREE = "·"


def schedule_show(
    schedule: Schedule, farm: Farm, *, batch: str | None = None, area: str | None = None
) -> Iterator[str]:
    """Yield the lines that show a schedule: one batch, one area, or the occupancy of the whole.

    Parameters
    ----------
    schedule, farm
        The schedule, and a farm that has all it names.
    batch
        Id of a batch to show.
    area
        Name of a hall or area whose containers to show over time.

    Raises
    ------
    BadInput
        There is no such batch or place.
    """
    if batch is not None:
        yield from batch_lines(_found(schedule, batch))
    elif area is not None:
        yield from ring_lines(schedule, farm, area)
    else:
        yield from occupancy_lines(schedule, farm)


def _found(schedule: Schedule, batch_id: str) -> BatchPlan:
    for batch in schedule.batches:
        if batch_id in (batch.batch_id, str(batch.number)):
            return batch
    some = ", ".join(batch.batch_id for batch in schedule.batches[:5])
    message = "the schedule has no batch of that id or number"
    raise BadInput(Problem("P-NO-BATCH", message, found=batch_id[:80], allowed=f"{some}, ..."))


def batch_lines(batch: BatchPlan) -> Iterator[str]:
    """Yield what a schedule plans for a batch, with a bar for each stay."""
    end = max((stay.end_day for stay in batch.stays), default=1)
    target = batch.harvest_target_kg
    aim = "" if target is None else f", harvest at {target:g} kg"
    yield (
        f"{batch.batch_id} (number {batch.number}): {batch.eggs:,} eggs to {batch.station}, "
        f"{batch.geography}, on {date_of(batch.start)}{aim}"
    )
    for stay in batch.stays:
        first, last = date_of(batch.start + stay.start_day), date_of(batch.start + stay.end_day)
        yield (
            f"{stay.stage:<11} {first} to {last}  {_bar(stay, end, 30)}  "
            f"{stay.place}: {_names(stay)}"
        )
    lived = f"day {batch.duration} of {end}"
    yield f"{'open-ended, ' if batch.open_ended else ''}{lived} lived by the as-of day"


def _bar(stay: Stay, end: int, width: int) -> str:
    first, last = stay.start_day * width // end, max(1, stay.end_day * width // end)
    return " " * first + "█" * max(1, last - first) + " " * (width - max(last, first + 1))


def _names(stay: Stay) -> str:
    """Name the containers by what their names end in, where they begin alike."""
    names = [name for _, name in stay.containers]
    head = names[0].rstrip("0123456789")
    tails = [name.removeprefix(head) for name in names]
    if len(names) > 2 and all(tail.isdecimal() for tail in tails):
        numbers = [int(tail) for tail in tails]
        if all(after == before + 1 for before, after in pairwise(numbers)):
            return f"{names[0]} to {tails[-1]} ({len(names)})"
    return f"{names[0]} and {', '.join(tails[1:])}" if len(names) > 1 else names[0]


def occupancy_lines(schedule: Schedule, farm: Farm, width: int = _WIDTH) -> Iterator[str]:
    """Yield how full every capacity group is over time, as bars, with the schedule's figures."""
    batches = schedule.batches
    span = Interval(min(each.start for each in batches), max(each.life.end for each in batches))
    stages = dict.fromkeys(stage for _, place in farm.places.values() for stage in place.stages)
    yield f"{numbered(len(batches), 'batch')}; rows before {date_of(schedule.as_of)}"
    yield f"saturation {saturation_text(measure(farm, batches, schedule.as_of))}"
    edges = np.linspace(span.start, span.end, width + 1)
    for group in capacity_groups(farm, stages):
        if group.containers:
            shares = _shares(batches, group, edges)
            bars = "".join(_EIGHTHS[min(8, round(8 * share))] for share in shares)
            yield f"{group.name:<26} |{bars}| {percent(float(shares.max())):>7} at most"
    yield f"{'':<26}  {date_of(span.start)}{'':<{max(1, width - 20)}}{date_of(span.end)}"


def _shares(
    batches: Sequence[BatchPlan], group: CapacityGroup, edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the share of a group's containers that is held in each bin of time."""
    held = np.zeros(len(edges) - 1)
    for batch in batches:
        for stay in batch.stays if batch.geography == group.geography else ():
            if stay.stage == group.stage:
                first, last = batch.start + stay.start_day, batch.start + stay.end_day
                lived = np.minimum(edges[1:], last) - np.maximum(edges[:-1], first)
                held += len(stay.containers) * np.maximum(lived, 0.0)
    return held / (group.containers * np.diff(edges))


def ring_lines(schedule: Schedule, farm: Farm, area: str, width: int = _WIDTH) -> Iterator[str]:
    """Yield the map of a place: its containers down, time across, a letter for each batch."""
    found = [geography for geography, name in farm.places if name == area]
    if not found:
        near = ", ".join(name for _, name in list(farm.places)[-3:])
        message = "the farm has no hall or area of that name"
        raise BadInput(Problem("P-NO-PLACE", message, found=area[:80], allowed=f"such as {near}"))
    geography = found[0]
    stays = _stays_in(schedule, geography, area)
    if not stays:
        yield f"{area}: no batch ever holds it"
        return
    begin = min(batch.start + stay.start_day for batch, stay in stays)
    end = max(batch.start + stay.end_day for batch, stay in stays)
    marks = {batch.batch_id: ascii_letters[i % 52] for i, (batch, _) in enumerate(stays)}
    days = [begin + (end - begin) * (2 * column + 1) // (2 * width) for column in range(width)]
    yield f"{area}, {geography}: {date_of(begin)} to {date_of(end)}"
    for container in farm.places[geography, area][1].containers:
        cells = (_holder(stays, (area, container.name), day) for day in days)
        yield f"{container.name:<20} {''.join(marks.get(each, _FREE) for each in cells)}"
    listed = (f"{mark} {batch_id}" for batch_id, mark in marks.items())
    yield "  ".join(listed)


def _stays_in(schedule: Schedule, geography: str, area: str) -> list[tuple[BatchPlan, Stay]]:
    found = [
        (batch, stay)
        for batch in schedule.batches
        if batch.geography == geography
        for stay in batch.stays
        if any(place == area for place, _ in stay.containers)
    ]
    return sorted(found, key=lambda item: item[0].start + item[1].start_day)


def _holder(stays: list[tuple[BatchPlan, Stay]], container: tuple[str, str], day: int) -> str:
    for batch, stay in stays:
        if batch.start + stay.start_day <= day < batch.start + stay.end_day and (
            container in stay.containers
        ):
            return batch.batch_id
    return ""
