"""Where things lie in a dataset's folder, and which names are Grilse's own there."""

from __future__ import annotations

import re
from pathlib import Path

from grilse.dataset.segments import is_segment_name

__all__ = [
    "ASIDE",
    "DATABASE",
    "DEMAND",
    "HOUSE",
    "LOCK",
    "MANIFEST",
    "SEGMENTS",
    "is_file_of_segment",
    "is_saved_name",
    "is_table_name",
    "table_file",
]

HOUSE = "_grilse"
"""The folder of what Grilse knows of the dataset; no table can have its name."""

MANIFEST = f"{HOUSE}/manifest.json"
SEGMENTS = f"{HOUSE}/segments"
LOCK = f"{HOUSE}/lock"
ASIDE = f"{HOUSE}/aside"
DEMAND = f"{HOUSE}/demand"
DATABASE = "farm.duckdb"

_TABLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_SAVED = re.compile(r"(schedule|farm|parameters)\.[a-z]{1,8}")


def is_table_name(text: str) -> bool:
    """Whether a text can be a table's name, and so a folder's."""
    return _TABLE.fullmatch(text) is not None


def is_saved_name(text: str) -> bool:
    """Whether a text can be the name of an input kept beside the manifest: ``schedule.yaml``."""
    return _SAVED.fullmatch(text) is not None


def table_file(table: str, segment: str) -> str:
    """Return the path of a table's file of one segment, relative to the dataset's folder."""
    return f"{table}/{segment}.parquet"


def is_file_of_segment(path: Path) -> bool:
    """Whether a file in a table's folder has a name that Grilse gives, finished or not."""
    name = path.name.removesuffix(".inprogress")
    return name.endswith(".parquet") and is_segment_name(name.removesuffix(".parquet"))
