"""What is compared: a dataset's folder, or a manifest alone; opened, or refused with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grilse.dataset.layout import MANIFEST
from grilse.dataset.manifest import Manifest, read_manifest, read_manifest_file
from grilse.dataset.records import SegmentRecord, read_records, record_totals
from grilse.dataset.segments import segment_key
from grilse.ground.errors import DestinationError
from grilse.tables.totals import Totals

__all__ = ["Side", "is_schedule", "open_side"]

_SCHEDULES = (".yaml", ".yml")


@dataclass(frozen=True)
class Side:
    """A dataset to be compared.

    Attributes
    ----------
    path
        Its folder, or the file of a manifest.
    manifest
        What it says of itself.
    records
        Of its segments; None where there is a manifest alone.
    """

    path: Path
    manifest: Manifest
    records: Mapping[str, SegmentRecord] | None

    @cached_property
    def totals(self) -> dict[str, Totals]:
        """Rows and fingerprint of each table: of the records where there are any."""
        if self.records is None:
            return dict(self.manifest.totals)
        return record_totals(self.records.values())

    @cached_property
    def tables(self) -> set[str]:
        """Names of the tables that it was asked to hold."""
        return set(self.manifest.inputs.tables)

    @cached_property
    def names(self) -> dict[int, str]:
        """Ids of its batches, by number."""
        return {
            number: batch.batch_id
            for record in (self.records or {}).values()
            for number, batch in record.batches.items()
            if number
        }

    @property
    def is_whole(self) -> bool:
        """Whether all that it is to have is there."""
        if self.records is None:
            return self.manifest.state == "complete"
        return all(name in self.records for name in self.manifest.segments)

    def segments(self, table: str, coarse: int) -> dict[str, dict[str, Totals]]:
        """Return the totals of a table's files, by what they hold and by segment.

        Parameters
        ----------
        coarse
            Batch numbers of a group: at least the dataset's own segments, a power of two.
        """
        groups: dict[str, dict[str, Totals]] = {}
        for name, record in sorted((self.records or {}).items()):
            if table in record.tables:
                key = self._group(segment_key(name), coarse)
                groups.setdefault(key, {})[name] = record.tables[table]
        return groups

    def _group(self, key: str, coarse: int) -> str:
        """Return the name of the group of a segment: segments of batches as ``s`` and an index."""
        if not key.startswith("s"):
            return key if key == "farm" else "stores"
        return f"s{int(key[1:]) * self.manifest.segment_size // coarse:06d}"

    def file(self, table: str, segment: str) -> Path:
        """Return the path of a table's file of a segment."""
        return self.path / (self.records or {})[segment].files[table]

    def is_as_recorded(self, table: str, segment: str) -> bool:
        """Whether a file has the size that its record says."""
        path = self.file(table, segment)
        try:
            return path.stat().st_size == (self.records or {})[segment].bytes[table]
        except OSError as error:
            said = error.strerror or str(error)
            raise DestinationError(f"{path}: cannot be read: {said}") from error


def is_schedule(path: Path) -> bool:
    """Whether a path is that of a schedule's file."""
    return path.suffix.lower() in _SCHEDULES and not path.is_dir()


def open_side(path: Path) -> Side:
    """Open a dataset's folder or the file of a manifest.

    Raises
    ------
    DestinationError
        If it is neither, or what it says of itself cannot be read.
    """
    if path.is_dir():
        return Side(path, read_manifest(path), read_records(path))
    if not path.exists():
        raise DestinationError(f"{path}: there is no such file or folder")
    if path.suffix.lower() == ".json":
        return Side(path, read_manifest_file(path), None)
    raise DestinationError(
        f"{path}: cannot be compared: it is no dataset's folder, no manifest ({MANIFEST} of a "
        "dataset), no schedule (.yaml) and no database (FILE.duckdb, postgresql://...)."
    )
