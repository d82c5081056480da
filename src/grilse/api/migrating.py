"""The verbs of migration: a schedule from a legacy source, a check against it, and the way back."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from os import PathLike
from pathlib import Path

from grilse.api.choosing import chosen_date, chosen_whole
from grilse.dataset.layout import HOUSE
from grilse.dataset.manifest import read_manifest
from grilse.dataset.views import connect
from grilse.ground.days import day_of
from grilse.ground.errors import BadInput, DestinationError, Problem
from grilse.migration.checking import CHECK_TABLES, MigrationCheck, Tolerated, check_migration
from grilse.migration.export import NEEDED, export_legacy
from grilse.migration.mapping import read_mapping
from grilse.migration.reading import read_legacy
from grilse.migration.scheduling import Migration, migrated
from grilse.schedule.reading import read_schedule

__all__ = ["export_as_legacy", "migrate_check", "plan_from_legacy"]

_PathLike = str | PathLike[str]


def plan_from_legacy(
    folder: _PathLike,
    *,
    mapping: _PathLike | None = None,
    as_of: date | str | None = None,
    seed: int | None = None,
    is_anchored: bool = True,
) -> Migration:
    """Build a schedule from a legacy source's exported populations.

    Parameters
    ----------
    folder
        Of the CSV files.
    mapping
        File that says what they are called.
    as_of, seed
        Of the schedule; by default the day on which the source was read out, and the usual seed.
    is_anchored
        Whether batches carry anchors.

    Raises
    ------
    BadInput
        If a file or column is missing, or nothing can be mapped.
    """
    layout = None if mapping is None else read_mapping(mapping)
    day = None if as_of is None else day_of(chosen_date("as_of", as_of))
    chosen = None if seed is None else chosen_whole("seed", seed)
    legacy = read_legacy(Path(folder), layout)
    return migrated(legacy, seed=chosen, as_of=day, is_anchored=is_anchored)


def migrate_check(
    folder: _PathLike,
    dataset: _PathLike,
    *,
    mapping: _PathLike | None = None,
    within: Tolerated | None = None,
) -> MigrationCheck:
    """Hold a dataset against the source that it was migrated from.

    Raises
    ------
    BadInput
        If the source cannot be read.
    DestinationError
        If the dataset cannot be, or is of no source.
    """
    legacy = read_legacy(Path(folder), None if mapping is None else read_mapping(mapping))
    root = Path(dataset)
    _need(root, CHECK_TABLES)
    with closing(connect(root)) as rows:
        return check_migration(legacy, rows, within or Tolerated())


def export_as_legacy(dataset: _PathLike, folder: _PathLike) -> dict[str, int]:
    """Write a dataset as a legacy source would be exported, and say how many rows each file has.

    Raises
    ------
    DestinationError
        If the dataset cannot be read or is not whole, or the folder cannot be written.
    """
    root = Path(dataset)
    _need(root, NEEDED)
    manifest = read_manifest(root)
    if manifest.state != "complete":
        raise DestinationError(
            f"{root}: is {manifest.state}. Bring it to its end first: grilse run, by the same "
            "command."
        )
    inputs = manifest.inputs
    copy = root / HOUSE / "schedule.yaml"
    schedule = read_schedule(copy, as_of=chosen_date("as_of", inputs.as_of), seed=inputs.seed)
    with closing(connect(root)) as rows:
        return export_legacy(rows, schedule, Path(folder))


def _need(root: Path, tables: tuple[str, ...]) -> None:
    """Refuse a dataset that was made without tables."""
    missing = [name for name in tables if name not in read_manifest(root).inputs.tables]
    if missing:
        raise BadInput(
            Problem("G-TABLES", "the dataset was made without tables that are needed",
                    found=", ".join(missing), mend="Run it without --tables and --skip")
        )  # fmt: skip
