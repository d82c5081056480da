"""Removing what is Grilse's own in a dataset's folder, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from shutil import rmtree

from grilse.dataset import layout
from grilse.dataset.files import describe_os_error
from grilse.dataset.manifest import Manifest
from grilse.dataset.records import SegmentRecord, record_path
from grilse.ground.errors import DestinationError

__all__ = ["remove_all", "remove_unfinished", "remove_unrecorded", "remove_views"]

_NAMED = 5


def remove_all(root: Path, manifest: Manifest) -> None:
    """Remove a dataset, but for its manifest, which the next one replaces.

    Records go first: a removal that is cut short leaves a dataset with less in it, never one
    that claims what is not there. Folders go only when they are empty.
    """
    _refuse_foreign_tables(root, manifest)
    remove_unrecorded(root, manifest, {})
    remove_views(root)
    for path in (root / layout.HOUSE).iterdir():
        if layout.is_saved_name(path.name.removesuffix(".inprogress")):
            _remove(path)
    for folder in _table_folders(root, manifest):
        if not any(folder.iterdir()):
            folder.rmdir()


def remove_unrecorded(root: Path, manifest: Manifest, done: Mapping[str, SegmentRecord]) -> None:
    """Remove records that are not among those done, and the segment files that no record lists."""
    _refuse_foreign_tables(root, manifest)
    for path in sorted((root / layout.SEGMENTS).iterdir()):
        if path != record_path(root, path.stem) or path.stem not in done:
            _remove(path)
    listed = {root / file for record in done.values() for file in record.files.values()}
    for path in _segment_files(root, manifest):
        if path not in listed:
            _remove(path)


def remove_unfinished(root: Path, mine: Iterable[str] | None = None) -> None:
    """Remove what writers that were killed have left: records, files and folders of their own.

    Parameters
    ----------
    mine
        Names of the segments whose writers it was; None for all, where nobody else is at work.
    """
    folder = root / layout.SEGMENTS
    if mine is None:
        for path in folder.glob("*.inprogress"):
            _forget(path)
        for name in (layout.ASIDE, layout.DEMAND):
            rmtree(root / name, ignore_errors=True)
        return
    for name in mine:
        _forget(folder / f"{name}.json.inprogress")
        for path in (root / layout.ASIDE).glob(f"{name}-*"):
            rmtree(path, ignore_errors=True)


def _forget(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def remove_views(root: Path) -> None:
    """Remove ``farm.duckdb``: its views name files that are not to be read any longer."""
    for path in _database_files(root):
        _remove(path)


def _table_folders(root: Path, manifest: Manifest) -> list[Path]:
    folders = [root / table for table in sorted(manifest.inputs.tables)]
    return [folder for folder in folders if folder.is_dir()]


def _segment_files(root: Path, manifest: Manifest) -> Iterator[Path]:
    for folder in _table_folders(root, manifest):
        yield from sorted(path for path in folder.iterdir() if layout.is_file_of_segment(path))


def _database_files(root: Path) -> list[Path]:
    aside = f"{layout.DATABASE}.inprogress"
    names = (layout.DATABASE, f"{layout.DATABASE}.wal", aside, f"{aside}.wal")
    return [root / name for name in names if (root / name).is_file()]


def _refuse_foreign_tables(root: Path, manifest: Manifest) -> None:
    """Refuse Parquet files of others among ours: a reader would take them for ours."""
    foreign = [
        str(path.relative_to(root))
        for folder in _table_folders(root, manifest)
        for path in sorted(folder.glob("*.parquet"))
        if not layout.is_file_of_segment(path)
    ]
    if foreign:
        raise DestinationError(
            f"{root}: holds Parquet files of others among the dataset's: "
            f"{', '.join(foreign[:_NAMED])}. Move them away."
        )


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise describe_os_error(path, error, "removed") from error
