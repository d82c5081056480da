"""The classic policy, `saturation`: fill the farm evenly; the only rule is one holder a day.

On land a batch holds ten containers of one hall a stage. Stations take turns; a batch stays in its
station while the next stage's hall there has room, else it goes to the next station that has. At
sea it holds rings of one area; areas take turns, and the first count of rings that fits is taken.
All the places of a life are taken when the batch's turn comes: nothing planned later moves them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from grilse.farm.model import Farm
from grilse.ground.interval import Interval
from grilse.plan.capacity import CapacityGroup, capacity_groups, least_stagger
from grilse.plan.question import PlanQuestion, StageOfLife
from grilse.plan.region import Region
from grilse.schedule.model import Stay

__all__ = ["NAME", "container_counts", "least_staggers", "take_stays"]

NAME = "saturation"


def container_counts(question: PlanQuestion, at_sea: bool) -> tuple[int, ...]:
    """Return how many containers a batch may hold, in the order in which the counts are tried."""
    return question.ring_counts if at_sea else (question.containers_a_stage,)


def take_stays(
    question: PlanQuestion, region: Region, start: int, stages: Sequence[StageOfLife]
) -> tuple[str, tuple[Stay, ...]]:
    """Take the places of a batch's whole life; return its first station and its stays.

    Raises
    ------
    NoRoomError
        A stage found no place. A plan is refused whole, so what was taken is not given back.
    """
    sites: list[str] = []
    stays: list[Stay] = []
    day = 0
    for stage in stages:
        end = day + stage.default_days
        counts = container_counts(question, region.at_sea(stage.key))
        site = sites[-1] if sites else None
        book, fit = region.take(stage.key, site, counts, Interval(start + day, start + end))
        sites.append(book.site)
        stays.append(Stay(stage.key, book.place, fit.held, day, end))
        day = end
    return sites[0], tuple(stays)


def least_staggers(
    question: PlanQuestion, farm: Farm, stages: Sequence[StageOfLife]
) -> Mapping[CapacityGroup, Fraction | None]:
    """Return the least stagger in days that each capacity group of a farm bears for ever."""
    days = {stage.key: stage.default_days for stage in stages}
    return {
        group: least_stagger(
            group,
            container_counts(question, group.kind == "area"),
            days[group.stage],
            len(farm.geographies),
        )
        for group in capacity_groups(farm, days)
    }
