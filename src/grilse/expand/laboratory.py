"""Samples that went to a laboratory: by routine at sea, on suspicion, and to follow an outbreak."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grilse.biology.disease import disease_names
from grilse.expand.grid import Columns, from_rows
from grilse.expand.outbreaks import Outbreak, illnesses
from grilse.simulate.state import BatchState, StayState
from grilse.simulate.world import World
from grilse.tables import keys
from grilse.tables.catalogue import health as tables
from grilse.tables.catalogue.events import MORTALITY_CAUSES
from grilse.tables.schema import Table

__all__ = ["LabSample", "lab_rows", "lab_samples"]

_RANGE = 65536
_STRONGEST_CT, _WEAKEST_CT, _CT_SCATTER = 20.0, 34.0, 2.0
"""Cycles of PCR that strong and weak infections are found at, and how they scatter."""


@dataclass(frozen=True, slots=True)
class LabSample:
    """A sample of one container's fish, looked at for one disease.

    Attributes
    ----------
    stay, row, day
        The stay, the container's place in it, and the day of the stay.
    result_day
        Day of the stay on which the result came.
    cause
        Code of the disease.
    reason
        One of ``ROUTINE``, ``SUSPICION``, ``FOLLOW_UP``.
    is_positive
        Whether it was found.
    ct
        Cycles of PCR in tenths; None where there are none.
    """

    stay: StayState
    row: int
    day: int
    result_day: int
    cause: int
    reason: str
    is_positive: bool
    ct: int | None

    @property
    def disease(self) -> str:
        """The disease's name."""
        return MORTALITY_CAUSES[self.cause]


def lab_samples(world: World, state: BatchState, seen: Iterable[Outbreak]) -> list[LabSample]:
    """Return the samples of a batch whose results came before the as-of date, by key.

    Parameters
    ----------
    seen
        The batch's outbreaks.
    """
    found: dict[tuple[int, int, int], LabSample] = {}
    for stay in state.stays:
        hazards = illnesses(world, stay)
        own = [each for each in seen if each.stay is stay]
        asked = [*_on_suspicion(world, state, own), *_routine(world, stay)]
        for row, day, cause, reason in asked:
            if stay.present[row, day] and stay.opening[row, day] > 0:
                hazard = float(hazards[cause][row, day]) if cause in hazards else 0.0
                made = _sample(world, state, stay, row, day, cause, reason, hazard)
                key = (stay.first_slot + row, stay.start_day + day, cause)
                if stay.start_day + made.result_day < state.lived_days:
                    found.setdefault(key, made)
    return [found[key] for key in sorted(found)]


def _on_suspicion(
    world: World, state: BatchState, seen: Iterable[Outbreak]
) -> Iterator[tuple[int, int, int, str]]:
    """Yield row, day, cause and reason of the samples that outbreaks give rise to."""
    number = world.parameters.number
    wait = int(number("laboratory.wait_days"))
    again = int(number("laboratory.follow_up_days"))
    for each in seen:
        for day in range(each.first + wait, min(each.end, each.stay.days), again):
            reason = "SUSPICION" if day == each.first + wait else "FOLLOW_UP"
            yield each.worst(day), day, each.cause, reason
            if reason == "SUSPICION":
                yield from _to_rule_out(world, state, each, day)


def _to_rule_out(
    world: World, state: BatchState, each: Outbreak, day: int
) -> Iterator[tuple[int, int, int, str]]:
    """Yield the same fish, looked at for what it could have been as well."""
    for name in _watched(world, state.plan.geography):
        code = MORTALITY_CAUSES.index(name)
        if code != each.cause:
            yield each.worst(day), day, code, "SUSPICION"


def _routine(world: World, stay: StayState) -> Iterator[tuple[int, int, int, str]]:
    """Yield the samples that are taken at sea by the calendar, a container after the other."""
    if stay.stage.environment != "sea water":
        return
    every = int(world.parameters.number("laboratory.routine_days"))
    rows = len(stay.containers)
    geography = stay.containers[0].path[0]
    for turn, day in enumerate(range(every, stay.days, every)):
        for name in _watched(world, geography):
            yield turn % rows, day, MORTALITY_CAUSES.index(name), "ROUTINE"


def _watched(world: World, geography: str) -> list[str]:
    """Return the diseases that a geography has, and a laboratory looks for by PCR."""
    parameters = world.parameters
    return [
        name
        for name in disease_names(parameters)
        if parameters.number(("disease", "kind", name, "introductions_per_year", geography)) > 0.0
        and parameters.text(("laboratory", "disease", name, "method")) == "PCR"
    ]


def _sample(
    world: World, state: BatchState, stay: StayState, row: int, day: int, cause: int, reason: str,
    hazard: float,
) -> LabSample:  # fmt: skip
    number, name = world.parameters.number, MORTALITY_CAUSES[cause]
    who = (state.plan.batch_id, *stay.containers[row].path, name)
    draw = world.draws.parts("laboratory", who, stay.start_day + day)
    is_there = hazard >= number("laboratory.found_pct_per_day") / 100.0
    is_found = is_there and draw[0] >= _RANGE * number("laboratory.missed_share")
    fewest, most = world.parameters.numbers("laboratory.days_range")
    takes = int(fewest) + draw[1] * (int(most - fewest) + 1) // _RANGE
    is_pcr = world.parameters.text(("laboratory", "disease", name, "method")) == "PCR"
    share = min(hazard * 100.0 / number("laboratory.strong_pct_per_day"), 1.0)
    cycles = _WEAKEST_CT - (_WEAKEST_CT - _STRONGEST_CT) * share
    cycles += _CT_SCATTER * (2.0 * draw[2] / _RANGE - 1.0)
    ct = round(10.0 * cycles) if is_found and is_pcr else None
    return LabSample(stay, row, day, day + takes, cause, reason, bool(is_found), ct)


def lab_rows(
    world: World, state: BatchState, samples: Iterable[LabSample]
) -> Iterator[tuple[Table, Columns]]:
    """Yield the samples of a batch."""
    rows = [_row(world, state, each) for each in samples]
    if rows:
        yield tables.LAB_SAMPLE, from_rows(rows)


def _row(world: World, state: BatchState, each: LabSample) -> dict[str, object]:
    own = keys.assignment_id(state.plan.number, each.stay.first_slot + each.row)
    begun = state.plan.start + each.stay.start_day
    how = ("laboratory", "disease", each.disease)
    return {
        "lab_sample_id": keys.sub_key(
            keys.day_key(own, each.stay.start_day + each.day), each.cause
        ),
        "result_date": begun + each.result_day,
        "sample_date": begun + each.day,
        "batch_id": state.plan.number,
        "assignment_id": own,
        "container_id": each.stay.containers[each.row].container_id,
        "reason": tables.LAB_REASONS.index(each.reason),
        "disease": each.cause,
        "tissue": tables.LAB_TISSUES.index(world.parameters.text((*how, "tissue"))),
        "method": tables.LAB_METHODS.index(world.parameters.text((*how, "method"))),
        "fish_count": int(world.parameters.number("laboratory.fish")),
        "result": int(each.is_positive),
        "ct_value": each.ct,
    }
