"""A dataset on disk as verification sees it: manifest, records, files, and the saved inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from grilse.dataset.layout import HOUSE
from grilse.dataset.manifest import Manifest, read_manifest
from grilse.dataset.records import SegmentRecord, read_records
from grilse.farm.model import Farm
from grilse.ground.days import day_of
from grilse.ground.errors import DestinationError
from grilse.ground.parameter_files import read_parameters
from grilse.ground.parameters import Parameters
from grilse.ground.text_file import open_text
from grilse.schedule.model import Schedule
from grilse.schedule.reading import read_schedule
from grilse.tables.catalogue import TABLES
from grilse.tables.schema import Table
from grilse.tables.totals import Totals
from grilse.verify.application import Application

__all__ = ["Source", "TableFile", "open_source"]


@dataclass(frozen=True, slots=True)
class TableFile:
    """One file of a table, with what the record of its segment says of it."""

    table: Table
    segment: str
    path: Path
    name: str
    recorded: Totals
    size: int


@dataclass(frozen=True)
class Source:
    """A dataset to be verified.

    Attributes
    ----------
    root
        Its folder.
    manifest, records
        What it says of itself.
    schedule, parameters
        The copies kept beside it.
    asked_farm, asked_parameters
        What the caller wants it held against beside them, if anything.
    application
        Whose tables the rows were read from, where they are no dataset of ours.
    """

    root: Path
    manifest: Manifest
    records: Mapping[str, SegmentRecord]
    schedule: Schedule
    parameters: Parameters
    asked_farm: Farm | None = None
    asked_parameters: Parameters | None = None
    application: Application | None = None

    @property
    def as_of(self) -> date:
        """The date before which rows are written."""
        return date.fromisoformat(self.manifest.inputs.as_of)

    @property
    def as_of_day(self) -> int:
        """The same as a day number."""
        return day_of(self.as_of)

    @property
    def policy(self) -> str | None:
        """The policy that its schedule was planned by, if it names one."""
        said = self.schedule.metadata.get("policy")
        return said if isinstance(said, str) else None

    @property
    def failed_batches(self) -> dict[int, str]:
        """Batches that are left out since they failed, by number, with the reason."""
        latest = {
            number: batch
            for _, record in sorted(self.records.items())
            for number, batch in record.batches.items()
        }
        return {n: batch.reason for n, batch in latest.items() if batch.status == "failed"}

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables it was asked to hold, in the order of the catalogue."""
        return tuple(t for t in TABLES.values() if t.name in self.manifest.inputs.tables)

    @cached_property
    def files(self) -> tuple[TableFile, ...]:
        """Every file that a record names, table by table; those of unknown tables left out."""
        return tuple(
            TableFile(table, segment, self.root / name, name, record.tables[table.name],
                      record.bytes[table.name])
            for table in TABLES.values()
            for segment, record in sorted(self.records.items())
            for name in [record.files.get(table.name)]
            if name is not None
        )  # fmt: skip


def open_source(root: Path) -> Source:
    """Open a dataset.

    Raises
    ------
    DestinationError
        If there is none, or what it says of itself cannot be read.
    BadInput
        If the schedule or the parameters kept beside it cannot be read.
    """
    if not root.is_dir():
        what = "is a file, not a dataset's folder" if root.exists() else "there is no such folder"
        raise DestinationError(f"{root}: {what}")
    manifest = read_manifest(root)
    inputs = manifest.inputs
    house = root / HOUSE
    as_of = _as_of(root, inputs.as_of)
    schedule = read_schedule(house / "schedule.yaml", as_of=as_of, seed=inputs.seed)
    parameters = house / "parameters.yaml"
    with open_text(parameters) as file:
        values = read_parameters(file.read(), str(parameters))
    return Source(root, manifest, read_records(root), schedule, values)


def _as_of(root: Path, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DestinationError(f"{root}: its manifest tells as_of {text[:40]!r}, no date") from None
