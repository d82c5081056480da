"""How much room a run wants: said where the disk is full."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grilse.api.expecting import expect
from grilse.api.preparing import Job
from grilse.dataset.records import read_all_records
from grilse.ground.errors import DiskFull
from grilse.sinks.csv import CsvSink
from grilse.sinks.duckdb import DuckDbPlace
from grilse.sinks.files import FilePlace
from grilse.sinks.place import Place

__all__ = ["telling_room", "telling_room_at"]

_MEGABYTE = 1e6
_CSV_BYTES_A_ROW, _DUCKDB_BYTES_A_ROW, _DATABASE_BYTES_A_ROW = 72, 30, 115
"""Measured on four batches, every table: in DuckDB with its log, which goes when it is made; in
PostgreSQL with the primary keys, a quarter of it."""


@contextmanager
def telling_room(job: Job, root: Path) -> Iterator[None]:
    """Say, where the disk is full in the block, what the rest takes and what is free.

    Raises
    ------
    DiskFull
        With the same cause.
    """
    try:
        yield
    except DiskFull as error:
        there = sum(sum(record.bytes.values()) for record in read_all_records(root).values())
        left = max(0, expect(job).bytes - there) / _MEGABYTE
        raise DiskFull(f"{error} The rest takes about {left:,.1f} MB;{_free(root)}") from error


@contextmanager
def telling_room_at(job: Job, place: Place) -> Iterator[None]:
    """Say, where the disk of a place is full in the block, what all of it takes.

    Raises
    ------
    DiskFull
        With the same cause.
    """
    try:
        yield
    except DiskFull as error:
        raise DiskFull(f"{error} {_wanted(job, place)}") from error


def _wanted(job: Job, place: Place) -> str:
    """Say what a load takes at a place, and what is free there as far as that can be known."""
    expected = expect(job)
    rows, packed = expected.all_rows, expected.bytes
    if isinstance(place, DuckDbPlace):
        parts, own = packed / _MEGABYTE, rows * _DUCKDB_BYTES_A_ROW / _MEGABYTE
        return (
            f"The database takes about {own:,.1f} MB while it is made, and {parts:,.1f} MB beside "
            f"it;{_free(place.path.parent)}"
        )
    if isinstance(place, FilePlace):
        size = rows * _CSV_BYTES_A_ROW if place.make is CsvSink else packed
        free = _free(Path(place.shelf.uri)) if place.shelf.is_local else ""
        return f"All of it takes about {size / _MEGABYTE:,.1f} MB;{free}".rstrip(";")
    size = rows * _DATABASE_BYTES_A_ROW
    return f"All of it takes about {size / _MEGABYTE:,.1f} MB there, primary keys included."


def _free(folder: Path) -> str:
    return f" {shutil.disk_usage(folder).free / _MEGABYTE:,.1f} MB are free there."
