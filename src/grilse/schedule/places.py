"""Names of places as a farm knows them: several halls in a stage, and names that are local."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

__all__ = ["full_area_names", "full_hall_name", "full_tank_names", "hall_names", "share_out"]

_SEVERAL = re.compile(r"MULTI\((.*)\)")
_LOCAL_HALL = re.compile(r"(?:Hall-)?([A-Z])")
_LOCAL_TANK = re.compile(r"C?([0-9]{1,3})")
_LOCAL_RING = re.compile(r"(?:Ring-)?([0-9]{1,3})")
_HALL = "-Hall-"


def hall_names(text: str) -> tuple[str, ...]:
    """Return the halls of a stage: ``MULTI(a, b)`` names several, in its containers' order."""
    several = _SEVERAL.fullmatch(text)
    if several is None:
        return (text,)
    return tuple(name.strip() for name in several[1].split(",") if name.strip())


def share_out(halls: Sequence[str], containers: Sequence[str]) -> tuple[str, ...] | None:
    """Return the hall of each container, where a stage names several halls and one list.

    Such a list has the containers of the first hall, then those of the second, and so on. The
    container's name tells where it begins as its hall's does; otherwise a hall's containers ascend
    by name, so that a step down begins the next hall.

    Returns
    -------
    tuple of str or None
        None where neither rule gives every hall its run of containers.
    """
    by_name = [_hall_by_name(halls, container) for container in containers]
    if all(hall is not None for hall in by_name):
        return tuple(hall for hall in by_name if hall is not None)
    steps = [0, *(int(after <= before) for before, after in pairwise(containers))]
    if sum(steps) + 1 != len(halls) or not containers:
        return None
    index, result = 0, []
    for step in steps:
        index += step
        result.append(halls[index])
    return tuple(result)


def _hall_by_name(halls: Sequence[str], container: str) -> str | None:
    """Return the only hall whose prefix begins the container's name."""
    found = [hall for hall in halls if container.startswith(_prefix(hall) + "-")]
    return found[0] if len(found) == 1 else None


def _prefix(hall: str) -> str:
    """Return what the names of a hall's containers begin with: ``FI-FW-01-A`` of Hall-A there."""
    return hall.replace(_HALL, "-")


def full_hall_name(station: str | None, hall: str) -> str:
    """Return a hall's full name: ``A`` or ``Hall-A`` of station S is ``S-Hall-A``."""
    local = _LOCAL_HALL.fullmatch(hall)
    return f"{station}{_HALL}{local[1]}" if local and station else hall


def full_tank_names(hall: str, containers: Sequence[str]) -> tuple[str, ...]:
    """Return full names of tanks: ``C01`` or ``1`` of ``S-Hall-A`` is ``S-A-C01``."""
    if _HALL not in hall:
        return tuple(containers)
    return tuple(_numbered(_LOCAL_TANK, f"{_prefix(hall)}-C", name) for name in containers)


def full_area_names(area: str, rings: Sequence[str]) -> tuple[str, ...]:
    """Return full names of rings: ``Ring-01`` or ``1`` of area A is ``A-Ring-01``."""
    return tuple(_numbered(_LOCAL_RING, f"{area}-Ring-", name) for name in rings)


def _numbered(local: re.Pattern[str], prefix: str, name: str) -> str:
    match = local.fullmatch(name)
    return f"{prefix}{int(match[1]):02d}" if match else name
