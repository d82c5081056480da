"""What a report is of: a schedule on a farm, and the rows and the verdict where there are any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grilse.dataset.manifest import Manifest
from grilse.farm.model import Farm
from grilse.ground.parameters import Parameters
from grilse.report.rows import Rows
from grilse.schedule.model import BatchPlan, Schedule
from grilse.verify.verdict import Verdict

__all__ = ["MOST_LIVES", "Subject"]

MOST_LIVES = 1000
"""Most batches that a report draws; of more, so many are taken, evenly by number."""


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
        """The batches that are drawn: all, or `MOST_LIVES`, of each geography evenly by number."""
        batches = sorted(self.schedule.batches, key=lambda batch: batch.number)
        if len(batches) <= MOST_LIVES:
            return batches
        of: dict[str, list[BatchPlan]] = {}
        for batch in batches:
            of.setdefault(batch.geography, []).append(batch)
        taken = [batch for line in of.values() for batch in _evenly(line, len(batches))]
        return sorted(taken, key=lambda batch: batch.number)


def _evenly(line: Sequence[BatchPlan], batches: int) -> Iterator[BatchPlan]:
    """Yield a geography's share of the batches that are drawn, at least one."""
    count = max(1, len(line) * MOST_LIVES // batches)
    return (line[place * len(line) // count] for place in range(count))
