"""Validation: everything that is wrong with a schedule, on a farm, by a policy's rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from os import PathLike

from grilse.farm.builtin import reference_farm
from grilse.farm.finding import find_farm
from grilse.farm.model import Farm
from grilse.ground.days import date_of
from grilse.ground.errors import BadInput, Problem
from grilse.ground.parameters import Parameters
from grilse.plan.declared import claim_problems
from grilse.plan.limits import Bearing, limit_problems
from grilse.plan.saturation import Saturation, measure
from grilse.schedule.anchors import check_anchors
from grilse.schedule.checks import check_schedule
from grilse.schedule.derived_farm import farm_from_schedule, missing_places
from grilse.schedule.injected import with_events
from grilse.schedule.model import BatchPlan, Schedule, Stay
from grilse.schedule.reading import look_at_schedule

__all__ = ["Validation", "validate_schedule"]

_RANK = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Validation:
    """What came of looking at a schedule.

    Attributes
    ----------
    schedule
        The batches that could be read.
    farm
        What it was held against.
    problems
        By line, then severity.
    saturation
        What the schedule leaves the farm with; None where errors make it meaningless.
    told
        Lines that the user should read: which farm was taken.
    """

    schedule: Schedule
    farm: Farm
    problems: tuple[Problem, ...]
    saturation: Saturation | None
    told: tuple[str, ...] = ()

    @property
    def counts(self) -> Mapping[str, int]:
        """How many problems there are of each severity."""
        found = Counter(problem.severity for problem in self.problems)
        return {severity: found[severity] for severity in ("error", "warning", "info")}

    @property
    def is_valid(self) -> bool:
        """Whether there is no error."""
        return not self.counts["error"]


def validate_schedule(
    source: Schedule | str | PathLike[str],
    parameters: Parameters,
    farm: Farm | None = None,
    *,
    as_of: date | int | None = None,
    strict: bool = False,
    derive_farm: bool = False,
) -> Validation:
    """Find everything that is wrong with a schedule.

    Parameters
    ----------
    source
        A schedule, or the name of its file.
    parameters
        Growth, and the rules of the sea.
    farm
        What exists. Where none is given it is the farm that a planned schedule names, else the
        reference farm; what that lacks is then a warning, as a run takes what the schedule names.
    as_of
        In place of the schedule's own.
    strict
        Whether warnings count as errors.
    derive_farm
        Whether to hold it against the farm that consists of what it names.

    Raises
    ------
    BadInput
        Only where there is no file to look at.
    """
    schedule, problems = _read(source, as_of)
    if derive_farm and schedule.batches:
        farm = farm_from_schedule(schedule)
    held, is_own, told = _farm(schedule, farm)
    found = [*problems, *_missing(schedule, held, is_own), *_on_farm(schedule, held)]
    found += _asked(schedule)
    sound = not any(problem.severity == "error" for problem in found) and bool(schedule.batches)
    saturation = measure(held, schedule.batches, schedule.as_of) if sound else None
    found += claim_problems(schedule, saturation)
    if sound:
        found += limit_problems(Bearing(schedule, held, parameters))
    if strict:
        found = [_stricter(problem) for problem in found]
    ordered = sorted(found, key=lambda each: (each.line or 0, _RANK[each.severity], each.code))
    return Validation(schedule, held, tuple(ordered), saturation, told)


def _read(
    source: Schedule | str | PathLike[str], as_of: date | int | None
) -> tuple[Schedule, list[Problem]]:
    if isinstance(source, Schedule):
        return source, check_schedule(source)
    found = look_at_schedule(source, as_of=as_of)
    return found.schedule, list(found.problems)


def _farm(schedule: Schedule, farm: Farm | None) -> tuple[Farm, bool, tuple[str, ...]]:
    """Return the farm to hold a schedule against, whether it is the schedule's own, what to tell.

    It is the one given, else the one that the metadata name, else the reference farm, unless that
    has none of the schedule's geographies.
    """
    if farm is not None:
        return farm, True, ()
    reference, own = reference_farm(), _named_farm(schedule)
    if own is not None:
        return own, True, ()
    known = {batch.geography for batch in schedule.batches} & set(reference.geography_by_name)
    if known or not schedule.batches:
        return reference, False, ()
    told = "held against the farm that the schedule itself names; --farm takes another"
    return farm_from_schedule(schedule), False, (told,)


def _named_farm(schedule: Schedule) -> Farm | None:
    """Return the farm that a planned schedule names, where it is still there."""
    named = schedule.metadata.get("farm")
    origin = named.get("origin") if isinstance(named, Mapping) else None
    if not isinstance(origin, str):
        return None
    try:
        return find_farm(origin.removeprefix("built-in:"))
    except BadInput:
        return None


def _asked(schedule: Schedule) -> tuple[Problem, ...]:
    """Return what is wrong with the events and the anchors that a schedule asks for."""
    problems: list[Problem] = []
    for look in (with_events, check_anchors):
        try:
            look(schedule)
        except BadInput as error:
            problems += error.problems
    return tuple(problems)


def _missing(schedule: Schedule, farm: Farm, is_own: bool) -> list[Problem]:
    """Return what the farm lacks: a warning where nobody said that the schedule is for it."""
    found = missing_places(schedule, farm)
    if is_own:
        return found
    return [
        replace(problem, severity="warning") if "UNKNOWN" in problem.code else problem
        for problem in found
    ]


def _stricter(problem: Problem) -> Problem:
    return replace(problem, severity="error") if problem.severity == "warning" else problem


def _on_farm(schedule: Schedule, farm: Farm) -> Iterator[Problem]:
    for rule in (built_for_their_stage, begun_by_as_of, lived_as_long):
        yield from rule(schedule, farm)


def built_for_their_stage(schedule: Schedule, farm: Farm) -> Iterator[Problem]:
    """Find stages in a hall or area that is not built for them."""
    for batch in schedule.batches:
        for stay in batch.stays:
            for place in dict.fromkeys(place for place, _ in stay.containers):
                known = farm.places.get((batch.geography, place))
                if (
                    known
                    and stay.stage not in known[1].stages
                    and _is_sea(stay) == (known[1].kind == "area")
                ):
                    yield Problem(
                        "S-WRONG-HALL", f"{place} is not built for stage {stay.stage}", "error",
                        schedule.file, stay.line, batch.batch_id, f"{stay.stage} in {place}",
                        f"{place} is for {', '.join(known[1].stages)}",
                        f"Take a {known[1].kind} for {stay.stage}",
                    )  # fmt: skip


def begun_by_as_of(schedule: Schedule, farm: Farm) -> Iterator[Problem]:
    """Find batches that start on or after the as-of day: they have no rows."""
    late = [batch for batch in schedule.batches if batch.start >= schedule.as_of]
    if not late:
        return
    first = late[0]
    everyone = len(late) == len(schedule.batches)
    yield Problem(
        "S-NOT-BEGUN",
        f"{len(late)} of {len(schedule.batches)} batches start on or after the as-of day",
        "warning" if everyone else "info",
        schedule.file, first.lines.get("start_date", first.line), first.batch_id,
        f"{date_of(first.start)}", f"before {date_of(schedule.as_of)}",
        "They have no rows until --as-of is moved on",
    )  # fmt: skip


def lived_as_long(schedule: Schedule, farm: Farm) -> Iterator[Problem]:
    """Find batches whose duration is not the days from start to as-of, or to the life's end."""
    wrong = [batch for batch in schedule.batches if _lived(schedule, batch) != batch.duration]
    if not wrong:
        return
    first, others = wrong[0], len(wrong) - 1
    more = f", and of {others} more" if others else ""
    yield Problem(
        "S-DURATION",
        f"the duration of a batch{more} is not what it has lived by the as-of day",
        "info",
        schedule.file, first.lines.get("duration", first.line), first.batch_id,
        f"{first.duration} days", f"{_lived(schedule, first)} days by {date_of(schedule.as_of)}",
        "Nothing follows from it: the as-of day decides",
    )  # fmt: skip


def _lived(schedule: Schedule, batch: BatchPlan) -> int:
    life = batch.stays[-1].end_day if batch.stays else 0
    return min(max(0, schedule.as_of - batch.start), life)


def _is_sea(stay: Stay) -> bool:
    return stay.stage == "adult"
