"""A group's segments become stays: a stage, its days, and the containers it is spent in.

A schedule moves all fish of a stage on one day. It is the day on which most fish came into the
next stage; what a source moved on other days is told, with by how many days it is off.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grilse.migration.grouping import Group, Segment, day
from grilse.migration.legacy import PlannedStay, Unmapped
from grilse.schedule.layout import STAGES
from grilse.schedule.model import Stay

__all__ = ["Lived", "lived_stays", "planned_stays"]


@dataclass(frozen=True)
class Lived:
    """A stage as the source tells it.

    Attributes
    ----------
    stage
        Its key.
    segments
        One a container, in the order in which the schedule names them.
    start, end
        Day numbers; `end` is None while fish are there.
    """

    stage: str
    segments: tuple[Segment, ...]
    start: int
    end: int | None

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Places and names of the containers."""
        return tuple((each.container.place, each.container.name) for each in self.segments)


def lived_stays(
    group: Group, as_of: int, unmapped: list[Unmapped]
) -> list[Lived]:  # fmt: skip
    """Return the stages that a group has lived, in the order of life.

    What cannot be placed is added to `unmapped`: populations without a stage, or that stay behind
    in a stage that the others have left.
    """
    by_stage = _by_stage(group, unmapped)
    ordered = sorted(by_stage, key=STAGES.index)
    starts = {stage: _start(group, by_stage, stage, ordered) for stage in ordered}
    result: list[Lived] = []
    for place, stage in enumerate(ordered):
        is_last = place == len(ordered) - 1
        end = None if is_last else starts[ordered[place + 1]]
        segments = by_stage[stage]
        if not is_last:
            segments = tuple(_without_those_behind(segments, stage, unmapped))
        elif all(each.end is not None for each in segments):
            end = max(max(each.end or 0 for each in segments), starts[stage] + 1)
        if segments:
            result.append(Lived(stage, segments, starts[stage], end))
    return [each for each in result if each.start <= as_of]


def _by_stage(group: Group, unmapped: list[Unmapped]) -> dict[str, tuple[Segment, ...]]:
    found: dict[str, list[Segment]] = defaultdict(list)
    for segment in group.segments:
        if segment.stage is None:
            reason = "its stage is not known: name it in the file, or by a rule of the mapping"
            unmapped += [
                Unmapped("population", each.population_id, reason, "populations", each.line)
                for each in segment.populations
            ]
        else:
            found[segment.stage].append(segment)
    return {stage: tuple(held) for stage, held in found.items()}


def _start(
    group: Group, by_stage: Mapping[str, Sequence[Segment]], stage: str, ordered: Sequence[str]
) -> int:
    """Return the day on which most of a stage's fish came into it."""
    if stage == ordered[0]:
        return min(segment.start for segment in by_stage[stage])
    stage_of = {
        each.population_id: segment.stage
        for segment in group.segments
        for each in segment.populations
    }
    came: Counter[int] = Counter()
    for move in group.moves:
        if stage_of.get(move.dest) == stage and stage_of.get(move.source) != stage:
            came[day(move.time)] += move.count or 1
    if not came:
        for segment in by_stage[stage]:
            came[segment.start] += segment.populations[0].start_count or 1
    most = max(came.values())
    return min(when for when, fish in came.items() if fish == most)


def _without_those_behind(
    segments: Iterable[Segment], stage: str, unmapped: list[Unmapped]
) -> Iterator[Segment]:
    for segment in segments:
        if segment.end is None:
            last = segment.populations[-1]
            reason = f"it is still in {stage}, which most of its batch has left: it is left out"
            unmapped.append(
                Unmapped("population", last.population_id, reason, "populations", last.line)
            )
        else:
            yield segment


def planned_stays(
    plans: Iterable[PlannedStay], start: int
) -> dict[str, Stay]:  # fmt: skip
    """Return the stays that are planned for a delivery, by stage, in days from `start`."""
    held: dict[str, list[PlannedStay]] = defaultdict(list)
    for each in plans:
        if each.stage and each.container and each.start and each.end:
            held[each.stage].append(each)
    stays = {}
    for stage in sorted(held, key=STAGES.index):
        parts = held[stage]
        pairs = tuple((p.container.place, p.container.name) for p in parts if p.container)
        first = min(day(p.start) for p in parts if p.start)
        last = max(day(p.end) for p in parts if p.end)
        stays[stage] = Stay(stage, pairs[0][0], pairs, first - start, last - start)
    return stays
