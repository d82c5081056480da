"""Finds the farm that a person names: a built-in one, or a file."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

from grilse.farm.builtin import BUILTIN_FARMS, builtin_farm
from grilse.farm.model import Farm
from grilse.farm.reading import read_farm
from grilse.ground.errors import BadInput, Problem

__all__ = ["find_farm"]


def find_farm(name: str | PathLike[str]) -> Farm:
    """Return the built-in farm of that name, or the one that the file of that name describes.

    Raises
    ------
    BadInput
        Where there is neither, or the file is wrong.
    """
    text = fspath(name)
    if text in BUILTIN_FARMS:
        return builtin_farm(text)
    if not Path(text).exists():
        allowed = f"{', '.join(BUILTIN_FARMS)}, or the name of a farm file"
        raise BadInput(
            Problem("F-UNKNOWN", "there is no such farm", found=repr(text), allowed=allowed)
        )
    return read_farm(text)
