"""What a source says of numbers and weights, made consistent, as the anchors of a schedule.

Fish never become more, and what arrives somewhere has left elsewhere. Sources are not so strict: a
count after a count is higher, more are harvested than were there. Going backwards from the last
day, a number that is too low is raised to what is told of later; each change is told. Fish that
moved between containers of one stage stand, in the schedule, where they moved to from the start.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grilse.ground.days import date_of
from grilse.migration.grouping import Group, Segment, day
from grilse.migration.legacy import Legacy, Unmapped
from grilse.migration.stays import Lived

__all__ = ["Held", "Pool", "anchors", "pools"]

_WEIGHT_SHARE, _LEAST_G = 5e-4, 1e-3
"""By how much fish may be heavier or lighter than they came, as a share and in g."""


@dataclass
class Held:
    """What is told of one container of a stage.

    Attributes
    ----------
    name, place
        The container's.
    start, end
        Day numbers on which its own fish came and left; `end` is None while they are there.
    counts
        Fish at the start of a day, by day number; those of the end are apart.
    weights
        Mean weight, by day number.
    end_count, end_weight_g
        As they left, or on the last day of all.
    harvests
        Fish and mean weight by day number.
    delivered
        Eggs or fish that an input brought.
    """

    name: str
    place: str
    start: int
    end: int | None
    counts: dict[int, int] = field(default_factory=dict)
    weights: dict[int, float] = field(default_factory=dict)
    end_count: int | None = None
    end_weight_g: float | None = None
    harvests: dict[int, tuple[int, float | None]] = field(default_factory=dict)
    delivered: int = 0


@dataclass
class Pool:
    """A stage with its containers, and the moves out of it.

    Attributes
    ----------
    lived
        The stage.
    held
        By container name with its place.
    out
        Fish moved on and dead of it, by source and destination container.
    """

    lived: Lived
    held: dict[tuple[str, str], Held]
    out: dict[tuple[tuple[str, str], tuple[str, str]], list[int]] = field(default_factory=dict)


def pools(
    group: Group, lived: Sequence[Lived], legacy: Legacy, as_of: int, told: list[Unmapped]
) -> list[Pool]:
    """Return what a source tells of each stage, consistent; what was changed is added to `told`."""
    owner = {
        each.population_id: (place, (segment.container.place, segment.container.name))
        for place, stage in enumerate(lived)
        for segment in stage.segments
        for each in segment.populations
    }
    made = [_pool(group, stage, legacy, as_of) for stage in lived]
    _within_stages(group, made, owner, told)
    _harvest_what_ended(made[-1])
    for index in range(len(made) - 1, -1, -1):
        pool = made[index]
        following = made[index + 1] if index + 1 < len(made) else None
        if following is not None:
            _moved_on(group, pool, following, index, owner, told)
        for held in pool.held.values():
            _never_more(held, told)
    return made


def _harvest_what_ended(pool: Pool) -> None:
    """Take for harvested what left the last stage, where no harvest is told."""
    for held in pool.held.values():
        if held.end is not None and not held.harvests and held.end_count:
            grams = held.end_weight_g
            held.harvests[max(held.end - 1, held.start)] = (held.end_count, grams)


def _pool(group: Group, lived: Lived, legacy: Legacy, as_of: int) -> Pool:
    inputs: dict[str, int] = defaultdict(int)
    for brought in group.inputs:
        inputs[brought.population_id] += brought.count
    result: dict[tuple[str, str], Held] = {}
    for segment in lived.segments:
        key = (segment.container.place, segment.container.name)
        held = result.setdefault(key, Held(key[1], key[0], segment.start, segment.end))
        for each in segment.populations:
            _point(held, day(each.start), each.start_count, each.start_weight_g)
            for status in legacy.statuses_of.get(each.population_id, ()):
                _point(held, day(status.time), status.count, status.weight_g)
            for harvest in legacy.harvests_of.get(each.population_id, ()):
                _harvest(held, day(harvest.time), harvest.count, harvest.weight_g)
            held.delivered += inputs[each.population_id]
        _end(held, segment, as_of)
        if held.start not in held.counts and inputs[segment.populations[0].population_id]:
            held.counts[held.start] = inputs[segment.populations[0].population_id]
    return Pool(lived, result)


def _end(held: Held, segment: Segment, as_of: int) -> None:
    """Set apart what is told of the end: as the fish left, or as they stand on the last day."""
    last = segment.populations[-1]
    when = as_of if held.end is None else held.end
    held.end_count = last.end_count if last.end_count is not None else held.counts.get(when)
    held.end_weight_g = last.end_weight_g or held.weights.get(when)
    if when > held.start:
        held.counts.pop(when, None)
        held.weights.pop(when, None)


def _point(held: Held, when: int, count: int | None, grams: float | None) -> None:
    if count is not None:
        held.counts[when] = count
    if grams is not None:
        held.weights[when] = grams


def _harvest(held: Held, when: int, count: int, grams: float | None) -> None:
    before, weight = held.harvests.get(when, (0, None))
    if weight is not None and grams is not None:
        grams = (before * weight + count * grams) / (before + count)
    held.harvests[when] = (before + count, weight if grams is None else grams)


Owner = Mapping[str, tuple[int, tuple[str, str]]]


def _within_stages(group: Group, made: Sequence[Pool], owner: Owner, told: list[Unmapped]) -> None:
    """Let fish that moved within a stage stand where they moved to from the stage's start."""
    for move in group.moves:
        a, b = owner.get(move.source), owner.get(move.dest)
        if a is None or b is None or a[0] != b[0] or a[1] == b[1]:
            continue
        pool, when = made[a[0]], day(move.time)
        source, dest = pool.held[a[1]], pool.held[b[1]]
        fish = move.count if move.count is not None else dest.counts.get(dest.start, 0)
        for each in list(source.counts):
            if each < when:
                source.counts[each] -= fish + move.died
        if source.end is not None and source.end <= when and source.end_count is not None:
            source.end_count = max(source.end_count - fish - move.died, 0)
        for each in list(dest.counts):
            if each < when:
                dest.counts[each] += fish
        reason = (
            f"{fish:,} fish moved within {pool.lived.stage} to {dest.name} on {date_of(when)}: the "
            "schedule has them there from the stage's start"
        )
        told.append(Unmapped("move", f"from {source.name}", reason))
    for pool in made:
        for key in [k for k, held in pool.held.items() if held.counts.get(held.start, 1) <= 0]:
            held = pool.held[key]
            if len(pool.held) > 1 and not held.harvests:
                del pool.held[key]
                reason = f"all its fish moved within {pool.lived.stage}: the schedule leaves it out"
                told.append(Unmapped("container", held.name, reason))


def _moved_on(
    group: Group, pool: Pool, following: Pool, index: int, owner: Owner, told: list[Unmapped]
) -> None:
    """Let as many fish leave a stage as begin the next one, by the moves that are told."""
    flows: dict[tuple[tuple[str, str], tuple[str, str]], list[int]] = defaultdict(lambda: [0, 0])
    for move in group.moves:
        a, b = owner.get(move.source), owner.get(move.dest)
        is_on = a is not None and b is not None and a[0] == index and b[0] == index + 1
        if a and b and is_on and a[1] in pool.held and b[1] in following.held:
            flows[a[1], b[1]][0] += move.count or 0
            flows[a[1], b[1]][1] += move.died
    for key, dest in following.held.items():
        _arriving(pool, flows, key, dest, told)
    for key, dest in following.held.items():
        if dest.start <= following.lived.start:
            _as_heavy_as_they_came(pool, flows, key, dest, told)
    for key, source in pool.held.items():
        mine = [flow for (origin, _), flow in flows.items() if origin == key]
        _leaving(source, sum(sum(flow) for flow in mine), told)
    pool.out = {pair: flow for pair, flow in flows.items() if sum(flow)}


def _arriving(
    pool: Pool,
    flows: dict[tuple[tuple[str, str], tuple[str, str]], list[int]],
    key: tuple[str, str],
    dest: Held,
    told: list[Unmapped],
) -> None:
    """Make the moves into a container add up to the fish that it begins with."""
    into = [pair for pair in flows if pair[1] == key]
    wanted = dest.counts.get(dest.start)
    came = sum(flows[pair][0] for pair in into)
    if wanted is None:
        wanted = dest.counts[dest.start] = came
    if not into:
        into = _poured(pool, flows, key, wanted)
        came = sum(flows[pair][0] for pair in into)
    if came != wanted and into:
        most = max(into, key=lambda pair: (flows[pair][0], pair))
        flows[most][0] = max(flows[most][0] + wanted - came, 0)
        if came:
            reason = f"{came:,} fish were moved there, and {wanted:,} began: {wanted:,} it is"
            told.append(Unmapped("count", f"{dest.name} on {date_of(dest.start)}", reason))


def _as_heavy_as_they_came(
    pool: Pool,
    flows: Mapping[tuple[tuple[str, str], tuple[str, str]], Sequence[int]],
    key: tuple[str, str],
    dest: Held,
    told: list[Unmapped],
) -> None:
    """Leave out a weight at the start that those who came cannot have: fish do not jump."""
    parts = [
        (flow[0], pool.held[origin].end_weight_g)
        for (origin, into), flow in flows.items()
        if into == key and flow[0]
    ]
    known = [(fish, grams) for fish, grams in parts if grams is not None]
    grams = dest.weights.get(dest.start)
    if grams is None or not known or len(known) < len(parts):
        return
    came = sum(fish * each for fish, each in known) / sum(fish for fish, _ in known)
    if abs(grams - came) > _WEIGHT_SHARE * came + _LEAST_G:
        del dest.weights[dest.start]
        reason = f"{grams:g} g are told, and fish of {came:.3f} g came: it begins with those"
        told.append(Unmapped("weight", f"{dest.name} on {date_of(dest.start)}", reason))


def _poured(
    pool: Pool,
    flows: dict[tuple[tuple[str, str], tuple[str, str]], list[int]],
    key: tuple[str, str],
    wanted: int,
) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Fill a container from those of the stage before, in order, where no move is told."""
    pairs, left = [], wanted
    for origin, source in pool.held.items():
        used = sum(sum(flow) for (other, _), flow in flows.items() if other == origin)
        poured = min(max((source.end_count or 0) - used, 0), left)
        if poured:
            flows[origin, key] = [poured, 0]
            pairs.append((origin, key))
            left -= poured
    if not pairs and pool.held:
        origin = next(iter(pool.held))
        flows[origin, key] = [0, 0]
        pairs.append((origin, key))
    return pairs


def _leaving(source: Held, gone: int, told: list[Unmapped]) -> None:
    """Let a container end with the fish that left it."""
    had = source.end_count
    if had is not None and had != gone:
        reason = f"{had:,} fish were there at the end, and {gone:,} left: {gone:,} it is"
        told.append(Unmapped("count", f"{source.name} on {date_of(source.end or 0)}", reason))
    source.end_count = gone


def _never_more(held: Held, told: list[Unmapped]) -> None:
    """Raise numbers that are lower than what is told of later."""
    later = 0 if held.end_count is None else held.end_count
    if held.harvests and held.end is not None:
        later = 0
    days = sorted({*held.counts, *held.harvests}, reverse=True)
    for when in days:
        later += held.harvests.get(when, (0, None))[0]
        if when in held.counts:
            if held.counts[when] < later:
                reason = (
                    f"{held.counts[when]:,} fish are told, and {later:,} of later: {later:,} it is"
                )
                told.append(Unmapped("count", f"{held.name} on {date_of(when)}", reason))
                held.counts[when] = later
            later = held.counts[when]


def anchors(
    pool: Pool, stay_start: int, stay_end: int, as_of: int, *, is_first: bool
) -> Iterator[dict[str, Any]]:
    """Yield the anchors of a stage whose stay begins and ends on these day numbers.

    Parameters
    ----------
    is_first
        Whether the batch begins with it, so that its fish are delivered.
    stay_end
        The day on which all fish leave it; `as_of` where they are still there.
    """
    for held in pool.held.values():
        yield from _anchors_of(held, stay_start, stay_end, as_of, is_first)
    for (source, dest), (moved, died) in sorted(pool.out.items()):
        yield {
            "date": date_of(stay_end), "container": "/".join(source), "to": "/".join(dest),
            "moved": moved, "died": died,
        }  # fmt: skip


def _anchors_of(
    held: Held, stay_start: int, stay_end: int, as_of: int, is_first: bool
) -> Iterator[dict[str, Any]]:
    points: dict[int, tuple[int | None, float | None]] = {}
    for when in sorted({*held.counts, *held.weights}):
        if stay_start < when < stay_end:
            points[when] = (held.counts.get(when), held.weights.get(when))
    start = (held.counts.get(held.start), held.weights.get(held.start))
    points[stay_start] = start if held.start <= stay_start else (start[0], None)
    if stay_start < held.start < stay_end:
        points[held.start] = start
    is_harvested = bool(held.harvests) and held.end is not None
    if not is_harvested:
        end = (held.end_count, held.end_weight_g)
        if held.end is not None and stay_start < held.end < stay_end:
            points[held.end] = end
        if stay_end > stay_start and stay_end <= as_of:
            points[stay_end] = end
    for when in sorted(points):
        made = _anchor(held, when, *points[when])
        if is_first and when == stay_start and held.delivered:
            made["delivered"] = max(held.delivered, made.get("count", 0))
        if len(made) > 2:
            yield made
    for when in sorted(held.harvests):
        fish, grams = held.harvests[when]
        named = {"date": date_of(when), "container": f"{held.place}/{held.name}"}
        weight = {} if grams is None else {"weight_g": round(grams, 3)}
        yield {**named, "harvested": fish, **weight}


def _anchor(held: Held, when: int, count: int | None, grams: float | None) -> dict[str, Any]:
    made: dict[str, Any] = {"date": date_of(when), "container": f"{held.place}/{held.name}"}
    if count is not None:
        made["count"] = count
    if grams is not None:
        made["weight_g"] = grams
    return made
