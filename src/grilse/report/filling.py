"""How full each capacity group is over time, beside the bound: what the farm bears for ever."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grilse.ground.errors import BadInput
from grilse.ground.interval import Interval
from grilse.plan.bearing import FarmBearing, farm_bearing, words
from grilse.plan.explanation import days_text
from grilse.plan.question import DEFAULT_RING_COUNTS, PlanQuestion
from grilse.plan.saturation import GroupSaturation, Saturation, measure
from grilse.report.series import figures
from grilse.report.subject import Subject
from grilse.schedule.model import Schedule

__all__ = ["filling_panel", "question_of"]

_DAYS = 7
_MONDAY = 4
_POLICIES_WITH_A_BOUND = ("saturation", "biosecure")
_RING_LIST = re.compile(r"[0-9]{1,3}(,[0-9]{1,3})*")
_RING_RANGE = re.compile(r"([0-9]{1,3})\.\.([0-9]{1,3})")


def filling_panel(subject: Subject) -> dict[str, Any]:
    """Return the share of containers that is reserved, week by week, and the bound in words."""
    schedule, farm = subject.schedule, subject.farm
    measured = measure(farm, schedule.batches, schedule.as_of)
    bearing = _bearing(subject)
    first = min(batch.start for batch in schedule.batches)
    last = max(batch.life.end for batch in schedule.batches)
    weeks = Interval((first - _MONDAY) // _DAYS, -((_MONDAY - last) // _DAYS))
    at_bound = {} if bearing is None else {
        each.bound.group.name: each.saturation for each in bearing.groups
    }  # fmt: skip
    held = _held(schedule, weeks)
    return {
        "first_week": weeks.start,
        "groups": [_group(group, held, at_bound) for group in measured.groups],
        "told": _told(measured),
        "bound": None if bearing is None else _bound(bearing, schedule),
    }


def _told(measured: Saturation) -> dict[str, Any]:
    return {
        "overall": round(measured.overall, 4),
        "fished": round(measured.fished_share, 4),
        "ever_used": round(measured.ever_used_share, 4),
        "containers": measured.containers,
        "window": [measured.window.start, measured.window.end],
        "steady": measured.steady,
    }


def _held(schedule: Schedule, weeks: Interval) -> Mapping[tuple[str, str], NDArray[np.float64]]:
    """Return the containers held on the mean day of each week, by geography and stage."""
    origin, days = weeks.start * _DAYS + _MONDAY, weeks.days * _DAYS
    changes: dict[tuple[str, str], NDArray[np.int64]] = {}
    for batch in schedule.batches:
        for stay in batch.stays:
            key = (batch.geography, stay.stage)
            if key not in changes:
                changes[key] = np.zeros(days + 1, dtype=np.int64)
            begins = batch.start + stay.start_day - origin
            changes[key][begins] += len(stay.containers)
            changes[key][begins + stay.days] -= len(stay.containers)
    return {
        key: np.cumsum(change)[:-1].reshape(-1, _DAYS).mean(axis=1)
        for key, change in changes.items()
    }


def _group(
    measured: GroupSaturation,
    held: Mapping[tuple[str, str], NDArray[np.float64]],
    at_bound: Mapping[str, float],
) -> dict[str, Any]:
    group = measured.group
    over_time = held.get((group.geography, group.stage))
    bound = at_bound.get(group.name)
    return {
        "geography": group.geography,
        "stage": group.stage,
        "containers": group.containers,
        "share": round(measured.share, 4),
        "bound": None if bound is None else round(bound, 4),
        "weeks": [] if over_time is None else figures(100 * over_time / group.containers, 3),
    }


def _bound(bearing: FarmBearing, schedule: Schedule) -> dict[str, Any]:
    least, limit = bearing.least_stagger_days, bearing.bottleneck
    return {
        "saturation": round(bearing.saturation, 4),
        "bottleneck": None if limit is None else limit.group.name,
        "least_stagger": None if least is None else days_text(least),
        "stagger": schedule.metadata.get("stagger_days"),
        "words": list(words(bearing)),
    }


def _bearing(subject: Subject) -> FarmBearing | None:
    """Return what the farm bears by the plan's own policy; None where that cannot be told."""
    try:
        question = question_of(subject.schedule)
        return farm_bearing(question, subject.farm, subject.parameters)
    except (BadInput, KeyError):
        return None


def question_of(schedule: Schedule) -> PlanQuestion:
    """Return the question that a schedule's metadata tell of, as far as they decide the bound.

    What they do not tell, or tell in another form, is as it is for a plan without options.
    """
    told = schedule.metadata
    geographies = dict.fromkeys(batch.geography for batch in schedule.batches)
    policy = told.get("policy")
    fallow = told.get("fallow_days")
    return PlanQuestion(
        as_of=schedule.as_of,
        policy=policy if policy in _POLICIES_WITH_A_BOUND else _POLICIES_WITH_A_BOUND[0],
        ring_counts=_rings(told.get("rings")),
        geographies=tuple(geographies),
        interleave=told.get("interleave") is not False,
        reserve="weight" if told.get("reserve") == "weight" else "days",
        stage_days=_stage_days(told.get("stage_days")),
        fallow_days=fallow if _is_whole(fallow) else None,
    )


def _stage_days(told: object) -> dict[str, int]:
    if not isinstance(told, Mapping):
        return {}
    return {str(key): days for key, days in told.items() if _is_whole(days)}


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10_000


def _rings(text: object) -> tuple[int, ...]:
    """Read ring counts as metadata tell them: ``6..20``, ``10``, or each of them."""
    said = str(text) if text is not None else ""
    span = _RING_RANGE.fullmatch(said)
    counts: tuple[int, ...] = ()
    if span:
        first, last = int(span[1]), int(span[2])
        step = 1 if last >= first else -1
        counts = tuple(range(first, last + step, step))
    elif _RING_LIST.fullmatch(said):
        counts = tuple(map(int, said.split(",")))
    return counts if counts and min(counts) > 0 else DEFAULT_RING_COUNTS
