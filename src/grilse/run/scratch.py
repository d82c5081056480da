"""A folder of a run's own, for as long as it lasts; those of runs that were killed are removed."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree

__all__ = ["scratch_folder"]

_HELD = "held"


@contextmanager
def scratch_folder(prefix: str, near: Path | None = None) -> Iterator[Path]:
    """Make a folder that is removed at the end of the block, and remove what others left behind.

    The system lets go of a process's locks when it dies, however it dies: a folder whose lock can
    be had belongs to nobody any more. Where locks are not to be had, nothing of others is removed.

    Parameters
    ----------
    prefix
        How its name begins, and how those begin that are looked for.
    near
        Folder to make it in; by default that of temporary files. It is made.
    """
    if near is not None:
        near.mkdir(parents=True, exist_ok=True)
    for left in (near or Path(tempfile.gettempdir())).glob(f"{prefix}*"):
        _remove_if_abandoned(left)
    with (
        tempfile.TemporaryDirectory(prefix=prefix, dir=near, ignore_cleanup_errors=True) as name,
        (Path(name) / _HELD).open("w") as held,
    ):
        with suppress(OSError):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield Path(name)


def _remove_if_abandoned(folder: Path) -> None:
    with suppress(OSError):
        if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
            return
        with (folder / _HELD).open("r+") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            rmtree(folder, ignore_errors=True)
