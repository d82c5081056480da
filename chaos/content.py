"""What lies in a dataset's folder: all of it, and whether what is claimed of it is there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

__all__ = ["DATABASE", "broken_claims", "digest", "is_complete"]

DATABASE = "rows.duckdb"
"""Name of the database in the folder, where rows go into one."""

_OWN_TO_A_RUN = ("logs/", "farm.duckdb", "_grilse/status", "_grilse/lock")


def digest(root: Path) -> dict[str, str]:
    """Return the digest of every file but those that tell of a run: logs, status, the views.

    Of a database it is what it says of its rows: its bytes differ from run to run.
    """
    found = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if name == DATABASE:
            found[name] = _rows(path)
        elif path.is_file() and not name.startswith(_OWN_TO_A_RUN):
            found[name] = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
    return found


def _rows(path: Path) -> str:
    """Return the totals that a database tells, and the rows that it has."""
    with duckdb.connect(str(path), read_only=True) as database:
        told = database.execute("SELECT inputs, totals FROM grilse_load").fetchall()
        names = [name for (name,) in database.execute("SELECT name FROM (SHOW TABLES)").fetchall()]
        rows = {
            name: database.execute(f'SELECT count(*) FROM "{name}"').fetchall() for name in names
        }
    return json.dumps([told, rows], sort_keys=True)


def broken_claims(root: Path) -> list[str]:
    """Return the files that a record claims, and that are not there in the size it names."""
    broken = []
    for folder in (root, root / f"{DATABASE}.parts"):
        for record in sorted((folder / "_grilse/segments").glob("*.json")):
            for file, size in _claimed(json.loads(record.read_text())):
                path = folder / file
                if not path.is_file() or path.stat().st_size != size:
                    broken.append(f"{record.name}: {file}")
    return broken


def _claimed(record: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield the files of a segment, as a dataset's or another place's record names them."""
    if "files" in record:
        yield from record["files"].values()
    else:
        yield from ((table["file"], table["bytes"]) for table in record["tables"].values())


def is_complete(root: Path) -> bool:
    """Whether it is said that all is there."""
    said = (root / "_grilse/manifest.json", root / "_grilse/load.json")
    states = [json.loads(path.read_text())["state"] for path in said if path.is_file()]
    return "complete" in states or (root / DATABASE).is_file()
