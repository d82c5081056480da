"""What a report is of: a schedule on a farm, and the rows and the verdict where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grilse.dataset.manifest import Manifest
from grilse.farm.model import Farm
from grilse.ground.parameters import Parameters
from grilse.report.rows import Rows
from grilse.schedule.model import BatchPlan, Schedule
from grilse.verify.verdict import Verdict

__all__ = ["MOST_LIVES", "Subject"]

MOST_LIVES = 1000
"""Most batches that a report draws; of more, so many are taken evenly by number."""


@dataclass(frozen=True)
class Subject:
    """What a report is of.

    Attributes
    ----------
    name
        Of the dataset's folder or the schedule's file, for people.
    schedule, farm, parameters
        The plan, a farm that has all it names, and the biology it was planned with.
    version
        Of Grilse, which makes the report.
    manifest, rows
        Of the dataset; None where a schedule alone is reported.
    verdict
        What verification found, or None where it was not asked.
    """

    name: str
    schedule: Schedule
    farm: Farm
    parameters: Parameters
    version: str
    manifest: Manifest | None = None
    rows: Rows | None = None
    verdict: Verdict | None = None

    @property
    def drawn(self) -> Sequence[BatchPlan]:
        """The batches that are drawn: all, or `MOST_LIVES` of them, evenly by number."""
        batches = sorted(self.schedule.batches, key=lambda batch: batch.number)
        count = len(batches)
        if count <= MOST_LIVES:
            return batches
        return [batches[place * count // MOST_LIVES] for place in range(MOST_LIVES)]
