"""What a schedule says of itself, held against what it is: one function a claim."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard

from grilse.ground.errors import Problem
from grilse.plan.saturation import Saturation
from grilse.schedule.model import Schedule

__all__ = ["CLAIMS", "claim_problems"]

_SHARE_TOLERANCE = 0.02
_DAYS_TOLERANCE = 0.5
_MOST_TOLD = 20
_BY_ITSELF = ("ladder",)
"""Policies whose batches do not start in even steps."""


def claim_problems(schedule: Schedule, saturation: Saturation | None) -> Iterator[Problem]:
    """Yield a warning for every claim that does not hold, with both figures."""
    for claim in CLAIMS:
        yield from claim(schedule, saturation)


def declared_total(schedule: Schedule, _: Saturation | None) -> Iterator[Problem]:
    """Find a total of batches that differs from how many there are."""
    said = schedule.metadata.get("total_batches")
    actual = len(schedule.batches)
    if _is_number(said) and said != actual:
        yield _differs(schedule, "S-DECLARED-TOTAL", "total_batches", said, actual)


def declared_number(schedule: Schedule, _: Saturation | None) -> Iterator[Problem]:
    """Find a number of batches a geography that one of them has not."""
    said = schedule.metadata.get("batches_per_geography")
    counts = Counter(batch.geography for batch in schedule.batches)
    for name, actual in counts.items():
        own = said.get(name) if isinstance(said, Mapping) else said
        if _is_number(own) and own != actual:
            what = f"batches_per_geography ({name})"
            yield _differs(schedule, "S-DECLARED-NUMBER", what, own, actual)


def declared_stagger(schedule: Schedule, _: Saturation | None) -> Iterator[Problem]:
    """Find a stagger that differs from the mean days between starts."""
    said = schedule.metadata.get("stagger_days")
    quiet = schedule.metadata.get("policy") in _BY_ITSELF or "onto" in schedule.metadata
    if not _is_number(said) or quiet or "own_staggers" in schedule.metadata:
        return
    starts = sorted(batch.start for batch in schedule.batches)
    if schedule.metadata.get("interleave") is False:
        starts = sorted(set(starts))
    if len(starts) > 1:
        actual = (starts[-1] - starts[0]) / (len(starts) - 1)
        if abs(actual - said) > _DAYS_TOLERANCE:
            yield _differs(schedule, "S-DECLARED-STAGGER", "stagger_days", said, round(actual, 2))


def declared_saturation(schedule: Schedule, saturation: Saturation | None) -> Iterator[Problem]:
    """Find a saturation that differs from the one the schedule leaves the farm with."""
    if saturation is None:
        return
    capacity = schedule.metadata.get("capacity")
    own = capacity.get("saturation") if isinstance(capacity, Mapping) else None
    claims = {
        "target_saturation": schedule.metadata.get("target_saturation"),
        "saturation_target": schedule.metadata.get("saturation_target"),
        "capacity.saturation": own,
    }
    for what, said in claims.items():
        if _is_number(said) and abs(said - saturation.overall) > _SHARE_TOLERANCE:
            actual = round(saturation.overall, 2)
            yield _differs(schedule, "S-DECLARED-SATURATION", what, said, actual)


def declared_partitions(schedule: Schedule, _: Saturation | None) -> Iterator[Problem]:
    """Find batches that the worker partitions miss, repeat or make up."""
    parts = schedule.metadata.get("worker_partitions")
    if not isinstance(parts, Mapping):
        return
    held: dict[int, list[str]] = defaultdict(list)
    for name, part in parts.items():
        listed = part.get("batch_indices") if isinstance(part, Mapping) else None
        for index in listed if isinstance(listed, list) else ():
            if isinstance(index, int):
                held[index].append(str(name))
    known = range(len(schedule.batches))
    yield from _told(schedule, "misses", "a batch is in no", [i for i in known if i not in held])
    twice = [index for index, names in sorted(held.items()) if len(names) > 1]
    yield from _told(schedule, "repeats", "a batch is in more than one", twice)
    unknown = [index for index in sorted(held) if index not in known]
    yield from _told(schedule, "names", "there is no such batch for a", unknown)


CLAIMS: tuple[Callable[[Schedule, Saturation | None], Iterator[Problem]], ...] = (
    declared_total,
    declared_number,
    declared_stagger,
    declared_saturation,
    declared_partitions,
)


def _told(schedule: Schedule, verb: str, what: str, indices: list[int]) -> Iterator[Problem]:
    if not indices:
        return
    listed = ", ".join(map(str, indices[:_MOST_TOLD]))
    more = "" if len(indices) <= _MOST_TOLD else f" and {len(indices) - _MOST_TOLD} more"
    yield Problem(
        "S-PARTITIONS", f"worker_partitions {verb} batches: {what} partition", "warning",
        schedule.file, _line(schedule, "worker_partitions"), None,
        f"batch_indices {listed}{more}", f"each of 0 to {len(schedule.batches) - 1} once",
        "Partitions never change the data: leave them out, or make them anew",
    )  # fmt: skip


def _differs(schedule: Schedule, code: str, what: str, said: Any, actual: Any) -> Problem:
    return Problem(
        code, f"the metadata say {what} {said}, and it is {actual}", "warning",
        schedule.file, _line(schedule, what.split(" ")[0].split(".")[0]), None,
        f"{what}: {said}", str(actual), "Correct it, or leave it out",
    )  # fmt: skip


def _line(schedule: Schedule, key: str) -> int | None:
    """Return the line of a key of the metadata, where they were read from a file."""
    lines = getattr(schedule.metadata, "key_lines", {})
    found: int | None = lines.get(key)
    return found


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
