"""The status file: what a run tells whoever looks on from another terminal.

``_grilse/status.json`` is there while a run is at work, and after one that was stopped or killed;
a run that comes to its end removes it, for the manifest then says all. It is written aside and
renamed, at most once a second, so that a reader never sees half of it.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from grilse.run.progress import Progress

__all__ = ["FORMAT", "noting"]

FORMAT = 1

_SECONDS_BETWEEN_NOTES = 1.0


class _Noted:
    """Notes progress in a file, and passes it on."""

    def __init__(self, path: Path, shown: Progress, batches: int, there: int, workers: int) -> None:
        self._path, self._shown = path, shown
        self._batches, self._there, self._workers = batches, there, workers
        self._done = self._failed = self._rows = 0
        self._since = datetime.now(UTC).isoformat(timespec="seconds")
        self._began = self._last = time.monotonic()
        self._write()

    def advance(self, batches: int, rows: int, failed: int) -> None:
        """Note what is dealt with, if the last note is a second old."""
        self._shown.advance(batches, rows, failed)
        self._done += batches
        self._rows += rows
        self._failed += failed
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_NOTES:
            self._write()

    def _write(self) -> None:
        """Write the note; one that cannot be written is left out: the rows are what matters."""
        self._last = time.monotonic()
        value = {
            "format": FORMAT, "pid": os.getpid(), "host": socket.gethostname(),
            "since": self._since, "seconds": round(self._last - self._began, 1),
            "workers": self._workers, "batches": self._batches, "there": self._there,
            "done": self._done, "failed": self._failed, "rows": self._rows,
        }  # fmt: skip
        aside = self._path.with_name(f"{self._path.name}.inprogress")
        with suppress(OSError):
            aside.write_text(json.dumps(value) + "\n")
            aside.rename(self._path)


@contextmanager
def noting(
    path: Path, shown: Progress, *, batches: int, there: int, workers: int
) -> Iterator[Progress]:
    """Note progress in a file for as long as the block lasts, and remove it at a good end.

    Parameters
    ----------
    path
        Of the status file; its folder is there.
    shown
        What is told as well.
    batches
        How many the run is to make.
    there
        How many were there before.
    workers
        Processes that make them.

    Yields
    ------
    Progress
        To be told.
    """
    yield _Noted(path, shown, batches, there, workers)
    with suppress(OSError):
        path.unlink(missing_ok=True)
