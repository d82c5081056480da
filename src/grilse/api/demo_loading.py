"""The verb demo into a database: its batches, and questions that any SQL database answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike

from grilse.api.demonstration import Question, demo_plan
from grilse.api.loading import LoadReport, load
from grilse.api.preparing import Job, prepare
from grilse.plan.question import PlanAnswer
from grilse.sinks.place import Place

__all__ = ["STANDARD_QUESTIONS", "DemoLoadReport", "demo_load"]

STANDARD_QUESTIONS: Sequence[Question] = (
    Question(
        "How the batches stand",
        "SELECT batch_number, status, population_count, avg_weight_g FROM batch ORDER BY batch_id;",
    ),
    Question(
        "What fish died of",
        "SELECT cause, sum(dead_count) AS dead\n"
        "FROM mortality_event GROUP BY cause ORDER BY dead DESC;",
    ),
    Question(
        "The year at sea, as the sensors saw it",
        "SELECT extract(month FROM reading_time) AS month, round(avg(value), 2) AS temp_c\n"
        "FROM environmental_reading JOIN container USING (container_id)\n"
        "WHERE parameter = 'temperature' AND kind = 'ring' GROUP BY 1 ORDER BY 1;",
    ),
)
"""In standard SQL, for tables that are found without naming their schema."""


@dataclass(frozen=True)
class DemoLoadReport:
    """What the demo brought: the plan, and what came of the load."""

    plan: PlanAnswer
    load: LoadReport


def demo_load(
    to: str | PathLike[str] | Place,
    *,
    schema: str | None = None,
    workers: int | None = None,
    progress: bool = False,
    plan: PlanAnswer | None = None,
    job: Job | None = None,
) -> DemoLoadReport:
    """Plan the demo's twenty batches and bring them to a place, as `load` does.

    Parameters
    ----------
    plan, job
        The demo's plan, and the job made of it as the place wants it, where they are there already.
    """
    answer = plan or demo_plan()
    chosen = job or prepare(answer.schedule)
    return DemoLoadReport(
        answer, load(chosen, to, schema=schema, workers=workers, progress=progress)
    )
