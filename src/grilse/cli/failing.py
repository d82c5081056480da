"""What a run says of the batches that failed: a line a cause, however many there are of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from grilse.run.result import BatchFailure

__all__ = ["failure_lines"]

_NAMED = 3
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")


def failure_lines(failures: Iterable[BatchFailure], *, verbose: bool = False) -> Iterator[str]:
    """Say which batches failed and why: one line a cause, with its count and its first batches.

    Parameters
    ----------
    verbose
        Whether to add the traceback of the first batch of each cause.
    """
    causes: dict[str, list[BatchFailure]] = {}
    for failure in sorted(failures, key=lambda failure: failure.number == 0):
        causes.setdefault(_cause(failure), []).append(failure)
    for alike in causes.values():
        first = alike[0]
        if len(alike) == 1:
            yield f"failed      {first.batch_id}: {first.reason}"
        else:
            yield f"failed      {len(alike):,} alike: {_named(alike)}: {first.reason}"
        if verbose and first.traceback:
            yield first.traceback


def _cause(failure: BatchFailure) -> str:
    """Return why a batch failed, without what is that batch's own: its id, and any number."""
    return _NUMBER.sub("#", failure.reason.replace(failure.batch_id, ""))


def _named(alike: list[BatchFailure]) -> str:
    more = f" and {len(alike) - _NAMED:,} more" if len(alike) > _NAMED else ""
    return ", ".join(failure.batch_id for failure in alike[:_NAMED]) + more
