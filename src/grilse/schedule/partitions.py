"""Worker partitions of the classic kind: chronological slices of a schedule, written in it.

They say which batches one worker makes, one slice after the other; they never change the data. In
the metadata each stands by its name, with the places of its batches in the file, from 0::

    worker_partitions:
      worker_1: {batch_indices: [0, 1, 2]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grilse.ground.days import date_of
from grilse.ground.errors import BadInput, Problem
from grilse.schedule.model import BatchPlan, Schedule

__all__ = ["KEY", "Slice", "partitioned", "slices"]

KEY = "worker_partitions"


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice of a schedule: its name, and its batches in the order of their starts."""

    name: str
    batches: tuple[BatchPlan, ...]


def partitioned(schedule: Schedule, count: int) -> Schedule:
    """Return a schedule that says its chronological slices, of sizes that differ by one at most.

    Parameters
    ----------
    count
        How many, at least 1; slices without a batch are not written.
    """
    order = sorted(range(len(schedule.batches)), key=lambda i: _age(schedule.batches[i]))
    share, more = divmod(len(order), count)
    said, start = {}, 0
    for index in range(min(count, len(order))):
        stop = start + share + (index < more)
        said[f"worker_{index + 1}"] = _said(schedule, order[start:stop])
        start = stop
    return replace(schedule, metadata={**schedule.metadata, KEY: said})


def slices(schedule: Schedule) -> tuple[Slice, ...]:
    """Return the slices that a schedule says, or refuse them.

    Raises
    ------
    BadInput
        Where there are none, or they do not hold every batch just once.
    """
    said = schedule.metadata.get(KEY)
    if not isinstance(said, Mapping) or not said:
        raise BadInput(
            _problem(schedule, "the schedule has no worker partitions",
                     mend="Plan with --partitions N, or run without --use-partitions")
        )  # fmt: skip
    problems = list(_problems(schedule, said))
    if problems:
        raise BadInput(problems)
    return tuple(
        Slice(str(name), tuple(schedule.batches[i] for i in part["batch_indices"]))
        for name, part in said.items()
    )


def _age(batch: BatchPlan) -> tuple[int, int]:
    return batch.start, batch.number


def _said(schedule: Schedule, indices: Sequence[int]) -> dict[str, Any]:
    starts = [schedule.batches[index].start for index in indices]
    return {
        "batch_indices": list(indices),
        "first_start": date_of(min(starts)),
        "last_start": date_of(max(starts)),
    }


def _problems(schedule: Schedule, said: Mapping[str, Any]) -> Iterator[Problem]:
    seen: dict[int, str] = {}
    for name, part in said.items():
        indices = part.get("batch_indices") if isinstance(part, Mapping) else None
        if not isinstance(indices, (list, tuple)) or not indices:
            found = f"{name}: {part!r}"[:60]
            yield _problem(schedule, "a partition names no batches", found, "batch_indices: [...]")
            continue
        for index in indices:
            is_place = type(index) is int and 0 <= index < len(schedule.batches)
            if not is_place:
                allowed = f"0 to {len(schedule.batches) - 1}"
                found = f"{name}: {index!r}"[:60]
                yield _problem(
                    schedule, "a partition names a batch that is not there", found, allowed
                )
            elif index in seen:
                found = f"batch {index} in {seen[index]} and {name}"[:90]
                yield _problem(schedule, "two partitions hold one batch", found)
            else:
                seen[index] = str(name)
    missing = [i for i in range(len(schedule.batches)) if i not in seen]
    if missing:
        found = f"{len(missing)} missing, the first of them {missing[0]}"
        yield _problem(schedule, "the partitions lack batches", found)


def _problem(
    schedule: Schedule, message: str, found: str | None = None, allowed: str | None = None,
    mend: str = "Plan again with --partitions N, or run without --use-partitions",
) -> Problem:  # fmt: skip
    return Problem(
        "S-PARTITIONS", message, file=schedule.file, found=found, allowed=allowed, mend=mend
    )
