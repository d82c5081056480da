"""The plan: every place with its containers, and who holds which of them from when to when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from grilse.biology.parameters import stages
from grilse.farm.model import Farm
from grilse.report.subject import Subject
from grilse.schedule.model import BatchPlan, Stay

__all__ = ["plan_panel"]

_Lanes = Mapping[tuple[str, str], tuple[int, Mapping[str, int]]]
"""By geography and place: the place's number, and its containers' by name."""


def plan_panel(subject: Subject) -> dict[str, Any]:
    """Return places, stages and batches with their stays, as the map of the plan needs them.

    A stay is ``[stage, first day, day after the last, [[place, first lane, lane after the last],
    ...]]``: containers that stand beside each other in a place are one run of lanes.
    """
    named = stages(subject.parameters)
    number_of = {stage.key: number for number, stage in enumerate(named)}
    lanes = _lanes(subject.farm)
    return {
        "stages": [
            {"name": stage.name, "sea": stage.environment == "sea water"} for stage in named
        ],
        "geographies": [geography.name for geography in subject.farm.geographies],
        "places": list(_places(subject.farm)),
        "batches": [_batch(batch, number_of, lanes) for batch in subject.drawn],
    }


def _lanes(farm: Farm) -> _Lanes:
    return {
        key: (number, {each.name: lane for lane, each in enumerate(place.containers)})
        for number, (key, (_, place)) in enumerate(farm.places.items())
    }


def _places(farm: Farm) -> Iterator[dict[str, Any]]:
    order = {geography.name: number for number, geography in enumerate(farm.geographies)}
    for (geography, name), (site, place) in farm.places.items():
        yield {
            "name": name,
            "geography": order[geography],
            "site": site.name,
            "sea": place.kind == "area",
            "lanes": [container.name for container in place.containers],
        }


def _batch(batch: BatchPlan, number_of: Mapping[str, int], lanes: _Lanes) -> dict[str, Any]:
    return {
        "id": batch.batch_id,
        "number": batch.number,
        "geography": batch.geography,
        "station": batch.station,
        "start": batch.start,
        "eggs": batch.eggs,
        "target": batch.harvest_target_kg,
        "open": batch.open_ended,
        "stays": [_stay(batch, stay, number_of, lanes) for stay in batch.stays],
    }


def _stay(
    batch: BatchPlan, stay: Stay, number_of: Mapping[str, int], lanes: _Lanes
) -> list[Any]:  # fmt: skip
    by_place: dict[int, list[int]] = defaultdict(list)
    for place, name in stay.containers:
        number, known = lanes[batch.geography, place]
        by_place[number].append(known[name])
    runs = [[place, *run] for place, held in by_place.items() for run in _runs(held)]
    stage = number_of.get(stay.stage, 0)
    return [stage, batch.start + stay.start_day, batch.start + stay.end_day, runs]


def _runs(lanes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the runs of neighbouring lanes as half-open pairs."""
    for _, group in groupby(enumerate(sorted(lanes)), lambda item: item[1] - item[0]):
        run = [lane for _, lane in group]
        yield run[0], run[-1] + 1
