"""What a schedule says that it was planned with, held against what it is to be run with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grilse.farm.builtin import BUILTIN_FARMS
from grilse.farm.fingerprint import farm_fingerprint
from grilse.farm.model import Farm
from grilse.ground.errors import BadInput, Problem
from grilse.ground.parameters import Parameters
from grilse.schedule.model import Schedule

__all__ = ["planned_farm", "refuse_others"]


def planned_farm(schedule: Schedule) -> str | None:
    """Return the name or file of the farm that a schedule was planned on, where it is there."""
    origin = str(_said(schedule, "farm").get("origin", ""))
    kind, _, name = origin.partition(":")
    if kind == "built-in" and name in BUILTIN_FARMS:
        return name
    return origin if origin and Path(origin).is_file() else None


def refuse_others(schedule: Schedule, farm: Farm, parameters: Parameters) -> None:
    """Refuse to run a schedule with a farm or with parameters that it was not planned with.

    Raises
    ------
    BadInput
        Where the schedule names a fingerprint and it is another. A schedule that names none, as
        foreign ones do, may be run with any.
    """
    here = {"farm": farm_fingerprint(farm), "parameters": parameters.fingerprint}
    problems = []
    for what, found in here.items():
        planned = _said(schedule, what).get("fingerprint")
        if planned is not None and str(planned) != found:
            problems.append(_other(schedule, what, found, str(planned)))
    if problems:
        raise BadInput(problems)


def _said(schedule: Schedule, what: str) -> Mapping[str, Any]:
    said = schedule.metadata.get(what)
    return said if isinstance(said, Mapping) else {}


def _other(schedule: Schedule, what: str, found: str, planned: str) -> Problem:
    option = "--farm" if what == "farm" else "--params"
    return Problem(
        f"R-OTHER-{what.upper()}",
        f"the schedule was planned with another {what} than it is to be run with"
        if what == "farm"
        else "the schedule was planned with other parameters than it is to be run with",
        file=schedule.file,
        found=f"fingerprint {found}",
        allowed=planned,
        mend=f"Name the right one by {option}, plan again, or give --other-inputs to run it so",
    )
