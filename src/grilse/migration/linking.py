"""The missing link from fresh water to sea: matched by rule, and told with its evidence.

A legacy system often books fish that go to sea as a new input there. A group at sea is taken for
the going on of one on land when it begins within a few days of that one's end, in one geography,
with nearly as many fish. What fits best is taken; where two fit as well, none is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grilse.migration.grouping import Group, Segment
from grilse.migration.legacy import Unmapped

__all__ = ["Link", "linked"]


@dataclass(frozen=True, slots=True)
class Link:
    """Two groups that are taken for one batch, and why.

    Attributes
    ----------
    land, sea
        Names of the groups.
    days_apart
        From the end on land to the start at sea; negative where the sea began earlier.
    fish_left, fish_came
        Fish as they left the land, and as they came to sea.
    is_same_year_class, is_same_number
        Whether the inputs share year class, and number.
    """

    land: str
    sea: str
    days_apart: int
    fish_left: int
    fish_came: int
    is_same_year_class: bool
    is_same_number: bool

    @property
    def evidence(self) -> str:
        """Why, in a line."""
        off = 100.0 * (self.fish_came - self.fish_left) / max(self.fish_left, 1)
        names = [
            f"{'the same' if same else 'another'} {what}"
            for same, what in (
                (self.is_same_year_class, "year class"),
                (self.is_same_number, "input number"),
            )
        ]
        return (
            f"{self.days_apart:+d} days, {self.fish_left:,} fish left and {self.fish_came:,} came "
            f"({off:+.1f} %), {', '.join(names)}"
        )


def linked(
    groups: Sequence[Group], rules: Mapping[str, float]
) -> tuple[list[Group], list[Link], list[Unmapped]]:
    """Return the groups with those joined that are one batch, the links, and what stays unclear."""
    lands = [group for group in groups if not _is_at_sea(group.segments[-1])]
    seas = [group for group in groups if _is_at_sea(group.segments[0])]
    found = sorted(_candidates(lands, seas, rules), key=lambda each: each[0])
    unclear: list[Unmapped] = []
    taken: dict[int, tuple[int, Link]] = {}
    used: set[int] = set()
    unsettled: set[int] = set()
    for score, land, sea, link in found:
        if land in used or sea in taken or sea in unsettled:
            continue
        rivals = [
            other
            for rank, a, b, other in found
            if rank == score and (a, b) != (land, sea) and (a == land or b == sea)
            and a not in used and b not in taken and b not in unsettled
        ]  # fmt: skip
        if rivals:
            others = "; ".join(f"{other.land} to {other.sea}" for other in rivals)
            reason = f"it fits {link.land} to {link.sea} as well as {others}: none is taken"
            unclear.append(Unmapped("link", link.sea, reason))
            used.add(land)
            unsettled.add(sea)
            continue
        taken[sea] = (land, link)
        used.add(land)
    of_sea = {id(seas[sea]): lands[land] for sea, (land, _) in taken.items()}
    gone = {id(lands[land]) for land, _ in taken.values()}
    joined = [
        _joined(of_sea[id(group)], group) if id(group) in of_sea else group
        for group in groups
        if id(group) not in gone
    ]
    links = [link for _, link in taken.values()]
    unclear += _alone(groups, of_sea)
    return sorted(joined, key=lambda group: (group.start, group.name)), links, unclear


def _is_at_sea(segment: Segment) -> bool:
    return segment.container.is_sea


def _candidates(
    lands: Sequence[Group], seas: Sequence[Group], rules: Mapping[str, float]
) -> Iterator[tuple[tuple[float, ...], int, int, Link]]:
    """Yield every pair that fits, with its rank: the lower, the better."""
    for i, land in enumerate(lands):
        left_on, fish = _left(land)
        if left_on is None or not fish:
            continue
        for j, sea in enumerate(seas):
            is_near = abs(sea.start - left_on) <= rules.get("link_days", 2.0)
            if not is_near or _geography(land) != _geography(sea):
                continue
            link = _link(land, left_on, fish, sea)
            share = abs(link.fish_came - fish) / fish
            if share <= rules.get("link_count_share", 0.1):
                rank = (
                    float(not link.is_same_year_class), float(not link.is_same_number),
                    float(abs(link.days_apart)), round(share, 3),
                )  # fmt: skip
                yield rank, i, j, link


def _link(land: Group, left_on: int, fish: int, sea: Group) -> Link:
    came = sum(each.count for each in sea.inputs) or sum(
        segment.populations[0].start_count or 0 for segment in sea.segments
    )
    classes = [{each.key[2] for each in group.inputs} for group in (land, sea)]
    numbers = [{each.key[1] for each in group.inputs} for group in (land, sea)]
    return Link(
        land.name, sea.name, sea.start - left_on, fish, came,
        bool(classes[0] & classes[1]), bool(numbers[0] & numbers[1]),
    )  # fmt: skip


def _left(group: Group) -> tuple[int | None, int]:
    """Return the last day on land, and the fish that left then for nowhere that is told."""
    sources = {move.source for move in group.moves}
    ends = [
        segment
        for segment in group.segments
        if segment.end is not None and segment.populations[-1].population_id not in sources
    ]
    day = max((segment.end or 0 for segment in ends), default=None)
    return day, sum(segment.populations[-1].end_count or 0 for segment in ends)


def _geography(group: Group) -> str:
    return group.segments[0].container.geography


def _joined(land: Group, sea: Group) -> Group:
    return Group(
        (*land.inputs, *sea.inputs), (*land.segments, *sea.segments), (*land.moves, *sea.moves),
        (*land.bridges, *sea.bridges), land.same_day + sea.same_day,
    )  # fmt: skip


def _alone(groups: Sequence[Group], of_sea: Mapping[int, Group]) -> Iterator[Unmapped]:
    """Yield the groups at sea whose fish came from nowhere that is told."""
    for group in groups:
        if _is_at_sea(group.segments[0]) and id(group) not in of_sea:
            reason = "it begins at sea, and no group on land fits"
            yield Unmapped("link", group.name, reason)
