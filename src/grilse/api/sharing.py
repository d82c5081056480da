"""What workers of one run share: what batches want of feed stores, so that none is made twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from tempfile import TemporaryDirectory

from grilse.run.task import Work

__all__ = ["demand_shared"]


@contextmanager
def demand_shared(work: Work) -> Iterator[Work]:
    """Give a run's workers a folder to hand demand over in, for as long as the block lasts."""
    with TemporaryDirectory(prefix="grilse-demand-", ignore_cleanup_errors=True) as folder:
        yield replace(work, context=replace(work.context, handover=folder))
