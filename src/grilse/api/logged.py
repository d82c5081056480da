"""The log of a run: where it lies, and what it says was planned."""

from __future__ import annotations

from contextlib import AbstractContextManager
from os import PathLike
from pathlib import Path

from grilse.api.preparing import Job
from grilse.ground.days import date_of
from grilse.run.logs import Log, logging_to
from grilse.schedule.model import BatchPlan, Stay

__all__ = ["LOGS", "logged"]

LOGS = "logs"
"""The logs' folder in a dataset; no table has its name, and no reader of tables looks into it."""


def logged(
    job: Job, root: Path, log_dir: str | PathLike[str] | None, *, keep: bool
) -> AbstractContextManager[Log | None]:
    """Keep a run's log, in the dataset's own folder for logs where none is named."""
    by_number = {batch.number: batch for batch in job.schedule.batches}
    folder = root / LOGS if log_dir is None else Path(log_dir)
    return logging_to(folder if keep else None, lambda number: _planned(by_number[number]))


def _planned(batch: BatchPlan) -> str:
    born = f"{batch.eggs:,} eggs on {date_of(batch.start)}, {batch.geography}, {batch.station}"
    return "; ".join([born, *map(_stay, batch.stays)])


def _stay(stay: Stay) -> str:
    days = f"days {stay.start_day}-{stay.end_day}"
    return f"{stay.stage} in {stay.place} ({len(stay.containers)}) {days}"
