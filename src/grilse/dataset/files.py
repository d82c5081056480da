"""Small files of a dataset: written whole or not at all, and read strictly."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from grilse.ground.errors import DestinationError, kind_of_failure

__all__ = ["INPROGRESS", "Text", "describe_os_error", "read_object", "take_fields", "write_whole"]

INPROGRESS = ".inprogress"
"""How the name of a file ends that is not yet whole."""

Text = str | Iterable[str]
"""What a small file holds: whole, or piece by piece where it may be of a large company."""

MAX_BYTES = 256 << 20
"""Longest file that is read: a record of 8,192 batches takes some 2 MB."""


def describe_os_error(path: Path, error: OSError, doing: str) -> DestinationError:
    """Make of a failure of the operating system an error that says where and what to do."""
    return kind_of_failure(error)(f"{path}: cannot be {doing}: {error.strerror or error}")


def write_whole(path: Path, text: Text) -> None:
    """Write a text file aside, bring it to the disk, and give it its name.

    Raises
    ------
    DestinationError
        If it cannot be written; what stood under the name before then still stands.
    """
    aside = path.with_name(path.name + INPROGRESS)
    try:
        with aside.open("w", encoding="utf-8", newline="") as file:
            file.writelines((text,) if isinstance(text, str) else text)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    except OSError as error:
        with suppress(OSError):  # What cannot be written may not be removed either.
            aside.unlink(missing_ok=True)
        raise describe_os_error(path, error, "written") from error


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON file that holds one object.

    Raises
    ------
    DestinationError
        If it cannot be read, is longer than any of ours, or is something else.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DestinationError(f"{path}: is too large to be a file of Grilse's")
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise describe_os_error(path, error, "read") from error
    except (ValueError, RecursionError) as error:
        raise DestinationError(
            f"{path}: is not the JSON that Grilse writes ({error}). Restore it from a copy, or "
            "write to another folder."
        ) from error
    if not isinstance(value, dict):
        raise DestinationError(f"{path}: holds a {type(value).__name__}, not an object")
    return value


def take_fields(path: Path, found: Any, kinds: Mapping[str, type]) -> dict[str, Any]:
    """Return an object that has exactly the fields and types given, or raise DestinationError."""
    wrong = [] if isinstance(found, dict) else [f"is a {type(found).__name__}, not an object"]
    if isinstance(found, dict):
        wrong += [f"{name} is missing" for name in kinds if name not in found]
        wrong += [f"{name} is unknown" for name in found if name not in kinds]
        wrong += [
            f"{name} is {json.dumps(found[name])[:60]}, not {kind.__name__}"
            for name, kind in kinds.items()
            if name in found and type(found[name]) is not kind
        ]
    if wrong:
        raise DestinationError(f"{path}: {'; '.join(wrong)}")
    return dict(found)
