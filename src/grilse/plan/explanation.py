"""Why a plan does not fit: group, first day, what was wanted, what is free, what would do."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil

from grilse.ground.days import date_of
from grilse.ground.errors import Problem
from grilse.plan.capacity import CapacityGroup
from grilse.plan.naming import BatchName
from grilse.plan.region import NoRoomError

__all__ = ["capacity_problem", "days_text"]

Staggers = Mapping[CapacityGroup, Fraction | None]


def capacity_problem(
    name: BatchName, refusal: NoRoomError, staggers: Staggers, interleaved: int
) -> Problem:
    """Return the refusal of a plan whose batch `name` found no place for a stage.

    Parameters
    ----------
    name
        The first batch that found none; all before it have theirs.
    refusal
        What it wanted, and what is held.
    staggers
        The least stagger that each capacity group of the farm bears for ever, in days.
    interleaved
        How many geographies start in turn.
    """
    group = next(
        group
        for group in staggers
        if (group.geography, group.stage) == (name.geography.name, refusal.stage)
    )
    first, last = date_of(refusal.days.start), date_of(refusal.days.end)
    wanted = " or ".join(str(count) for count in refusal.counts)
    return Problem(
        code="P-CAPACITY",
        batch=name.batch_id,
        message=f"{group.name}: no {group.kind} has room from {first} to {last}",
        found=f"wanted {wanted} containers of one {group.kind}, {_free(refusal, group.kind)}",
        allowed=_allowed(staggers[group], interleaved),
        mend=_mend(staggers, name),
    )


def days_text(days: Fraction) -> str:
    """Return days as a decimal that is no less, with three places at most: 450/92 is ``4.892``."""
    return f"{ceil(days * 1000) / 1000:.3f}".rstrip("0").rstrip(".")


def _free(refusal: NoRoomError, kind: str) -> str:
    """Say how many containers are free in the place that has most, and in the whole group."""
    free = [len(book.free(refusal.days)) for book in refusal.books]
    if not free:
        return f"free 0: the farm has no {kind} for this stage"
    return f"free {max(free)} in the emptiest {kind}, {sum(free)} in all {len(free)}"


def _allowed(least: Fraction | None, interleaved: int) -> str:
    if least is None:
        return "no batch: no place of this group is large enough"
    return f"one start in {days_text(least * interleaved)} days in this geography"


def _mend(staggers: Staggers, name: BatchName) -> str:
    """Name a stagger that every group bears, and the number of batches that fit as asked."""
    known = [least for least in staggers.values() if least is not None]
    ways = []
    if len(known) == len(staggers):
        ways.append(f"--stagger {days_text(max(known))} or more")
    if name.index > 1:
        ways.append(f"--batches {name.index - 1} or fewer")
    return f"Use {', or '.join(ways or ['a larger farm'])}"
