"""The classic policy, `saturation`: fill the farm evenly; the only rule is one holder a day.

On land a batch holds ten containers of one hall a stage. Stations take turns; a batch stays in its
station while the next stage's hall there has room, else it goes to the next station that has. At
sea it holds a berth: rings of one area, cut so that no ring is idle (`grilse.plan.berths`); berths
take turns. All the places of a life are taken when the batch's turn comes: nothing planned later
moves them.
"""

from __future__ import annotations

from collections.abc import Sequence

from grilse.ground.interval import Interval
from grilse.plan.question import PlanQuestion, StageOfLife
from grilse.plan.region import Region
from grilse.schedule.model import Stay

__all__ = ["NAME", "take_land", "take_stays"]

NAME = "saturation"


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
        days = Interval(start + day, start + end)
        if region.at_sea(stage.key):
            rest = question.rest_days(region.geography.name)
            book, held = region.take_berth(stage.key, question.ring_counts, days, rest)
            site, stay = book.site, Stay(stage.key, book.place, held, day, end)
        else:
            site, stay = take_land(question, region, start, stage, day, sites[-1:])
        sites.append(site)
        stays.append(stay)
        day = end
    return sites[0], tuple(stays)


def take_land(
    question: PlanQuestion,
    region: Region,
    start: int,
    stage: StageOfLife,
    day: int,
    before: Sequence[str],
) -> tuple[str, Stay]:
    """Take containers of one hall for a stage that begins on a day of life, near those before.

    Raises
    ------
    NoRoomError
        No hall of the stage has enough of its containers free.
    """
    end = day + stage.default_days
    days = Interval(start + day, start + end)
    near = before[-1] if before else None
    book, fit = region.take(stage.key, near, (question.containers_a_stage,), days)
    return book.site, Stay(stage.key, book.place, fit.held, day, end)
