"""A source becomes a schedule: a batch a group, with anchors and where it comes from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grilse.ground.days import date_of
from grilse.ground.errors import BadInput, Problem
from grilse.migration.grouping import Group, day, groups
from grilse.migration.legacy import Legacy, PlannedStay, Unmapped
from grilse.migration.linking import Link, linked
from grilse.migration.points import Pool, anchors, pools
from grilse.migration.stays import Lived, lived_stays, planned_stays
from grilse.schedule.anchors import check_anchors
from grilse.schedule.checks import check_schedule
from grilse.schedule.layout import DEFAULT_SEED, STAGES
from grilse.schedule.model import BatchPlan, Schedule, Stay

__all__ = ["Migration", "migrated"]

_CODES = {"Faroe Islands": "FAR", "Scotland": "SCO"}

_SHARED = "S-HELD-TWICE"
"""A problem that two batches have together: it is gone with the later one."""

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Migration:
    """What a source became.

    Attributes
    ----------
    schedule
        Every batch that could be mapped.
    links
        Groups on land and at sea that were taken for one batch.
    unmapped
        What is not in the schedule, or not as the source has it.
    populations, mapped
        How many the source has, and how many of them a batch of the schedule carries.
    bridges, same_day
        Populations passed over, and those that were put in order within a day.
    shifted
        By days: how many containers' starts the schedule moves by so many days.
    """

    schedule: Schedule
    links: tuple[Link, ...]
    unmapped: tuple[Unmapped, ...]
    populations: int
    mapped: int
    bridges: int
    same_day: int
    shifted: Mapping[int, int]


def migrated(
    legacy: Legacy, *, seed: int | None = None, as_of: int | None = None, is_anchored: bool = True
) -> Migration:
    """Return the schedule that a source stands for.

    Parameters
    ----------
    legacy
        As read.
    seed, as_of
        Of the schedule; `as_of` is the day on which the source was read out.
    is_anchored
        Whether batches carry anchors.

    Raises
    ------
    BadInput
        If there is nothing to make a batch of.
    """
    told = list(legacy.unmapped)
    last = day(legacy.as_of) if legacy.as_of else 0
    found, links, unclear = linked(groups(legacy), legacy.rules)
    told += unclear
    made: list[_Made] = []
    for group in found:
        each = _made(group, legacy, last, told)
        if each is not None:
            made.append(each)
    made += _yet_to_come(legacy, {key for each in made for key in each.keys})
    plans = _numbered(sorted(made, key=lambda each: (each.plan.start, each.name)), is_anchored)
    until = last if as_of is None else as_of
    chosen = DEFAULT_SEED if seed is None else seed
    metadata = {"seed": chosen, "as_of": date_of(until), "policy": f"migrated from {legacy.system}"}
    schedule = _sound(Schedule(metadata, plans, until, chosen), told)
    if not schedule.batches:
        mend = "Give the stages by a mapping file; see what is listed: " + _first(told)
        raise BadInput(Problem("G-NOTHING", "nothing of the source can be mapped", mend=mend))
    kept = {plan.batch_id for plan in schedule.batches}
    held = [each for each, plan in zip(_ordered(made), plans, strict=True) if plan.batch_id in kept]
    return Migration(
        schedule, tuple(links), tuple(told), len(legacy.populations),
        len({name for each in held for name in each.populations}),
        sum(len(each.group.bridges) for each in held if each.group),
        sum(each.group.same_day for each in held if each.group),
        dict(sorted(sum((each.shifted for each in held), Counter[int]()).items())),
    )  # fmt: skip


def _first(told: Sequence[Unmapped]) -> str:
    return "; ".join(str(each) for each in told[:3]) or "nothing"


@dataclass(frozen=True)
class _Made:
    """A batch as it was made, before it has its number."""

    plan: BatchPlan
    keys: tuple[Key, ...]
    group: Group | None
    planned: tuple[PlannedStay, ...]
    anchors: tuple[dict[str, Any], ...] = ()
    populations: tuple[str, ...] = ()
    shifted: Counter[int] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """What it is called before it has an id."""
        return "/".join(self.keys[0]) if self.keys else self.group.name if self.group else ""


def _ordered(made: Iterable[_Made]) -> list[_Made]:
    return sorted(made, key=lambda each: (each.plan.start, each.name))


def _made(group: Group, legacy: Legacy, as_of: int, told: list[Unmapped]) -> _Made | None:
    """Return the batch of a group; None, and why is told, where it can be none."""
    lived = lived_stays(group, as_of, told)
    keys = tuple(dict.fromkeys(each.key for each in sorted(group.inputs, key=lambda i: i.time)))
    if not lived or not keys:
        reason = "no input tells where its fish came from" if lived else "no stage of it is known"
        told += [
            Unmapped("population", each.population_id, reason, "populations", each.line)
            for segment in group.segments
            for each in segment.populations
        ]
        return None
    start = lived[0].start
    planned = tuple(each for each in legacy.plans if each.key in keys)
    stays, is_open = _stays(lived, planned_stays(planned, start), start, as_of)
    told_of = pools(group, lived, legacy, as_of, told)
    stays = [_as_held(stay, told_of) for stay in stays]
    plan = _plan(group, stays, told_of, planned, start, is_open)
    plan = replace(plan, duration=_lived(plan, as_of))
    made = tuple(_anchored(told_of, stays, start, as_of))
    names = tuple(
        each.population_id
        for stage in lived for segment in stage.segments for each in segment.populations
    )  # fmt: skip
    shifted = Counter(
        held.start - start - stay.start_day
        for pool, stay in zip(told_of, stays, strict=False)
        for held in pool.held.values()
    )
    source = {
        "system": legacy.system,
        "inputs": ["/".join(key) for key in keys],
        "populations": _by_container(lived),
    }
    if group.bridges:
        source["bridges"] = list(group.bridges)
    return _Made(
        replace(plan, extra={"source": source}), keys, group, planned, made, names, shifted
    )  # fmt: skip


def _lived(plan: BatchPlan, as_of: int) -> int:
    """Return how many days a batch has lived by the as-of date."""
    return max(as_of - plan.start if plan.open_ended else min(as_of, plan.life.end) - plan.start, 0)


def _by_container(lived: Sequence[Lived]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for stage in lived:
        for segment in stage.segments:
            key = f"{stage.stage}/{segment.container.place}/{segment.container.name}"
            found[key] += [each.population_id for each in segment.populations]
    return dict(found)


def _stays(
    lived: Sequence[Lived], planned: Mapping[str, Stay], start: int, as_of: int
) -> tuple[list[Stay], bool]:
    """Return the stays lived, those planned after them, and whether the life is cut short."""
    stays = [
        Stay(each.stage, each.pairs[0][0], tuple(dict.fromkeys(each.pairs)), each.start - start,
             (as_of if each.end is None else each.end) - start)
        for each in lived
    ]  # fmt: skip
    last, then = lived[-1], planned.get(lived[-1].stage)
    if then is not None and then.end_day >= stays[-1].end_day:
        stays[-1] = replace(stays[-1], end_day=then.end_day)
    elif last.end is None:
        stays[-1] = replace(stays[-1], end_day=max(stays[-1].end_day, stays[-1].start_day + 1))
        return stays, True
    at = STAGES.index(last.stage)
    if last.end is None:
        stays += [stay for stage, stay in planned.items() if STAGES.index(stage) > at]
    return stays, False


def _as_held(stay: Stay, told_of: Sequence[Pool]) -> Stay:
    """Leave out of a stay the containers whose fish all moved on within it."""
    for pool in told_of:
        if pool.lived.stage == stay.stage:
            kept = tuple(pair for pair in stay.containers if pair in pool.held)
            return replace(stay, containers=kept, place=kept[0][0])
    return stay


def _plan(
    group: Group, stays: Sequence[Stay], told_of: Sequence[Pool],
    planned: Sequence[PlannedStay], start: int, is_open: bool,
) -> BatchPlan:  # fmt: skip
    first = told_of[0]
    eggs = sum(max(held.delivered, held.counts.get(held.start, 0)) for held in first.held.values())
    container = group.segments[0].container
    target = next((each.target_kg for each in planned if each.target_kg is not None), None)
    return BatchPlan(
        "", 0, start, eggs, stays[-1].end_day, container.geography, container.site,
        target or _mean_harvest_kg(told_of[-1]), tuple(stays), is_open,
    )  # fmt: skip


def _mean_harvest_kg(pool: Pool) -> float | None:
    """Return the mean weight of what was harvested, if all of it was."""
    parts = [part for held in pool.held.values() for part in held.harvests.values()]
    known = [(fish, grams) for fish, grams in parts if grams is not None]
    fish = sum(fish for fish, _ in known)
    is_over = all(held.end is not None for held in pool.held.values())
    if not fish or not is_over:
        return None
    return round(sum(fish * grams for fish, grams in known) / fish / 1000.0, 3) or None


def _anchored(
    told_of: Sequence[Pool], stays: Sequence[Stay], start: int, as_of: int
) -> Iterable[dict[str, Any]]:
    for index, (pool, stay) in enumerate(zip(told_of, stays, strict=False)):
        end = as_of if pool.lived.end is None else pool.lived.end
        yield from anchors(pool, start + stay.start_day, end, as_of, is_first=index == 0)


def _yet_to_come(legacy: Legacy, known: set[Key]) -> list[_Made]:
    """Return the batches that are planned, and of which there is no fish yet."""
    by_key: dict[Key, list[PlannedStay]] = defaultdict(list)
    for each in legacy.plans:
        if each.key not in known and each.start is not None and each.container is not None:
            by_key[each.key].append(each)
    made = []
    for key, planned in by_key.items():
        start = min(day(each.start) for each in planned if each.start)
        stays = tuple(planned_stays(planned, start).values())
        container = next(each.container for each in planned if each.container)
        target = next((each.target_kg for each in planned if each.target_kg is not None), None)
        eggs = next((each.eggs for each in planned if each.eggs), 0)
        plan = BatchPlan("", 0, start, eggs, 0, container.geography, container.site, target, stays)
        made.append(_Made(plan, (key,), None, tuple(planned)))
    return made


def _numbered(made: Sequence[_Made], is_anchored: bool) -> tuple[BatchPlan, ...]:
    """Give each batch its id and number: those that its source plans, else by start."""
    numbers = {each.number for item in made for each in item.planned if each.number}
    ids = {each.batch_id for item in made for each in item.planned if each.batch_id}
    index: Counter[str] = Counter()
    free, plans = 1, []
    for item in made:
        index[item.plan.geography] += 1
        number = next((each.number for each in item.planned if each.number), None)
        name = next((each.batch_id for each in item.planned if each.batch_id), None)
        if number is None:
            while free in numbers:
                free += 1
            number = free
            numbers.add(free)
        if name is None:
            code = _CODES.get(item.plan.geography) or item.plan.geography[:3].upper()
            year = date_of(item.plan.start).year
            name = f"{code}-{year}-{index[item.plan.geography]:03d}"
            while name in ids:
                index[item.plan.geography] += 1
                name = f"{code}-{year}-{index[item.plan.geography]:03d}"
            ids.add(name)
        extra = dict(item.plan.extra)
        if is_anchored and item.anchors:
            extra["anchors"] = list(item.anchors)
        plans.append(replace(item.plan, batch_id=name, number=number, extra=extra))
    return tuple(plans)


def _sound(schedule: Schedule, told: list[Unmapped]) -> Schedule:
    """Leave out, and tell, batches with which the schedule could not be run."""
    while schedule.batches:
        problems = [p for p in check_schedule(schedule) if p.severity == "error"]
        try:
            check_anchors(schedule)
        except BadInput as refusal:
            problems += refusal.problems
        wrong = {p.batch: p for p in reversed(problems) if p.batch is not None}
        if not wrong:
            return schedule
        alone = [name for name, problem in wrong.items() if problem.code != _SHARED]
        gone = alone or [max(wrong, key=lambda name: _starts(schedule, name))]
        told += [Unmapped("batch", _who(schedule, name), str(wrong[name])) for name in gone]
        kept = tuple(
            plan for plan in schedule.batches if not any(_is_named(plan, name) for name in gone)
        )
        schedule = replace(schedule, batches=kept)
    return schedule


def _starts(schedule: Schedule, name: str) -> tuple[int, str]:
    return next(
        ((plan.start, plan.batch_id) for plan in schedule.batches if _is_named(plan, name)), (0, "")
    )


def _is_named(plan: BatchPlan, name: str) -> bool:
    """Whether a problem means a batch: it names it by the first 80 characters of its id."""
    return name in (plan.batch_id, plan.batch_id[:80])


def _who(schedule: Schedule, name: str) -> str:
    plan = next(plan for plan in schedule.batches if _is_named(plan, name))
    inputs = plan.extra.get("source", {}).get("inputs", [])
    return f"{name} ({', '.join(inputs)})"
