"""What workers of one run share: what batches want of feed stores, so that none is made twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from grilse.ground.errors import BadInput, Problem
from grilse.run.cluster import Cluster, joined
from grilse.run.scratch import scratch_folder
from grilse.run.task import Work

__all__ = ["cluster_at", "demand_shared"]


@contextmanager
def demand_shared(work: Work, near: Path | None = None) -> Iterator[Work]:
    """Give a run's workers a folder to hand demand over in, for as long as the block lasts.

    Where they have one that was prepared it is used, and stays.

    Parameters
    ----------
    near
        A folder that they all see, where they are on several machines; it is made.
    """
    if work.context.handover is not None:
        yield work
        return
    with scratch_folder("grilse-demand-", near) as folder:
        yield replace(work, context=replace(work.context, handover=str(folder)))


def cluster_at(
    scheduler: str | None, workers: int | None
) -> AbstractContextManager[Cluster | None]:
    """Return what makes this run a client of a cluster, if one is named.

    Raises
    ------
    BadInput
        If a number of workers is asked for as well.
    """
    if scheduler is None:
        return nullcontext()
    if workers is not None:
        raise BadInput(
            Problem("R-SCHEDULER", "a cluster has its own workers", found=f"--workers {workers}",
                    mend="Leave --workers out")
        )  # fmt: skip
    return joined(scheduler)
