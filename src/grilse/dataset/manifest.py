"""The manifest: what a dataset is a function of, how it is cut, what it adds up to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

from grilse.dataset.files import read_object, take_fields, write_whole
from grilse.dataset.layout import MANIFEST, is_table_name
from grilse.dataset.records import read_hexadecimal
from grilse.dataset.segments import is_segment_name
from grilse.ground.errors import DestinationError
from grilse.tables.totals import Totals

__all__ = [
    "FORMAT",
    "Inputs",
    "Manifest",
    "differences",
    "read_manifest",
    "read_manifest_file",
    "write_manifest",
]

State = Literal["begun", "incomplete", "complete"]

FORMAT = 1
"""Version of the layout of a dataset's folder; a file says it as well."""

_MARK = "Synthetic data, made by Grilse. The files listed in segments/ are whole; no others are."
_STATES: tuple[State, ...] = ("begun", "incomplete", "complete")
_FIELDS = {
    "format": int, "about": str, "inputs": dict, "segment_size": int, "epoch": int,
    "segments": list, "state": str, "totals": dict,
}  # fmt: skip
_INPUT_FIELDS = {
    "version": str, "seed": int, "as_of": str, "schedule": str, "farm": str, "parameters": str,
    "tables": list, "options": dict,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a dataset's content is a function of (law 1).

    Attributes
    ----------
    version
        Grilse's own.
    seed
        Of every draw.
    as_of
        The date before which rows are written, ``YYYY-MM-DD``.
    schedule, farm, parameters
        Their fingerprints.
    tables
        Names of the tables written, in any order.
    options
        Whatever else decides what is written, as text.
    """

    version: str
    seed: int
    as_of: str
    schedule: str
    farm: str
    parameters: str
    tables: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """A fingerprint of all that a batch's rows follow from, beside its entry and `as_of`.

        The schedule is left out, since a batch's rows follow from its own entry alone (law 3), and
        `as_of`, since it clips rows and changes none (law 4).
        """
        parts = (self.version, self.seed, self.farm, self.parameters,
                 sorted(self.tables), sorted(self.options.items()))  # fmt: skip
        return blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a dataset as a whole.

    Attributes
    ----------
    inputs
        What its content is a function of.
    segment_size
        Batch numbers in a segment, fixed when the dataset was begun.
    segments
        Names of all segments that it is to have.
    epoch
        1, and one more for each time it was extended.
    state
        ``begun``, ``incomplete`` after a run that left batches out, or ``complete``.
    totals
        Rows and fingerprints of its tables when a run last ended.
    """

    inputs: Inputs
    segment_size: int
    segments: tuple[str, ...]
    epoch: int = 1
    state: State = "begun"
    totals: Mapping[str, Totals] = field(default_factory=dict)


def differences(there: Inputs, wanted: Inputs) -> list[str]:
    """Say in one line each in what two datasets' inputs differ; empty if they are equal."""
    lines = []
    for item in fields(Inputs):
        old, new = _plain(getattr(there, item.name)), _plain(getattr(wanted, item.name))
        if old != new:
            lines.append(f"{item.name}: there {old}, wanted {new}")
    return lines


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(sorted(value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={value[key]}" for key in sorted(value)) or "none"
    return str(value)


def write_manifest(root: Path, manifest: Manifest) -> None:
    """Write a dataset's manifest in place of the one that is there."""
    inputs = asdict(manifest.inputs)
    inputs["tables"] = sorted(inputs["tables"])
    inputs["options"] = dict(sorted(inputs["options"].items()))
    value = {
        "format": FORMAT,
        "about": _MARK,
        "inputs": inputs,
        "segment_size": manifest.segment_size,
        "epoch": manifest.epoch,
        "segments": list(manifest.segments),
        "state": manifest.state,
        "totals": {
            name: {"rows": totals.rows, "fingerprint": f"{totals.fingerprint:016x}"}
            for name, totals in sorted(manifest.totals.items())
        },
    }
    write_whole(root / MANIFEST, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def read_manifest(root: Path) -> Manifest:
    """Read a dataset's manifest.

    Raises
    ------
    DestinationError
        If there is none, it is of another version of the layout, or not as Grilse writes it.
    """
    path = root / MANIFEST
    if not path.is_file() or path.is_symlink():
        raise DestinationError(f"{root}: is not a dataset of Grilse's: it has no {MANIFEST}")
    return read_manifest_file(path)


def read_manifest_file(path: Path) -> Manifest:
    """Read a manifest by its file, wherever that lies.

    Raises
    ------
    DestinationError
        If it is of another version of the layout, or not as Grilse writes it.
    """
    found = read_object(path)
    if found.get("format") != FORMAT:
        raise DestinationError(
            f"{path}: its format is {found.get('format')!r}; this version of Grilse reads format "
            f"{FORMAT}. Use the version that wrote it, or write to another folder."
        )
    take_fields(path, found, _FIELDS)
    return Manifest(
        _read_inputs(path, found["inputs"]),
        _power_of_two(path, found["segment_size"]),
        tuple(_name(path, name) for name in found["segments"]),
        found["epoch"],
        _state(path, found["state"]),
        {name: _totals(path, name, item) for name, item in found["totals"].items()},
    )


def _read_inputs(path: Path, found: Any) -> Inputs:
    item = take_fields(path, found, _INPUT_FIELDS)
    for table in item["tables"]:
        _table(path, table)
    texts = [*item["options"], *item["options"].values()]
    if not all(isinstance(text, str) for text in texts):
        raise DestinationError(f"{path}: options are not all text")
    return Inputs(**{**item, "tables": tuple(item["tables"])})


def _table(path: Path, found: Any) -> str:
    if not (isinstance(found, str) and is_table_name(found)):
        raise DestinationError(f"{path}: {str(found)[:40]!r} is not a table's name")
    return found


def _name(path: Path, found: Any) -> str:
    if not (isinstance(found, str) and is_segment_name(found)):
        raise DestinationError(f"{path}: {str(found)[:40]!r} is not a segment's name")
    return found


def _power_of_two(path: Path, found: int) -> int:
    if found < 1 or found & (found - 1):
        raise DestinationError(f"{path}: segment_size is {found}, not a power of two")
    return found


def _state(path: Path, found: str) -> State:
    for state in _STATES:
        if found == state:
            return state
    raise DestinationError(f"{path}: state is {found[:40]!r}, not begun, incomplete or complete")


def _totals(path: Path, name: str, found: Any) -> Totals:
    item = take_fields(path, found, {"rows": int, "fingerprint": str})
    _table(path, name)
    return Totals(item["rows"], read_hexadecimal(path, item["fingerprint"]))
