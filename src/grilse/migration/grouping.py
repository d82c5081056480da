"""Populations become groups: bridges are passed over, and what is one batch's comes together.

A *bridge* is a population that stood somewhere for a few hours between two moves: the moves into
it and out of it are joined. A *segment* is what a batch's populations of one container and stage
add up to, ordered by time and, within a day, by when each began.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from grilse.ground.days import day_of
from grilse.migration.legacy import Container, Input, Legacy, Population

__all__ = ["Group", "Move", "Segment", "day", "groups"]


@dataclass(frozen=True, slots=True)
class Move:
    """Fish that left one population for another; `count` are those that arrived, if known."""

    source: str
    dest: str
    time: datetime
    count: int | None
    died: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A batch's fish in one container and stage.

    Attributes
    ----------
    populations
        In order; at least one.
    """

    container: Container
    stage: str | None
    populations: tuple[Population, ...]

    @property
    def start(self) -> int:
        """Day number on which the first population began."""
        return min(day(each.start) for each in self.populations)

    @property
    def end(self) -> int | None:
        """Day number on which the last one ended; None while one is there."""
        ends = [each.end for each in self.populations]
        return None if None in ends else max(day(end) for end in ends if end is not None)


@dataclass(frozen=True)
class Group:
    """Fish of one or several inputs that moves hold together.

    Attributes
    ----------
    segments
        By their start.
    moves
        Between their populations, in order of time, bridges passed over.
    bridges
        Ids of the populations that were passed over.
    same_day
        How many populations began on a day on which another of their container began.
    """

    inputs: tuple[Input, ...]
    segments: tuple[Segment, ...]
    moves: tuple[Move, ...]
    bridges: tuple[str, ...] = ()
    same_day: int = 0

    @property
    def start(self) -> int:
        """Day number on which it begins."""
        return min(segment.start for segment in self.segments)

    @property
    def name(self) -> str:
        """The key of its first input, for people; else its first population."""
        if self.inputs:
            first = min(self.inputs, key=lambda each: (each.time, each.key))
            return "/".join(first.key)
        return f"population {self.segments[0].populations[0].population_id}"


def day(moment: datetime) -> int:
    """Return the day number of a moment."""
    return day_of(moment.date())


def groups(legacy: Legacy) -> list[Group]:
    """Return the groups of a source, by their start and name."""
    bridges, moves, stays = _without_bridges(legacy)
    owner = _owners(legacy, moves, stays, bridges)
    members: dict[str, list[Population]] = defaultdict(list)
    for name, root in owner.items():
        members[root].append(legacy.populations[name])
    moves_of: dict[str, list[Move]] = defaultdict(list)
    for move in moves:
        moves_of[owner[move.source]].append(move)
    inputs_of: dict[str, list[Input]] = defaultdict(list)
    for brought in legacy.inputs:
        inputs_of[owner.get(brought.population_id, "")].append(brought)
    bridges_of: dict[str, list[str]] = defaultdict(list)
    for name, end in bridges.items():
        bridges_of[owner.get(end, "")].append(name)
    made = []
    for root, populations in members.items():
        segments, same_day = _segments(populations)
        made.append(
            Group(tuple(inputs_of[root]), segments, tuple(moves_of[root]),
                  tuple(sorted(bridges_of[root])), same_day)
        )  # fmt: skip
    return sorted(made, key=lambda group: (group.start, group.name))


def _without_bridges(
    legacy: Legacy,
) -> tuple[dict[str, str], list[Move], list[tuple[str, str]]]:
    """Return bridges (each with a population that its fish went to), moves, and what stays on."""
    moves = [
        Move(each.source_before, each.dest_after, each.time, each.count, each.died)
        for each in sorted(legacy.transfers, key=lambda each: (each.time, each.line))
    ]
    stays = [
        pair
        for each in legacy.transfers
        for pair in ((each.source_before, each.source_after), (each.dest_before, each.dest_after))
        if pair[0] is not None and pair[1] is not None
    ]
    kept = {name for pair in stays for name in pair}
    kept |= {each.population_id for each in legacy.inputs}
    kept |= {each.population_id for each in legacy.harvests}
    most = timedelta(hours=legacy.rules.get("bridge_hours", 24.0))
    flows = _Flows(moves)
    bridges: dict[str, str] = {}
    short = [p for p in legacy.populations.values() if p.end is not None and p.end - p.start < most]
    for each in sorted(short, key=lambda p: (p.start, p.order)):
        name = each.population_id
        into, out = flows.into(name), flows.out_of(name)
        if into and out and name not in kept:
            bridges[name] = out[0].dest
            flows.pass_over(name, _joined(into, out))
    ends = {name: _end_of(name, bridges) for name in bridges}
    return ends, flows.all(), [(a, b) for a, b in stays if a and b]


class _Flows:
    """Moves, found by where they lead and where they come from."""

    def __init__(self, moves: Iterable[Move]) -> None:
        self._moves: dict[int, Move] = {}
        self._into: dict[str, dict[int, Move]] = defaultdict(dict)
        self._out: dict[str, dict[int, Move]] = defaultdict(dict)
        self._next = 0
        for move in moves:
            self._add(move)

    def _add(self, move: Move) -> None:
        for held in (self._moves, self._into[move.dest], self._out[move.source]):
            held[self._next] = move
        self._next += 1

    def into(self, name: str) -> list[Move]:
        """Return the moves into a population."""
        return list(self._into[name].values())

    def out_of(self, name: str) -> list[Move]:
        """Return the moves out of a population."""
        return list(self._out[name].values())

    def pass_over(self, name: str, joined: Iterable[Move]) -> None:
        """Put moves in place of those into and out of a population."""
        new = [move for move in joined if move.source != move.dest]
        for place, move in [*self._into[name].items(), *self._out[name].items()]:
            self._moves.pop(place, None)
            self._into[move.dest].pop(place, None)
            self._out[move.source].pop(place, None)
        for move in new:
            self._add(move)

    def all(self) -> list[Move]:
        """Return all moves, by time."""
        return sorted(self._moves.values(), key=lambda move: move.time)


def _end_of(name: str, bridges: Mapping[str, str]) -> str:
    seen: set[str] = set()
    while name in bridges and name not in seen:
        seen.add(name)
        name = bridges[name]
    return name


def _joined(into: Sequence[Move], out: Sequence[Move]) -> Iterable[Move]:
    """Join moves into a bridge with those out of it: filled in order, as one pours."""
    if len(into) == 1 or any(move.count is None for move in (*into, *out)):
        for first in into:
            for then in out:
                count = then.count if len(into) == 1 else None
                yield replace(then, source=first.source, count=count, died=then.died + first.died)
        return
    left = [move.count or 0 for move in into]
    for then in out:
        wanted = then.count or 0
        for place, first in enumerate(into):
            poured = min(left[place], wanted)
            if poured:
                left[place], wanted = left[place] - poured, wanted - poured
                yield replace(then, source=first.source, count=poured)


def _owners(
    legacy: Legacy, moves: Iterable[Move], stays: Iterable[tuple[str, str]],
    bridges: Mapping[str, str],
) -> dict[str, str]:  # fmt: skip
    """Return for each population the one that stands for its group."""
    parent = {name: name for name in legacy.populations if name not in bridges}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    pairs = [*((move.source, move.dest) for move in moves), *stays, *_same_input(legacy)]
    for a, b in pairs:
        if a in parent and b in parent:
            first, second = sorted((root(a), root(b)))
            parent[second] = first
    return {name: root(name) for name in parent}


def _same_input(legacy: Legacy) -> Iterable[tuple[str, str]]:
    """Pair populations of one delivery."""
    first: dict[tuple[str, str, str], str] = {}
    for each in legacy.inputs:
        yield first.setdefault(each.key, each.population_id), each.population_id


def _segments(populations: Sequence[Population]) -> tuple[tuple[Segment, ...], int]:
    """Put together what follows each other in a container and stage, in order."""
    held: dict[tuple[str, str | None], list[Population]] = defaultdict(list)
    for each in sorted(populations, key=lambda p: (p.start, p.end or datetime.max, p.order)):
        held[each.container.container_id, each.stage].append(each)
    made = [Segment(parts[0].container, parts[0].stage, tuple(parts)) for parts in held.values()]
    same_day = sum(
        day(before.start) == day(after.start)
        for parts in held.values()
        for before, after in pairwise(parts)
    )
    ordered = sorted(made, key=lambda s: (s.start, s.populations[0].order))
    return tuple(ordered), same_day
