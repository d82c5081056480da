"""What lies in a dataset's folder: all of it, and whether what is claimed of it is there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

__all__ = ["broken_claims", "digest", "is_complete"]

_OWN_TO_A_RUN = ("logs/", "farm.duckdb", "_grilse/status", "_grilse/lock")


def digest(root: Path) -> dict[str, str]:
    """Return the digest of every file but those that tell of a run: logs, status, the database."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_file() and not name.startswith(_OWN_TO_A_RUN):
            found[name] = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
    return found


def broken_claims(root: Path) -> list[str]:
    """Return the files that a record claims, and that are not there in the size it names."""
    broken = []
    for record in sorted((root / "_grilse/segments").glob("*.json")):
        for table in json.loads(record.read_text())["tables"].values():
            path = root / table["file"]
            if not path.is_file() or path.stat().st_size != table["bytes"]:
                broken.append(f"{record.name}: {table['file']}")
    return broken


def is_complete(root: Path) -> bool:
    """Whether the manifest says that all is there."""
    path = root / "_grilse/manifest.json"
    return path.is_file() and json.loads(path.read_text())["state"] == "complete"
