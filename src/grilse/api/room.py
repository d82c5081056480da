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

__all__ = ["telling_room"]

_MEGABYTE = 1e6


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
        free = shutil.disk_usage(root).free / _MEGABYTE
        raise DiskFull(
            f"{error} The rest takes about {left:,.1f} MB; {free:,.1f} MB are free there."
        ) from error
