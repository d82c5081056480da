"""A folder in which what batches want of feed stores was written ahead of runs: whose it is."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal

from grilse.dataset.files import INPROGRESS, read_object, take_fields, write_whole
from grilse.dataset.manifest import Inputs, differences
from grilse.ground.errors import BadInput, DestinationError, Problem
from grilse.ledger.demand_file import SUFFIX

__all__ = ["find_prepared", "hold_prepared", "settle_prepared"]

_NOTE = "prepared.json"
_FORMAT = 1
_ABOUT = "Made by Grilse: what batches want of feed stores, for grilse run --prepared."
_FIELDS = {"format": int, "about": str, "inputs": dict, "state": str}
_INPUTS = {
    "version": str, "seed": int, "as_of": str, "schedule": str, "farm": str, "parameters": str,
}  # fmt: skip
State = Literal["begun", "complete"]


def find_prepared(folder: Path, wanted: Inputs) -> str:
    """Return the folder's name as one that workers can read from anywhere.

    Raises
    ------
    BadInput
        If it was prepared for other inputs, or not to its end.
    DestinationError
        If it is no such folder.
    """
    if not (folder / _NOTE).is_file():
        raise DestinationError(f"{folder}: was not made by grilse prepare: it has no {_NOTE}")
    there, state = _read(folder)
    problems = _differing(folder, there, wanted)
    if not problems and state != "complete":
        problems = [
            Problem("R-PREPARED", "it was not prepared to its end", file=str(folder),
                    mend="Run grilse prepare again: it goes on where it stopped")
        ]  # fmt: skip
    if problems:
        raise BadInput(problems)
    return str(folder.absolute())


def hold_prepared(folder: Path, wanted: Inputs, *, overwrite: bool) -> None:
    """Make a folder ready to be prepared for some inputs, or to go on being so.

    Raises
    ------
    BadInput
        If it was prepared for others, and is not to be overwritten.
    DestinationError
        If it holds something else, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_empty = not any(folder.iterdir())
    except OSError as error:
        raise DestinationError(f"{folder}: cannot be made: {error.strerror or error}") from error
    if not is_empty and not (folder / _NOTE).is_file():
        raise DestinationError(f"{folder}: holds something else; name another folder")
    if not is_empty:
        problems = _differing(folder, _read(folder)[0], wanted)
        if problems and not overwrite:
            raise BadInput(problems)
        if problems:
            _empty(folder)
    _write(folder, wanted, "begun")


def settle_prepared(folder: Path, wanted: Inputs) -> None:
    """Note that a folder is prepared to its end."""
    _write(folder, wanted, "complete")


def _differing(folder: Path, there: Inputs, wanted: Inputs) -> list[Problem]:
    return [
        Problem(
            "R-PREPARED", "it was prepared for other inputs", file=str(folder), found=line,
            mend="Give grilse prepare the schedule and options of the run, and a folder of its own",
        )
        for line in differences(there, _bare(wanted))
    ]  # fmt: skip


def _bare(inputs: Inputs) -> Inputs:
    """Return the inputs that decide what is fed: which tables are written does not."""
    return replace(inputs, tables=(), options={})


def _empty(folder: Path) -> None:
    """Remove what was prepared, the note that vouches for it first."""
    (folder / _NOTE).unlink()
    for path in folder.iterdir():
        if path.suffix in (SUFFIX, INPROGRESS):
            path.unlink()


def _write(folder: Path, inputs: Inputs, state: State) -> None:
    kept = {name: value for name, value in asdict(_bare(inputs)).items() if name in _INPUTS}
    value: dict[str, Any] = {"format": _FORMAT, "about": _ABOUT, "inputs": kept, "state": state}
    write_whole(folder / _NOTE, json.dumps(value, indent=1) + "\n")


def _read(folder: Path) -> tuple[Inputs, str]:
    path = folder / _NOTE
    value = take_fields(path, read_object(path), _FIELDS)
    if value["format"] != _FORMAT:
        raise DestinationError(f"{path}: is of format {value['format']}, not {_FORMAT}")
    return Inputs(**take_fields(path, value["inputs"], _INPUTS), tables=()), value["state"]
