"""Telling how far a run is: a bar on a terminal, a few plain lines into a pipe, or nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

__all__ = ["Progress", "Silent", "showing"]

_LINES = 20
"""Plain lines that a run prints of its progress, but for the last."""

_SECONDS_BETWEEN_LINES = 1.0


class Progress(Protocol):
    """What a run tells as it goes."""

    def advance(self, batches: int, rows: int, failed: int) -> None:
        """Tell that so many more batches are dealt with, `failed` of them left out."""


class Silent:
    """Shows nothing."""

    def advance(self, batches: int, rows: int, failed: int) -> None:
        """Show nothing."""


class _Lines:
    """A plain line whenever another twentieth is done, or all, at most one a second."""

    def __init__(self, batches: int, stream: TextIO) -> None:
        self._stream, self._all = stream, batches
        self._done = self._rows = self._failed = self._told = 0
        self._began = self._last = time.monotonic()

    def advance(self, batches: int, rows: int, failed: int) -> None:
        """Print a line if it is time for one."""
        self._done += batches
        self._rows += rows
        self._failed += failed
        now = time.monotonic()
        is_step = (self._done - self._told) * _LINES >= self._all or self._done == self._all
        if is_step and now - self._last >= _SECONDS_BETWEEN_LINES:
            self._told, self._last = self._done, now
            print(self._line(now - self._began), file=self._stream, flush=True)

    def _line(self, seconds: float) -> str:
        rate = self._rows / seconds
        left = seconds * (self._all - self._done) / self._done
        failed = f", {self._failed} failed" if self._failed else ""
        return (
            f"{self._done:,} of {self._all:,} batches{failed}, {self._rows:,} rows, "
            f"{rate:,.0f} rows/s, {left:,.0f} s left"
        )


class _Bar:
    """A bar of Rich's, updated from this process alone."""

    def __init__(self, batches: int, stream: TextIO) -> None:
        from rich import progress as bars
        from rich.console import Console

        self.bar = bars.Progress(
            bars.BarColumn(bar_width=16),
            bars.MofNCompleteColumn(),
            bars.TextColumn("batches  {task.fields[told]}"),
            bars.TimeRemainingColumn(),
            bars.TextColumn("left"),
            console=Console(file=stream),
        )
        self._task = self.bar.add_task("", total=batches, told="")
        self._rows = self._failed = 0
        self._began = time.monotonic()

    def advance(self, batches: int, rows: int, failed: int) -> None:
        """Move the bar on."""
        self._rows += rows
        self._failed += failed
        rate = self._rows / max(time.monotonic() - self._began, 1e-3)
        told = f"{self._rows / 1e6:,.1f} M rows  {rate / 1e6:.1f} M rows/s"
        if self._failed:
            told = f"{self._failed} failed  {told}"
        self.bar.update(self._task, advance=batches, told=told)


@contextmanager
def showing(batches: int, stream: TextIO, *, is_shown: bool = True) -> Iterator[Progress]:
    """Show the progress of a run for as long as the block lasts.

    Parameters
    ----------
    batches
        How many are to be made.
    stream
        Where it is shown: with a bar if it is a terminal, else in at most 21 plain lines.
    is_shown
        Whether to show anything at all.
    """
    if not is_shown or batches == 0:
        yield Silent()
    elif stream.isatty():
        shown = _Bar(batches, stream)
        with shown.bar:
            yield shown
    else:
        yield _Lines(batches, stream)
