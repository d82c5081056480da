"""The rules that a schedule must keep before anything is made of it; one function a rule.

Each yields the problems it finds, at the lines that the schedule remembers. `check_schedule` runs
them all. What a farm must have is checked by `schedule.derived_farm.missing_places`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import TypeVar

from grilse.ground.days import date_of, day_of
from grilse.ground.errors import Problem
from grilse.schedule.layout import STAGES
from grilse.schedule.model import BatchPlan, Schedule, Stay
from grilse.schedule.occupancy import double_held
from grilse.tables.keys import MAX_DAYS, MAX_NUMBER, MAX_SLOTS

__all__ = ["CHECKS", "check_schedule"]

T = TypeVar("T")
Rule = Callable[[Schedule], Iterator[Problem]]

_FIRST_DAY = day_of(date(1970, 1, 1))
_LAST_DAY = day_of(date(2200, 1, 1))
_MAX_EGGS = 2**31 - 1
_MAX_TARGET_KG = 30.0
_MAX_NAME = 100
_BATCH_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")


def check_schedule(schedule: Schedule) -> list[Problem]:
    """Return every problem of a schedule, by line; an empty list where it can be run."""
    found = [problem for rule in CHECKS for problem in rule(schedule)]
    return sorted(found, key=lambda problem: problem.line or 0)


def safe_batch_ids(schedule: Schedule) -> Iterator[Problem]:
    """Find batch ids that are no safe names: they become parts of file names and of keys."""
    for batch in schedule.batches:
        if not _BATCH_ID.fullmatch(batch.batch_id) or ".." in batch.batch_id:
            yield _problem(
                schedule, batch, "S-BATCH-ID", "the batch id is not a safe name", key="batch_id",
                found=batch.batch_id[:80],
                allowed="1 to 64 letters, digits and . _ - , without two dots in a row",
            )  # fmt: skip


def unique_batch_ids(schedule: Schedule) -> Iterator[Problem]:
    """Find batch ids that are given twice."""
    for first, second in _repeated(schedule.batches, lambda batch: batch.batch_id):
        yield _problem(
            schedule, second, "S-DUPLICATE-ID",
            f"the batch id stands already{_in(first.lines.get('batch_id', first.line))}",
            key="batch_id", found=second.batch_id[:80], mend="Give each batch its own id",
        )  # fmt: skip


def unique_numbers(schedule: Schedule) -> Iterator[Problem]:
    """Find numbers that are given twice: all keys follow from them."""
    for first, second in _repeated(schedule.batches, lambda batch: batch.number):
        message = f"the number is that of batch {first.batch_id[:80]} too{_in(first.line)}"
        yield _problem(
            schedule, second, "S-DUPLICATE-NUMBER", message, key="number", found=str(second.number),
            mend="Leave the number out, or give the next free one",
        )  # fmt: skip


def numbers_in_range(schedule: Schedule) -> Iterator[Problem]:
    """Find numbers that keys cannot be made of."""
    for batch in schedule.batches:
        if not 1 <= batch.number <= MAX_NUMBER:
            yield _problem(
                schedule, batch, "S-NUMBER", "the number is out of range", key="number",
                found=str(max(batch.number, 0)), allowed=f"1 to {MAX_NUMBER:,}",
            )  # fmt: skip


def some_eggs(schedule: Schedule) -> Iterator[Problem]:
    """Find batches of no eggs, or of more than a table can hold."""
    for batch in schedule.batches:
        if not 1 <= batch.eggs <= _MAX_EGGS:
            yield _problem(
                schedule, batch, "S-EGGS", "the number of eggs is out of range", key="eggs",
                found=f"{batch.eggs:,}", allowed=f"1 to {_MAX_EGGS:,}",
            )  # fmt: skip


def sensible_targets(schedule: Schedule) -> Iterator[Problem]:
    """Find harvest targets that no salmon can meet."""
    for batch in schedule.batches:
        target = batch.harvest_target_kg
        if target is not None and not 0.0 < target <= _MAX_TARGET_KG:
            yield _problem(
                schedule, batch, "S-TARGET", "the harvest target is out of range",
                key="harvest_target_kg", found=f"{target:g} kg",
                allowed=f"above 0, at most {_MAX_TARGET_KG:g} kg",
            )  # fmt: skip


def known_dates(schedule: Schedule) -> Iterator[Problem]:
    """Find dates outside 1970 to 2200."""
    allowed = f"{date_of(_FIRST_DAY)} to {date_of(_LAST_DAY)}"
    if not _FIRST_DAY <= schedule.as_of <= _LAST_DAY:
        message = "the as-of date is out of range"
        yield Problem("S-DATE", message, file=schedule.file, allowed=allowed)
    for batch in schedule.batches:
        if not _FIRST_DAY <= batch.start <= _LAST_DAY:
            message = "the start date is out of range"
            yield _problem(schedule, batch, "S-DATE", message, key="start_date", allowed=allowed)


def days_in_range(schedule: Schedule) -> Iterator[Problem]:
    """Find days of life that are negative, or beyond what keys are made for."""
    for batch in schedule.batches:
        if not 0 <= batch.duration <= MAX_DAYS:
            yield _problem(
                schedule, batch, "S-DAYS", "the duration is out of range", key="duration",
                found=f"{batch.duration} days", allowed=f"0 to {MAX_DAYS}",
            )  # fmt: skip
        for stay in batch.stays:
            if stay.start_day < 0 or stay.end_day > MAX_DAYS:
                yield _problem(
                    schedule, batch, "S-DAYS", f"stage {stay.stage} has days out of range",
                    stay=stay, line=_day_line(stay, 0 if stay.start_day < 0 else 1),
                    found=_span(stay), allowed=f"0 to {MAX_DAYS}",
                )  # fmt: skip


def ends_after_starts(schedule: Schedule) -> Iterator[Problem]:
    """Find stages that end before they start, or on the same day."""
    for batch, stay in _stays(schedule):
        if stay.end_day <= stay.start_day:
            yield _problem(
                schedule, batch, "S-END-BEFORE-START", f"stage {stay.stage} ends before it starts",
                line=_day_line(stay, 1), found=_span(stay),
                allowed=f"end_day above {stay.start_day}",
            )  # fmt: skip


def known_stages(schedule: Schedule) -> Iterator[Problem]:
    """Find stages that are not known, and those that do not follow in the order of life."""
    for batch in schedule.batches:
        for stay in batch.stays:
            if stay.stage not in STAGES:
                yield _problem(
                    schedule, batch, "S-STAGE", "the stage is not known", stay=stay,
                    found=stay.stage[:60], allowed=", ".join(STAGES),
                )  # fmt: skip
        for before, after in pairwise(stay for stay in batch.stays if stay.stage in STAGES):
            if STAGES.index(after.stage) <= STAGES.index(before.stage):
                message = f"stage {after.stage} cannot follow {before.stage}"
                allowed = " -> ".join(STAGES)
                yield _problem(schedule, batch, "S-ORDER", message, stay=after, allowed=allowed)


def lives_from_the_egg(schedule: Schedule) -> Iterator[Problem]:
    """Find batches whose eggs have nowhere to be on day 0."""
    for batch in schedule.batches:
        first = batch.stays[0] if batch.stays else None
        if first is None:
            yield _problem(schedule, batch, "S-NO-STAGES", "the batch has no stage")
        elif first.stage != STAGES[0] or first.start_day != 0:
            yield _problem(
                schedule, batch, "S-FIRST-DAY", "a batch begins as eggs, on day 0",
                stay=first, found=f"{first.stage}, {_span(first)}",
                allowed=f"{STAGES[0]} from day 0",
            )  # fmt: skip


def stages_meet(schedule: Schedule) -> Iterator[Problem]:
    """Find gaps between the stages of a batch, and days on which it is in two of them."""
    for batch in schedule.batches:
        for before, after in pairwise(batch.stays):
            if before.end_day == after.start_day:
                continue
            gap = before.end_day < after.start_day
            first, last = sorted((before.end_day, after.start_day))
            state = "is nowhere" if gap else "is in two stages"
            message = f"from day {first} to {last} the batch {state}: {before.stage}, {after.stage}"
            code = "S-GAP" if gap else "S-STAGE-OVERLAP"
            allowed = f"start_day {before.end_day}, the end_day of {before.stage}"
            yield _problem(
                schedule, batch, code, message, line=_day_line(after, 0),
                found=f"start_day {after.start_day}", allowed=allowed,
            )  # fmt: skip


def some_containers(schedule: Schedule) -> Iterator[Problem]:
    """Find stages that hold no container, and batches that hold more than keys are made for."""
    for batch in schedule.batches:
        for stay in batch.stays:
            if not stay.containers:
                message = f"stage {stay.stage} holds no container"
                yield _problem(schedule, batch, "S-NO-CONTAINERS", message, stay=stay)
        slots = sum(len(stay.containers) for stay in batch.stays)
        if slots > MAX_SLOTS:
            yield _problem(
                schedule, batch, "S-SLOTS", "the batch holds too many containers in its life",
                found=str(slots), allowed=f"at most {MAX_SLOTS}",
            )  # fmt: skip


def containers_once_a_stage(schedule: Schedule) -> Iterator[Problem]:
    """Find containers that a stage lists twice."""
    for batch, stay in _stays(schedule):
        if len(set(stay.containers)) == len(stay.containers):
            continue
        slots = range(len(stay.containers))
        for first, second in _repeated(slots, stay.containers.__getitem__):
            place, name = stay.containers[second]
            before = _line(stay, first)
            yield _problem(
                schedule, batch, "S-REPEATED-CONTAINER",
                f"stage {stay.stage} lists a container twice{_in(before)}",
                line=_line(stay, second), found=f"{place} / {name}", mend="List it once",
            )  # fmt: skip


def printable_names(schedule: Schedule) -> Iterator[Problem]:
    """Find names of places that are empty, very long, or hold control characters."""
    seen: dict[str, bool] = {}
    blocks: set[int] = set()
    for batch in schedule.batches:
        names = [(batch.geography, batch.line), (batch.station, batch.line)]
        for stay in batch.stays:
            if id(stay.containers) in blocks:
                continue  # the very same names as another batch's: planners share them
            blocks.add(id(stay.containers))
            for i, (place, name) in enumerate(stay.containers):
                if not (seen.get(place) and seen.get(name)):
                    names += [(place, stay.line), (name, _line(stay, i))]
        for name, line in names:
            if not seen.setdefault(name, _is_name(name)):
                allowed = f"1 to {_MAX_NAME} printable characters"
                yield _problem(
                    schedule, batch, "S-NAME", "a name cannot be used", line=line,
                    found=ascii(name[:60]), allowed=allowed,
                )  # fmt: skip


def places_of_one_kind(schedule: Schedule) -> Iterator[Problem]:
    """Find places that are a hall for one stage and a sea area for another."""
    first: dict[tuple[str, str], tuple[BatchPlan, Stay]] = {}
    blocks: set[tuple[str, str, int]] = set()
    for batch, stay in _stays(schedule):
        block = (batch.geography, stay.stage, id(stay.containers))
        if block in blocks:
            continue  # the very same places as another batch's: planners share them
        blocks.add(block)
        for place in dict.fromkeys(place for place, _ in stay.containers):
            other, before = first.setdefault((batch.geography, place), (batch, stay))
            if (stay.stage == STAGES[-1]) != (before.stage == STAGES[-1]):
                whose = f"of batch {other.batch_id[:80]}{_in(before.line)}"
                yield _problem(
                    schedule, batch, "S-PLACE-KIND", "a place is a hall and a sea area at once",
                    stay=stay, found=f"{place} for {stay.stage}, and for {before.stage} {whose}",
                )  # fmt: skip


def containers_held_once(schedule: Schedule) -> Iterator[Problem]:
    """Find containers that two batches, or two stages of one, hold on the same day."""
    for clash in double_held(schedule.batches):
        (first, other, _), (second, stay, slot) = clash.first, clash.second
        place, name = stay.containers[slot]
        days = f"{date_of(clash.days.start)} to {date_of(clash.days.end - 1)}"
        where = _in(_line(other, other.containers.index((place, name))))
        whose = f"batch {first.batch_id} (stage {other.stage}) holds it too{where}"
        yield _problem(
            schedule, second, "S-HELD-TWICE",
            f"container {place} / {name} is held twice on {clash.days.days} days, {days}: {whose}",
            line=_line(stay, slot), found=f"stage {stay.stage}, {_span(stay)}",
            mend="Move one of them to another container or to other days",
        )  # fmt: skip


CHECKS: tuple[Rule, ...] = (
    safe_batch_ids, unique_batch_ids, unique_numbers, numbers_in_range, some_eggs,
    sensible_targets, known_dates, days_in_range, ends_after_starts, known_stages,
    lives_from_the_egg, stages_meet, some_containers, containers_once_a_stage, printable_names,
    places_of_one_kind, containers_held_once,
)  # fmt: skip


def _stays(schedule: Schedule) -> Iterator[tuple[BatchPlan, Stay]]:
    return ((batch, stay) for batch in schedule.batches for stay in batch.stays)


def _repeated(items: Iterable[T], key: Callable[[T], Hashable]) -> Iterator[tuple[T, T]]:
    first: dict[Hashable, T] = {}
    for item in items:
        name = key(item)
        if name in first:
            yield first[name], item
        else:
            first[name] = item


def _problem(
    schedule: Schedule, batch: BatchPlan, code: str, message: str, *, key: str = "",
    stay: Stay | None = None, line: int | None = None, found: str | None = None,
    allowed: str | None = None, mend: str | None = None,
) -> Problem:  # fmt: skip
    """Locate a problem at a line, else at the stay, else at a key of the batch."""
    place = line or (stay.line if stay else None) or batch.lines.get(key, batch.line)
    name = batch.batch_id[:80]
    return Problem(code, message, "error", schedule.file, place, name, found, allowed, mend)


def _line(stay: Stay, slot: int) -> int | None:
    return stay.container_lines[slot] if slot < len(stay.container_lines) else stay.line


def _in(line: int | None) -> str:
    return "" if line is None else f", in line {line}"


def _day_line(stay: Stay, which: int) -> int | None:
    return stay.day_lines[which] if stay.day_lines else stay.line


def _span(stay: Stay) -> str:
    return f"days {stay.start_day} to {stay.end_day}"


def _is_name(name: str) -> bool:
    return 0 < len(name) <= _MAX_NAME and name.isprintable() and name == name.strip()
