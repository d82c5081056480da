"""A plan becomes a file, whole or not at all, and never in the place of something else."""

from __future__ import annotations

from itertools import islice
from os import PathLike, fspath
from pathlib import Path

from grilse.ground.errors import DestinationError
from grilse.plan.metadata import header_lines
from grilse.plan.question import PlanAnswer
from grilse.schedule.layout import FORMAT
from grilse.schedule.writing import write_schedule

__all__ = ["check_output", "save_plan"]

_LINES_LOOKED_AT = 100


def save_plan(answer: PlanAnswer, output: str | PathLike[str], *, overwrite: bool = False) -> None:
    """Write a plan to a file.

    Parameters
    ----------
    answer
        The plan.
    output
        The file. A schedule in our own layout that stands there is replaced: planning again is how
        a plan is changed. Anything else stays, unless `overwrite` is given.
    overwrite
        Replace whatever file stands there.

    Raises
    ------
    DestinationError
        Something else stands there, or it cannot be written; what stood there still does.
    """
    check_output(output, overwrite=overwrite)
    write_schedule(answer.schedule, output, header_lines(answer))


def check_output(output: str | PathLike[str], *, overwrite: bool = False) -> None:
    """Refuse a place for a schedule that holds something else, before any work is done."""
    try:
        reason = _objection(Path(output), overwrite)
    except OSError as error:
        reason = f"cannot be used: {error.strerror or error}"
    if reason:
        raise DestinationError(f"{fspath(output) or 'no name'}: {reason}")


def _objection(target: Path, overwrite: bool) -> str | None:
    """Say why nothing may be written to a file; None where it may."""
    if target.is_dir():
        return "a schedule is a file; name one"
    if not target.absolute().parent.is_dir():
        return f"there is no directory {target.parent}; make it first"
    if overwrite or not target.exists() or _is_ours(target):
        return None
    return (
        "holds something that is not a schedule of Grilse's layout, and stays as it is; "
        "choose another --output, or give --overwrite to replace it"
    )


def _is_ours(file: Path) -> bool:
    """Whether a file names our layout near its head; an empty one may be replaced too."""
    with open(file, encoding="utf-8", errors="replace") as source:
        head = [line.strip() for line in islice(source, _LINES_LOOKED_AT)]
    return not head or f"format: {FORMAT}" in head
