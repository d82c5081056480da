"""The policy `ladder`, for acceptance tests: on `as_of` a batch stands on every rung of life.

Rungs are days of life. By default every stage has four batches at least, two of them close to its
end, and there are completed ones too: one every thirty days from five years back. Places are taken
as by the classic policy.
"""

from __future__ import annotations

from collections.abc import Sequence

from grilse.plan.question import StageOfLife

__all__ = ["NAME", "RUNGS", "is_usual", "ladder_days"]

NAME = "ladder"

RUNGS = (
    25, 45, 65, 82, 88, 105, 130, 155, 175, 195, 220, 245, 265, 285, 315, 345, 358,
    375, 405, 435, 448, 480, 550, 650, 720, 780, 820, 860,
)  # fmt: skip
"""Days of life on `as_of`, in each geography."""

_YEARS_BACK_DAYS = 1826
_STEP_DAYS = 30


def ladder_days(rungs: Sequence[int], stages: Sequence[StageOfLife]) -> tuple[int, ...]:
    """Return the days of life of all batches: the rungs, and those of completed ones.

    A completed batch is as old as five years back, or a step of thirty days less, as long as it has
    come to the end of its life.
    """
    life = sum(stage.default_days for stage in stages)
    completed = range(_YEARS_BACK_DAYS, life - 1, -_STEP_DAYS)
    return tuple(sorted({*rungs, *completed}))


def is_usual(days: Sequence[int]) -> bool:
    """Whether these are the days of life of the default ladder, with its completed batches."""
    others = set(days) - set(RUNGS)
    steps = all((_YEARS_BACK_DAYS - day) % _STEP_DAYS == 0 for day in others)
    return set(RUNGS) <= set(days) and _YEARS_BACK_DAYS in others and steps
