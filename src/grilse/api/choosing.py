"""What a caller may give in more than one form: farms, dates, whole numbers."""

from __future__ import annotations

import re
from datetime import date, datetime
from fractions import Fraction
from os import PathLike, fspath
from typing import TextIO

from grilse.biology.parameters import builtin_parameters, changed_parameters
from grilse.farm.builtin import reference_farm
from grilse.farm.finding import find_farm
from grilse.farm.model import Farm
from grilse.ground.errors import BadInput, Problem
from grilse.ground.parameters import Parameters
from grilse.ground.text_file import DEFAULT_LIMIT, open_text
from grilse.plan.question import exact_stagger

__all__ = [
    "FROM_SCHEDULE",
    "chosen_date",
    "chosen_days",
    "chosen_farm",
    "chosen_parameters",
    "chosen_whole",
]

FROM_SCHEDULE = "from-schedule"
"""Name of the farm that consists of what the schedule names."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,12})?")
"""No exponent: 1e999999999 would be a number of a milliard digits."""


def chosen_farm(farm: Farm | str | PathLike[str] | None) -> Farm:
    """Return a farm given as itself, by its name or file; the reference farm for None."""
    if farm is None:
        return reference_farm()
    return farm if isinstance(farm, Farm) else find_farm(farm)


def chosen_parameters(parameters: Parameters | str | PathLike[str] | None) -> Parameters:
    """Return parameters given as themselves or by the file of what differs; else the built-in."""
    if parameters is None:
        return builtin_parameters()
    if isinstance(parameters, Parameters):
        return parameters
    name = fspath(parameters)
    with open_text(name) as file:
        return changed_parameters(_limited(file, name), name)


def _limited(file: TextIO, name: str) -> str:
    """Read a text that is not longer than any parameter file can be."""
    try:
        text = file.read(DEFAULT_LIMIT + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(Problem("F-UNREADABLE", f"cannot be read: {error}", file=name)) from None
    if len(text) > DEFAULT_LIMIT:
        allowed = f"{DEFAULT_LIMIT:,} characters"
        raise BadInput(Problem("F-LARGE", "the file is too large", file=name, allowed=allowed))
    return text


def chosen_date(name: str, value: date | str) -> date:
    """Return a date given as itself or as ``YYYY-MM-DD``; a time of day is refused."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _refusal("R-DATE", f"{name} is not a date", value, "YYYY-MM-DD")


def chosen_whole(name: str, value: int, least: int | None = None, most: int | None = None) -> int:
    """Return a whole number, or refuse what is none or out of bounds."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    is_small = is_whole and least is not None and value < least
    if not is_whole or is_small or (most is not None and value > most):
        bounds = (("from", least), ("to", most))
        said = [f"{word} {end}" for word, end in bounds if end is not None]
        allowed = " ".join(["a whole number", *said])
        raise _refusal("R-NUMBER", f"{name} is not what it can be", value, allowed)
    return value


def chosen_days(name: str, value: float | str | Fraction) -> Fraction:
    """Return a number of days exactly as it was written, or refuse what is no number."""
    if _DECIMAL.fullmatch(str(value).strip()) or isinstance(value, Fraction):
        return exact_stagger(value)
    raise _refusal("R-NUMBER", f"{name} is not a number of days", value, "such as 30 or 4.5")


def _refusal(code: str, message: str, found: object, allowed: str) -> BadInput:
    return BadInput(Problem(code, message, found=repr(found)[:60], allowed=allowed))
